/** What tenants have used up, in memory. Holds to the contract of the real store. */
import type { Used, UsageStore } from '../../shared/identity/post-usage.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

interface Item extends Used {
  readonly countingUntil: number;
}

const nothing: Item = { minute: 0, units: 0, inserted: 0, counted: 0, countedAt: 0, countingUntil: 0 };

export function fakeUsageStore(): UsageStore {
  const items = new Map<TenantId, Item>();
  const read = (tenant: TenantId) => items.get(tenant) ?? nothing;
  const usedOf = ({ countingUntil, ...used }: Item): Used => used;
  const write = (tenant: TenantId, changed: Partial<Item>) => {
    const item = { ...read(tenant), ...changed };
    items.set(tenant, item);
    return usedOf(item);
  };

  return {
    async add(tenant, { minute, units, most, inserted }) {
      const item = read(tenant);
      const running = item.minute >= minute ? item : { ...item, minute, units: 0 };
      if (running.minute === item.minute && running.units >= most) {
        return Promise.resolve({ outcome: 'full', used: usedOf(item) });
      }
      const sum = { units: running.units + units, inserted: running.inserted + inserted };
      return Promise.resolve({ outcome: 'added', used: write(tenant, { ...running, ...sum }) });
    },
    async insert(tenant, inserted) {
      write(tenant, { inserted: read(tenant).inserted + inserted });
      return Promise.resolve();
    },
    async claim(tenant, { used, now, untilAt }) {
      const { countedAt, countingUntil } = read(tenant);
      if (countingUntil > now || countedAt !== used.countedAt) return Promise.resolve('refused');
      write(tenant, { countingUntil: untilAt });
      return Promise.resolve('claimed');
    },
    async settle(tenant, { used, counted, at }) {
      const inserted = read(tenant).inserted - used.inserted;
      write(tenant, { counted, countedAt: at, countingUntil: 0, inserted });
      return Promise.resolve();
    },
  };
}
