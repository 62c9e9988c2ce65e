/**
 * Receipts: what became of everything that a sender told us. The commonest client ignores our answer, so whoever asks
 * later why a user is missing must find it here: each entry that was not stored as it was sent, with the reason.
 */
import { hash } from 'node:crypto';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { isPositionInTime } from './story.ts';

export const receiptStatuses = ['accepted', 'partial', 'refused'] as const;

/** `partial`: some entries of the post were stored and some were not. */
export type ReceiptStatus = (typeof receiptStatuses)[number];

export interface Receipt {
  /** As `receiptIdOf` makes it. */
  readonly id: string;
  /** The request, as the gateway's access log has it. */
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly kind: 'post' | 'login';
  readonly status: ReceiptStatus;
  readonly credentialId: string;
  readonly credentialName: string;
  readonly clientAddress: string;
  /** What the entries name as their source, the first five. */
  readonly sources: readonly string[];
  readonly httpStatus: number;
  /** The size of the body. */
  readonly bytes: number;
  /** Why all of it was refused, or not finished. */
  readonly code?: string;
  readonly message?: string;
  readonly counts?: PostCounts;
  /** The first ten of what was refused, and after that of what was stored otherwise than it was sent. */
  readonly remarks: readonly Remark[];
  /** How many remarks there are, of each code. */
  readonly remarkCounts: Readonly<Record<string, number>>;
  /** Remarks that are not kept: beyond what a receipt can hold, or the journal could not take them. */
  readonly remarksLeftOut: number;
  /** Remarks that are not found by their address and user, only here. */
  readonly storyLeftOut: number;
  /** How far the sender's clock is ahead of ours, where its timestamps tell. */
  readonly clockSkewMs?: number;
}

/** `stored`, `replayed`, `stale`, `refused` and `busy` are together all `entries`. */
export interface PostCounts {
  readonly entries: number;
  readonly stored: number;
  readonly replayed: number;
  readonly stale: number;
  /** Of those stored, how many were stored otherwise than they were sent. */
  readonly changed: number;
  readonly refused: number;
  /** Not stored in time: the post is to be repeated. */
  readonly busy: number;
}

/** What there is to say of one entry of a post, and where in the body it begins. */
export interface Remark {
  readonly code: string;
  readonly message: string;
  /** Which entry of the post, counted from 1. */
  readonly entry?: number;
  readonly line?: number;
  readonly column?: number;
  /** Whom the entry is about, where that can be read. */
  readonly ip?: IpAddress;
  readonly user?: string;
}

/** So many remarks stand in the receipt itself; where there are more, all of them lie beside it. */
export const remarksShown = 10;

/** More remarks than this a post can only have by holding next to nothing in each entry. */
export const remarksKept = 50_000;

/** The longest that a tenant may have receipts kept. */
export const mostReceiptDays = 90;

const dayMs = 24 * 60 * 60 * 1_000;

/** A UUID of version 7: it tells its time, so that a receipt is found by its id alone, and is the same whenever it is made. */
export function receiptIdOf(at: number, requestId: string): string {
  const time = at.toString(16).padStart(12, '0');
  const rest = hash('sha256', requestId, 'hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-a${rest.slice(3, 6)}-${rest.slice(6, 18)}`;
}

export const isReceiptId = (text: string): boolean =>
  /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-a[\da-f]{3}-[\da-f]{12}$/.test(text) && timeOfReceipt(text) < 253_402_300_800_000;

/** Epoch milliseconds. */
export const timeOfReceipt = (id: string): number => parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** Receipts stand in the order of their ids' times, as `<ISO time>#<id>`. */
export const receiptPosition = (id: string): string => `${new Date(timeOfReceipt(id)).toISOString()}#${id}`;
export const isReceiptPosition = isPositionInTime;

/** Epoch milliseconds: what is no newer than this is no longer kept. */
export const forgottenUntil = (now: number, days: number): number => now - days * dayMs;
export const endOfReceipt = (at: number, days: number): number => at + days * dayMs;

/** Whether a receipt is this sender's: its credential by id or name, or a source that its entries named. */
export const isFrom = ({ credentialId, credentialName, sources }: Receipt, sender: string): boolean =>
  sender === credentialId || sender === credentialName || sources.includes(sender);

export interface Keeping {
  readonly days: number;
  /** Epoch milliseconds: no more is begun from then on, beside the receipt itself. */
  readonly untilAt?: number;
}

export interface ReceiptStore {
  /**
   * Leaves a receipt, and all its remarks beside it where they are more than it shows. Never fails: a journal that
   * cannot be written must not turn a stored post away. A receipt that is there already stays as it is.
   */
  record(tenant: TenantId, receipt: Receipt, remarks: readonly Remark[], keeping: Keeping): Promise<'kept' | 'lost'>;
  /** Those that are there, the newest first. */
  find(tenant: TenantId, ids: readonly string[], now: number): Promise<readonly Receipt[]>;
  /** The remarks of a receipt from the one numbered `from`, counted from 0. `next` is absent at the end. */
  remarks(
    tenant: TenantId,
    receipt: Receipt,
    page: { readonly from: number; readonly limit: number },
  ): Promise<{ readonly remarks: readonly Remark[]; readonly next?: number }>;
  /**
   * The newest first, at most `limit`, older than the position `after`. There may be fewer, or none, and a `next` all
   * the same: so much was read in vain.
   */
  list(tenant: TenantId, page: ReceiptPage): Promise<{ readonly receipts: readonly Receipt[]; readonly next?: string }>;
}

export interface ReceiptPage {
  readonly statuses: readonly ReceiptStatus[];
  readonly sender?: string;
  /** Epoch milliseconds: the first and the last that are wanted. */
  readonly from: number;
  readonly to: number;
  readonly after?: string;
  readonly limit: number;
  /** Epoch milliseconds; what was to be kept until earlier than now is absent. */
  readonly now: number;
}
