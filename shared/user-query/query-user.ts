/**
 * A question's way through its worker: claim the address, ask with one socket, settle what was heard. Whatever happens
 * to the worker, the claim ends by time and the question comes back, so an address is never left denied for ever.
 */
import { advanceEntry, type AuthenticationTable } from '../identity/authentication-table.ts';
import type { Settled } from '../identity/queried.ts';
import { readUserAnswer } from '../wire/clearpass/user-answer.ts';
import type { QuestionQueue, QueuedQuestion } from './ask-about.ts';
import type { Asked } from './asking.ts';
import { mappingOf } from './mapping.ts';
import type { QuerySettings } from './query-settings.ts';
import { closeQuestion, type QuestionStore } from './questions.ts';
import { serverName, type ServerName } from './servers.ts';

export interface QueryUser {
  readonly table: AuthenticationTable;
  readonly settingsOf: (tenant: QueuedQuestion['tenant']) => Promise<QuerySettings>;
  readonly questions: QuestionStore;
  readonly cellOf: (server: ServerName) => Promise<number>;
  readonly queue: QuestionQueue;
  /** Opens at most one socket, and has closed it when it returns. */
  readonly ask: (asking: Asking) => Promise<Asked>;
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

export async function queryUser(deps: QueryUser, question: QueuedQuestion, worker: Worker): Promise<Handled> {
  const { tenant, ip } = question;
  const settings = await deps.settingsOf(tenant);
  const done = async () => {
    await closeQuestion(deps.questions, tenant, deps.table.now());
    return 'done' as const;
  };
  if (!settings.userQuery.enabled) return done(); // switched off since: the mark ends by itself
  const server = serverName(settings.userQuery.server);
  const cell = await deps.cellOf(server);
  if (cell !== worker.cell) {
    await deps.queue.send(cell, question, 0); // the server was changed since: its own cell asks it
    return 'done';
  }

  const key = { ip, slot: 'userid' as const };
  const { id } = worker;
  const { invalidTimeoutMinutes } = settings;
  const untilAt = worker.deadlineAt + graceMs;
  const claim = await advanceEntry(deps.table, tenant, key, { kind: 'claimed', id, untilAt, invalidTimeoutMinutes });
  if (claim.outcome === 'wait') return { againAfterSeconds: waitForClaimSeconds };
  if (claim.outcome !== 'claimed') return done();

  const asked = await deps.ask({ tenant, ip, server, settings, id, untilAt });
  const again = comesAgain(asked, claim.item?.mark?.attempts ?? 1);
  if (again !== undefined) {
    const attempt = again.againAfterSeconds === waitForTokenSeconds ? 'untried' : 'tried';
    await advanceEntry(deps.table, tenant, key, { kind: 'released', id, attempt });
    return again;
  }
  const answer = answerIn(asked, question, settings, deps.table.now());
  await advanceEntry(deps.table, tenant, key, { kind: 'settled', id, answer, invalidTimeoutMinutes });
  return done();
}

/** Where the token is another's to get, nothing was tried; such a round is bounded by the queue, not by the attempts. */
function comesAgain(asked: Asked, attempts: number): { readonly againAfterSeconds: number } | undefined {
  if (asked.outcome === 'answered' || asked.outcome === 'nobody' || asked.retry === 'never') return undefined;
  if (asked.reason === 'token-awaited') return { againAfterSeconds: waitForTokenSeconds };
  return attempts < attemptsAllowed ? { againAfterSeconds } : undefined;
}

function answerIn(
  asked: Asked,
  { ip }: QueuedQuestion,
  { entryTimeoutMinutes }: QuerySettings,
  now: number,
): Settled['answer'] {
  if (asked.outcome === 'nobody') return { kind: 'nobody', reason: 'no-record' };
  if (asked.outcome !== 'answered') return { kind: 'failed', reason: asked.reason };
  const { records, fault } = readUserAnswer(asked.body);
  if (records === undefined) return { kind: 'failed', reason: fault };
  const mapping = mappingOf(records, { ip, now });
  if (mapping.kind === 'nobody') return mapping;
  return { kind: 'user', logon: mapping.logon, timeoutMinutes: entryTimeoutMinutes };
}
