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
import type { Failure, LogBatch, LogCount, LogCounts, LogPace, LogQueue, Progress } from './log-table.ts';
import { allowedAt, forgottenMs, type Sent, sentAt } from './pace.ts';
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
  /** What went wrong, for those on call. */
  readonly tell: (what: Trouble, of: { readonly tenant: TenantId; readonly reason: string; readonly lines: number }) => void; // prettier-ignore
}

/** How many lines wait for their receiver, or wait no longer; of how many the number is missing, or how far they had come. */
type Trouble = 'logs-not-sent' | 'logs-given-up' | 'logs-not-counted' | 'logs-not-noted';

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

/** Lines may not have arrived; `reason` is a word for the log and the status. */
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

/** A batch is given up when it is so old, and its receiver has failed for so long: not for one failure of one that is well. */
const givenUpMs = 60 * 60_000;
const failingMs = 5 * 60_000;

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
  const how = { tenant, destination, rateLimit, untilAt: deadlineAt - closingMs };
  const state = { ...lately };
  try {
    const done = await sendInTurn(deps, parts, how, state);
    return { done, againAfterSeconds: Math.ceil(pauseLeft(state, deps.now()) / 1_000) };
  } finally {
    const isKept = await isNoted(deps, 'logs-not-noted', { tenant, lines: [] }, async () => deps.pace.write(tenant, state)); // prettier-ignore
    if (!isKept) await deps.wait(forgottenMs);
  }
}

/** Whether that could be written. What was sent is not sent again because it could not. */
async function isNoted(
  deps: ForwardLogs,
  trouble: Trouble,
  { tenant, lines }: Pick<LogBatch, 'tenant' | 'lines'>,
  write: () => Promise<void>,
): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    deps.tell(trouble, { tenant, reason: nameOf(error), lines: lines.length });
    return false;
  }
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'unknown');

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
  readonly tenant: TenantId;
  readonly destination: LogDestination;
  readonly rateLimit: number;
  readonly untilAt: number;
}

interface State {
  sent: Sent;
  failure: Failure | null;
}

const pauseLeft = ({ failure }: State, now: number) => (failure === null ? 0 : Math.max(0, failure.at + pauseMs - now));

/** How many of them are over then. Throws where nothing came of it but a fault of ours. */
async function sendInTurn(deps: ForwardLogs, parts: readonly Part[], how: How, state: State): Promise<number> {
  let done = 0;
  try {
    for (let next = parts[0]; next && deps.now() < how.untilAt; next = parts[done]) {
      if (state.failure && pauseLeft(state, deps.now()) > 0) {
        if (!isHopeless(next, state.failure, deps.now())) break;
        await giveUp(deps, next, state.failure.reason);
        done += 1;
        continue;
      }
      const isAlone = state.failure !== null;
      const some = isAlone ? [next] : parts.slice(done);
      const went = await sendOver(deps, some, how, state);
      if (went.failure === undefined) {
        state.failure = null;
        const over = await settle(deps, some, went);
        done += over;
        if (over < some.length) break; // there was no more time
        continue;
      }
      const at = deps.now();
      state.failure = { since: state.failure?.since ?? at, at, reason: went.failure };
      notSent(deps, how, some, went.failure);
      if (isAlone && went.isRefused && (await isRefusedForGood(deps, next))) {
        await giveUp(deps, next, went.failure);
        done += 1;
        state.failure = { ...state.failure, at: at - pauseMs }; // perhaps it was the fault of this one: the next is tried at once
      }
    }
  } catch (error) {
    if (done === 0) throw error;
    notSent(deps, how, parts.slice(done), nameOf(error)); // those before are over: they do not come again for it
  }
  return done;
}

function notSent(deps: ForwardLogs, { tenant }: How, parts: readonly Part[], reason: string): void {
  const lines = parts.reduce((sum, part) => sum + part.lines.length, 0);
  deps.tell('logs-not-sent', { tenant, reason, lines });
  deps.measure(tenant, deps.now(), { ThreatLogsUnsent: lines });
}

/** Whether the receiver has been asked often enough to take this batch. */
async function isRefusedForGood({ pace, now }: ForwardLogs, { batch, progress }: Part): Promise<boolean> {
  const tries = progress.tries + 1;
  if (tries >= mostTries) return true;
  await pace.keepProgress(batch, { ...progress, tries }, now());
  return false;
}

/** Its own: what was sent of the first is no part of it. The same each time that it is laid there for the first one. */
function nextId({ id }: LogBatch): string {
  const [, first = id, times = 0] = /^(.*)!(\d+)$/.exec(id) ?? [];
  return `${first}!${Number(times) + 1}`;
}

async function giveUp(deps: ForwardLogs, part: Part, reason: string): Promise<void> {
  const { batch, lines } = part;
  await deps.deadLetters.send({ ...batch, id: nextId(batch), lines, wasGivenUp: true });
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
  /** The receiver took the connection. Over UDP nobody knows. */
  readonly isRefused: boolean;
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
    return {
      handled: 0,
      unsendable: new Set(),
      failure: error.reason,
      isRefused: isConnected && destination.transport !== 'udp',
    };
  }
  return { handled, unsendable, isRefused: false };
}

const isHopeless = ({ batch }: Part, { since }: Failure, now: number) =>
  now - batch.receivedAt >= givenUpMs && now - since >= failingMs;

/** How many of the batches that makes. */
async function settle(deps: ForwardLogs, parts: readonly Part[], { handled, unsendable }: Sending): Promise<number> {
  const writing: Promise<unknown>[] = [];
  let left = handled;
  let over = 0;
  for (const part of parts) {
    const { batch, progress, lines } = part;
    const some = lines.slice(0, left);
    left -= some.length;
    const sent = some.filter((line) => !unsendable.has(line));
    if (sent.length > 0) deps.measure(batch.tenant, deps.now(), { ThreatLogsSent: sent.length });
    writing.push(count(deps, part, sent, 'sent'));
    writing.push(count(deps, part, some.filter((line) => unsendable.has(line)), 'undeliverable')); // prettier-ignore
    if (some.length < lines.length) {
      const reached = { ...progress, sent: progress.sent + some.length };
      if (some.length > 0) writing.push(isNoted(deps, 'logs-not-noted', { tenant: batch.tenant, lines }, async () => deps.pace.keepProgress(batch, reached, deps.now()))); // prettier-ignore
      break;
    }
    over += 1;
  }
  await Promise.all(writing);
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
  await isNoted(deps, 'logs-not-counted', { tenant, lines }, async () => deps.counts.add(tenant, counts, receivedAt));
}
