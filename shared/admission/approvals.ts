/** What waits for an operator's word, as the API has it: listed, approved for one device, or rejected. */
import { type Mac, macAddress } from '../endpoints/mac.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { broken } from '../violation.ts';
import type { Admission } from './admission.ts';
import type { Approval, ApprovalStore } from './approval.ts';
import { approve, type Decided, reject, type Undecidable } from './decide-approval.ts';
import type { Arrival } from './event-lines.ts';

/** Those that are wanted on a page, and where the list goes on. */
export interface ApprovalPage {
  readonly limit: number;
  readonly after?: string;
  readonly state?: Approval['state'];
}

/** Ordered by id. Throws nothing: an empty list is a list. */
export async function findApprovals(
  { approvals }: { readonly approvals: Pick<ApprovalStore, 'list'> },
  tenant: TenantId,
  { limit, after, state }: ApprovalPage,
): Promise<{ readonly approvals: readonly Approval[]; readonly next?: string }> {
  const found: Approval[] = [];
  let from = after;
  do {
    const page = await approvals.list(tenant, { limit: limit - found.length, ...(from !== undefined && { after: from }) }); // prettier-ignore
    found.push(...page.approvals.filter((each) => state === undefined || each.state === state));
    from = page.next;
  } while (from !== undefined && found.length < limit);
  return { approvals: found, ...(from !== undefined && { next: from }) };
}

/**
 * Applies the message to one of the devices that it may mean; without a name to the likeliest. Throws `approval-absent`,
 * `approval-decided`, `mac-invalid`, and `body-invalid` where the message cannot mean the device.
 */
export async function approveFor(
  deps: Admission,
  tenant: TenantId,
  id: string,
  { by, mac }: { readonly by: Arrival; readonly mac: string | null },
): Promise<Decided> {
  const named = mac === null ? undefined : macAddress(mac);
  if (named !== undefined) await mayBeMeant(deps, tenant, id, named);
  return decidedOr(await approve(deps, tenant, id, by, named), id);
}

/** Nothing is done. Throws `approval-absent`, `approval-decided`. */
export const rejectApproval = async (deps: Admission, tenant: TenantId, id: string, by: Arrival): Promise<Decided> =>
  decidedOr(await reject(deps, tenant, id, by), id);

async function mayBeMeant({ approvals }: Admission, tenant: TenantId, id: string, mac: Mac): Promise<void> {
  const approval = await approvals.read(tenant, id);
  if (approval === undefined || approval.macs.includes(mac)) return;
  const mend = `Name one of: ${approval.macs.join(', ')}. Another device is held by POST /v1/endpoints/${mac}/quarantine.`;
  throw new ServiceError('body-invalid', `The message cannot mean ${mac}. ${mend}`, {
    violations: [broken('one-of', { keys: ['mac'], value: mac }, mend)],
  });
}

function decidedOr(outcome: Decided | Undecidable, id: string): Decided {
  const shown = id.slice(0, 64);
  if (outcome === 'absent') {
    throw new ServiceError('approval-absent', `Nothing waits for approval under "${shown}". GET /v1/approvals lists what does.`); // prettier-ignore
  }
  if (outcome === 'decided-already') {
    throw new ServiceError('approval-decided', `"${shown}" was decided before, or its sender has cleared it. Act on the endpoint itself: POST /v1/endpoints/{mac}/…`); // prettier-ignore
  }
  return outcome;
}

const iso = (at: number) => new Date(at).toISOString();
const isoOr = (at: number | null) => (at === null ? null : iso(at));

/** An approval as answers show it. */
export const approvalView = ({ received: { message, client, template }, ...approval }: Approval) => ({
  id: approval.id,
  state: approval.state,
  reason: approval.reason,
  openedAt: iso(approval.openedAt),
  macs: approval.macs,
  event: message.event,
  eventId: message.eventId,
  client,
  template,
  ip: message.endpointIp,
  user: message.userName,
  severity: message.severity,
  threatName: message.threatName,
  occurredAt: isoOr(message.occurredAt),
  mac: approval.mac,
  decidedAt: isoOr(approval.decidedAt),
  decidedBy: approval.decidedBy,
});

/** What came of a decision. */
export const decidedView = ({ approval, told }: Decided) => ({
  approval: approvalView(approval),
  state: told.state,
  code: told.code,
  message: told.message,
  changes: told.changes,
});
