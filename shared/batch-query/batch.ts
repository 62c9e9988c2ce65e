/**
 * Batch query: all that JIMS knows, asked for again and again. A message asks for one batch and sends the next message;
 * whoever is lost on the way is replaced within two minutes. One item of the tenant says how far it has come, when the next
 * batch is due, and whose turn it is, so messages may be lost, repeated and late: one that is not due ends.
 */
import type { TenantId } from '../tenancy/tenant.ts';
import type { JimsHop } from '../user-query/hops.ts';
import type { QuerySettings } from '../user-query/query-settings.ts';
import type { ServerName } from '../user-query/servers.ts';

/** What lies in a query cell, beside questions. */
export interface QueuedBatch {
  readonly tenant: TenantId;
  readonly batch: 'next';
  /** Who is asked. */
  readonly ask: JimsHop;
}

export interface BatchQueue {
  readonly send: (cell: number, batch: QueuedBatch, delaySeconds: number) => Promise<void>;
}

export interface BatchState {
  /** Epoch milliseconds: when the next batch is due; absent where none was ever asked for. */
  readonly nextAt?: number;
  /** Until then one worker alone asks. */
  readonly leasedUntil?: number;
  /** Where the next batch begins, by the server that said so: another server would not know its cookie. */
  readonly cookie?: string;
  readonly cookieOf?: ServerName;
  /** Epoch milliseconds: all that JIMS knew by then is in the table. */
  readonly knownUntil?: number;
  readonly lastRunAt?: number;
  /** Absent where the last run got a batch. */
  readonly lastReason?: string;
  readonly counted: Counted;
}

/** Since the first batch. What is not `changed` was known already, or is counted behind it as left out. */
export type Counted = Readonly<
  Record<'batches' | 'records' | 'changed' | 'filtered' | 'preserved' | 'refused', number>
>;

export const nothingCounted: Counted = { batches: 0, records: 0, changed: 0, filtered: 0, preserved: 0, refused: 0 };

export interface Ending {
  /** Of the lease. */
  readonly id: string;
  readonly nextAt: number;
  readonly lastRunAt: number;
  /** `forget`: the server does not know it any more. Left out: it stays. */
  readonly cookie?: { readonly text: string; readonly of: ServerName } | 'forget';
  readonly knownUntil?: number;
  /** Why there was no batch. */
  readonly reason?: string;
  readonly counted: Counted;
}

export interface BatchStore {
  readonly read: (tenant: TenantId) => Promise<BatchState>;
  /** The lease of the batch that is due; `refused` while another's is live, or where none is due by `dueBy`. */
  readonly claim: (
    tenant: TenantId,
    lease: { readonly id: string; readonly now: number; readonly dueBy: number; readonly untilAt: number },
  ) => Promise<BatchState | 'refused'>;
  /** Puts down what came of it and ends the lease. `outrun`: that was over, and another one may have begun. */
  readonly end: (tenant: TenantId, ending: Ending) => Promise<'ended' | 'outrun'>;
}

/** Which tenants have a batch query at all: asked once a minute, so that nobody reads the configurations of all. */
export interface BatchRoster {
  readonly add: (tenant: TenantId) => Promise<void>;
  readonly remove: (tenant: TenantId) => Promise<void>;
  readonly list: () => Promise<readonly TenantId[]>;
}

/** Messages arrive a moment before they are due where the clocks of two machines differ. */
const clocksDifferMs = 500;
export const dueBy = (now: number): number => now + clocksDifferMs;

/** A message may wait so long behind questions before it counts as lost. */
const patienceMs = 60_000;

/** Whether nobody asks, and nobody is about to. */
export const isLost = ({ nextAt = 0, leasedUntil = 0 }: BatchState, now: number): boolean =>
  leasedUntil <= now && nextAt + patienceMs <= now;

/** A JIMS that fails is asked again after half a minute, as an offline server is probed. */
const afterFailureMs = 30_000;

/** When the next batch is due: at once after a full one, and after the interval where nothing more was there. */
export function nextDue(
  { batchQuery }: Pick<QuerySettings['identityManagement'], 'batchQuery'>,
  came: 'full' | 'all' | 'failed',
  now: number,
): number {
  const intervalMs = batchQuery.queryInterval * 1_000;
  if (came === 'full') return now;
  return now + (came === 'all' ? intervalMs : Math.max(intervalMs, afterFailureMs));
}

/** The hop that a batch is asked at, or the next where the configuration was changed; nobody where it is off. */
export function batchHop(
  { enabled, secondary }: QuerySettings['identityManagement'],
  ask: JimsHop,
): JimsHop | undefined {
  if (!enabled) return undefined;
  return ask === 'jims-secondary' && secondary === null ? 'jims' : ask;
}

/** What overlaps when another server goes on, whose clock is not the first one's. Repeats change nothing. */
const overlapMs = 5 * 60_000;
const dayMinutes = 24 * 60;

/** What is asked for: from the cookie on, or from the time by which all is known; at first, from what is not expired yet. */
export function batchFrom(
  { cookie, cookieOf, knownUntil }: BatchState,
  { batchQuery, entryTimeout }: Pick<QuerySettings['identityManagement'], 'batchQuery' | 'entryTimeout'>,
  { server, now }: { readonly server: ServerName; readonly now: number },
) {
  const minutes = entryTimeout === 0 ? dayMinutes : entryTimeout;
  const beginAt = knownUntil === undefined ? now - minutes * 60_000 : knownUntil - overlapMs;
  return {
    beginTime: Math.floor(beginAt / 1_000),
    count: batchQuery.itemsPerBatch,
    ...(cookie !== undefined && cookieOf === server && { cookie }),
  };
}

export interface BatchStatus {
  readonly lastRunAt: number | null;
  readonly nextAt: number | null;
  readonly cookie: 'present' | 'absent';
  /** How old what we know may be; null before the first whole answer. */
  readonly lagSeconds: number | null;
  readonly error: string | null;
  readonly counted: Counted;
}

export const batchStatus = (
  { lastRunAt, nextAt, cookie, knownUntil, lastReason, counted }: BatchState,
  now: number,
): BatchStatus => ({
  lastRunAt: lastRunAt ?? null,
  nextAt: nextAt ?? null,
  cookie: cookie === undefined ? 'absent' : 'present',
  lagSeconds: knownUntil === undefined ? null : Math.max(0, Math.round((now - knownUntil) / 1_000)),
  error: lastReason ?? null,
  counted,
});
