/**
 * Receipts: what became of everything that a sender told us. The commonest client ignores our answer, so whoever asks
 * later why a user is missing must find it here.
 */
import type { TenantId } from '../tenancy/tenant.ts';

export const receiptStatuses = ['accepted', 'partial', 'refused'] as const;

/** `partial`: some entries of the post were stored and some were not. */
export type ReceiptStatus = (typeof receiptStatuses)[number];

export interface Receipt {
  /** The id of the request, as its answer and the access log have it. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly kind: 'post' | 'login';
  readonly status: ReceiptStatus;
  readonly credentialId: string;
  readonly credentialName: string;
  readonly clientAddress: string;
  readonly httpStatus: number;
  /** The size of the body. */
  readonly bytes: number;
  /** Why all of it was refused, or not finished. */
  readonly code?: string;
  readonly message?: string;
  readonly counts?: PostCounts;
  /** The first ten of what was refused, and after that of what was stored otherwise than it was sent. */
  readonly remarks: readonly Remark[];
  /** How far the sender's clock is ahead of ours, where its timestamps tell. */
  readonly clockSkewMs?: number;
}

export interface PostCounts {
  readonly entries: number;
  readonly stored: number;
  readonly replayed: number;
  readonly stale: number;
  /** Of those stored, how many were stored otherwise than they were sent. */
  readonly changed: number;
  readonly refused: number;
}

/** What there is to say of one entry of a post, and where in the body it begins. */
export interface Remark {
  readonly code: string;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

/** Days that a receipt is kept. */
export const receiptDays = 14;

export interface ReceiptStore {
  /** Never fails: a journal that cannot be written must not turn a stored post away. */
  record(tenant: TenantId, receipt: Receipt): Promise<void>;
  /** As `record`, but at most one a minute for a credential: whoever guesses passwords must not fill the journal. */
  recordOncePerMinute(tenant: TenantId, receipt: Receipt): Promise<void>;
  /** The newest first, at most `limit`, older than the position `after`. */
  list(tenant: TenantId, page: ReceiptPage): Promise<{ receipts: readonly Receipt[]; next?: string }>;
}

export interface ReceiptPage {
  readonly statuses: readonly ReceiptStatus[];
  readonly after?: string;
  readonly limit: number;
  /** Epoch milliseconds; what was to be kept until earlier than now is absent. */
  readonly now: number;
}
