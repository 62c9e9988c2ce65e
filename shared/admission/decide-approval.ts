/** What an operator says to what was held for approval. */
import type { Mac } from '../endpoints/mac.ts';
import type { HostActs, HostTold } from '../infected-hosts/host-acts.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type Admission, type Verdict, verdict } from './admission.ts';
import { type Approval, macsOf, type Subject } from './approval.ts';
import { type Arrival, decidedHostLine, decidedLine } from './event-lines.ts';
import { judgeFor, targetOf } from './judge.ts';

/** What deciding works with: what waits may be a message, or what a feed says. */
export interface Deciding extends Admission {
  readonly hostActs: HostActs;
}

export interface Decided {
  readonly approval: Approval;
  /** What came of it. */
  readonly told: Verdict;
}

/** There is no such approval, somebody has decided it before, or it may mean several and nobody is to be guessed. */
export type Undecidable = 'absent' | 'decided-already' | 'mac-needed';

/** `likeliest`: the one whose address was confirmed last. `only`: the one that it may mean, where it may mean one. */
export type WhoIsMeant = Mac | 'likeliest' | 'only';

/**
 * A message is for this endpoint. No guard is asked again. An approval that was killed before its effect is made whole by
 * the same one again; of one that was seen to the same again does nothing, as others may have acted since.
 */
export async function approve(
  deps: Deciding,
  tenant: TenantId,
  id: string,
  by: Arrival,
  meant: WhoIsMeant,
): Promise<Decided | Undecidable> {
  const before = await deps.approvals.read(tenant, id);
  if (before === undefined) return 'absent';
  const mac = macMeant(before, meant);
  if (mac === 'mac-needed') return 'mac-needed';
  if (mac === null && before.subject.kind === 'message') return 'absent';
  const approval = await decided(deps, tenant, before, { state: 'approved', mac }, by);
  if (approval === 'decided-already') return approval;
  if (approval.settledAt !== null) return repeated(approval);
  const { subject } = approval;
  if (subject.kind !== 'message' || mac === null) return doneToHost(deps, tenant, approval, by);
  const { received } = subject;
  const settings = await deps.settingsOf(tenant);
  const at = { deps, tenant, settings, received, decidedBy: 'operator' as const };
  const told = await judgeFor(at, await targetOf(deps, tenant, mac, received));
  await deps.events.tell(tenant, [decidedLine(by, approval, received, told)]);
  return settled(deps, tenant, approval, told);
}

function macMeant(approval: Approval, meant: WhoIsMeant): Mac | 'mac-needed' | null {
  if (meant !== 'likeliest' && meant !== 'only') return meant;
  const macs = macsOf(approval);
  if (approval.mac === null && meant === 'only' && macs.length > 1) return 'mac-needed';
  return approval.mac ?? macs[0] ?? null;
}

/** Only now is it done with: a repeat of many leaves it out. */
async function settled({ approvals, now }: Deciding, tenant: TenantId, decidedOne: Approval, told: Verdict) {
  const approval = { ...decidedOne, settledAt: now() };
  await approvals.settle(tenant, approval);
  return { approval, told };
}

function repeated(approval: Approval): Decided {
  const message = `It was ${approval.state} before, and that was seen to: nothing is done again.`;
  return { approval, told: verdict('ignored', 'repeated', message, { mac: approval.mac }) };
}

/** Nothing is done. */
export async function reject(
  deps: Deciding,
  tenant: TenantId,
  id: string,
  by: Arrival,
): Promise<Decided | Undecidable> {
  const before = await deps.approvals.read(tenant, id);
  if (before === undefined) return 'absent';
  const approval = await decided(deps, tenant, before, { state: 'rejected', mac: null }, by);
  if (approval === 'decided-already') return approval;
  if (approval.settledAt !== null) return repeated(approval);
  if (approval.subject.kind !== 'message') return doneToHost(deps, tenant, approval, by);
  const told = verdict('ignored', 'approval-rejected', 'An operator has rejected it: nothing is done.');
  await deps.events.tell(tenant, [decidedLine(by, approval, approval.subject.received, told)]);
  return settled(deps, tenant, approval, told);
}

async function doneToHost(deps: Deciding, tenant: TenantId, approval: Approval, by: Arrival): Promise<Decided> {
  const { outcome, message } = await toHost(deps.hostActs, tenant, approval, by);
  const isApproved = approval.state === 'approved';
  const state = isApproved && outcome === 'done' ? 'applied' : 'ignored';
  const told = verdict(state, isApproved ? outcome : 'approval-rejected', message);
  await deps.events.tell(tenant, [decidedHostLine(by, approval, told)]);
  return settled(deps, tenant, approval, told);
}

async function toHost(
  acts: HostActs,
  tenant: TenantId,
  { id, subject, state }: { readonly id: string; readonly subject: Subject; readonly state: Approval['state'] },
  by: Arrival,
): Promise<HostTold> {
  const said = { name: by.credentialName, cause: id };
  switch (subject.kind) {
    case 'host': {
      const act = state === 'approved' ? acts.release : acts.drop;
      return act(tenant, subject, said);
    }
    case 'feed-loss': {
      const act = state === 'approved' ? acts.approveLoss : acts.rejectLoss;
      return act(tenant, subject.feed, subject.pollId, said);
    }
    case 'message':
      throw new Error('A message is for an endpoint.');
  }
}

async function decided(
  { approvals, now }: Admission,
  tenant: TenantId,
  before: Approval,
  to: Pick<Approval, 'state' | 'mac'>,
  by: Arrival,
): Promise<Approval | 'decided-already'> {
  if (before.state === to.state && before.mac === to.mac) return before;
  if (isBelievedAfterAll(before, to)) {
    await approvals.open(tenant, { ...before, state: 'open', decidedAt: null, decidedBy: null, settledAt: null });
  } else if (before.state !== 'open') return 'decided-already';
  const at = now();
  const approval = { ...before, ...to, decidedAt: at, decidedBy: by.credentialName, settledAt: null };
  return (await approvals.decide(tenant, approval, at)) === 'decided' ? approval : 'decided-already';
}

/** A loss that was rejected keeps its hosts held for as long as they do not come back: whoever learns better may say so. */
const isBelievedAfterAll = (before: Approval, to: Pick<Approval, 'state'>) =>
  before.subject.kind === 'feed-loss' && before.state === 'rejected' && to.state === 'approved';
