/**
 * Hosts of feeds as rows of the report: after the endpoints that are held, in the order of their addresses, with the
 * device that has the address now, if it is one of ours.
 */
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { EndpointStore } from '../endpoints/endpoint-table.ts';
import { isRandomised, type Mac } from '../endpoints/mac.ts';
import { addressesAt } from '../endpoints/sessions.ts';
import type { IpAddress } from '../identity/address.ts';
import { foldCase } from '../identity/fold-case.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { severityOf } from './feed-rules.ts';
import type { HostStore } from './host-table.ts';
import { enforcementOfHost, instantOrNull } from './host-view.ts';
import { forgottenAt } from './operations.ts';
import { feedNames, type FeedName, type HeldBy, type InfectedHost, type Listing, wantedOf } from './host.ts';
import { type HostFilter, type HostPage, userOf } from './report.ts';

export interface HostRow {
  readonly host: InfectedHost;
  /** Whose address it is now. */
  readonly endpoint: Endpoint | null;
}

export interface FindHostRows {
  readonly hosts: Pick<HostStore, 'read' | 'list'>;
  readonly endpoints: Pick<EndpointStore, 'read' | 'at'>;
  readonly now: () => number;
}

export type HostRowPage = Pick<HostPage, 'limit' | 'untilAt'> & { readonly after?: IpAddress };

const readAhead = 200;
const atOnce = 16;

/** A page may hold fewer than asked for, or none, and a `next`. */
export async function findHostRows(deps: FindHostRows, tenant: TenantId, filter: HostFilter, page: HostRowPage) {
  const found: HostRow[] = [];
  let { after } = page;
  do {
    const listed = await candidates(deps, tenant, filter, after);
    const rows = await rowsOf(
      deps,
      tenant,
      listed.hosts.filter((host) => isMeant(host, filter)),
    );
    found.push(...rows.filter((row) => isWanted(row, filter, deps.now())));
    const last = found.length > page.limit ? found[page.limit - 1]?.host.ip : undefined;
    if (last !== undefined) return { items: found.slice(0, page.limit), next: last };
    after = listed.next;
  } while (after !== undefined && found.length < page.limit && deps.now() < page.untilAt);
  return { items: found, ...(after !== undefined && { next: after }) };
}

async function candidates(
  { hosts }: FindHostRows,
  tenant: TenantId,
  { ip }: HostFilter,
  after: IpAddress | undefined,
): Promise<{ readonly hosts: readonly InfectedHost[]; readonly next?: IpAddress }> {
  if (ip === undefined) {
    const page = await hosts.list(tenant, { limit: readAhead, ...(after !== undefined && { after }) });
    return { hosts: page.hosts.map(({ host }) => host), ...(page.next !== undefined && { next: page.next }) };
  }
  const stored = after === undefined ? await hosts.read(tenant, ip) : undefined;
  return { hosts: stored ? [stored.host] : [] };
}

async function rowsOf(
  deps: FindHostRows,
  tenant: TenantId,
  hosts: readonly InfectedHost[],
): Promise<readonly HostRow[]> {
  const rows: HostRow[] = [];
  for (let begin = 0; begin < hosts.length; begin += atOnce) {
    const some = hosts.slice(begin, begin + atOnce);
    rows.push(...(await Promise.all(some.map(async (host) => ({ host, endpoint: await holderOf(deps, tenant, host.ip) }))))); // prettier-ignore
  }
  return rows;
}

async function holderOf({ endpoints, now }: FindHostRows, tenant: TenantId, ip: IpAddress): Promise<Endpoint | null> {
  const { macs } = await endpoints.at(tenant, ip);
  const read = await endpoints.read(tenant, macs);
  const having = read.flatMap((stored) => {
    const [address] = stored ? addressesAt(stored.endpoint, now()).filter((each) => each.ip === ip) : [];
    return stored && address ? [{ endpoint: stored.endpoint, confirmedAt: address.confirmedAt }] : [];
  });
  const [newest] = having.sort((one, other) => other.confirmedAt - one.confirmedAt);
  return newest?.endpoint ?? null;
}

/** By what the host says itself, before anybody is asked whose its address is. */
function isMeant(
  host: InfectedHost,
  { status, sender, severity, enforcement, connector, feed, investigation }: HostFilter,
) {
  const listed = feedNames.filter((name) => host.listings[name] !== undefined);
  const [, listing] = foremost(host) ?? [];
  return (
    forgottenAt(host) === undefined &&
    (status === undefined || wantedOf(host) === status) &&
    (sender === undefined || sender === 'feed' || listed.some((name) => name === sender)) &&
    (severity === undefined || (listing !== undefined && severityOf(listing.level) === severity)) &&
    (enforcement === undefined || enforcementOfHost(host).state === enforcement) &&
    (connector === undefined || connectorOf(host) === connector) &&
    (feed === undefined || listed.includes(feed)) &&
    (investigation === undefined || host.investigation === investigation)
  );
}

const isWanted = ({ endpoint }: HostRow, { mac, user }: HostFilter, now: number) =>
  (mac === undefined || endpoint?.mac === mac) &&
  (user === undefined || foldCase((endpoint && userOf(endpoint, now)) ?? '') === foldCase(user));

/** The listing that counts: of those that no operator let go, if there are any, the one with the highest level. */
function foremost({ listings }: InfectedHost): readonly [FeedName, Listing] | undefined {
  const all = feedNames.flatMap((feed) => {
    const listing = listings[feed];
    return listing ? [[feed, listing] as const] : [];
  });
  const stands = ([, { silencedAt }]: readonly [FeedName, Listing]) => Number(silencedAt === null);
  return all.sort((one, other) => stands(other) - stands(one) || other[1].level - one[1].level)[0];
}

/** The one that was told last; `unmanaged` where something is to be done and nobody could be told. */
export function connectorOf(host: InfectedHost): string | null {
  const told = host.operations.find(({ state }) => state !== 'superseded');
  return told?.connector ?? (wantedOf(host) === 'free' ? null : 'unmanaged');
}

/** What keeps something from being done that is called for. */
const heldByOf = ({ listings }: InfectedHost): HeldBy | null =>
  feedNames.map((feed) => listings[feed]).find((each) => each?.silencedAt === null && each.heldBy !== null)?.heldBy ??
  null;

/** As answers and files show it: instants as ISO 8601 in UTC. */
export function hostRowView({ host, endpoint }: HostRow, now: number) {
  const [feed, listing] = foremost(host) ?? [];
  const mac: Mac | null = endpoint?.mac ?? null;
  return {
    mac,
    randomised: mac !== null && isRandomised(mac),
    ip: host.ip,
    eventIp: host.ip,
    status: wantedOf(host),
    role: null,
    user: endpoint && userOf(endpoint, now),
    sender: feed === undefined ? null : { kind: 'feed', name: feed },
    event: 'infected-host',
    severity: listing ? severityOf(listing.level) : null,
    threatName: listing?.threatName ?? null,
    policy: null,
    reasons: Object.keys(host.listings).length,
    since: listing ? new Date(listing.listedAt).toISOString() : null,
    lastChangeAt: new Date(host.changedAt).toISOString(),
    investigation: host.investigation,
    enforcement: enforcementOfHost(host),
    connector: connectorOf(host),
    feed: feed ?? null,
    level: listing?.level ?? null,
    heldBy: heldByOf(host),
    silencedAt: instantOrNull(listing?.silencedAt ?? null),
  };
}
