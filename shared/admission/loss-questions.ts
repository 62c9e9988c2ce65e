/** The approval by which an operator says whether a feed that lost many hosts at once is to be believed. */
import { type FeedStore, type HeldLoss, isUndecided } from '../infected-hosts/feed.ts';
import type { LossQuestions } from '../infected-hosts/poll-feed.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type Approval, type ApprovalStore, lossApprovalId, openLossApproval, withdrawApproval } from './approval.ts';

const feed = 'atp-cloud';

export const lossQuestions = (
  approvals: Pick<ApprovalStore, 'open' | 'read' | 'decide'>,
  feeds: Pick<FeedStore, 'read'>,
): LossQuestions => ({
  async ask(tenant, loss, now) {
    const { pollId, lost } = loss;
    const asked = await approvals.read(tenant, lossApprovalId(feed));
    if (isAbout(asked, loss) && (!isSettled(asked) || (await isHeard(feeds, tenant, loss)))) return;
    await approvals.open(tenant, openLossApproval({ feed, pollId, lost }, now));
  },
  withdraw: async (tenant, now) => {
    await withdrawApproval(approvals, tenant, lossApprovalId(feed), { by: feed, now });
  },
});

const isAbout = (asked: Approval | undefined, { pollId, lost }: HeldLoss): asked is Approval =>
  asked?.subject.kind === 'feed-loss' &&
  asked.state !== 'withdrawn' &&
  asked.subject.pollId === pollId &&
  asked.subject.lost === lost;

const isSettled = ({ state, settledAt }: Approval) => state !== 'open' && settledAt !== null;

/**
 * A poll that is ended between its question and its last step has asked about what is held nowhere: whatever is said to it
 * then reaches nobody. Read after the question, as a decision is heard before it is settled.
 */
async function isHeard(feeds: Pick<FeedStore, 'read'>, tenant: TenantId, { pollId, lost }: HeldLoss): Promise<boolean> {
  const held = (await feeds.read(tenant, feed))?.state.lossHeld;
  return held?.pollId === pollId && held.lost === lost && !isUndecided(held);
}
