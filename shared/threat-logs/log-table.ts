/** What receiving and forwarding threat logs need of the world. Times are epoch milliseconds by our clock. */
import type { TenantId } from '../tenancy/tenant.ts';
import type { Sent } from './pace.ts';
import type { ThreatTag } from './threat-tag.ts';

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

/** What becomes of a line. `sent` is what became of one that was accepted, `undeliverable` that it never could be. */
export const logOutcomes = ['accepted', 'filtered', 'rate-limited', 'malformed', 'sent', 'undeliverable'] as const;
export type LogOutcome = (typeof logOutcomes)[number];

/** Of one firewall, or of those lines that name none. */
export interface LogCount {
  readonly firewall: string | null;
  /** Without the suffix of logical systems; null: of none that goes on. */
  readonly tag: ThreatTag | null;
  readonly became: LogOutcome;
  readonly lines: number;
}

export interface LogCounts {
  readonly add: (tenant: TenantId, counts: readonly LogCount[], at: number) => Promise<void>;
  /** Of every hour that began since, an item a firewall. */
  readonly since: (tenant: TenantId, at: number) => Promise<readonly FirewallHour[]>;
}

export interface FirewallHour {
  readonly firewall: string | null;
  readonly counts: readonly Omit<LogCount, 'firewall'>[];
  /** When anything of it was received last; null: only what was received before was sent. */
  readonly heardAt: number | null;
}

export interface LogPace {
  /** What went out lately, whoever sent it. */
  readonly read: (tenant: TenantId) => Promise<Sent>;
  readonly write: (tenant: TenantId, sent: Sent) => Promise<void>;
  /** How many lines of the batch went out before it was given back. */
  readonly sentOf: (batch: Pick<LogBatch, 'tenant' | 'id'>) => Promise<number>;
  readonly giveBack: (batch: Pick<LogBatch, 'tenant' | 'id'>, sent: number, now: number) => Promise<void>;
}
