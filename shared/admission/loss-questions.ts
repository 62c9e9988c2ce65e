/** The approval by which an operator says whether a feed that lost many hosts at once is to be believed. */
import type { LossQuestions } from '../infected-hosts/poll-feed.ts';
import { type Approval, type ApprovalStore, lossApprovalId, openLossApproval, withdrawApproval } from './approval.ts';

const feed = 'atp-cloud';

export const lossQuestions = (approvals: Pick<ApprovalStore, 'open' | 'read' | 'decide'>): LossQuestions => ({
  async ask(tenant, { pollId, lost }, now) {
    const asked = await approvals.read(tenant, lossApprovalId(feed));
    if (isAbout(asked, { pollId, lost })) return;
    await approvals.open(tenant, openLossApproval({ feed, pollId, lost }, now));
  },
  withdraw: async (tenant, now) => {
    await withdrawApproval(approvals, tenant, lossApprovalId(feed), { by: feed, now });
  },
});

const isAbout = (asked: Approval | undefined, { pollId, lost }: { readonly pollId: string; readonly lost: number }) =>
  asked?.subject.kind === 'feed-loss' &&
  asked.state !== 'withdrawn' &&
  asked.subject.pollId === pollId &&
  asked.subject.lost === lost;
