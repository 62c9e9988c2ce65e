/** Batch queries in memory, and who has one. Hold to the real contracts. */
import {
  type BatchRoster,
  type BatchState,
  type BatchStore,
  type Counted,
  nothingCounted,
} from '../../shared/batch-query/batch.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

type Item = BatchState & { readonly leaseId?: string };

export function fakeBatchStore(): BatchStore {
  const items = new Map<TenantId, Item>();
  const of = (tenant: TenantId): Item => items.get(tenant) ?? { counted: nothingCounted };
  const shown = ({ leaseId: _, ...state }: Item): BatchState => structuredClone(state);

  return {
    read: async (tenant) => Promise.resolve(shown(of(tenant))),

    async claim(tenant, { id, now, dueBy, untilAt }) {
      const item = of(tenant);
      const isFree = (item.leasedUntil ?? 0) <= now || item.leaseId === id;
      if (!isFree || (item.nextAt ?? 0) > dueBy) return Promise.resolve('refused');
      items.set(tenant, { ...item, leaseId: id, leasedUntil: untilAt });
      return Promise.resolve(shown(of(tenant)));
    },

    async end(tenant, { id, nextAt, lastRunAt, cookie, knownUntil, reason, counted }) {
      const { leaseId, leasedUntil, lastReason, cookie: oldCookie, cookieOf, ...item } = of(tenant);
      if (leaseId !== id) return Promise.resolve('outrun');
      const old = oldCookie !== undefined && cookieOf !== undefined && { cookie: oldCookie, cookieOf };
      const names = Object.keys(counted) as (keyof Counted)[];
      items.set(tenant, {
        ...item,
        nextAt,
        lastRunAt,
        ...(cookie === undefined && old),
        ...(cookie !== undefined && cookie !== 'forget' && { cookie: cookie.text, cookieOf: cookie.of }),
        ...(knownUntil !== undefined && { knownUntil }),
        ...(reason !== undefined && { lastReason: reason }),
        counted: Object.fromEntries(names.map((name) => [name, item.counted[name] + counted[name]])) as Counted,
      });
      return Promise.resolve('ended');
    },
  };
}

export function fakeBatchRoster(): BatchRoster {
  const tenants = new Set<TenantId>();
  return {
    add: async (tenant) => Promise.resolve(void tenants.add(tenant)),
    remove: async (tenant) => Promise.resolve(void tenants.delete(tenant)),
    list: async () => Promise.resolve([...tenants].sort()),
  };
}
