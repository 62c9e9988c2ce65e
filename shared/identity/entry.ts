/**
 * Entries: who is at an address, as a small state machine. `advance` holds every rule of it; whoever stores an item
 * reads it, advances it, and writes it back only if nobody else has in the meantime, so every race is the same race.
 *
 * The laws: the newest logon wins, in any order and however often it comes. A logoff ends only what it covers and what
 * is older than it. What was newest is remembered for a day after the entry is over, so a late post revives nobody.
 * What has expired is absent, from that millisecond on.
 */
import { hash } from 'node:crypto';
import type { Device, Logoff, Logon, Micros } from './observation.ts';

/** `init`, `pending` and `invalid` are marks of a user query; `ended` is absent to everybody. */
export type State = 'valid' | 'ended' | 'init' | 'pending' | 'invalid';

export interface Item {
  readonly state: State;
  /** Epoch milliseconds; from then on the item is absent, whatever its state. */
  readonly expiresAt: number;
  /** Epoch seconds: when the memory of order may go too. */
  readonly deleteAt: number;
  readonly entry?: Entry;
  readonly order: Order;
  readonly query?: Lease;
  readonly mark?: Mark;
}

/** The newest logon, whole. */
export interface Entry {
  readonly domain: string;
  readonly user: string;
  readonly groups: readonly string[];
  readonly posture?: string;
  readonly source?: string;
  readonly device: Device;
  readonly instant: Micros;
  /** As in `Logon`: there only where the instant is ours. */
  readonly sentAs?: string;
  readonly firstSeen: number;
  readonly storedAt: number;
  readonly timeoutMinutes: number;
}

/** What was newest. Each part only ever grows. */
export interface Order {
  /** The greatest logon seen, barred ones included, as `orderOf` writes it. */
  readonly logon?: string;
  /** The newest logoff that named no user. */
  readonly logoff?: Micros;
  /** The newest logoff of each user named, newest first. */
  readonly logoffs: readonly NamedLogoff[];
  /** Active Directory's own registers: the other sources neither read nor raise them. */
  readonly directory?: Pick<Order, 'logon' | 'logoff' | 'logoffs'>;
}

export interface NamedLogoff {
  readonly user: string;
  readonly domain?: string;
  readonly instant: Micros;
}

/** A worker's right to ask about this address: ended by that worker or by time, by nothing else. */
export interface Lease {
  readonly id: string;
  readonly untilAt: number;
}

export interface Mark {
  readonly attempts: number;
  readonly frozenMinutes?: number;
  readonly reason?: string;
}

export type Event =
  | { readonly kind: 'logon'; readonly logon: Logon; readonly timeoutMinutes: number }
  | { readonly kind: 'logoff'; readonly logoff: Logoff }
  | { readonly kind: 'deleted' };

/**
 * `stored` and `ended` are what the sender meant. `barred`: the logon is the newest, but a newer logoff covers it.
 * `remembered`: a logoff that ended nothing now, and `other-user` one that came while somebody else is there.
 */
export type Outcome =
  'stored' | 'barred' | 'ended' | 'remembered' | 'other-user' | 'replayed' | 'stale' | 'deleted' | 'absent';

export interface Advanced {
  /** The same object as before where nothing changed: then there is nothing to write. */
  readonly item: Item | undefined;
  readonly outcome: Outcome;
}

/** The end of an entry that never expires: the last second that a four-digit year can tell. */
export const never = 253_402_300_799_000;

/** How long the order outlives the entry. */
const memoryMs = 24 * 60 * 60 * 1_000;

/** For sixteen users that logged off, each once with a domain and once without. More are forgotten, the oldest first. */
const namedLogoffsKept = 32;

export const isLive = (item: Item | undefined, now: number): item is Item =>
  item !== undefined && item.state !== 'ended' && item.expiresAt > now;

export function advance(item: Item | undefined, event: Event, now: number): Advanced {
  switch (event.kind) {
    case 'logon':
      return advanceLogon(item, event.logon, event.timeoutMinutes, now);
    case 'logoff':
      return advanceLogoff(item, event.logoff, now);
    case 'deleted':
      return isLive(item, now) ? { item: ended(item, now), outcome: 'deleted' } : { item, outcome: 'absent' };
  }
}

/** Where a logon stands among all of an address: its instant, then its content, so that any two are comparable. */
export const orderOf = (instant: Micros, content: string): string => `${String(instant).padStart(18, '0')}:${content}`;

/** All that an entry shows but its instants, as 16 hexadecimal digits. */
export function contentHash({
  domain,
  user,
  groups,
  posture,
  source,
  device,
}: Omit<Logon, 'operation' | 'ip'>): string {
  const { custom, ...told } = device;
  const sorted = (record: object) => Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1));
  const content = [domain, user, groups, posture ?? '', source ?? '', sorted(told), sorted(custom ?? {})];
  return hash('sha256', JSON.stringify(content), 'hex').slice(0, 16);
}

function advanceLogon(item: Item | undefined, logon: Logon, timeoutMinutes: number, now: number): Advanced {
  const content = contentHash(logon);
  const order = orderOf(logon.instant, content);
  const before = item?.order ?? noOrder;
  if (item?.entry && logon.sentAs && logon.sentAs === item.entry.sentAs && content === contentHash(item.entry)) {
    return { item, outcome: 'replayed' };
  }
  if (before.logon !== undefined && order <= before.logon) {
    return { item, outcome: order === before.logon ? 'replayed' : 'stale' };
  }

  const known = isLive(item, now) && item.state === 'valid' ? item.entry : undefined;
  const { operation, ip, ...told } = logon;
  const firstSeen = known && contentHash(known) === content ? known.firstSeen : now;
  const entry: Entry = { ...told, firstSeen, storedAt: now, timeoutMinutes };
  const risen = { ...item, entry, order: { ...before, logon: order } };
  if (item !== undefined && isCovered(entry, before)) {
    const barred = item.state === 'valid' ? ended({ ...item, ...risen }, now) : kept({ ...item, ...risen }, now);
    return { item: barred, outcome: 'barred' };
  }
  const { mark, ...unmarked } = risen;
  const expiresAt = timeoutMinutes === 0 ? never : now + timeoutMinutes * 60_000;
  return { item: kept({ ...unmarked, state: 'valid', expiresAt }, now), outcome: 'stored' };
}

function advanceLogoff(item: Item | undefined, logoff: Logoff, now: number): Advanced {
  const before = item?.order ?? noOrder;
  const raised = raise(before, logoff);
  const known = item?.state === 'valid' ? item.entry : undefined;
  const ends = known !== undefined && covers(logoff, known) && logoff.instant > known.instant;
  if (raised === 'replayed' || (raised === 'stale' && !ends)) return { item, outcome: raised };

  const risen: Unkept = { state: 'ended', expiresAt: now, ...item, order: raised === 'stale' ? before : raised };
  const there = known !== undefined && isLive(item, now);
  // What is over by our clock is not yet over by everybody's: it ends all the same.
  if (ends) return { item: ended(risen, now), outcome: there ? 'ended' : 'remembered' };
  return { item: kept(risen, now), outcome: there && !covers(logoff, known) ? 'other-user' : 'remembered' };
}

function raise(order: Order, { user, domain, instant }: Logoff): Order | 'replayed' | 'stale' {
  if (user === undefined) {
    if (instant <= (order.logoff ?? -1)) return instant === order.logoff ? 'replayed' : 'stale';
    return { ...order, logoff: instant, logoffs: order.logoffs.filter((each) => each.instant > instant) };
  }
  const same = (each: NamedLogoff) => each.user === user && each.domain === domain;
  const told = order.logoffs.find(same)?.instant;
  if (instant === told) return 'replayed';
  if (instant <= (told ?? order.logoff ?? -1)) return 'stale';
  const named: NamedLogoff = { user, ...(domain !== undefined && { domain }), instant };
  const logoffs = [named, ...order.logoffs.filter((each) => !same(each))].sort(newestFirst).slice(0, namedLogoffsKept);
  return logoffs.includes(named) ? { ...order, logoffs } : 'stale';
}

/** The same logoffs stand in the same order however they came. */
function newestFirst(one: NamedLogoff, other: NamedLogoff): number {
  const name = ({ user, domain }: NamedLogoff) => JSON.stringify([user, domain]);
  return other.instant - one.instant || (name(one) < name(other) ? -1 : 1);
}

const covers = ({ user, domain }: { user?: string; domain?: string }, entry: Entry): boolean =>
  user === undefined || (user === entry.user && (domain === undefined || domain === entry.domain));

/** At one instant a logon stands over a logoff: clients with whole seconds send both when a user roams. */
const isCovered = (entry: Entry, { logoff, logoffs }: Order): boolean =>
  (logoff ?? -1) > entry.instant || logoffs.some((each) => each.instant > entry.instant && covers(each, entry));

type Unkept = Omit<Item, 'deleteAt'>;

const noOrder: Order = { logoffs: [] };

/** TTL hangs on the memory, not on the entry: deleted with its entry, an old post would win again. */
const kept = (item: Unkept, now: number): Item => ({
  ...item,
  deleteAt: Math.ceil((Math.max(item.expiresAt, now) + memoryMs) / 1_000),
});

function ended({ mark, ...item }: Unkept, now: number): Item {
  return kept({ ...item, state: 'ended', expiresAt: now }, now);
}
