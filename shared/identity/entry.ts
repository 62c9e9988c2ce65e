/**
 * Entries: who is at an address, as a small state machine. `advance.ts` holds every rule of it; whoever stores an item
 * reads it, advances it, and writes it back only if nobody else has in the meantime, so every race is the same race.
 *
 * The laws: the newest logon wins, in any order and however often it comes. A logoff ends only what it covers and what
 * is older than it. What was newest is remembered for a day after the entry is over, so a late post revives nobody.
 * What has expired is absent, from that millisecond on.
 */
import { hash } from 'node:crypto';
import type { Device, Logon, Micros, Origin } from './observation.ts';

/** `init`, `pending` and `invalid` are marks of a user query; `ended` is absent to everybody. */
export type State = 'valid' | 'ended' | 'init' | 'pending' | 'invalid';

export interface Item {
  readonly state: State;
  /** Epoch milliseconds; from then on the item is absent, whatever its state. */
  readonly expiresAt: number;
  /** Epoch seconds: when the memory of order may go too. */
  readonly deleteAt: number;
  readonly entry?: Entry;
  /** Of an ended item: what ended it. */
  readonly endedBy?: EndedBy;
  readonly order: Order;
  readonly query?: Lease;
  readonly mark?: Mark;
}

export type EndedBy = 'logoff' | 'delete';

/** The newest logon, whole. */
export interface Entry {
  readonly origin: Origin;
  readonly domain: string;
  readonly user: string;
  readonly groups: readonly string[];
  readonly droppedGroups?: readonly string[];
  readonly posture?: string;
  readonly source?: string;
  readonly device: Device;
  readonly instant: Micros;
  /** There only where the instant is ours: the timestamp that was sent, empty where none was. */
  readonly sentAs?: string;
  /** The post that it is from, by its receipt; no part of its content. */
  readonly receipt?: string;
  readonly firstSeen: number;
  /**
   * Since when this user is here by the word of this origin, without a break: a change of groups or posture goes on with
   * it, another user, another origin, an end or an expiry begins a new one. Sessions belong to it.
   */
  readonly heldSince: number;
  readonly storedAt: number;
  readonly timeoutMinutes: number;
  /** Who was here before by this slot's word: nothing decides by it, it is there to be told. */
  readonly before?: Former;
}

/** Somebody who was at an address until another came, or until an end of his own. */
export interface Former {
  readonly user: string;
  readonly domain: string;
  readonly origin: Origin;
  readonly since: number;
  /** Where a query's mark stood over the entry since: at the latest then. */
  readonly until: number;
  readonly end: 'replaced' | 'expiry' | EndedBy;
}

/** What was newest. Each part only ever grows. */
export interface Order {
  /** The greatest logon seen, barred ones included, as `orderOf` writes it. */
  readonly logon?: string;
  /** The timestamp that was sent with it, where its instant is ours. */
  readonly logonSentAs?: string;
  /** There where that logon has never stood, as another source's word was live: told again it may. */
  readonly outranked?: 'yes';
  /** The newest logoff that named no user. */
  readonly logoff?: Micros;
  /** The timestamp that was sent with it, where its instant is ours. */
  readonly logoffSentAs?: string;
  /** The newest logoff of each user named, newest first. */
  readonly logoffs: readonly NamedLogoff[];
  /** Active Directory's own registers: the other sources neither read nor raise them. */
  readonly directory?: Omit<Order, 'directory'>;
}

/**
 * What was newest of those that one origin is compared with. ClearPass and JIMS have one order, so that the newest of both
 * stands. Active Directory has its own: whatever its clock says, ClearPass replaces it, and neither's logoff is the other's.
 */
export const orderFor = (origin: Origin, order: Order): Order =>
  isDirectory(origin) ? (order.directory ?? noOrder) : order;

/** The order with what is newest for one origin in it. */
export const withOrderFor = (origin: Origin, order: Order, raised: Order): Order =>
  isDirectory(origin) ? { ...order, directory: raised } : raised;

const isDirectory = (origin: Origin) => origin === 'active-directory';

/** Whether two origins have one order, so that either's newer word ends or replaces the other's. */
export const areCompared = (one: Origin, other: Origin): boolean => isDirectory(one) === isDirectory(other);

/** All logons that an item has seen, as one text: it changes with every newer one, whoever tells it. */
export const newestLogons = ({ logon, directory }: Order): string => `${logon ?? ''} ${directory?.logon ?? ''}`;

export interface NamedLogoff {
  readonly user: string;
  readonly domain?: string;
  readonly instant: Micros;
  /** The timestamp that was sent, where the instant is ours. */
  readonly sentAs?: string;
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

/** The end of an entry that never expires: the last second that a four-digit year can tell. */
export const never = 253_402_300_799_000;

/** How long the order outlives the entry. */
const memoryMs = 24 * 60 * 60 * 1_000;

export const isLive = (item: Item | undefined, now: number): item is Item =>
  item !== undefined && item.state !== 'ended' && item.expiresAt > now;

/** Who an item says is there. Under a query's mark that is nobody: its entry is only remembered. */
export const entryIn = (item: Item | undefined): Entry | undefined =>
  item?.state === 'valid' ? item.entry : undefined;

/** Where a logon stands among all of an address: its instant, then its content, so that any two are comparable. */
export const orderOf = (instant: Micros, content: string): string => `${String(instant).padStart(18, '0')}:${content}`;

type Content = Pick<Logon, 'origin' | 'domain' | 'user' | 'groups' | 'droppedGroups' | 'posture' | 'source' | 'device'>;

/** All that an entry shows but its instants, as 16 hexadecimal digits. */
export function contentHash(shown: Content): string {
  const { origin, domain, user, groups, droppedGroups = [], posture = '', source = '', device } = shown;
  const { custom, ...told } = device;
  const sorted = (record: object) => Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1));
  const content = [origin, domain, user, groups, droppedGroups, posture, source, sorted(told), sorted(custom ?? {})];
  return hash('sha256', JSON.stringify(content), 'hex').slice(0, 16);
}

export const covers = ({ user, domain }: { user?: string; domain?: string }, entry: Entry): boolean =>
  user === undefined || (user === entry.user && (domain === undefined || domain === entry.domain));

/**
 * Whether a newer logoff covers it. At one instant a logon stands over a logoff: clients with whole seconds send both when
 * a user roams.
 */
export const isCovered = (entry: Entry, { logoff, logoffs }: Order): boolean =>
  (logoff ?? -1) > entry.instant || logoffs.some((each) => each.instant > entry.instant && covers(each, entry));

export type Unkept = Omit<Item, 'deleteAt'>;

export const noOrder: Order = { logoffs: [] };

/** TTL hangs on the memory, not on the entry: deleted with its entry, an old post would win again. */
export const kept = (item: Unkept, now: number): Item => ({
  ...item,
  deleteAt: Math.ceil((Math.max(item.expiresAt, now) + memoryMs) / 1_000),
});

export function ended({ mark, ...item }: Unkept, by: EndedBy, now: number): Item {
  return kept({ ...item, state: 'ended', endedBy: by, expiresAt: now }, now);
}

/** A logon that stands, from now for its timeout; `known` is who was there until now. */
export function valid(item: Unkept, entry: Entry, now: number): Item {
  const { mark, endedBy, ...unmarked } = item;
  return kept({ ...unmarked, entry, state: 'valid', expiresAt: endAfter(entry.timeoutMinutes, now) }, now);
}

/** When a timeout that begins now is over; 0 minutes: never. */
export const endAfter = (minutes: number, now: number): number => (minutes === 0 ? never : now + minutes * 60_000);

/** The content's hash in a place of the order. */
export const contentIn = (order: string): string => order.slice(order.indexOf(':') + 1);

/** The order once this logon is the newest; `outranked` where it does not stand. */
export function withNewest(before: Order, logon: string, sentAs: string | undefined, outranked?: 'outranked'): Order {
  const { logonSentAs, outranked: was, ...others } = before;
  return {
    ...others,
    logon,
    ...(sentAs !== undefined && sentAs !== '' && { logonSentAs: sentAs }),
    ...(outranked && { outranked: 'yes' }),
  };
}

interface Beginning {
  readonly content: string;
  /** The greatest logon seen until now, as `orderOf` writes it; empty where there was none. */
  readonly newest: string;
  readonly timeoutMinutes: number;
  readonly now: number;
  /** As it is until now. */
  readonly item: Item | undefined;
}

/**
 * The entry that a logon with this content makes. It has been seen since its predecessor was, if that is still there
 * and told the same.
 */
export function entryFrom(
  logon: Logon,
  known: Entry | undefined,
  { content, newest, timeoutMinutes, now, item }: Beginning,
): Entry {
  const { operation, ip, timestamp, ...told } = logon;
  // Mostly the newest logon made what is there, and its place in the order tells its content without another hash.
  const isNewest = newest === orderOf(known?.instant ?? logon.instant, content);
  const isSame = known?.origin === logon.origin && (isNewest || contentHash(known) === content);
  const firstSeen = isSame ? known.firstSeen : now;
  const isHeld = known?.user === logon.user && known.domain === logon.domain && known.origin === logon.origin;
  const heldSince = isHeld ? known.heldSince : now;
  const before = isHeld ? known.before : formerIn(item, now);
  return { ...told, firstSeen, heldSince, storedAt: now, timeoutMinutes, ...(before && { before }) };
}

/** Who was there last. Who was barred, or outdone in the same post, was never there. */
export function formerIn(item: Item | undefined, now: number): Former | undefined {
  if (item?.entry === undefined) return undefined;
  const { user, domain, origin, heldSince: since, storedAt, timeoutMinutes, before } = item.entry;
  const isOwnEnd = item.state === 'valid' || item.state === 'ended';
  const until = Math.min(isOwnEnd ? item.expiresAt : endAfter(timeoutMinutes, storedAt), now);
  if (until <= since) return before;
  const end = item.state === 'valid' && item.expiresAt > now ? 'replaced' : (item.endedBy ?? 'expiry');
  return { user, domain, origin, since, until, end };
}
