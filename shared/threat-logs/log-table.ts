/** What receiving and forwarding threat logs need of the world. Times are epoch milliseconds by our clock. */
import type { TenantId } from '../tenancy/tenant.ts';

export interface LogGrants {
  /**
   * How many of these lines may go on in this second of our clock, over everybody who asks for the tenant at once: as many as
   * the limit has left.
   */
  readonly take: (tenant: TenantId, wanted: { readonly second: number; readonly lines: number; readonly limit: number }) => Promise<number>; // prettier-ignore
}

/** Lines that go on together, in their order, byte for byte as they came. */
export interface LogBatch {
  readonly tenant: TenantId;
  readonly id: string;
  readonly receivedAt: number;
  readonly lines: readonly Uint8Array[];
}

export interface LogQueue {
  /** In this order, behind what the tenant sent before. The same id again is the same batch. */
  readonly send: (batch: LogBatch) => Promise<void>;
}

/** Why a line does not go on. */
export const droppedReasons = ['filtered', 'rate-limited', 'malformed'] as const;
export type DroppedReason = (typeof droppedReasons)[number];

/** Of one firewall, or of those lines that name none. */
export interface LogCount {
  readonly firewall: string | null;
  /** Without the suffix of logical systems; null: of none that goes on. */
  readonly tag: string | null;
  readonly became: 'accepted' | DroppedReason;
  readonly lines: number;
}

export interface LogCounts {
  readonly add: (tenant: TenantId, counts: readonly LogCount[], at: number) => Promise<void>;
}
