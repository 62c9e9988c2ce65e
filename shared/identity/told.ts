/** What becomes of an entry when somebody tells us of a logon or a logoff. */
import {
  contentHash,
  covers,
  ended,
  entryFrom,
  entryIn,
  isCovered,
  isLive,
  type Item,
  kept,
  type NamedLogoff,
  noOrder,
  type Order,
  orderOf,
  type Unkept,
  valid,
} from './entry.ts';
import type { Logoff, Logon } from './observation.ts';

/**
 * `stored` and `ended` are what the sender meant. `barred`: the logon is the newest, but a newer logoff covers it.
 * `remembered`: a logoff that ended nothing now, and `other-user` one that came while somebody else is there.
 */
export type ToldOutcome = 'stored' | 'barred' | 'ended' | 'remembered' | 'other-user' | 'replayed' | 'stale';

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
  const before = item?.order ?? noOrder;
  // Where the instant was ours, the text alone tells a repeat, even once it is no longer in the future.
  if (item?.entry && isRepeat(logon, item.entry.sentAs) && content === contentHash(item.entry)) {
    return { item, outcome: 'replayed' };
  }
  if (before.logon !== undefined && order <= before.logon) {
    return { item, outcome: order === before.logon ? 'replayed' : 'stale' };
  }
  const known = isLive(item, now) ? entryIn(item) : undefined;
  const entry = entryFrom(logon, known, { content, newest: before.logon ?? '', timeoutMinutes, now, item });
  const risen: Unkept = { state: 'ended', expiresAt: now, ...item, entry, order: { ...before, logon: order } };
  if (!isCovered(entry, before)) return { item: valid(risen, entry, now), outcome: 'stored' };
  if (item?.state === 'valid') return { item: ended(risen, 'logoff', now), outcome: 'barred' };
  const barred: Unkept = risen.state === 'ended' ? { ...risen, endedBy: 'logoff' } : risen;
  return { item: kept(barred, now), outcome: 'barred' };
}

export function advanceLogoff(item: Item | undefined, logoff: Logoff, now: number): Told {
  const before = item?.order ?? noOrder;
  const raised = raise(before, logoff);
  const known = entryIn(item);
  const ends = raised !== 'replayed' && known !== undefined && covers(logoff, known) && logoff.instant > known.instant;
  if (raised === 'replayed' || (raised === 'stale' && !ends)) return { item, outcome: raised };

  const risen: Unkept = { state: 'ended', expiresAt: now, ...item, order: raised === 'stale' ? before : raised };
  const there = known !== undefined && isLive(item, now);
  // What is over by our clock is not yet over by everybody's: it ends all the same.
  if (ends) return { item: ended(risen, 'logoff', now), outcome: there ? 'ended' : 'remembered' };
  return { item: kept(risen, now), outcome: there && !covers(logoff, known) ? 'other-user' : 'remembered' };
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
