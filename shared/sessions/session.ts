/**
 * Sessions: flows that an enforcement point let through for somebody, by ids of its own. A session belongs to the tenure
 * in which it was opened: one user at one address by the word of one origin, without a break. Nothing is written when a
 * tenure ends. Whether a session is open follows from it, from what is known of its address now, and from the time.
 */
import type { IpAddress } from '../identity/address.ts';
import type { Listed, Slot } from '../identity/authentication-table.ts';
import { endAfter, type EndedBy, type Entry, type Item } from '../identity/entry.ts';
import type { Origin } from '../identity/observation.ts';
import { isThere, type Reading } from '../identity/reading.ts';

/** Ids belong to the credential that gives them: two enforcement points may use the same one. */
export interface SessionKey {
  readonly credentialId: string;
  readonly id: string;
}

export interface SessionPlace extends SessionKey {
  readonly ip: IpAddress;
}

export interface Tenure {
  readonly slot: Slot;
  readonly origin: Origin;
  readonly domain: string;
  readonly user: string;
  readonly heldSince: number;
}

export interface Session extends SessionPlace {
  /** Whose it is. A session without one is not managed: it is nobody's, and only its enforcement point closes it. */
  readonly tenure?: Tenure;
  readonly openedAt: number;
  /** When a decision last named it. */
  readonly heardAt: number;
}

export interface Ending {
  readonly at: number;
  /** One of `endings`, or what its enforcement point says. */
  readonly reason: string;
}

/**
 * `ended`: the entry ended and the same user has another by now, so how it ended is not known any more. `moved`: its
 * enforcement point uses the id at another address.
 */
export const endings = [
  'logged-off',
  'deleted',
  'expired',
  'user-changed',
  'source-changed',
  'ended',
  'lost',
  'moved',
  'closed',
] as const;
export type EndingReason = (typeof endings)[number];

/** What stays of a session that its enforcement point closed. */
export interface ClosedSession extends Session {
  readonly ending: Ending;
  readonly bytesIn?: number;
  readonly bytesOut?: number;
  /** Why, in the words of its enforcement point. */
  readonly toldReason?: string;
}

/** The vendor's limit. Sessions of an entry beyond it are not managed. */
export const mostManagedSessions = 2_048;

const dayMs = 24 * 60 * 60 * 1_000;

/** A session that was not heard of for so long is lost. */
export const lostAfterMs = dayMs;

/** How long a session that is over is still told. */
export const toldForMs = dayMs;

export const isLost = ({ heardAt }: Session, now: number): boolean => heardAt + lostAfterMs <= now;

/** When a session may be forgotten that is not heard of again. */
export const forgottenAt = ({ heardAt }: Session): number => heardAt + lostAfterMs + toldForMs;

export const isTold = ({ at }: Ending, now: number): boolean => now < at + toldForMs;

export const tenureOf = (slot: Slot, { origin, domain, user, heldSince }: Omit<Tenure, 'slot'>): Tenure => ({ slot, origin, domain, user, heldSince }); // prettier-ignore

export const isSameTenure = (one: Tenure, other: Tenure): boolean =>
  one.slot === other.slot &&
  one.heldSince === other.heldSince &&
  one.origin === other.origin &&
  one.domain === other.domain &&
  one.user === other.user;

/** What is known of an address, and how it is read. */
export interface Known {
  readonly slots: readonly Listed[];
  readonly reading: Reading;
}

/** How a session ended; `undefined` while it is open. */
export function endingOf(session: Session, known: Known): Ending | undefined {
  const { tenure, openedAt, heardAt } = session;
  const { now } = known.reading;
  const lost: End | undefined = isLost(session, now) ? { at: heardAt + lostAfterMs, reason: 'lost' } : undefined;
  const ends = [lost, ...(tenure ? [overruled(tenure, session, known), endOfTenure(tenure, session, known)] : [])];
  const [first] = ends
    // What ended by the clock of another function has ended, though that may be a little ahead of ours.
    .flatMap((end) => (end ? [{ ...end, at: Math.max(Math.min(end.at, now), openedAt) }] : []))
    .sort((one, other) => one.at - other.at);
  return first;
}

interface End {
  readonly at: number;
  readonly reason: EndingReason;
}

/** How the entry of a session ended. */
function endOfTenure(tenure: Tenure, { heardAt }: Session, { slots, reading }: Known): End | undefined {
  const item = slots.find(({ slot }) => slot === tenure.slot)?.item;
  // The memory of an entry outlives it by a day. What is not even remembered was there when the session was last heard of.
  if (item?.entry === undefined) return { at: heardAt, reason: 'expired' };
  const { entry } = item;
  if (!isSameTenure(tenure, tenureOf(tenure.slot, entry))) return endBefore(tenure, item, entry);
  if (item.state !== 'valid') return { at: endedAt(item, entry, heardAt), reason: endOf(item) };
  return isThere(item, reading) ? undefined : { at: reading.endOf(item), reason: 'expired' };
}

/** A logon that a newer logoff covers is remembered as an entry, and never was one. */
const stood = ({ expiresAt }: Item, { heldSince }: Entry) => expiresAt > heldSince;

/** The end of a tenure that another entry has followed. That one remembers who was there before, and nobody before him. */
function endBefore(tenure: Tenure, item: Item, entry: Entry): End {
  const { before } = entry;
  if (before) {
    const former = tenureOf(tenure.slot, { ...before, heldSince: before.since });
    if (!isSameTenure(tenure, former)) return { at: before.since, reason: changeOf(tenure, before) };
    return { at: before.until, reason: before.end === 'replaced' ? changeOf(tenure, entry) : reasons[before.end] };
  }
  return stood(item, entry)
    ? { at: entry.heldSince, reason: changeOf(tenure, entry) }
    : { at: item.expiresAt, reason: endOf(item) };
}

const reasons = { expiry: 'expired', logoff: 'logged-off', delete: 'deleted' } as const;

function changeOf(tenure: Tenure, { user, domain, origin }: Pick<Tenure, 'user' | 'domain' | 'origin'>): EndingReason {
  if (user !== tenure.user || domain !== tenure.domain) return 'user-changed';
  return origin === tenure.origin ? 'ended' : 'source-changed';
}

const endOf = ({ endedBy = 'expiry' }: { readonly endedBy?: 'expiry' | EndedBy }): EndingReason => reasons[endedBy];

/** A mark of a user query has put its own end in the place of the entry's. */
function endedAt({ state, expiresAt, endedBy }: Item, { timeoutMinutes, storedAt }: Entry, heardAt: number): number {
  if (state === 'ended') return expiresAt;
  return endedBy === undefined ? endAfter(timeoutMinutes, storedAt) : heardAt;
}

/** The word of another origin counts before that of the session's, or did for a time since the session was opened. */
function overruled(tenure: Tenure, session: Session, { slots, reading }: Known): End | undefined {
  const { order } = reading;
  const place = order.get(tenure.origin);
  if (place === undefined) return { at: session.heardAt, reason: 'source-changed' };
  const since = slots.flatMap(({ slot, item }) => {
    const { entry } = item;
    if (slot === tenure.slot || entry === undefined || (order.get(entry.origin) ?? Infinity) > place) return [];
    const stands = item.state === 'valid' && isThere(item, reading);
    return stands || (entry.heldSince > session.openedAt && stood(item, entry)) ? [entry.heldSince] : [];
  });
  return since.length === 0 ? undefined : { at: Math.min(...since), reason: 'source-changed' };
}
