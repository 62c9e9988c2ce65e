/** What waits for an operator's word, as the API has it: listed, approved for one device, or rejected. */
import { type Mac, macAddress } from '../endpoints/mac.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { broken } from '../violation.ts';
import { type Approval, type ApprovalStore, macsOf, type Subject } from './approval.ts';
import { approve, type Decided, type Deciding, reject, type Undecidable } from './decide-approval.ts';
import type { Arrival } from './event-lines.ts';

/** Those that are wanted on a page, and where the list goes on. */
export interface ApprovalPage {
  readonly limit: number;
  readonly after?: string;
  readonly state?: Approval['state'];
  /** Epoch milliseconds: a search that is not done by then answers what it has, and where to go on. */
  readonly untilAt: number;
}

/** How many are read at once where most of them may be in another state. */
const readAhead = 200;

/** Ordered by id. A page may hold fewer than asked for, or none, and a `next`. */
export async function findApprovals(
  { approvals, now }: { readonly approvals: Pick<ApprovalStore, 'list'>; readonly now: () => number },
  tenant: TenantId,
  { limit, after, state, untilAt }: ApprovalPage,
): Promise<{ readonly approvals: readonly Approval[]; readonly next?: string }> {
  const found: Approval[] = [];
  let from = after;
  do {
    const most = state === undefined ? limit : readAhead;
    const page = await approvals.list(tenant, { limit: most, ...(from !== undefined && { after: from }) });
    found.push(...page.approvals.filter((each) => state === undefined || each.state === state));
    from = page.next;
    const isFull = found.length > limit || (found.length === limit && from !== undefined);
    const last = isFull ? found[limit - 1] : undefined;
    if (last !== undefined) return { approvals: found.slice(0, limit), next: last.id };
  } while (from !== undefined && now() < untilAt);
  return { approvals: found, ...(from !== undefined && { next: from }) };
}

/**
 * Applies the message to one of the devices that it may mean; without a name to the likeliest. Throws `approval-absent`,
 * `approval-decided`, `mac-invalid`, and `body-invalid` where the message cannot mean the device.
 */
export async function approveFor(
  deps: Deciding,
  tenant: TenantId,
  id: string,
  { by, mac }: { readonly by: Arrival; readonly mac: string | null },
): Promise<Decided> {
  const named = mac === null ? undefined : macAddress(mac);
  if (named !== undefined) await mayBeMeant(deps, tenant, id, named);
  return decidedOr(await approve(deps, tenant, id, by, named ?? 'likeliest'), id);
}

/** Nothing is done. Throws `approval-absent`, `approval-decided`. */
export const rejectApproval = async (deps: Deciding, tenant: TenantId, id: string, by: Arrival): Promise<Decided> =>
  decidedOr(await reject(deps, tenant, id, by), id);

async function mayBeMeant({ approvals }: Deciding, tenant: TenantId, id: string, mac: Mac): Promise<void> {
  const approval = await approvals.read(tenant, id);
  if (approval === undefined) return;
  const macs = macsOf(approval);
  if (macs.includes(mac)) return;
  const mend = `${macs.length === 0 ? 'Name none.' : `Name one of: ${macs.join(', ')}.`} Another device is held by POST /v1/endpoints/${mac}/quarantine.`;
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
    throw new ServiceError('approval-decided', `"${shown}" was decided before, or what asked it has ended: its sender cleared it, or its feed has it no more. A device is acted on by POST /v1/endpoints/{mac}/…, a host of a feed by PUT /v1/infected-hosts/{ip}.`); // prettier-ignore
  }
  if (outcome === 'mac-needed')
    throw new Error('Where one is named, or the likeliest is meant, nobody has to be named.');
  return outcome;
}

const iso = (at: number) => new Date(at).toISOString();
const isoOr = (at: number | null) => (at === null ? null : iso(at));

/** An approval as answers show it. */
export const approvalView = (approval: Approval) => ({
  id: approval.id,
  state: approval.state,
  reason: approval.reason,
  openedAt: iso(approval.openedAt),
  macs: macsOf(approval),
  ...aboutView(approval.subject),
  mac: approval.mac,
  decidedAt: isoOr(approval.decidedAt),
  decidedBy: approval.decidedBy,
});

/** What a subject does not have is null. */
function aboutView(subject: Subject) {
  const message = subject.kind === 'message' ? subject.received.message : undefined;
  const host = subject.kind === 'host' ? subject : undefined;
  const loss = subject.kind === 'feed-loss' ? subject : undefined;
  return {
    kind: subject.kind,
    event: message?.event ?? null,
    eventId: message?.eventId ?? host?.cause ?? loss?.pollId ?? null,
    client: subject.kind === 'message' ? subject.received.client : null,
    template: subject.kind === 'message' ? subject.received.template : null,
    feed: host?.feed ?? loss?.feed ?? null,
    ip: message?.endpointIp ?? host?.ip ?? null,
    user: message?.userName ?? null,
    severity: message?.severity ?? null,
    threatName: message?.threatName ?? null,
    wanted: host?.wanted ?? null,
    level: host?.level ?? null,
    lost: loss?.lost ?? null,
    occurredAt: isoOr(message?.occurredAt ?? null),
  };
}

/** What came of a decision. */
export const decidedView = ({ approval, told }: Decided) => ({
  approval: approvalView(approval),
  state: told.state,
  code: told.code,
  message: told.message,
  changes: told.changes,
});
