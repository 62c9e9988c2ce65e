/** Looking up endpoints: one by its MAC, those of an address or of a switch, or page by page with filters. */
import type { IpAddress } from '../identity/address.ts';
import { foldCase } from '../identity/fold-case.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Endpoint } from './endpoint.ts';
import type { EndpointStore } from './endpoint-table.ts';
import { quarantineRoleOf, type Status, statuses, statusOf } from './endpoint-view.ts';
import type { Mac } from './mac.ts';
import { addressesAt, openSessions } from './sessions.ts';

export interface FindEndpoints {
  readonly endpoints: Pick<EndpointStore, 'read' | 'at' | 'onNas' | 'list'>;
  readonly now: () => number;
}

export const statusFilters = [...statuses, 'held'] as const;

export interface EndpointFilter {
  readonly mac?: Mac;
  readonly ip?: IpAddress;
  readonly user?: string;
  readonly status?: Status | 'held';
  /** A role of an open session, or the quarantine role that the endpoint is in. */
  readonly role?: string;
  /** The address of the switch of an open session. */
  readonly nas?: IpAddress;
}

export interface EndpointPage {
  readonly filter: EndpointFilter;
  readonly limit: number;
  readonly after?: Mac;
  /** Epoch milliseconds: a search that is not done by then answers what it has, and where to go on. */
  readonly untilAt: number;
}

export interface FoundEndpoints {
  readonly endpoints: readonly Endpoint[];
  /** Absent at the end, and only there. */
  readonly next?: Mac;
}

/** Throws `endpoint-absent`. */
export async function findEndpoint({ endpoints }: FindEndpoints, tenant: TenantId, mac: Mac): Promise<Endpoint> {
  const [found] = await endpoints.read(tenant, [mac]);
  return found?.endpoint ?? endpointAbsent(mac);
}

export function endpointAbsent(mac: Mac): never {
  throw new ServiceError(
    'endpoint-absent',
    `No endpoint has the MAC address ${mac}: it never logged in here, and nobody told of it. GET /v1/endpoints lists those that are known.`,
  );
}

/** How many are read at once where most of them may not match. */
const readAhead = 500;

/** Ordered by MAC. */
export async function findEndpoints(
  deps: FindEndpoints,
  tenant: TenantId,
  page: EndpointPage,
): Promise<FoundEndpoints> {
  const named = await namedBy(deps, tenant, page.filter);
  return named ? pageOf(deps, tenant, { ...page, macs: named }) : searched(deps, tenant, page);
}

/** The few that can match, where the filter names an endpoint, an address or a switch. */
async function namedBy({ endpoints }: FindEndpoints, tenant: TenantId, { mac, ip, nas }: EndpointFilter) {
  if (mac !== undefined) return [mac];
  if (ip !== undefined) return (await endpoints.at(tenant, ip)).macs;
  return nas === undefined ? undefined : endpoints.onNas(tenant, nas);
}

async function pageOf(
  { endpoints, now }: FindEndpoints,
  tenant: TenantId,
  { macs, filter, limit, after = '' as Mac }: EndpointPage & { readonly macs: readonly Mac[] },
): Promise<FoundEndpoints> {
  const rest = [...new Set(macs)].filter((each) => each > after).sort();
  const stored = await endpoints.read(tenant, rest);
  const found = stored.flatMap((each) => each?.endpoint ?? []).filter((each) => isMeant(each, filter, now()));
  const last = found[limit - 1]?.mac;
  return { endpoints: found.slice(0, limit), ...(found.length > limit && last !== undefined && { next: last }) };
}

async function searched(deps: FindEndpoints, tenant: TenantId, page: EndpointPage): Promise<FoundEndpoints> {
  const { filter, limit, untilAt } = page;
  const isFiltered = Object.keys(filter).length > 0;
  const found: Endpoint[] = [];
  let after = page.after;
  do {
    const wanted = { limit: isFiltered ? readAhead : limit - found.length, ...(after !== undefined && { after }) };
    const listed = await deps.endpoints.list(tenant, wanted);
    for (const [index, endpoint] of listed.endpoints.entries()) {
      if (!isMeant(endpoint, filter, deps.now())) continue;
      found.push(endpoint);
      const isLast = index === listed.endpoints.length - 1 && listed.next === undefined;
      if (found.length === limit) return { endpoints: found, ...(!isLast && { next: endpoint.mac }) };
    }
    after = listed.next;
  } while (after !== undefined && deps.now() < untilAt);
  return { endpoints: found, ...(after !== undefined && { next: after }) };
}

/** A place may lead to an endpoint that has left it: what the endpoint itself says counts. */
function isMeant(endpoint: Endpoint, { mac, ip, user, status, role, nas }: EndpointFilter, now: number): boolean {
  const sessions = openSessions(endpoint, now);
  const roles = [...sessions.flatMap((session) => session.roles), quarantineRoleOf(endpoint, now)];
  return (
    (mac === undefined || endpoint.mac === mac) &&
    (ip === undefined || addressesAt(endpoint, now).some((each) => each.ip === ip)) &&
    (user === undefined || sessions.some((each) => each.user !== null && foldCase(each.user) === foldCase(user))) &&
    (status === undefined || isOfStatus(statusOf(endpoint, now), status)) &&
    (role === undefined || roles.includes(role)) &&
    (nas === undefined || sessions.some((each) => each.nas === nas))
  );
}

const isOfStatus = (status: Status, wanted: Status | 'held') =>
  wanted === 'held' ? status !== 'free' : status === wanted;
