/**
 * All that is remembered of an address, the newest first: what its items tell, and the lines of its story beside it. An
 * item knows the newest logon, the one before it, the logoffs, and how far a question is.
 */
import type { Listed } from '../identity/authentication-table.ts';
import { type Entry, type Item, never } from '../identity/entry.ts';
import type { Reading } from '../identity/reading.ts';
import type { StoryKind, StoryLine } from '../journal/story.ts';
import { endIn, logoffWords } from './ends.ts';
import { finding } from './finding.ts';
import { iso, millisOf, minutesOf, nameOf, originNames, tellerOf } from './words.ts';

export interface Event {
  /** Epoch milliseconds: of what was told, the instant that it was told with; of all else, our clock. */
  readonly at: number;
  readonly kind: 'logon' | 'logoff' | 'end' | 'query' | 'session' | StoryKind;
  readonly code: string;
  readonly message: string;
  readonly user?: string;
  readonly domain?: string;
  /** Where the whole of a post is told. */
  readonly receipt?: string;
}

export const timelineOf = (slots: readonly Listed[], story: readonly StoryLine[], reading: Reading): readonly Event[] =>
  [...slots.flatMap(({ item }) => eventsIn(item, reading)), ...story.map(eventOf)].sort(
    (one, other) => other.at - one.at || (one.code < other.code ? -1 : 1),
  );

const eventOf = ({ at, kind, code, message, user, domain, receipt }: StoryLine): Event => ({
  at,
  kind,
  code,
  message,
  ...(user !== undefined && { user }),
  ...(domain !== undefined && { domain }),
  ...(receipt !== undefined && { receipt }),
});

function eventsIn(item: Item, reading: Reading): Event[] {
  const { entry, order } = item;
  return [
    ...(entry ? logonEvents(entry) : []),
    ...logoffEvents(order),
    ...logoffEvents(order.directory ?? { logoffs: [] }),
    ...endEvents(item, reading),
    ...questionEvents(item, reading.now),
  ];
}

function logonEvents(entry: Entry): Event[] {
  const { user, domain, instant, storedAt, heldSince, timeoutMinutes, before, sentAs, receipt } = entry;
  const who = { user, domain };
  const told = `${tellerOf(entry)} told of ${nameOf(who)} with ${entry.groups.length} groups`;
  const clock = sentAs === undefined ? '' : `; the instant is our clock's, ${sentAs === '' ? 'as none was sent' : `as ${sentAs} was sent`}`; // prettier-ignore
  const kept = `stored ${iso(storedAt)} for ${minutesOf(timeoutMinutes)}`;
  const events: Event[] = [{ at: millisOf(instant), kind: 'logon', code: 'newest-logon', message: `${told}; ${kept}${clock}.`, ...who, ...(receipt !== undefined && { receipt }) }]; // prettier-ignore
  if (heldSince < storedAt) {
    events.push({ at: heldSince, kind: 'logon', code: 'held-since', message: `${nameOf(who)} came.`, ...who });
  }
  if (before) {
    const { until, since, origin, end, ...former } = before;
    const message = `${nameOf(former)}, told by ${originNames[origin]}, had been there since ${iso(since)}.`;
    const ends = { replaced: 'replaced', expiry: 'expired', logoff: 'logged-off', delete: 'deleted' } as const;
    events.push({ at: until, kind: 'end', code: ends[end], message, ...former });
  }
  return events;
}

function logoffEvents({ logoff, logoffs }: Pick<Item['order'], 'logoff' | 'logoffs'>): Event[] {
  const named = logoffs.map((each) => {
    const { instant, user, domain } = each;
    const message = `The newest that was told is ${logoffWords(each)}.`;
    return { at: millisOf(instant), kind: 'logoff', code: 'logoff', message, user, ...(domain !== undefined && { domain }) } as const; // prettier-ignore
  });
  if (logoff === undefined) return named;
  const message = `The newest that was told is ${logoffWords({ instant: logoff })}.`;
  return [{ at: millisOf(logoff), kind: 'logoff', code: 'logoff-of-anybody', message }, ...named];
}

function endEvents(item: Item, reading: Reading): Event[] {
  const end = endIn(item, reading);
  if (end === undefined) return [];
  const { user, domain } = end.entry;
  const told = {
    logoff: ['logged-off', 'was logged off'],
    barred: ['barred', 'was not let in: a newer logoff was known'],
    delete: ['deleted', 'was deleted by an operator'],
    expiry: ['expired', 'expired'],
  } as const;
  const [code, what] = told[end.how];
  return [{ at: end.at, kind: 'end', code, message: `${nameOf(end.entry)} ${what}.`, user, domain }];
}

/** When a question began is nowhere written; its end is, and how long that is after its answer. */
function questionEvents({ state, mark, expiresAt, query }: Item, now: number): Event[] {
  const events: Event[] = [];
  if (query && query.untilAt > now) {
    const message = `A worker has the question until ${iso(query.untilAt)} at the latest.`;
    events.push({ at: now, kind: 'query', code: 'claimed', message });
  }
  if (state === 'init' || state === 'pending') {
    const code = state === 'init' ? 'question-waiting' : 'question-open';
    const message = `The question is ${state} until ${iso(expiresAt)} at the latest.`;
    events.push({ at: Math.min(now, expiresAt), kind: 'query', code, message });
  }
  if (state === 'invalid' && mark) {
    const { frozenMinutes = 0 } = mark;
    const at = expiresAt === never ? now : expiresAt - frozenMinutes * 60_000;
    const message = `Asked ${mark.attempts} times: ${finding(mark.reason).what}. Kept as invalid for ${minutesOf(frozenMinutes)}.`; // prettier-ignore
    events.push({ at, kind: 'query', code: 'settled', message });
  }
  return events;
}
