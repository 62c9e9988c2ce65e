import type { TenantId } from '../tenancy/tenant.ts';
import { type Receipt, type ReceiptStatus, receiptStatuses, type ReceiptStore } from './receipt.ts';

export interface FindReceipts {
  readonly receipts: ReceiptStore;
  readonly now: () => number;
}

/** What became of a tenant's posts and logins, the newest first: those of one status, or all. */
export async function findReceipts(
  { receipts, now }: FindReceipts,
  tenant: TenantId,
  { status, after, limit }: { status?: ReceiptStatus; after?: string; limit: number },
): Promise<{ receipts: readonly Receipt[]; next?: string }> {
  const statuses = status === undefined ? receiptStatuses : [status];
  return receipts.list(tenant, { statuses, limit, now: now(), ...(after !== undefined && { after }) });
}
