/** The report of infected hosts: every endpoint that is held, why, and whether its switch has done what it was told. */
import type { Endpoint, Investigation, Reason } from '../endpoints/endpoint.ts';
import type { EndpointStore } from '../endpoints/endpoint-table.ts';
import { statusOf } from '../endpoints/endpoint-view.ts';
import { enforcementOf, type enforcementStates } from '../endpoints/enforcement.ts';
import { ipsOf, reasonsAt } from '../endpoints/holds.ts';
import { isRandomised, type Mac } from '../endpoints/mac.ts';
import { addressesAt, openSessions } from '../endpoints/sessions.ts';
import type { IpAddress } from '../identity/address.ts';
import { foldCase } from '../identity/fold-case.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { FeedName } from './host.ts';

export const hostStatuses = ['blocked', 'quarantined'] as const;

export interface HostFilter {
  readonly status?: (typeof hostStatuses)[number];
  readonly user?: string;
  /** That it has now, or that a message named. */
  readonly ip?: IpAddress;
  readonly mac?: Mac;
  /** A client, feed or operator by its name, or all of a kind. */
  readonly sender?: string;
  readonly severity?: string;
  readonly enforcement?: (typeof enforcementStates)[number] | 'refused';
  readonly investigation?: Investigation;
  /** Of hosts of feeds alone: the connector that was told, or `unmanaged`. */
  readonly connector?: string;
  readonly feed?: FeedName;
}

export interface HostPage {
  readonly limit: number;
  readonly after?: Mac;
  /** Epoch milliseconds: what is not found by then is on the next page. */
  readonly untilAt: number;
}

export interface FindHosts {
  readonly endpoints: Pick<EndpointStore, 'read' | 'at' | 'list'>;
  readonly now: () => number;
}

const readAhead = 500;

/** In the order of the MACs. A page may hold fewer than asked for, or none, and a `next`. */
export async function findHosts({ endpoints, now }: FindHosts, tenant: TenantId, filter: HostFilter, page: HostPage) {
  const found: Endpoint[] = [];
  let { after } = page;
  do {
    const listed = await candidates(endpoints, tenant, filter, after);
    const held = listed.endpoints.filter((endpoint) => isWanted(endpoint, filter, now()));
    found.push(...held);
    const last = found.length > page.limit ? found[page.limit - 1]?.mac : undefined;
    if (last !== undefined) return { items: found.slice(0, page.limit), next: last };
    after = listed.next;
  } while (after !== undefined && found.length < page.limit && now() < page.untilAt);
  return { items: found, ...(after !== undefined && { next: after }) };
}

/** The few that can be meant, where the filter names one or an address; else some of all. */
async function candidates(
  endpoints: FindHosts['endpoints'],
  tenant: TenantId,
  { mac, ip }: HostFilter,
  after: Mac | undefined,
): Promise<{ readonly endpoints: readonly Endpoint[]; readonly next?: Mac }> {
  if (mac === undefined && ip === undefined) {
    return endpoints.list(tenant, { limit: readAhead, ...(after !== undefined && { after }) });
  }
  const macs = mac === undefined && ip !== undefined ? (await endpoints.at(tenant, ip)).macs : [mac].filter((each) => each !== undefined); // prettier-ignore
  const rest = macs.filter((each) => after === undefined || each > after).sort();
  return { endpoints: (await endpoints.read(tenant, rest)).flatMap((stored) => stored?.endpoint ?? []) };
}

function isWanted(endpoint: Endpoint, filter: HostFilter, now: number): boolean {
  const { status, user, ip, mac, sender, severity, enforcement, investigation } = filter;
  const reasons = reasonsAt(endpoint, now);
  const who = userOf(endpoint, now);
  return (
    reasons.length > 0 &&
    (mac ?? endpoint.mac) === endpoint.mac &&
    (status === undefined || statusOf(endpoint, now) === status) &&
    (user === undefined || (who !== null && foldCase(who) === foldCase(user))) &&
    (ip === undefined || addressesOf(endpoint, reasons, now).includes(ip)) &&
    (sender === undefined || reasons.some((each) => [each.sender.name, each.sender.kind].includes(sender))) &&
    (severity === undefined || reasons.some((each) => each.severity === severity)) &&
    (enforcement === undefined || enforcementOf(endpoint, now).state === enforcement) &&
    (investigation === undefined || endpoint.investigation === investigation)
  );
}

const addressesOf = (endpoint: Endpoint, reasons: readonly Reason[], now: number) => [
  ...addressesAt(endpoint, now).map(({ ip }) => ip),
  ...reasons.flatMap(ipsOf),
];

/** Who is logged in; where nobody is, who was last. */
export const userOf = (endpoint: Endpoint, now: number): string | null =>
  (openSessions(endpoint, now)[0] ?? endpoint.sessions[0])?.user ?? null;

/** The reason that counts: the newest that blocks, else the newest. */
const foremost = (reasons: readonly Reason[]) => reasons.findLast(({ hold }) => hold === 'blocked') ?? reasons.at(-1);

/** A host as answers and files show it: instants as ISO 8601 in UTC. */
export function hostView(endpoint: Endpoint, now: number) {
  const reasons = reasonsAt(endpoint, now);
  const reason = foremost(reasons);
  const since = Math.min(...reasons.map((each) => each.since));
  return {
    mac: endpoint.mac,
    randomised: isRandomised(endpoint.mac),
    ip: addressesAt(endpoint, now)[0]?.ip ?? null,
    eventIp: reason?.ip ?? null,
    status: statusOf(endpoint, now),
    role: reason?.role ?? null,
    user: userOf(endpoint, now),
    sender: reason?.sender ?? null,
    event: reason?.event ?? null,
    severity: reason?.severity ?? null,
    threatName: reason?.threatName ?? null,
    policy: reason?.policy ?? null,
    reasons: reasons.length,
    since: reasons.length === 0 ? null : new Date(since).toISOString(),
    lastChangeAt: new Date(endpoint.changedAt).toISOString(),
    investigation: endpoint.investigation,
    enforcement: enforcementOf(endpoint, now),
    connector: null,
    feed: null,
    level: null,
    heldBy: null,
    silencedAt: null,
  };
}

export const hostColumns = {
  'MAC address': 'mac',
  'IP address': 'ip',
  'device status': 'status',
  role: 'role',
  user: 'user',
  'sender kind': 'sender.kind',
  sender: 'sender.name',
  event: 'event',
  'IP address of the event': 'eventIp',
  severity: 'severity',
  'threat name': 'threatName',
  policy: 'policy',
  reasons: 'reasons',
  since: 'since',
  'last change': 'lastChangeAt',
  'state of investigation': 'investigation',
  enforcement: 'enforcement.state',
  'reason of enforcement': 'enforcement.reason',
  'MAC address randomised': 'randomised',
  connector: 'connector',
  feed: 'feed',
  'threat level': 'level',
  'held by': 'heldBy',
  'let go by an operator': 'silencedAt',
} as const;
