/**
 * One batch: claim it, ask with one socket, make every entry of it durable, and only then put down where the next begins.
 * Killed on the way, the same batch is asked for again: whatever is newest wins, so repeats change nothing.
 */
import { type AuthenticationTable, type Change, change } from '../identity/authentication-table.ts';
import type { Event } from '../identity/advance.ts';
import type { IpAddress } from '../identity/address.ts';
import type { Hear } from '../identity/source-heard.ts';
import type { Measure } from '../journal/measure.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Asked } from '../user-query/asking.ts';
import { hopServer, type JimsHop, sourceOf } from '../user-query/hops.ts';
import type { QuerySettings } from '../user-query/query-settings.ts';
import type { Handled, Worker } from '../user-query/query-user.ts';
import { type DropReason, reported } from '../user-query/reported.ts';
import type { ServerName } from '../user-query/servers.ts';
import { type Report, readReport } from '../wire/jims/report.ts';
import {
  batchFrom,
  batchHop,
  type BatchQueue,
  type BatchStore,
  type Counted,
  dueBy,
  type Ending,
  nextDue,
  nothingCounted,
  type QueuedBatch,
} from './batch.ts';

export interface RunBatch {
  readonly table: AuthenticationTable;
  readonly settingsOf: (tenant: TenantId) => Promise<QuerySettings>;
  readonly batches: BatchStore;
  readonly cellOf: (server: ServerName) => Promise<number>;
  readonly queue: BatchQueue;
  readonly hear: Hear;
  readonly measure: Measure;
  /** Opens at most one socket, and has closed it when it returns. */
  readonly askBatch: (
    asker: { tenant: TenantId; settings: QuerySettings; id: string; untilAt: number },
    hop: JimsHop,
    batch: ReturnType<typeof batchFrom>,
  ) => Promise<Asked>;
}

/** Between the end of an invocation and the moment when its batch may be another's. */
const graceMs = 5_000;
/** What is left of an invocation to put down what came, once entries have been stored. */
const closingMs = 3_000;
const waitForTokenSeconds = 1;

export async function runBatch(deps: RunBatch, { tenant, ask }: QueuedBatch, worker: Worker): Promise<Handled> {
  const settings = await deps.settingsOf(tenant);
  const hop = batchHop(settings.identityManagement, ask);
  if (hop === undefined) return 'done'; // switched off since
  const { server } = hopServer(settings, hop);
  if ((await deps.cellOf(server)) !== worker.cell) return sendNext(deps, { tenant, settings, hop, delaySeconds: 0 });

  const { id, deadlineAt } = worker;
  const now = deps.table.now();
  const lease = { id, now, dueBy: dueBy(now), untilAt: deadlineAt + graceMs };
  const state = await deps.batches.claim(tenant, lease);
  if (state === 'refused') return 'done'; // not due, or another's: that one sends the next

  const asked = batchFrom(state, settings.identityManagement, { server, now });
  const heard = await deps.askBatch({ tenant, settings, id, untilAt: lease.untilAt }, hop, asked);
  const came = await store(deps, { tenant, settings, heard, asked, untilAt: deadlineAt - closingMs });

  if (came.kind !== 'failed') deps.measure(tenant, deps.table.now(), { BatchesStored: 1 });
  else if (came.reason !== 'token-awaited')
    deps.measure(tenant, deps.table.now(), { BatchesFailed: 1 }, { reason: came.reason });
  if (came.kind !== 'failed') await deps.hear(tenant, sourceOf(hop), deps.table.now());
  const next = nextOf(came, settings, hop, deps.table.now());
  await deps.batches.end(tenant, { id, lastRunAt: now, ...endingOf(came, server), nextAt: next.at });
  // Sent even where another one has begun meanwhile: of two messages, the one that is not due ends.
  return sendNext(deps, { tenant, settings, ...next });
}

interface Next {
  readonly hop: JimsHop;
  readonly delaySeconds: number;
}

async function sendNext(
  { cellOf, queue }: RunBatch,
  { tenant, settings, hop, delaySeconds }: Next & { tenant: TenantId; settings: QuerySettings },
): Promise<'done'> {
  const cell = await cellOf(hopServer(settings, hop).server);
  await queue.send(cell, { tenant, batch: 'next', ask: hop }, delaySeconds);
  return 'done';
}

/** What came of asking. A failure says why; `full` where there may be more. */
type Came =
  | { readonly kind: 'full' | 'all'; readonly cookie?: string; readonly begunAt: number; readonly counted: Counted }
  | { readonly kind: 'failed'; readonly reason: string; readonly cookie?: 'forget' };

/** The secondary is asked at once where the primary fails, and after it the primary first again. */
function nextOf(came: Came, settings: QuerySettings, hop: JimsHop, now: number): Next & { readonly at: number } {
  const { identityManagement } = settings;
  const after = (at: number, to: JimsHop = 'jims') => ({ hop: to, at, delaySeconds: Math.ceil((at - now) / 1_000) });
  if (came.kind !== 'failed') return after(nextDue(identityManagement, came.kind, now));
  if (came.reason === 'token-awaited') return after(now + waitForTokenSeconds * 1_000, hop);
  if (hop === 'jims' && identityManagement.secondary !== null) return after(now, 'jims-secondary');
  return after(nextDue(identityManagement, 'failed', now));
}

function endingOf(came: Came, of: ServerName): Pick<Ending, 'cookie' | 'knownUntil' | 'reason' | 'counted'> {
  if (came.kind === 'failed') {
    const { reason, cookie } = came;
    return { reason, counted: nothingCounted, ...(cookie !== undefined && { cookie }) };
  }
  const { kind, cookie, begunAt, counted } = came;
  return {
    counted,
    ...(cookie !== undefined && { cookie: { text: cookie, of } }),
    ...(kind === 'all' && { knownUntil: begunAt }),
  };
}

interface Heard {
  readonly tenant: TenantId;
  readonly settings: QuerySettings;
  readonly heard: Asked;
  readonly asked: ReturnType<typeof batchFrom>;
  readonly untilAt: number;
}

async function store(deps: RunBatch, { tenant, settings, heard, asked, untilAt }: Heard): Promise<Came> {
  const begunAt = deps.table.now() - heard.elapsedMs;
  if (heard.outcome === 'nobody') return { kind: 'all', begunAt, counted: { ...nothingCounted, batches: 1 } };
  if (heard.outcome !== 'answered') {
    // A server that was set up anew may not know the cookie of the old one.
    const isUnknown = heard.reason === 'question-refused' && asked.cookie !== undefined;
    return { kind: 'failed', reason: heard.reason, ...(isUnknown && { cookie: 'forget' as const }) };
  }
  const { report, fault } = readReport(heard.body);
  if (report === undefined) return { kind: 'failed', reason: fault };

  const { changes, dropped } = changesOf(report, settings, deps.table.now());
  const outcomes = await change(deps.table, tenant, { changes, untilAt });
  if (outcomes.includes('busy')) return { kind: 'failed', reason: 'entries-busy' };
  const all = outcomes.flatMap((each) => (each === 'busy' ? [] : each));
  const records = report.entries.length + report.unreadable;
  const isFull = records >= asked.count && report.cookie !== undefined && report.cookie !== asked.cookie;
  return {
    kind: isFull ? 'full' : 'all',
    begunAt,
    ...(report.cookie !== undefined && { cookie: report.cookie }),
    counted: {
      batches: 1,
      records,
      changed: all.filter((outcome) => outcome !== 'replayed' && outcome !== 'stale').length,
      ...countOf(dropped, report.unreadable),
    },
  };
}

/** One change an address, its events in the order of the report. */
function changesOf({ entries }: Report, { identityManagement }: QuerySettings, now: number) {
  const dropped: DropReason[] = [];
  const events = new Map<IpAddress, Event[]>();
  for (const entry of entries) {
    const { observation, ...rest } = reported(entry, identityManagement, now);
    if (observation === undefined) {
      if (rest.dropped !== undefined) dropped.push(rest.dropped);
      continue;
    }
    const event: Event =
      observation.operation === 'logon'
        ? { kind: 'logon', logon: observation, timeoutMinutes: identityManagement.entryTimeout }
        : { kind: 'logoff', logoff: observation };
    events.set(observation.ip, [...(events.get(observation.ip) ?? []), event]);
  }
  const changes = [...events].map(([ip, each]): Change => ({ key: { ip, slot: 'userid' }, events: each }));
  return { changes, dropped };
}

function countOf(dropped: readonly DropReason[], unreadable: number) {
  const filtered = dropped.filter((reason) => reason === 'domain-filtered' || reason === 'address-filtered').length;
  const preserved = dropped.filter((reason) => reason === 'user-preserved').length;
  return { filtered, preserved, refused: unreadable + dropped.length - filtered - preserved };
}
