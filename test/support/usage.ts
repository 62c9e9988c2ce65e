import { postUsage, type PostUsage } from '../../shared/identity/post-usage.ts';
import type { LimitsOf } from '../../shared/tenancy/remembered-limits.ts';
import { fakeUsageStore } from './fake-usage-store.ts';
import { defaultLimitsOf } from './limits.ts';

/** Counts in memory, and nobody is anywhere when entries are counted. */
export const usageOf = (now: () => number, limitsOf: LimitsOf = defaultLimitsOf): PostUsage =>
  postUsage({
    usage: fakeUsageStore(),
    limitsOf,
    countEntries: async () => Promise.resolve(0),
    now,
    uncounted: (_, error) => {
      throw error;
    },
  });
