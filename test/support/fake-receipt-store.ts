import {
  endOfReceipt,
  isFrom,
  type Receipt,
  receiptPosition,
  type ReceiptStore,
  type Remark,
  remarksKept,
} from '../../shared/journal/receipt.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

interface Kept {
  readonly receipt: Receipt;
  readonly remarks: readonly Remark[];
  readonly endsAt: number;
}

/** Receipts in memory, held to the contract of the real ones. `all` and `allRemarks` are for tests to look at. */
export function fakeReceiptStore() {
  const tenants = new Map<TenantId, Map<string, Kept>>();
  const of = (tenant: TenantId) => {
    const kept = tenants.get(tenant) ?? new Map<string, Kept>();
    tenants.set(tenant, kept);
    return kept;
  };
  const newestFirst = (one: Kept, other: Kept) =>
    receiptPosition(one.receipt.id) < receiptPosition(other.receipt.id) ? 1 : -1;

  return {
    async record(tenant, receipt, remarks, { days }): Promise<'kept' | 'lost'> {
      if (of(tenant).has(receipt.id)) return Promise.resolve('kept');
      const kept = remarks.slice(0, remarksKept);
      const remarksLeftOut = receipt.remarksLeftOut + remarks.length - kept.length;
      const endsAt = endOfReceipt(receipt.at, days);
      of(tenant).set(receipt.id, { receipt: { ...receipt, remarksLeftOut }, remarks: kept, endsAt });
      return Promise.resolve('kept');
    },
    async find(tenant, ids, now) {
      const found = [...new Set(ids)].flatMap((id) => of(tenant).get(id) ?? []).filter(({ endsAt }) => endsAt > now);
      return Promise.resolve(found.sort(newestFirst).map(({ receipt }) => receipt));
    },
    async remarks(tenant, { id }, { from, limit }) {
      const all = of(tenant).get(id)?.remarks ?? [];
      const next = from + limit < all.length ? { next: from + limit } : {};
      return Promise.resolve({ remarks: all.slice(from, from + limit), ...next });
    },
    async list(tenant, { statuses, sender, from, to, after = '~', limit, now }) {
      const found = [...of(tenant).values()]
        .filter(
          ({ receipt, endsAt }) =>
            receiptPosition(receipt.id) < after && endsAt > now && statuses.includes(receipt.status),
        ) // prettier-ignore
        .filter(({ receipt }) => receipt.at >= from && receipt.at <= to)
        .filter(({ receipt }) => sender === undefined || isFrom(receipt, sender))
        .sort(newestFirst);
      const last = found[limit - 1];
      return Promise.resolve({
        receipts: found.slice(0, limit).map(({ receipt }) => receipt),
        ...(found.length > limit && last && { next: receiptPosition(last.receipt.id) }),
      });
    },
    all: (tenant) => [...of(tenant).values()].map(({ receipt }) => receipt),
    allRemarks: (tenant) => [...of(tenant).values()].flatMap(({ remarks }) => remarks),
  } satisfies ReceiptStore & {
    all(tenant: TenantId): readonly Receipt[];
    allRemarks(tenant: TenantId): readonly Remark[];
  };
}
