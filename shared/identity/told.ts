/** What becomes of an entry when somebody tells us of a logon or a logoff. */
import {
  areCompared,
  contentHash,
  contentIn,
  covers,
  ended,
  type Entry,
  entryFrom,
  entryIn,
  isCovered,
  isLive,
  type Item,
  kept,
  type NamedLogoff,
  noOrder,
  type Order,
  orderFor,
  orderOf,
  type Unkept,
  valid,
  withNewest,
  withOrderFor,
} from './entry.ts';
import type { Logoff, Logon } from './observation.ts';

/**
 * `stored` and `ended` are what the sender meant. `barred`: the logon is the newest, but a newer logoff covers it.
 * `outranked`: it is Active Directory's, and ClearPass or JIMS has told who is there. `remembered`: a logoff that ended
 * nothing now, `other-user` one that came while somebody else is there, and `other-source` one that came while the word
 * of a source stands that it does not end.
 */
export type ToldOutcome =
  'stored' | 'barred' | 'outranked' | 'ended' | 'remembered' | 'other-user' | 'other-source' | 'replayed' | 'stale';

export interface Told {
  /** The same object as before where nothing changed: then there is nothing to write. */
  readonly item: Item | undefined;
  readonly outcome: ToldOutcome;
}

/** For sixteen users that logged off, each once with a domain and once without. More are forgotten, the oldest first. */
const namedLogoffsKept = 32;

export function advanceLogon(item: Item | undefined, logon: Logon, timeoutMinutes: number, now: number): Told {
  const content = contentHash(logon);
  const order = orderOf(logon.instant, content);
  const all = item?.order ?? noOrder;
  const before = orderFor(logon.origin, all);
  const { logon: newest = '', outranked } = before;
  // What has never stood is told for the first time, however often it was told.
  if (outranked === undefined) {
    // Where the instant was ours, the text alone tells a repeat, even once it is no longer in the future.
    if (isRepeat(logon, before.logonSentAs) && content === contentIn(newest)) return { item, outcome: 'replayed' };
    if (order === newest) return { item, outcome: 'replayed' };
  }
  if (order < newest) return { item, outcome: 'stale' };

  const known = isLive(item, now) ? entryIn(item) : undefined;
  const isOutranked = logon.origin === 'active-directory' && known !== undefined && known.origin !== logon.origin;
  if (isOutranked && order === newest) return { item, outcome: 'outranked' };
  const raised = withNewest(before, order, logon.sentAs, isOutranked ? 'outranked' : undefined);
  const unheard: Unkept = { state: 'ended', expiresAt: now, ...item, order: withOrderFor(logon.origin, all, raised) };
  if (isOutranked) return { item: kept(unheard, now), outcome: 'outranked' };

  const entry = entryFrom(logon, known, { content, newest, timeoutMinutes, now, item });
  if (!isCovered(entry, before)) return { item: valid(unheard, entry, now), outcome: 'stored' };
  const standing = entryIn(item);
  if (standing && !areCompared(standing.origin, logon.origin)) return { item: kept(unheard, now), outcome: 'barred' };
  const risen = { ...unheard, entry };
  if (standing) return { item: ended(risen, 'logoff', now), outcome: 'barred' };
  const barred: Unkept = risen.state === 'ended' ? { ...risen, endedBy: 'logoff' } : risen;
  return { item: kept(barred, now), outcome: 'barred' };
}

/**
 * A logoff ends the word of its own order only: Active Directory's ends an entry of Active Directory, ClearPass's and
 * JIMS's one of either, also where it names nobody. What it does not end it leaves as it is, and is remembered.
 */
export function advanceLogoff(item: Item | undefined, logoff: Logoff, now: number): Told {
  const all = item?.order ?? noOrder;
  const before = orderFor(logoff.origin, all);
  const raised = raise(before, logoff);
  const known = entryIn(item);
  const isOwn = known !== undefined && areCompared(known.origin, logoff.origin);
  const ends = raised !== 'replayed' && isOwn && covers(logoff, known) && logoff.instant > known.instant;
  if (raised === 'replayed' || (raised === 'stale' && !ends)) return { item, outcome: raised };

  const order = raised === 'stale' ? all : withOrderFor(logoff.origin, all, raised);
  const risen: Unkept = { state: 'ended', expiresAt: now, ...item, order };
  const there = known !== undefined && isLive(item, now);
  // What is over by our clock is not yet over by everybody's: it ends all the same.
  if (ends) return { item: ended(risen, 'logoff', now), outcome: there ? 'ended' : 'remembered' };
  return { item: kept(risen, now), outcome: there ? besides(logoff, known, isOwn) : 'remembered' };
}

function besides(logoff: Logoff, known: Entry, isOwn: boolean): ToldOutcome {
  if (!isOwn) return 'other-source';
  return covers(logoff, known) ? 'remembered' : 'other-user';
}

const isRepeat = ({ timestamp }: Logon | Logoff, sentAs: string | undefined): boolean =>
  timestamp !== undefined && timestamp === sentAs;

function raise(order: Order, logoff: Logoff): Order | 'replayed' | 'stale' {
  const { user, domain, instant } = logoff;
  const sentAs = logoff.sentAs === undefined || logoff.sentAs === '' ? {} : { sentAs: logoff.sentAs };
  if (user === undefined) {
    const { logoffSentAs, ...others } = order;
    if (instant === order.logoff || isRepeat(logoff, logoffSentAs)) return 'replayed';
    if (instant < (order.logoff ?? -1)) return 'stale';
    const logoffs = order.logoffs.filter((each) => each.instant > instant);
    return { ...others, logoff: instant, ...('sentAs' in sentAs && { logoffSentAs: sentAs.sentAs }), logoffs };
  }
  const isSame = (each: NamedLogoff) => each.user === user && each.domain === domain;
  const same = order.logoffs.find(isSame);
  if (same && (instant === same.instant || isRepeat(logoff, same.sentAs))) return 'replayed';
  if (instant <= (same?.instant ?? order.logoff ?? -1)) return 'stale';
  const named: NamedLogoff = { user, ...(domain !== undefined && { domain }), instant, ...sentAs };
  const others = order.logoffs.filter((each) => !isSame(each));
  const logoffs = [named, ...others].sort(newestFirst).slice(0, namedLogoffsKept);
  return logoffs.includes(named) ? { ...order, logoffs } : 'stale';
}

/** The same logoffs stand in the same order however they came. */
function newestFirst(one: NamedLogoff, other: NamedLogoff): number {
  const name = ({ user, domain }: NamedLogoff) => JSON.stringify([user, domain]);
  return other.instant - one.instant || (name(one) < name(other) ? -1 : 1);
}
