/** Many at once, as the API has it: what is wanted of which, and what came of each. */
import type { Undecidable } from '../../shared/admission/decide-approval.ts';
import type { DecidedMany, DecidedOne, ManyWanted } from '../../shared/admission/decide-many.ts';
import { approvalView } from '../../shared/admission/approvals.ts';
import type { Undone, UndoWanted } from '../../shared/admission/undo-event.ts';
import type { Bulk, BulkActed, BulkTarget, NotFound } from '../../shared/endpoints/bulk-acts.ts';
import { readMac } from '../../shared/endpoints/mac.ts';
import type { Each } from '../../shared/endpoints/many.ts';
import type { Acted } from '../../shared/endpoints/operator-acts.ts';
import { type Answer, type HttpRequest, json, readJson, readJsonIfAny } from '../../shared/edge/http.ts';
import { actId } from '../../shared/edge/once.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { readAddress } from '../../shared/identity/address.ts';
import { instantIn } from '../../shared/journal/receipt-view.ts';
import { violation } from '../../shared/json-schema.ts';
import { ServiceError, type Violation } from '../../shared/service-error.ts';
import { broken } from '../../shared/violation.ts';
import { bulk, type BulkBody, decisions, reading, undo } from './bodies.ts';

/** So much of the time is left for the last ones that were begun, and for the answer. */
const lastOnesMs = 4_000;
const untilAt = ({ deadlineAt }: HttpRequest) => deadlineAt - lastOnesMs;

/** Throws `parameter-unknown`, `json-invalid`, `body-invalid`. */
export function readBulk(request: HttpRequest): { readonly bulk: Bulk; readonly wanted: BulkBody } {
  readQuery(request, []);
  const wanted = reading(bulk)(readJson(request));
  const { tenant, credentialName, clientAddress, requestId } = request;
  return {
    bulk: {
      by: { tenant, credentialName, clientAddress, requestId },
      eventId: actId('bulk', request),
      targets: targetsIn(wanted),
      untilAt: untilAt(request),
    },
    wanted,
  };
}

function targetsIn({ macs, ips }: BulkBody): readonly BulkTarget[] {
  if ((macs === null) === (ips === null)) throw oneOfTwo('macs', 'ips');
  const wrong: Violation[] = [];
  const targets = new Map<string, BulkTarget>();
  for (const [at, text] of (macs ?? []).entries()) {
    const { mac } = readMac(text);
    if (mac === undefined)
      wrong.push(broken('form', { keys: ['macs', `${at}`], value: text }, 'Give a MAC of twelve hex digits that is neither multicast nor zero.')); // prettier-ignore
    else targets.set(mac, { mac });
  }
  for (const [at, text] of (ips ?? []).entries()) {
    const { address } = readAddress(text);
    if (address === undefined)
      wrong.push(broken('form', { keys: ['ips', `${at}`], value: text }, 'Give an IPv4 or IPv6 address.')); // prettier-ignore
    else targets.set(address, { ip: address });
  }
  if (wrong.length > 0) throw violation('body-invalid', wrong);
  return [...targets.values()];
}

const oneOfTwo = (one: string, other: string) =>
  violation('body-invalid', [broken('required', { keys: [one], value: undefined }, `Give "${one}" or "${other}", and not both.`)]); // prettier-ignore

/** Throws `parameter-unknown`, `json-invalid`, `body-invalid`, `parameter-invalid`. */
export function readDecisions(request: HttpRequest): ManyWanted {
  readQuery(request, []);
  const { decision, ids, filter } = reading(decisions)(readJson(request));
  if ((ids === null) === (filter === null)) throw oneOfTwo('ids', 'filter');
  if (filter === null) return { decision, which: { ids: ids ?? [] }, untilAt: untilAt(request) };
  const { openedBefore, ...named } = filter;
  if (Object.values(filter).every((each) => each === null)) {
    const mend = 'Name a "reason", a "client", a "feed" or "openedBefore": everything at once is not decided.';
    throw violation('body-invalid', [broken('required', { keys: ['filter'], value: {} }, mend)]);
  }
  const before = openedBefore === null ? null : instantIn('openedBefore', openedBefore);
  return { decision, which: { filter: { ...named, openedBefore: before } }, untilAt: untilAt(request) };
}

/** Throws `parameter-unknown`, `json-invalid`, `body-invalid`. */
export function readUndo(request: HttpRequest): UndoWanted {
  readQuery(request, []);
  const { client, note } = reading(undo)(readJsonIfAny(request));
  return { event: { client, id: request.parameters.id ?? '' }, note, untilAt: untilAt(request) };
}

/** What is left is done by the same request with the same key: such an answer is not kept for it. */
const ofMany = (left: 'none' | 'some', document: Readonly<Record<string, unknown>>): Answer => ({
  ...json(200, { ...document, left }),
  ...(left === 'some' && { finished: 'no' as const }),
});

export const bulkAnswer = ({ eventId, results, left }: BulkActed): Answer =>
  ofMany(left, {
    eventId,
    counts: counted(results.map(({ came }) => cameAs(came))),
    results: results.map(({ target, came }) => ({
      mac: target.mac ?? null,
      ip: target.ip ?? null,
      ...becameOf(came, cameAs(came)),
    })),
  });

const isActed = (result: Acted | NotFound): result is Acted => 'changes' in result;

const cameAs = (came: Each<Acted | NotFound>): string => (came.came === 'done' ? came.result.outcome : came.came);

function becameOf(came: Each<Acted | NotFound>, outcome: string) {
  if (came.came !== 'done') return { outcome, ...whyNot(came), warnings: [], changes: [] };
  const { result } = came;
  if (isActed(result)) return { outcome, code: null, message: result.message, warnings: result.flags, changes: result.changes }; // prettier-ignore
  const message = result.macs.length === 0 ? 'No endpoint has this address now: nothing was done.' : `${result.macs.join(' and ')} have it: nothing was done. Name the MAC that is meant.`; // prettier-ignore
  return { outcome, code: outcome, message, warnings: [], changes: [] };
}

function whyNot(came: Exclude<Each<never>, { came: 'done' }>): { readonly code: string; readonly message: string } {
  switch (came.came) {
    case 'refused':
      return { code: came.error.code, message: came.error.message };
    case 'failed': {
      const code = came.error instanceof ServiceError ? came.error.code : 'internal-error';
      return { code, message: 'It failed on our side. Send the same request once more, with the same key.' };
    }
    case 'left':
      return { code: 'left', message: 'There was no time left for it. Send the same request once more, with the same key.' }; // prettier-ignore
  }
}

const counted = (words: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries([...new Set(words)].sort().map((word) => [word, words.filter((each) => each === word).length]));

export function decisionsAnswer({ results, left }: DecidedMany): Answer {
  const shown = results.map(decidedOne);
  return ofMany(left, { counts: counted(shown.map(({ outcome }) => outcome)), results: shown });
}

const undecidable: Readonly<Record<Undecidable, string>> = {
  absent: 'Nothing waits for approval under this id.',
  'decided-already':
    'It was decided before, or what asked it has ended: its sender cleared it, or its feed has it no more.',
  'mac-needed':
    'It may mean several devices, and nobody is guessed. Approve it by itself, with the "mac" that is meant.',
};

function decidedOne({ id, came }: DecidedOne) {
  const nothing = { state: null, changes: [], approval: null };
  if (came.came !== 'done') return { id, outcome: came.came, ...nothing, ...whyNot(came) };
  if (typeof came.result === 'string') {
    const outcome = came.result === 'mac-needed' ? 'refused' : came.result;
    return { id, outcome, ...nothing, code: came.result, message: undecidable[came.result] };
  }
  const { told, approval } = came.result;
  const { state, code, message, changes } = told;
  return { id, outcome: 'decided', state, changes, approval: approvalView(approval), code, message };
}

export const undoneAnswer = ({ event, results, left }: Undone): Answer =>
  ofMany(left, {
    event,
    counts: counted(results.map(({ outcome }) => outcome)),
    undone: results.filter(({ outcome }) => outcome === 'undone'),
    notUndone: results.filter(({ outcome }) => outcome !== 'undone'),
  });
