/** Why an endpoint is held, or is not: everything that is known of it is read, and told from its conclusion downwards. */
import { type ApprovalStore, macsOf } from '../admission/approval.ts';
import { findApprovals } from '../admission/approvals.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { EndpointStore } from '../endpoints/endpoint-table.ts';
import { reasonsAt } from '../endpoints/holds.ts';
import type { Mac } from '../endpoints/mac.ts';
import { addressesAt } from '../endpoints/sessions.ts';
import type { EventLine, EventLog, LogPage } from '../journal/event-line.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { IpAddress } from '../identity/address.ts';
import type { HostStore } from '../infected-hosts/host-table.ts';
import type { InfectedHost } from '../infected-hosts/host.ts';
import { because, concludeEndpoint, type EndpointCode } from './conclude-endpoint.ts';
import type { Conclusion } from './facts.ts';

export interface ExplainEndpoint {
  readonly endpoints: Pick<EndpointStore, 'read'>;
  readonly events: Pick<EventLog, 'find'>;
  readonly approvals: Pick<ApprovalStore, 'list'>;
  readonly hosts: Pick<HostStore, 'read' | 'ofDevice'>;
  readonly now: () => number;
}

export interface EndpointStory extends Conclusion<EndpointCode> {
  readonly mac: Mac;
  readonly endpoint: Endpoint | undefined;
  /** A sentence for each reason that stands, in their order. */
  readonly because: readonly string[];
  /** What feeds say of its addresses, and of those for which connectors were told of this device. */
  readonly infectedHosts: readonly InfectedHost[];
  /** The newest first. */
  readonly events: readonly EventLine[];
  readonly next?: string;
}

/** Lines that a conclusion is drawn from, whatever page is wanted. */
const linesRead = 100;

/** Open ones are few, as each waits for a person; those that were decided may be thousands. */
const approvalsRead = 200;
const approvalsReadMs = 3_000;

export async function explainEndpoint(
  { endpoints, events, approvals, hosts, now }: ExplainEndpoint,
  tenant: TenantId,
  mac: Mac,
  page: LogPage,
): Promise<EndpointStory> {
  const [[stored], newest, shown, undecided, told] = await Promise.all([
    endpoints.read(tenant, [mac]),
    events.find(tenant, { mac }, { limit: linesRead }),
    events.find(tenant, { mac }, page),
    findApprovals({ approvals, now }, tenant, { limit: approvalsRead, state: 'open', untilAt: now() + approvalsReadMs }), // prettier-ignore
    hosts.ofDevice(tenant, mac),
  ]);
  const at = now();
  const endpoint = stored?.endpoint;
  const reasons = endpoint ? reasonsAt(endpoint, at) : [];
  const has = endpoint ? addressesAt(endpoint, at).map(({ ip }) => ip) : [];
  return {
    mac,
    ...concludeEndpoint({
      mac,
      now: at,
      endpoint,
      events: newest.lines,
      approvals: undecided.approvals.filter((each) => macsOf(each).includes(mac)),
    }),
    endpoint,
    because: reasons.map((reason) => because(reason, at, newest.lines)),
    infectedHosts: await hostsAt(hosts, tenant, new Set([...told, ...has])),
    events: shown.lines,
    ...(shown.next !== undefined && { next: shown.next }),
  };
}

async function hostsAt(hosts: ExplainEndpoint['hosts'], tenant: TenantId, ips: ReadonlySet<IpAddress>) {
  const found = await Promise.all([...ips].sort().map(async (ip) => hosts.read(tenant, ip)));
  return found.flatMap((stored) => stored?.host ?? []);
}
