/** The state of feeds in memory. Holds to the contract of the real store. */
import type { FeedRevision, FeedStore, PolledFeed, StoredFeed } from '../../shared/infected-hosts/feed.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

export function fakeFeedStore(): FeedStore {
  const feeds = new Map<string, StoredFeed>();
  let revisions = 0;
  const key = (tenant: TenantId, feed: PolledFeed) => `${tenant}#${feed}`;
  return {
    read: async (tenant, feed) => Promise.resolve(feeds.get(key(tenant, feed))),
    async replace(tenant, feed, state, read) {
      if (feeds.get(key(tenant, feed))?.revision !== read?.revision) return Promise.resolve('conflict');
      revisions += 1;
      feeds.set(key(tenant, feed), { state: structuredClone(state), revision: `${revisions}` as FeedRevision });
      return Promise.resolve('replaced');
    },
  };
}
