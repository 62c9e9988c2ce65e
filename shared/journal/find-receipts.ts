/** Receipts, found by any of: sender, status, time, and the address or user that an entry of the post was about. */
import type { IpAddress } from '../identity/address.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import {
  forgottenUntil,
  isFrom,
  isReceiptId,
  type Receipt,
  receiptPosition,
  type ReceiptStatus,
  receiptStatuses,
  type ReceiptStore,
  type Remark,
} from './receipt.ts';
import type { StoryStore, StorySubject } from './story.ts';

export interface FindReceipts {
  readonly receipts: ReceiptStore;
  readonly stories: Pick<StoryStore, 'read'>;
  /** The posts that the entries of an address are from: what was stored as it was sent is told by the entry alone. */
  readonly receiptsOfEntries: (tenant: TenantId, ip: IpAddress) => Promise<readonly string[]>;
  /** Days that the tenant has receipts kept. */
  readonly daysOf: (tenant: TenantId) => Promise<number>;
  readonly now: () => number;
}

export interface ReceiptSearch {
  readonly status?: ReceiptStatus;
  /** A credential's id or name, or what entries named as their source. */
  readonly sender?: string;
  readonly ip?: IpAddress;
  readonly user?: string;
  /** Epoch milliseconds, the first and the last. */
  readonly from?: number;
  readonly to?: number;
  readonly after?: string;
  readonly limit: number;
}

interface Found {
  readonly receipts: readonly Receipt[];
  readonly next?: string;
}

/** The newest first. A page may have fewer than asked for, or none, and a `next`: so much was read in vain. */
export async function findReceipts(deps: FindReceipts, tenant: TenantId, search: ReceiptSearch): Promise<Found> {
  const now = deps.now();
  const kept = forgottenUntil(now, await deps.daysOf(tenant)) + 1;
  const span = { from: Math.max(search.from ?? 0, kept), to: search.to ?? now + 60_000, now };
  const { ip, user, status, sender, after, limit } = search;
  if (ip !== undefined) return findAbout(deps, tenant, { ip }, { ...search, ...span });
  if (user !== undefined) return findAbout(deps, tenant, { user }, { ...search, ...span });
  return deps.receipts.list(tenant, {
    statuses: status === undefined ? receiptStatuses : [status],
    ...(sender !== undefined && { sender }),
    ...(after !== undefined && { after }),
    ...span,
    limit,
  });
}

type Span = ReceiptSearch & { readonly from: number; readonly to: number; readonly now: number };

const linesAtOnce = 100;
/** So many times lines are read for one page; then it answers what it has, and where to go on. */
const roundsAtMost = 10;

/** By the story of an address or user, which names the receipts, and by the entries that are there. */
async function findAbout(deps: FindReceipts, tenant: TenantId, subject: StorySubject, search: Span): Promise<Found> {
  const { from, to, now, limit, user } = search;
  const ofEntries = 'ip' in subject && user === undefined ? await deps.receiptsOfEntries(tenant, subject.ip) : [];
  const found: Receipt[] = [];
  let { after } = search;
  for (let round = 0; round < roundsAtMost && found.length <= limit; round += 1) {
    const page = { from, to, now, limit: linesAtOnce, kind: 'post' as const, ...(after !== undefined && { after }) };
    const { lines, next } = await deps.stories.read(tenant, subject, page);
    // All lines of a receipt lie together, so the next page begins below the one that this page ends with.
    const last = next === undefined ? undefined : lines.at(-1)?.receipt;
    const end = last === undefined ? undefined : receiptPosition(last);
    const isHere = (id: string) =>
      receiptPosition(id) < (after ?? '~') && (end === undefined || receiptPosition(id) >= end);
    const told = lines
      .filter((line) => user === undefined || line.user === user)
      .flatMap(({ receipt }) => receipt ?? []);
    const ids = [...told, ...ofEntries].filter((id) => isReceiptId(id) && isHere(id));
    const receipts = await deps.receipts.find(tenant, ids, now);
    found.push(...receipts.filter((receipt) => isWanted(receipt, search)));
    after = end;
    if (end === undefined) break;
  }
  const last = found.length > limit ? found[limit - 1] : undefined;
  const next = last ? receiptPosition(last.id) : after;
  return { receipts: found.slice(0, limit), ...(next !== undefined && { next }) };
}

const isWanted = (receipt: Receipt, { status, sender, from, to }: Span): boolean =>
  (status === undefined || receipt.status === status) &&
  (sender === undefined || isFrom(receipt, sender)) &&
  receipt.at >= from &&
  receipt.at <= to;

export interface WholeReceipt {
  readonly receipt: Receipt;
  readonly remarks: readonly Remark[];
  readonly next?: number;
}

/** A receipt with a page of its remarks, from the one numbered `after`, counted from 0. Throws `receipt-absent`. */
export async function findReceipt(
  deps: FindReceipts,
  tenant: TenantId,
  id: string,
  { after = 0, limit }: { after?: number; limit: number },
): Promise<WholeReceipt> {
  const now = deps.now();
  const [receipt] = isReceiptId(id) ? await deps.receipts.find(tenant, [id], now) : [];
  if (receipt === undefined || receipt.at <= forgottenUntil(now, await deps.daysOf(tenant))) {
    throw new ServiceError(
      'receipt-absent',
      `There is no receipt "${id.slice(0, 64)}". It may be older than the days that receipts are kept (receipts.days).`,
    );
  }
  return { receipt, ...(await deps.receipts.remarks(tenant, receipt, { from: after, limit })) };
}
