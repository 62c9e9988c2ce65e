/** How the feeds that we ask are: whoever wonders why nobody is held looks here first. */
import type { AtpCloud, ThreatResponse } from '../configuration/threat-response.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type FeedState, type FeedStore, noFeedState, type PolledFeed } from './feed.ts';

export interface FindFeeds {
  readonly polled: Pick<FeedStore, 'read'>;
  readonly settingsOf: (tenant: TenantId) => Promise<Pick<ThreatResponse<unknown, unknown>, 'feeds'>>;
}

export interface FoundFeed {
  readonly feed: PolledFeed;
  readonly settings: Pick<AtpCloud<unknown>, 'enabled' | 'pollMinutes'>;
  readonly state: FeedState;
}

/** One that was never asked is listed too. */
export async function findFeeds({ polled, settingsOf }: FindFeeds, tenant: TenantId): Promise<readonly FoundFeed[]> {
  const [{ feeds }, read] = await Promise.all([settingsOf(tenant), polled.read(tenant, 'atp-cloud')]);
  return [{ feed: 'atp-cloud', settings: feeds.atpCloud, state: read?.state ?? noFeedState }];
}

/** By its last good poll: those that a connector was told of, and those in the feed for firewalls alone. */
export const heldByFeed =
  (polled: Pick<FeedStore, 'read'>) =>
  async (tenant: TenantId): Promise<number> => {
    const { counts } = (await polled.read(tenant, 'atp-cloud'))?.state ?? noFeedState;
    return counts.acted + counts.unmanaged;
  };

export function feedView({ feed, settings: { enabled, pollMinutes }, state }: FoundFeed) {
  const { lastPollAt, lastGoodPollAt, nextPollAt, failure, counts, lossHeld } = state;
  return {
    feed,
    enabled,
    pollMinutes,
    lastPollAt: instantOf(lastPollAt),
    lastGoodPollAt: instantOf(lastGoodPollAt),
    nextPollAt: instantOf(enabled && lastPollAt !== null ? nextPollAt : null),
    error: failure && { code: failure.code, message: failure.message, since: instantOf(failure.since) },
    ...counts,
    lossHeld: lossHeld && {
      since: instantOf(lossHeld.since),
      pollId: lossHeld.pollId,
      lost: lossHeld.lost,
      of: lossHeld.of,
      approvedAt: instantOf(lossHeld.approvedAt),
      rejectedAt: instantOf(lossHeld.rejectedAt),
    },
  };
}

const instantOf = (at: number | null) => (at === null ? null : new Date(at).toISOString());
