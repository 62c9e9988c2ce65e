/**
 * Sends threat logs to ClearPass: in their order, over one connection at a time, and in no second more than the limit. Of
 * one tenant one worker sends at a time (its batches are one group of the queue), so the pace is kept by whoever has it.
 * Syslog has no acknowledgement: what a connection took that then failed may be lost, so all of that goes out again.
 */
import type { ThreatLogs } from '../configuration/configuration.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { LogBatch, LogCount, LogCounts, LogPace } from './log-table.ts';
import { allowedAt, type Sent, sentAt } from './pace.ts';
import { tagged } from './threat-tag.ts';

export interface ForwardLogs {
  readonly settingsOf: (tenant: TenantId) => Promise<ForwardSettings>;
  readonly pace: LogPace;
  readonly counts: LogCounts;
  readonly receivers: LogReceivers;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  /** What went wrong, for those on call: of whom, why, and how many lines wait for it. */
  readonly failed: (tenant: TenantId, reason: string, lines: number) => void;
}

export interface ForwardSettings extends Pick<ThreatLogs, 'enabled' | 'rateLimit'> {
  /** Null: the tenant names none. */
  readonly destination: LogDestination | null;
}

export interface LogDestination {
  readonly host: string;
  readonly port: number;
  readonly transport: ThreatLogs['destination']['transport'];
  /** PEM; null: the public roots. */
  readonly caCertificate: string | null;
}

export interface LogReceivers {
  /** Connects. Throws `ForwardFailed`. */
  readonly open: (destination: LogDestination) => Promise<LogConnection>;
}

export interface LogConnection {
  /** Longer lines can never be sent over it. */
  readonly longestLine: number;
  /** Hands lines over, in this order. Throws `ForwardFailed`. */
  readonly send: (lines: readonly Uint8Array[]) => Promise<void>;
  /** Once all was handed over. Throws `ForwardFailed` where the other side did not take it. */
  readonly close: () => Promise<void>;
}

export class ForwardFailed extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** What is left of a worker's time when it stops sending: for the close, and for what it writes then. */
const closingMs = 5_000;

export type Forwarded = 'done' | 'again';

/** Of each of the tenant's batches, which are in their order, whether it is done with; none is after one that is not. */
export async function forwardLogs(
  deps: ForwardLogs,
  tenant: TenantId,
  batches: readonly LogBatch[],
  { deadlineAt }: { readonly deadlineAt: number },
): Promise<readonly Forwarded[]> {
  const { enabled, destination, rateLimit } = await deps.settingsOf(tenant);
  const begun = await Promise.all(batches.map(async (batch) => ({ batch, from: await deps.pace.sentOf(batch) })));
  if (!enabled || destination === null) {
    await count(
      deps,
      tenant,
      begun.flatMap(({ batch, from }) => batch.lines.slice(from)),
      'undeliverable',
    );
    return batches.map(() => 'done');
  }
  const lines = begun.flatMap(({ batch, from }) => batch.lines.slice(from));
  const sending = await sendAll(deps, tenant, lines, { destination, rateLimit, untilAt: deadlineAt - closingMs });
  await count(
    deps,
    tenant,
    lines.slice(0, sending.handled).filter((line) => line.length <= sending.longestLine),
    'sent',
  );
  await count(deps, tenant, lines.slice(0, sending.handled).filter((line) => line.length > sending.longestLine), 'undeliverable'); // prettier-ignore
  return settle(deps, begun, sending.handled);
}

interface Begun {
  readonly batch: LogBatch;
  readonly from: number;
}

async function settle(
  { pace, now }: ForwardLogs,
  begun: readonly Begun[],
  handled: number,
): Promise<readonly Forwarded[]> {
  const became: Forwarded[] = [];
  let left = handled;
  for (const { batch, from } of begun) {
    const ofIt = Math.min(left, batch.lines.length - from);
    left -= ofIt;
    const isWhole = from + ofIt === batch.lines.length;
    if (!isWhole && ofIt > 0) await pace.giveBack(batch, from + ofIt, now());
    became.push(isWhole && !became.includes('again') ? 'done' : 'again');
  }
  return became;
}

interface Sending {
  /** So many of the first lines need not be sent again. */
  readonly handled: number;
  readonly longestLine: number;
}

interface How {
  readonly destination: LogDestination;
  readonly rateLimit: number;
  readonly untilAt: number;
}

async function sendAll(
  deps: ForwardLogs,
  tenant: TenantId,
  lines: readonly Uint8Array[],
  { destination, rateLimit, untilAt }: How,
): Promise<Sending> {
  if (lines.length === 0) return { handled: 0, longestLine: Infinity };
  let sent: Sent = await deps.pace.read(tenant);
  let handled = 0;
  let longestLine = Infinity;
  try {
    const connection = await deps.receivers.open(destination);
    ({ longestLine } = connection);
    try {
      while (handled < lines.length && deps.now() < untilAt) {
        const allowed = allowedAt(sent, rateLimit, deps.now());
        const next = lines.slice(handled, handled + allowed.lines);
        const sendable = next.filter(({ length }) => length <= connection.longestLine);
        if (sendable.length > 0) {
          await connection.send(sendable);
          sent = sentAt(sent, sendable.length, deps.now());
        }
        handled += next.length;
        if (next.length === 0) await deps.wait(Math.min(allowed.waitUntil, untilAt) - deps.now());
      }
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (!(error instanceof ForwardFailed)) throw error;
    deps.failed(tenant, error.reason, lines.length);
    handled = 0;
  } finally {
    await deps.pace.write(tenant, sent);
  }
  return { handled, longestLine };
}

async function count(
  { counts, now }: ForwardLogs,
  tenant: TenantId,
  lines: readonly Uint8Array[],
  became: LogCount['became'],
) {
  const byPlace = new Map<string, LogCount>();
  for (const line of lines) {
    const found = tagged(line);
    const host = found ? Buffer.from(line.subarray(found.place.hostAt, found.place.hostEnd)).toString() : '-';
    const key = `${found?.tag ?? ''} ${host}`;
    const before = byPlace.get(key)?.lines ?? 0;
    byPlace.set(key, { firewall: host === '-' ? null : host, tag: found?.tag ?? null, became, lines: before + 1 });
  }
  if (byPlace.size > 0) await counts.add(tenant, [...byPlace.values()], now());
}
