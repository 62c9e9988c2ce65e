/** The approval by which an operator says whether a feed that lost many hosts at once is to be believed. */
import type { LossQuestions } from '../infected-hosts/poll-feed.ts';
import { type ApprovalStore, lossApprovalId, openLossApproval, withdrawApproval } from './approval.ts';

const feed = 'atp-cloud';

export const lossQuestions = (approvals: Pick<ApprovalStore, 'open' | 'read' | 'decide'>): LossQuestions => ({
  open: async (tenant, { pollId, lost }, now) => approvals.open(tenant, openLossApproval({ feed, pollId, lost }, now)),
  withdraw: async (tenant, now) => {
    await withdrawApproval(approvals, tenant, lossApprovalId(feed), { by: feed, now });
  },
});
