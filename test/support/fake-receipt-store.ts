import { type Receipt, receiptDays, type ReceiptStore } from '../../shared/journal/receipt.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

/** Receipts in memory, held to the contract of the real ones. `all` is for tests to look at. */
export function fakeReceiptStore(): ReceiptStore & { all(tenant: TenantId): readonly Receipt[] } {
  const tenants = new Map<TenantId, Map<string, Receipt>>();
  const of = (tenant: TenantId) => {
    const receipts = tenants.get(tenant) ?? new Map<string, Receipt>();
    tenants.set(tenant, receipts);
    return receipts;
  };
  const put = async (tenant: TenantId, receipt: Receipt, position: string) => {
    if (!of(tenant).has(position)) of(tenant).set(position, receipt);
    return Promise.resolve();
  };
  const positionOf = (at: number, id: string) => `${new Date(at).toISOString()}#${id}`;

  return {
    record: async (tenant, receipt) => put(tenant, receipt, positionOf(receipt.at, receipt.id)),
    recordOncePerMinute: async (tenant, receipt) =>
      put(tenant, receipt, positionOf(receipt.at - (receipt.at % 60_000), `login-${receipt.credentialId}`)),
    async list(tenant, { statuses, after = '~', limit, now }) {
      const found = [...of(tenant)]
        .filter(
          ([position, { status, at }]) =>
            position < after && statuses.includes(status) && at + receiptDays * 86_400_000 > now,
        )
        .sort(([one], [other]) => (one < other ? 1 : -1));
      const last = found[limit - 1]?.[0];
      return Promise.resolve({
        receipts: found.slice(0, limit).map(([, receipt]) => receipt),
        ...(found.length > limit && last !== undefined && { next: last }),
      });
    },
    all: (tenant) => [...of(tenant).values()],
  };
}
