/**
 * Sends threat logs to ClearPass: in their order, over one connection at a time, and in no second more than the limit. Of
 * one tenant one worker sends at a time (its batches are one group of the queue), so the pace is kept by whoever has it.
 * Syslog has no acknowledgement: what a connection took that then failed may be lost, so all of that goes out again. Once a
 * connection has failed, each batch has its own, so that those that go well are over. What cannot be sent is given up in the
 * end and lies with the dead letters: the queue is every tenant's, and looks no further than its first 120,000 messages.
 */
import type { ThreatLogs } from '../configuration/configuration.ts';
import type { Measure } from '../journal/measure.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { firewallAt } from './count-by-firewall.ts';
import type { LogBatch, LogCount, LogCounts, LogPace, LogQueue, Progress } from './log-table.ts';
import { allowedAt, type Sent, sentAt } from './pace.ts';
import { tagged } from './threat-tag.ts';

export interface ForwardLogs {
  readonly settingsOf: (tenant: TenantId) => Promise<ForwardSettings>;
  readonly pace: LogPace;
  readonly counts: LogCounts;
  readonly receivers: LogReceivers;
  readonly deadLetters: LogQueue;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly measure: Measure;
  /** What went wrong, for those on call: of whom, why, and how many lines wait for it, or wait no longer. */
  readonly tell: (what: 'logs-not-sent' | 'logs-given-up' | 'logs-not-counted', of: { readonly tenant: TenantId; readonly reason: string; readonly lines: number }) => void; // prettier-ignore
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

/** What is left of a worker's time when it stops sending: for a receiver that stalls, for the close, and for what is written then. */
const closingMs = 12_000;

/** How soon a receiver that failed is tried again. */
const pauseMs = 15_000;

/** From then on a batch is given up while its receiver fails. */
const givenUpMs = 60 * 60_000;

/** So often a receiver is asked to take a batch that it takes the connection of, and not the batch. */
const mostTries = 20;

/** So many of the first batches are over; the others come again, in their order. */
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
  const [{ enabled, destination, rateLimit }, lately, parts] = await Promise.all([
    deps.settingsOf(tenant),
    deps.pace.read(tenant),
    Promise.all(batches.map(async (batch) => partLeft(deps, batch))),
  ]);
  if (!enabled || destination === null) {
    for (const part of parts) await count(deps, part, part.lines, 'undeliverable');
    return { done: parts.length, againAfterSeconds: 0 };
  }
  const how = { destination, rateLimit, untilAt: deadlineAt - closingMs };
  const state = { sent: lately.sent, failedAt: lately.failedAt };
  try {
    const done = await sendInTurn(deps, parts, how, state);
    return { done, againAfterSeconds: Math.ceil(pauseLeft(state.failedAt, deps.now()) / 1_000) };
  } finally {
    await deps.pace.write(tenant, state);
  }
}

/** What was not sent of a batch yet. */
interface Part {
  readonly batch: LogBatch;
  readonly progress: Progress;
  readonly lines: readonly Uint8Array[];
}

async function partLeft({ pace }: ForwardLogs, batch: LogBatch): Promise<Part> {
  const progress = await pace.progressOf(batch);
  return { batch, progress, lines: batch.lines.slice(progress.sent) };
}

interface How {
  readonly destination: LogDestination;
  readonly rateLimit: number;
  readonly untilAt: number;
}

interface State {
  sent: Sent;
  failedAt: number | null;
}

const pauseLeft = (failedAt: number | null, now: number) =>
  failedAt === null ? 0 : Math.max(0, failedAt + pauseMs - now);

/** How many of them are over then. */
async function sendInTurn(deps: ForwardLogs, parts: readonly Part[], how: How, state: State): Promise<number> {
  let done = 0;
  for (let next = parts[0]; next && deps.now() < how.untilAt; next = parts[done]) {
    if (pauseLeft(state.failedAt, deps.now()) > 0) {
      if (deps.now() - next.batch.receivedAt < givenUpMs) break;
      await giveUp(deps, next, 'receiver-failing');
      done += 1;
      continue;
    }
    const isAlone = state.failedAt !== null;
    const some = isAlone ? [next] : parts.slice(done);
    const went = await sendOver(deps, some, how, state);
    if (went.failure === undefined) {
      state.failedAt = null;
      const over = await settle(deps, some, went);
      done += over;
      if (over < some.length) break; // there was no more time
      continue;
    }
    state.failedAt = deps.now();
    const lines = some.reduce((sum, part) => sum + part.lines.length, 0);
    const { tenant } = next.batch;
    deps.tell('logs-not-sent', { tenant, reason: went.failure, lines });
    deps.measure(tenant, deps.now(), { ThreatLogsUnsent: lines });
    if (isAlone && went.isConnected && (await isRefused(deps, next))) {
      await giveUp(deps, next, went.failure);
      done += 1;
    }
  }
  return done;
}

/** Whether the receiver has been asked often enough to take this batch. */
async function isRefused({ pace, now }: ForwardLogs, { batch, progress }: Part): Promise<boolean> {
  const tries = progress.tries + 1;
  if (tries >= mostTries) return true;
  await pace.keepProgress(batch, { ...progress, tries }, now());
  return false;
}

async function giveUp(deps: ForwardLogs, part: Part, reason: string): Promise<void> {
  const { batch, lines } = part;
  // Its own id: what was sent of the first is no part of it, and it may be given up again within minutes.
  const id = `${batch.id.replace(/!\d+$/, '')}!${deps.now()}`;
  await deps.deadLetters.send({ ...batch, id, lines, wasGivenUp: true });
  deps.tell('logs-given-up', { tenant: batch.tenant, reason, lines: lines.length });
  deps.measure(batch.tenant, deps.now(), { ThreatLogsGivenUp: lines.length });
  if (!batch.wasGivenUp) await count(deps, part, lines, 'given-up');
}

interface Sending {
  /** So many of the first lines need not be sent again. */
  readonly handled: number;
  /** Those among them that are too long for the transport. */
  readonly unsendable: ReadonlySet<Uint8Array>;
  /** Why nothing of it counts as sent. */
  readonly failure?: string;
  readonly isConnected: boolean;
}

async function sendOver(
  deps: ForwardLogs,
  parts: readonly Part[],
  { destination, rateLimit, untilAt }: How,
  state: State,
): Promise<Sending> {
  const lines = parts.flatMap((part) => part.lines);
  const unsendable = new Set<Uint8Array>();
  let isConnected = false;
  let handled = 0;
  try {
    const connection = await deps.receivers.open(destination);
    isConnected = true;
    try {
      while (handled < lines.length && deps.now() < untilAt) {
        const { lines: most, waitUntil } = allowedAt(state.sent, rateLimit, deps.now());
        if (most === 0) {
          await deps.wait(Math.min(waitUntil, untilAt) - deps.now());
          continue;
        }
        const next = lines.slice(handled, handled + most);
        for (const line of next) if (line.length > connection.longestLine) unsendable.add(line);
        const sendable = next.filter((line) => !unsendable.has(line));
        if (sendable.length > 0) {
          await connection.send(sendable);
          state.sent = sentAt(state.sent, sendable.length, deps.now());
        }
        handled += next.length;
      }
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (!(error instanceof ForwardFailed)) throw error;
    return { handled: 0, unsendable: new Set(), failure: error.reason, isConnected };
  }
  return { handled, unsendable, isConnected };
}

/** How many of the batches that makes; how far the first of the others has come is kept before anything else can fail. */
async function settle(deps: ForwardLogs, parts: readonly Part[], { handled, unsendable }: Sending): Promise<number> {
  let left = handled;
  let over = 0;
  for (const part of parts) {
    const { batch, progress, lines } = part;
    const some = lines.slice(0, left);
    if (some.length < lines.length) {
      if (some.length > 0) await deps.pace.keepProgress(batch, { ...progress, sent: progress.sent + some.length }, deps.now()); // prettier-ignore
    } else over += 1;
    left -= some.length;
    const sent = some.filter((line) => !unsendable.has(line));
    if (sent.length > 0) deps.measure(batch.tenant, deps.now(), { ThreatLogsSent: sent.length });
    await count(deps, part, sent, 'sent');
    await count(deps, part, some.filter((line) => unsendable.has(line)), 'undeliverable'); // prettier-ignore
    if (some.length < lines.length) break;
  }
  return over;
}

/**
 * In the hour in which they were received; what was given up once is given up no more. What was sent is not sent again for the
 * sake of its number.
 */
async function count(deps: ForwardLogs, { batch }: Part, lines: readonly Uint8Array[], became: LogCount['became']) {
  if (lines.length === 0) return;
  const { tenant, receivedAt, wasGivenUp } = batch;
  const counts = lines.flatMap((line): LogCount[] => {
    const found = tagged(line);
    const of = { firewall: found ? firewallAt(line, found.place) : null, tag: found?.tag ?? null };
    const counted = { ...of, became, lines: 1 };
    return wasGivenUp ? [counted, { ...of, became: 'given-up', lines: -1 }] : [counted];
  });
  try {
    await deps.counts.add(tenant, counts, receivedAt);
  } catch (error) {
    deps.tell('logs-not-counted', { tenant, reason: error instanceof Error ? error.name : 'unknown', lines: lines.length }); // prettier-ignore
  }
}
