/** What an operator's word does to a loss that waits for it. */
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { FeedStore, HeldLoss } from './feed.ts';
import type { HostActs, HostTold } from './host-acts.ts';
import type { FeedName } from './host.ts';

export interface DecideLoss {
  readonly feeds: FeedStore;
  readonly now: () => number;
}

const tries = 5;

const gone: HostTold = {
  outcome: 'nothing-to-do',
  message: 'Its hosts are back, or another loss has taken its place.',
};

export const lossActs = (deps: DecideLoss): Pick<HostActs, 'approveLoss' | 'rejectLoss'> => ({
  async approveLoss(tenant, feed, pollId) {
    const message = 'The hosts that the feed has lost are freed by its next polls, if they do not have them either.';
    return decide(
      deps,
      tenant,
      { feed, pollId },
      (loss) => ({ ...loss, approvedAt: loss.approvedAt ?? deps.now(), rejectedAt: null }),
      message,
    );
  },
  async rejectLoss(tenant, feed, pollId) {
    const message = 'None of these hosts is freed until it is back, or the loss is approved after all. A greater one is asked about anew.'; // prettier-ignore
    return decide(
      deps,
      tenant,
      { feed, pollId },
      (loss) => ({ ...loss, approvedAt: null, rejectedAt: loss.rejectedAt ?? deps.now() }),
      message,
    );
  },
});

async function decide(
  { feeds }: DecideLoss,
  tenant: TenantId,
  { feed, pollId }: { readonly feed: FeedName; readonly pollId: string },
  change: (loss: HeldLoss) => HeldLoss,
  message: string,
): Promise<HostTold> {
  if (feed === 'api') return gone;
  for (let attempt = 0; attempt < tries; attempt++) {
    const read = await feeds.read(tenant, feed);
    const lossHeld = read?.state.lossHeld;
    if (!read || lossHeld?.pollId !== pollId) return gone;
    const state = { ...read.state, lossHeld: change(lossHeld) };
    if ((await feeds.replace(tenant, feed, state, read)) === 'replaced') return { outcome: 'done', message };
  }
  throw new ServiceError('busy', 'The feed is being polled by others all the time. Repeat the request.');
}
