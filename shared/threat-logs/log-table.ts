/** What receiving and forwarding threat logs need of the world. Times are epoch milliseconds by our clock. */
import type { TenantId } from '../tenancy/tenant.ts';
import type { FrameFault } from '../wire/syslog/frames.ts';
import type { StructuredFault } from '../wire/syslog/structured-line.ts';
import type { Sent } from './pace.ts';
import type { ThreatTag } from './threat-tag.ts';

export interface LogGrants {
  /** Asks for a request, over everybody who asks for the tenant at once. */
  readonly take: (tenant: TenantId, wanted: { readonly second: number; readonly lines: number; readonly limit: number }) => Promise<Grant>; // prettier-ignore
}

/** Of a second of our clock. */
export interface Grant {
  /** How many of the lines may go on: as many as the limit has left. */
  readonly lines: number;
  /** Its place among the tenant's requests; 1: the first. */
  readonly request: number;
}

/** Lines that go on together, in their order, byte for byte as they came. */
export interface LogBatch {
  readonly tenant: TenantId;
  readonly id: string;
  readonly receivedAt: number;
  readonly lines: readonly Uint8Array[];
  /** It lay with the dead letters, and somebody sent it again. */
  readonly wasGivenUp?: boolean;
}

export interface LogQueue {
  /** In this order, behind what the tenant sent before. The same id again is the same batch. */
  readonly send: (batch: LogBatch) => Promise<void>;
}

/** What becomes of a line when it comes in. */
const onArrival = ['accepted', 'filtered', 'rate-limited', 'malformed'] as const;
/**
 * Beside these, what becomes of one that was accepted: `undeliverable` is one that never could be sent, `given-up` one that its
 * receiver did not take, so that it lies with the dead letters.
 */
export type LogOutcome = (typeof onArrival)[number] | 'sent' | 'undeliverable' | 'given-up';

/** Whether its firewall was heard with it, and not only what it had told before went on. */
export const isOfArrival = (became: LogOutcome): boolean => onArrival.some((each) => each === became);

/** Why a line could not be read. */
export const lineFaults = [
  'no-header',
  'no-structured-data',
  'structured-data-malformed',
  'structured-data-cut-off',
  'line-too-long',
  'frame-cut-off',
] as const satisfies readonly (FrameFault | StructuredFault | 'no-header')[];
export type LineFault = (typeof lineFaults)[number];

/** Of one firewall, or of those lines that name none. */
export interface LogCount {
  readonly firewall: string | null;
  /** Without the suffix of logical systems; null: of none that goes on. */
  readonly tag: ThreatTag | null;
  readonly became: LogOutcome;
  /** Of what is `malformed`. */
  readonly fault?: LineFault;
  /** Less than none: what was `given-up` is sent again from the dead letters. */
  readonly lines: number;
}

export interface LogCounts {
  /** `receivedAt`: whatever becomes of lines counts in the hour in which they came, so that it adds up. */
  readonly add: (tenant: TenantId, counts: readonly LogCount[], receivedAt: number) => Promise<void>;
  /** Of every hour that began since, an item a firewall. */
  readonly since: (tenant: TenantId, at: number) => Promise<readonly FirewallHour[]>;
  /** Of the same hours only who was heard, and when. */
  readonly heardSince: (tenant: TenantId, at: number) => Promise<readonly Heard[]>;
}

export interface Heard {
  readonly firewall: string | null;
  /** When anything of it was received last; null: not in this hour, but something of it was sent. */
  readonly heardAt: number | null;
}

export interface FirewallHour extends Heard {
  readonly counts: readonly Omit<LogCount, 'firewall'>[];
}

export interface LogPace {
  /** How lines of the tenant went out lately, whoever sent them. */
  readonly read: (tenant: TenantId) => Promise<Lately>;
  readonly write: (tenant: TenantId, lately: Lately) => Promise<void>;
  readonly progressOf: (batch: Pick<LogBatch, 'tenant' | 'id'>) => Promise<Progress>;
  readonly keepProgress: (batch: Pick<LogBatch, 'tenant' | 'id'>, progress: Progress, now: number) => Promise<void>;
}

export interface Lately {
  readonly sent: Sent;
  /** Null: since then the receiver has taken something. */
  readonly failure: Failure | null;
}

/** A receiver takes nothing. */
export interface Failure {
  readonly since: number;
  /** When it was tried last. */
  readonly at: number;
  /** Of the last try; a word for the log and the status. */
  readonly reason: string;
}

/** Of a batch that comes again. */
export interface Progress {
  /** So many of its first lines went out. */
  readonly sent: number;
  /** How often the receiver took the connection, and not the batch. */
  readonly tries: number;
}
