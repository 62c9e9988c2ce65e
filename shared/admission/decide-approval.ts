/** What an operator says to a message that was held for approval. */
import type { Mac } from '../endpoints/mac.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type Admission, type Verdict, verdict } from './admission.ts';
import type { Approval } from './approval.ts';
import { type Arrival, decidedLine } from './event-lines.ts';
import { judgeFor, targetOf } from './judge.ts';

export interface Decided {
  readonly approval: Approval;
  /** What came of it. */
  readonly told: Verdict;
}

/** There is no such approval, or somebody has decided it before. */
export type Undecidable = 'absent' | 'decided-already';

/**
 * The message is for this endpoint; where none is named, for the one whose address was confirmed last. An approval that
 * was killed before its effect is made whole by the same one again.
 */
export async function approve(
  deps: Admission,
  tenant: TenantId,
  id: string,
  by: Arrival,
  named?: Mac,
): Promise<Decided | Undecidable> {
  const before = await deps.approvals.read(tenant, id);
  const mac = named ?? before?.mac ?? before?.macs[0];
  if (before === undefined || mac === undefined) return 'absent';
  const approval = await decided(deps, tenant, before, { state: 'approved', mac }, by);
  if (approval === 'decided-already') return approval;
  const { received } = approval;
  const settings = await deps.settingsOf(tenant);
  const told = await judgeFor({ deps, tenant, settings, received }, await targetOf(deps, tenant, mac, received));
  await deps.events.tell(tenant, [decidedLine(by, received, told, 'operator-approve')]);
  return { approval, told };
}

/** Nothing is done. */
export async function reject(
  deps: Admission,
  tenant: TenantId,
  id: string,
  by: Arrival,
): Promise<Decided | Undecidable> {
  const before = await deps.approvals.read(tenant, id);
  if (before === undefined) return 'absent';
  const approval = await decided(deps, tenant, before, { state: 'rejected', mac: null }, by);
  if (approval === 'decided-already') return approval;
  const told = verdict('ignored', 'approval-rejected', 'An operator has rejected it: nothing is done.');
  await deps.events.tell(tenant, [decidedLine(by, approval.received, told, 'operator-reject')]);
  return { approval, told };
}

async function decided(
  { approvals, now }: Admission,
  tenant: TenantId,
  before: Approval,
  to: Pick<Approval, 'state' | 'mac'>,
  by: Arrival,
): Promise<Approval | 'decided-already'> {
  if (before.state === to.state && before.mac === to.mac) return before;
  if (before.state !== 'open') return 'decided-already';
  const at = now();
  const approval = { ...before, ...to, decidedAt: at, decidedBy: by.credentialName };
  return (await approvals.decide(tenant, approval, at)) === 'decided' ? approval : 'decided-already';
}
