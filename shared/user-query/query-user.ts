/**
 * A question's way through its workers: claim the address, ask with one socket, settle what was heard, or hand the question
 * on to whom is asked next. Whatever happens to a worker, the claim ends by time and the question comes back, so an address
 * is never left denied for ever.
 */
import { advanceEntry, type AuthenticationTable } from '../identity/authentication-table.ts';
import { type Teach, toldBy } from '../endpoints/taught-addresses.ts';
import type { Settled } from '../identity/queried.ts';
import type { Hear } from '../identity/source-heard.ts';
import type { Measure, Measured } from '../journal/measure.ts';
import type { StoryLine } from '../journal/story.ts';
import { readUserAnswer } from '../wire/clearpass/user-answer.ts';
import { readReport } from '../wire/jims/report.ts';
import type { QuestionQueue, QueuedQuestion } from './ask-about.ts';
import type { Asked } from './asking.ts';
import { knowsNobody, type Hop, hopAfter, hopFrom, hopServer, sourceOf, timeoutsOf } from './hops.ts';
import { mappingOf } from './mapping.ts';
import type { QuerySettings } from './query-settings.ts';
import { abandonedLine, handedOnLine, repeatedLine, settledLine, type Tell } from './question-lines.ts';
import { closeQuestion, type QuestionStore } from './questions.ts';
import { reportedMapping } from './reported.ts';
import type { ServerName } from './servers.ts';

export interface QueryUser {
  readonly table: AuthenticationTable;
  readonly settingsOf: (tenant: QueuedQuestion['tenant']) => Promise<QuerySettings>;
  readonly questions: QuestionStore;
  readonly cellOf: (server: ServerName) => Promise<number>;
  readonly queue: QuestionQueue;
  /** Opens at most one socket, and has closed it when it returns. */
  readonly ask: (asking: Asking) => Promise<Asked>;
  readonly tell: Tell;
  readonly measure: Measure;
  readonly hear: Hear;
  /** Teaches the endpoint whose MAC an answer names its address. */
  readonly teach: Teach;
}

export interface Asking extends QueuedQuestion {
  readonly server: ServerName;
  readonly settings: QuerySettings;
  /** Of this claim alone. */
  readonly id: string;
  readonly untilAt: number;
}

/** The invocation that asks. */
export interface Worker {
  readonly id: string;
  /** Of the queue that the question came from. */
  readonly cell: number;
  /** Epoch milliseconds: when the invocation is ended, finished or not. */
  readonly deadlineAt: number;
}

/** What becomes of the message: it is done with, or comes back after a while. */
export type Handled = 'done' | { readonly againAfterSeconds: number };

/** Between the end of an invocation and the moment when its claim may be another's. */
const graceMs = 5_000;

/** A failure that may pass is tried so often, so far apart. */
const attemptsAllowed = 2;
const againAfterSeconds = 5;
/** While another worker holds the claim, or gets the token that all need. */
const waitForClaimSeconds = 35;
const waitForTokenSeconds = 1;

export async function queryUser(deps: QueryUser, asked: QueuedQuestion, worker: Worker): Promise<Handled> {
  const { tenant, ip } = asked;
  const settings = await deps.settingsOf(tenant);
  const hop = hopFrom(settings, ip, asked.ask);
  // Switched off since: the mark ends by itself. Of a tenant that was erased since nothing may be left behind.
  if (hop === undefined) return knowsNobody(settings) ? 'done' : done(deps, tenant);
  const question = { ...asked, ask: hop };
  const { server, name } = hopServer(settings, hop);
  const cell = await deps.cellOf(server);
  if (cell !== worker.cell) {
    await deps.queue.send(cell, question, 0); // the server was changed since: its own cell asks it
    return 'done';
  }

  const key = { ip, slot: 'userid' as const };
  const { id } = worker;
  const { invalid: invalidTimeoutMinutes } = timeoutsOf(settings, hop);
  const untilAt = worker.deadlineAt + graceMs;
  const claim = await advanceEntry(deps.table, tenant, key, { kind: 'claimed', id, untilAt, invalidTimeoutMinutes });
  if (claim.outcome === 'wait') return { againAfterSeconds: waitForClaimSeconds };
  const line = () => ({ ip, id, at: deps.table.now(), hop, server: name });
  const tell = async (told: StoryLine) => deps.tell(tenant, told, settings.storyDays);
  const measure = (measured: Measured, about?: { readonly reason: string }) =>
    deps.measure(tenant, deps.table.now(), measured, about);
  if (claim.outcome === 'exhausted') {
    measure({ QuestionsAbandoned: 1 });
    await tell(abandonedLine(line()));
  }
  if (claim.outcome !== 'claimed') return done(deps, tenant);

  const heard = await deps.ask({ ...question, server, settings, id, untilAt });
  if (heard.outcome === 'answered' || heard.outcome === 'nobody' || heard.reason !== 'token-awaited')
    measure({ QuestionsAsked: 1 });
  const again = comesAgain(heard, claim.item?.mark?.attempts ?? 1, attemptsAt(settings, question));
  if (again !== undefined) {
    const attempt = again.againAfterSeconds === waitForTokenSeconds ? 'untried' : 'tried';
    await advanceEntry(deps.table, tenant, key, { kind: 'released', id, attempt });
    if (attempt === 'tried' && 'reason' in heard)
      await tell(repeatedLine(line(), heard.reason, again.againAfterSeconds));
    return again;
  }
  const answer = answerIn(heard, question, settings, deps.table.now());
  // Also who says that nobody is there is heard.
  if (answer.kind !== 'failed') await deps.hear(tenant, sourceOf(hop), deps.table.now());
  const next = answer.kind === 'user' ? undefined : hopAfter(settings, ip, { hop, heard: answer.kind });
  if (next !== undefined) {
    await advanceEntry(deps.table, tenant, key, { kind: 'released', id, attempt: 'handed-on' });
    const handed = { tenant, ip, ask: next, ...('reason' in answer && { heard: answer.reason }) };
    await deps.queue.send(await deps.cellOf(hopServer(settings, next).server), handed, 0);
    if ('reason' in answer) await tell(handedOnLine(line(), answer.reason, next));
    return 'done'; // the question is as open as before, in other hands
  }
  const settled = await advanceEntry(deps.table, tenant, key, { kind: 'settled', id, answer, invalidTimeoutMinutes });
  if (settled.outcome !== 'dropped') {
    measure(...measuredAnswer(answer));
    await tell(settledLine(line(), answer, settled.item));
  }
  if (answer.kind === 'user' && settings.endpoints === 'some') {
    await deps.teach(tenant, toldBy(answer.logon), { source: 'query', untilAt: worker.deadlineAt });
  }
  return done(deps, tenant);
}

/** The reason is a code of ours, and names who gave it. */
const measuredAnswer = (answer: Settled['answer']): [Measured, { readonly reason: string }?] =>
  answer.kind === 'user'
    ? [{ QuestionsAnswered: 1 }]
    : [answer.kind === 'nobody' ? { QuestionsUnknown: 1 } : { QuestionsFailed: 1 }, { reason: answer.reason }];

async function done(deps: QueryUser, tenant: QueuedQuestion['tenant']): Promise<'done'> {
  await closeQuestion(deps.questions, tenant, deps.table.now());
  return 'done';
}

/** Where another server stands by, it is asked instead of the same one again. */
const attemptsAt = (settings: QuerySettings, { ip, ask: hop }: QueuedQuestion): number =>
  hop !== 'clearpass' && hopAfter(settings, ip, { hop, heard: 'failed' }) !== undefined ? 1 : attemptsAllowed;

/** Where the token is another's to get, nothing was tried; such a round is bounded by the queue, not by the attempts. */
function comesAgain(
  asked: Asked,
  attempts: number,
  allowed: number,
): { readonly againAfterSeconds: number } | undefined {
  if (asked.outcome === 'answered' || asked.outcome === 'nobody' || asked.retry === 'never') return undefined;
  if (asked.reason === 'token-awaited') return { againAfterSeconds: waitForTokenSeconds };
  return attempts < allowed ? { againAfterSeconds } : undefined;
}

/** What was heard. Where others were asked before, or could have been, the reason names who said what. */
function answerIn(asked: Asked, question: QueuedQuestion, settings: QuerySettings, now: number): Settled['answer'] {
  const { ask: hop, heard } = question;
  const answer = answerOf(asked, question, settings, now);
  if (answer.kind === 'user') return answer;
  const isAlone = hop === 'clearpass' && hopAfter(settings, question.ip, { hop, heard: answer.kind }) === undefined;
  const named = isAlone ? answer.reason : `${hop}: ${answer.reason}`;
  return { ...answer, reason: heard === undefined ? named : `${heard}, ${named}` };
}

function answerOf(
  asked: Asked,
  { ip, ask: hop }: QueuedQuestion,
  settings: QuerySettings,
  now: number,
): Settled['answer'] {
  if (asked.outcome === 'nobody') return { kind: 'nobody', reason: 'no-record' };
  if (asked.outcome !== 'answered') return { kind: 'failed', reason: asked.reason };
  const mapping = readers[hop](asked.body, { ip, now, filters: settings.identityManagement.filters });
  if (mapping.kind !== 'user') return mapping;
  return { kind: 'user', logon: mapping.logon, timeoutMinutes: timeoutsOf(settings, hop).entry };
}

type Context = Parameters<typeof reportedMapping>[1];
type Read = ReturnType<typeof mappingOf> | { readonly kind: 'failed'; readonly reason: 'answer-unreadable' };

function readClearPass(body: Uint8Array, context: Context): Read {
  const { records, fault } = readUserAnswer(body);
  return records === undefined ? { kind: 'failed', reason: fault } : mappingOf(records, context);
}

function readJims(body: Uint8Array, context: Context): Read {
  const { report, fault } = readReport(body);
  if (report === undefined) return { kind: 'failed', reason: fault };
  // An answer of which nothing can be read is no answer.
  if (report.entries.length === 0 && report.unreadable > 0) return { kind: 'failed', reason: 'answer-unreadable' };
  return reportedMapping(report.entries, context);
}

/** How an answer of each is read. */
const readers: Readonly<Record<Hop, (body: Uint8Array, context: Context) => Read>> = {
  clearpass: readClearPass,
  jims: readJims,
  'jims-secondary': readJims,
};
