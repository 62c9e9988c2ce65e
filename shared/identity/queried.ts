/**
 * What becomes of an entry while we ask somebody about its address. It is `init` while the query's delay runs, `pending`
 * while a worker asks, then `valid`, or `invalid` with the reason. Marks never touch the order of what was told, and all
 * of them end by themselves: a lost message or a killed worker leaves no address denied for ever.
 */
import {
  contentHash,
  endAfter,
  type Entry,
  entryFrom,
  entryIn,
  isCovered,
  isLive,
  type Item,
  kept,
  noOrder,
  orderOf,
  type Unkept,
  valid,
  withNewest,
} from './entry.ts';
import type { Logon } from './observation.ts';

export type QueryEvent = Missed | Claimed | Settled | Released | Abandoned;

/** A look-up found nobody. `forced`: an operator wants to know now, although it was found that nobody is there. */
export interface Missed {
  readonly kind: 'missed' | 'forced';
  readonly delayMs: number;
}

/** A worker is about to ask. */
export interface Claimed {
  readonly kind: 'claimed';
  readonly id: string;
  /** Epoch milliseconds: by then the worker has settled, or is dead. */
  readonly untilAt: number;
  readonly invalidTimeoutMinutes: number;
}

/** A worker has what there is to have. */
export interface Settled {
  readonly kind: 'settled';
  readonly id: string;
  readonly answer: QueryAnswer;
  readonly invalidTimeoutMinutes: number;
}

export type QueryAnswer =
  | { readonly kind: 'user'; readonly logon: Logon; readonly timeoutMinutes: number }
  | { readonly kind: 'nobody' | 'failed'; readonly reason: string };

/** A worker gives its lease back: the question goes on elsewhere, or later. */
export interface Released {
  readonly kind: 'released';
  readonly id: string;
  /** `untried`: its worker opened no connection, so the attempt does not count. `handed-on`: others count their own. */
  readonly attempt?: 'tried' | 'untried' | 'handed-on';
}

/** The question lies among the dead letters. */
export interface Abandoned {
  readonly kind: 'abandoned';
  readonly invalidTimeoutMinutes: number;
}

/**
 * Of a miss: `asked`, this is the one that sends the question, or `known`. Of a claim: `claimed`, `wait` while another
 * worker's lease is live, `done` where nothing is left to ask, `exhausted` where too many workers died over it. Of what is
 * settled: `settled`, `outrun` where something newer is there, `dropped` where the lease is not this worker's any more.
 * And `released`, `given-up`, `later`.
 */
export type QueryOutcome =
  | 'asked' | 'known' | 'claimed' | 'wait' | 'done' | 'exhausted' | 'settled' | 'outrun' | 'dropped' | 'released' | 'given-up' | 'later'; // prettier-ignore

export interface Queried {
  readonly item: Item | undefined;
  readonly outcome: QueryOutcome;
}

/** How long an address stays `init` after its question was due, and `pending` after its worker's lease. */
const initGraceMs = 30_000;
const pendingGraceMs = 15 * 60_000;

/** A killed worker leaves its claim behind; the claim after these asks nobody. */
const claimsAllowed = 4;

export function advanceQuery(item: Item | undefined, event: QueryEvent, now: number): Queried {
  switch (event.kind) {
    case 'missed':
    case 'forced':
      return miss(item, event, now);
    case 'claimed':
      return claim(item, event, now);
    case 'settled':
      return settle(item, event, now);
    case 'released':
      return release(item, event, now);
    case 'abandoned':
      return abandon(item, event, now);
  }
}

/**
 * Whoever asks consults ClearPass and JIMS alone: what Active Directory told does not keep a question from being asked,
 * and its instant does not count against an answer.
 */
const isTheirs = (entry: Entry | undefined): boolean => entry !== undefined && entry.origin !== 'active-directory';

function miss(item: Item | undefined, { kind, delayMs }: Missed, now: number): Queried {
  const isAsked = item?.state === 'valid' ? !isTheirs(item.entry) : kind === 'forced' && item?.state === 'invalid';
  if (isLive(item, now) && !isAsked) return { item, outcome: 'known' };
  const expiresAt = now + delayMs + initGraceMs;
  return { item: kept({ ...known(item), state: 'init', expiresAt, mark: { attempts: 0 } }, now), outcome: 'asked' };
}

/** A late message still asks, although its mark has ended by then: or a backlog would starve every address in it. */
function claim(item: Item | undefined, event: Claimed, now: number): Queried {
  if (isLive(item, now) && (item.state === 'valid' || item.state === 'invalid')) return { item, outcome: 'done' };
  const { id, untilAt } = event;
  if (hasLease(item, now)) return { item, outcome: item?.query?.id === id ? 'claimed' : 'wait' };
  const attempts = (item?.mark?.attempts ?? 0) + 1;
  if (attempts > claimsAllowed) return { item: invalid(known(item), 'no-answer', event, now), outcome: 'exhausted' };
  const query = { id, untilAt };
  const expiresAt = untilAt + pendingGraceMs;
  return { item: kept({ ...known(item), state: 'pending', expiresAt, query, mark: { attempts } }, now), outcome: 'claimed' }; // prettier-ignore
}

/** ClearPass answers for a long session with an old instant, so age counts only against what is live, and against logoffs. */
function settle(item: Item | undefined, event: Settled, now: number): Queried {
  const { id, answer } = event;
  if (!holdsLease(item, id, now)) return { item, outcome: 'dropped' };
  const free = withoutLease(item);
  const there = isLive(item, now) ? entryIn(item) : undefined;
  if (answer.kind !== 'user') {
    if (there) return { item: kept(free, now), outcome: 'outrun' };
    return { item: invalid(free, answer.reason, event, now), outcome: 'settled' };
  }
  const content = contentHash(answer.logon);
  const newest = item.order.logon ?? '';
  const { timeoutMinutes } = answer;
  const entry = entryFrom(answer.logon, there, { content, newest, timeoutMinutes, now, item });
  const order = orderOf(entry.instant, content);
  const covered = isCovered(entry, item.order);
  if (there && (covered || (isTheirs(there) && order <= newest))) return { item: kept(free, now), outcome: 'outrun' };
  if (covered) return { item: invalid(free, 'answer-older-than-logoff', event, now), outcome: 'settled' };
  const risen = { ...free, order: order > newest ? withNewest(item.order, order, entry.sentAs) : item.order };
  return { item: valid(risen, entry, now), outcome: 'settled' };
}

function release(item: Item | undefined, { id, attempt }: Released, now: number): Queried {
  if (!holdsLease(item, id, now)) return { item, outcome: 'dropped' };
  const free = withoutLease(item);
  const { mark } = item;
  if (attempt === undefined || attempt === 'tried' || mark === undefined) return { item: kept(free, now), outcome: 'released' }; // prettier-ignore
  const attempts = attempt === 'untried' ? mark.attempts - 1 : 0;
  return { item: kept({ ...free, mark: { ...mark, attempts } }, now), outcome: 'released' };
}

function abandon(item: Item | undefined, event: Abandoned, now: number): Queried {
  if (hasLease(item, now)) return { item, outcome: 'later' };
  if (isLive(item, now) && (item.state === 'valid' || item.state === 'invalid')) return { item, outcome: 'done' };
  return { item: invalid(known(item), 'no-answer', event, now), outcome: 'given-up' };
}

/** Its end is written here and by a logon, a forced query or a delete: a changed setting never moves it. */
function invalid(
  item: Unkept,
  reason: string,
  { invalidTimeoutMinutes: minutes }: { invalidTimeoutMinutes: number },
  now: number,
): Item {
  const mark = { attempts: item.mark?.attempts ?? 0, frozenMinutes: minutes, reason };
  return kept({ ...item, state: 'invalid', expiresAt: endAfter(minutes, now), mark }, now);
}

const known = (item: Item | undefined): Unkept => item ?? { state: 'ended', expiresAt: 0, order: noOrder };

const hasLease = (item: Item | undefined, now: number): boolean => (item?.query?.untilAt ?? 0) > now;
const holdsLease = (item: Item | undefined, id: string, now: number): item is Item =>
  hasLease(item, now) && item?.query?.id === id;

function withoutLease({ query, ...item }: Item): Unkept {
  return item;
}
