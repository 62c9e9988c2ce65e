/** Why an endpoint is held, or is not: everything that is known of it is read, and told from its conclusion downwards. */
import { type ApprovalStore, macsOf } from '../admission/approval.ts';
import { findApprovals } from '../admission/approvals.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { EndpointStore } from '../endpoints/endpoint-table.ts';
import { reasonsAt } from '../endpoints/holds.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { EventLine, EventLog, LogPage } from '../journal/event-line.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { because, concludeEndpoint, type EndpointCode } from './conclude-endpoint.ts';
import type { Conclusion } from './facts.ts';

export interface ExplainEndpoint {
  readonly endpoints: Pick<EndpointStore, 'read'>;
  readonly events: Pick<EventLog, 'find'>;
  readonly approvals: Pick<ApprovalStore, 'list'>;
  readonly now: () => number;
}

export interface EndpointStory extends Conclusion<EndpointCode> {
  readonly mac: Mac;
  readonly endpoint: Endpoint | undefined;
  /** A sentence for each reason that stands, in their order. */
  readonly because: readonly string[];
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
  { endpoints, events, approvals, now }: ExplainEndpoint,
  tenant: TenantId,
  mac: Mac,
  page: LogPage,
): Promise<EndpointStory> {
  const [[stored], newest, shown, undecided] = await Promise.all([
    endpoints.read(tenant, [mac]),
    events.find(tenant, { mac }, { limit: linesRead }),
    events.find(tenant, { mac }, page),
    findApprovals({ approvals, now }, tenant, { limit: approvalsRead, state: 'open', untilAt: now() + approvalsReadMs }), // prettier-ignore
  ]);
  const at = now();
  const endpoint = stored?.endpoint;
  const reasons = endpoint ? reasonsAt(endpoint, at) : [];
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
    events: shown.lines,
    ...(shown.next !== undefined && { next: shown.next }),
  };
}
