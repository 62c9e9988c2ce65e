import type { Claim, Feed, FeedOutStore } from '../../shared/infected-hosts/feed-out.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

interface Kept {
  readonly feed?: Feed;
  readonly claim?: Claim;
}

/** Feeds in memory. Holds to the contract of the real store. */
export function fakeFeedOutStore(): FeedOutStore {
  const tenants = new Map<TenantId, Kept>();
  return {
    read: async (tenant) => Promise.resolve(tenants.get(tenant)?.feed),
    async claim(tenant, read, claim) {
      const kept = tenants.get(tenant) ?? {};
      const isFree = kept.claim === undefined || kept.claim.untilAt <= claim.now;
      if (!isFree || kept.feed?.madeAt !== read?.madeAt) return Promise.resolve('taken');
      tenants.set(tenant, { ...kept, claim });
      return Promise.resolve('claimed');
    },
    async put(tenant, feed, { id }) {
      if (tenants.get(tenant)?.claim?.id === id) tenants.set(tenant, { feed });
      return Promise.resolve();
    },
  };
}
