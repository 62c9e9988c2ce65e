/**
 * Sends threat logs to ClearPass: in their order, over one connection at a time, and in no second more than the limit. Of
 * one tenant one worker sends at a time (its batches are one group of the queue), so the pace is kept by whoever has it.
 * Syslog has no acknowledgement: what a connection took that then failed may be lost, so all of that goes out again.
 */
import type { ThreatLogs } from '../configuration/configuration.ts';
import type { Measure } from '../journal/measure.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { LogBatch, LogCount, LogCounts, LogPace } from './log-table.ts';
import { allowedAt, type Sent, sentAt } from './pace.ts';
import { tagged } from './threat-tag.ts';
import type { TagPlace } from '../wire/syslog/tag.ts';

export interface ForwardLogs {
  readonly settingsOf: (tenant: TenantId) => Promise<ForwardSettings>;
  readonly pace: LogPace;
  readonly counts: LogCounts;
  readonly receivers: LogReceivers;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly measure: Measure;
  /** What went wrong, for those on call: of whom, why, and how many lines wait for it. */
  readonly failed: (tenant: TenantId, reason: string, lines: number) => void;
}

export interface ForwardSettings extends Pick<ThreatLogs, 'enabled' | 'rateLimit'> {
  /** Null: the tenant names none. */
  readonly destination: LogDestination | null;
}

/** `destination` without an address is none. */
export function forwardSettings({ enabled, rateLimit, destination }: ThreatLogs): ForwardSettings {
  const { address, port, transport, caCertificate } = destination;
  return { enabled, rateLimit, destination: address === '' ? null : { host: address.toLowerCase(), port, transport, caCertificate } }; // prettier-ignore
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

/** How soon a receiver that failed is tried again. */
const againAfterSeconds = 15;

/** So many of the first batches are done with; the others come again, in their order. */
export interface Forwarded {
  readonly done: number;
  readonly againAfterSeconds: number;
}

/** `batches` are of one tenant, in the order in which they came. */
export async function forwardLogs(
  deps: ForwardLogs,
  batches: readonly [LogBatch, ...LogBatch[]],
  { deadlineAt }: { readonly deadlineAt: number },
): Promise<Forwarded> {
  const [{ tenant }] = batches;
  const [{ enabled, destination, rateLimit }, parts] = await Promise.all([
    deps.settingsOf(tenant),
    Promise.all(batches.map(async (batch) => partLeft(deps, batch))),
  ]);
  const lines = parts.flatMap((part) => part.lines);
  if (!enabled || destination === null) {
    await count(deps, tenant, lines, 'undeliverable');
    return { done: batches.length, againAfterSeconds: 0 };
  }
  const untilAt = deadlineAt - closingMs;
  const { handled, unsendable } = await sendAll(deps, tenant, lines, { destination, rateLimit, untilAt });
  const sent = lines.slice(0, handled).filter((line) => !unsendable.has(line));
  deps.measure(tenant, deps.now(), sent.length > 0 ? { ThreatLogsSent: sent.length } : {});
  await count(deps, tenant, sent, 'sent');
  await count(deps, tenant, [...unsendable], 'undeliverable');
  return settle(deps, parts, handled);
}

/** What was not sent of a batch yet. */
interface Part {
  readonly batch: LogBatch;
  readonly before: number;
  readonly lines: readonly Uint8Array[];
}

async function partLeft({ pace }: ForwardLogs, batch: LogBatch): Promise<Part> {
  const before = await pace.sentOf(batch);
  return { batch, before, lines: batch.lines.slice(before) };
}

/** Which batches that makes, and how far the first of the others has come. */
async function settle({ pace, now }: ForwardLogs, parts: readonly Part[], handled: number): Promise<Forwarded> {
  let left = handled;
  for (const [done, { batch, before, lines }] of parts.entries()) {
    if (left < lines.length) {
      if (left > 0) await pace.giveBack(batch, before + left, now());
      return { done, againAfterSeconds: handled > 0 ? 0 : againAfterSeconds };
    }
    left -= lines.length;
  }
  return { done: parts.length, againAfterSeconds: 0 };
}

interface How {
  readonly destination: LogDestination;
  readonly rateLimit: number;
  readonly untilAt: number;
}

interface Sending {
  /** So many of the first lines need not be sent again. */
  readonly handled: number;
  /** Those among them that are too long for the transport. */
  readonly unsendable: ReadonlySet<Uint8Array>;
}

async function sendAll(
  deps: ForwardLogs,
  tenant: TenantId,
  lines: readonly Uint8Array[],
  { destination, rateLimit, untilAt }: How,
): Promise<Sending> {
  const unsendable = new Set<Uint8Array>();
  let sent: Sent = await deps.pace.read(tenant);
  let handled = 0;
  try {
    const connection = await deps.receivers.open(destination);
    try {
      while (handled < lines.length && deps.now() < untilAt) {
        const { lines: most, waitUntil } = allowedAt(sent, rateLimit, deps.now());
        if (most === 0) {
          await deps.wait(Math.min(waitUntil, untilAt) - deps.now());
          continue;
        }
        const next = lines.slice(handled, handled + most);
        for (const line of next) if (line.length > connection.longestLine) unsendable.add(line);
        const sendable = next.filter((line) => !unsendable.has(line));
        if (sendable.length > 0) {
          await connection.send(sendable);
          sent = sentAt(sent, sendable.length, deps.now());
        }
        handled += next.length;
      }
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (!(error instanceof ForwardFailed)) throw error;
    deps.failed(tenant, error.reason, lines.length);
    deps.measure(tenant, deps.now(), { ThreatLogsUnsent: lines.length });
    return { handled: 0, unsendable: new Set() };
  } finally {
    await deps.pace.write(tenant, sent);
  }
  return { handled, unsendable };
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
    const firewall = found ? firewallAt(line, found.place) : null;
    const key = `${found?.tag ?? ''} ${firewall ?? ''}`;
    const before = byPlace.get(key)?.lines ?? 0;
    byPlace.set(key, { firewall, tag: found?.tag ?? null, became, lines: before + 1 });
  }
  if (byPlace.size > 0) await counts.add(tenant, [...byPlace.values()], now());
}

function firewallAt(line: Uint8Array, { hostAt, hostEnd }: TagPlace): string | null {
  const name = Buffer.from(line.subarray(hostAt, hostEnd)).toString();
  return name === '-' ? null : name;
}
