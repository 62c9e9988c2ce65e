/**
 * Every rule of an infected host, in one pure function. Laws: a host acts once, when a feed lists it or its level rises
 * past another rule; what an operator let go is not held again until it has left the feed and returned; a repeat changes
 * nothing; a host that nobody lists, and of which no connector was ever told, is forgotten.
 */
import type { IpAddress } from '../identity/address.ts';
import type { HostEvent, Listed } from './events.ts';
import { doneOf, type FeedName, feedNames, type InfectedHost, isDropped, isMore, isOfCause, type Listing, type Spared, type Wanted, wantedOf } from './host.ts'; // prettier-ignore
import { answered, assigned, drifted, forgottenAt, found, isUnsaid, taken } from './operations.ts';

export type HostOutcome =
  /** New in the feed. */
  | 'appeared'
  /** The rules call for more than before. */
  | 'rose'
  /** It would be done something about, and a guard keeps it from being done. */
  | 'held'
  /** Listed again, and nothing new. */
  | 'repeated'
  /** Listed, but an operator has let it go. */
  | 'silenced'
  | 'missed'
  | 'lost'
  | 'freed'
  | 'cleared'
  | 'nothing-to-clear'
  | 'updated'
  | 'released'
  | 'dropped'
  | 'undone'
  /** A connector has to be told something. */
  | 'assigned'
  | 'taken'
  /** Another has it, its time has not come, or it is settled. */
  | 'not-due'
  | 'answered'
  | 'drifted'
  | 'unchanged';

export interface AdvancedHost {
  /** `undefined`: there is none any more. */
  readonly host: InfectedHost | undefined;
  readonly outcome: HostOutcome;
}

export interface HostCircumstances {
  readonly ip: IpAddress;
  readonly now: number;
  readonly newId: () => string;
}

export function advance(
  read: InfectedHost | undefined,
  event: HostEvent,
  circumstances: HostCircumstances,
): AdvancedHost {
  const { ip, now } = circumstances;
  const before = read ?? { ip, changedAt: now, listings: {}, investigation: 'open', accused: null, operations: [] };
  const { host, outcome } = follow(before, event, circumstances);
  if (host === before) return { host: read, outcome };
  const isForgotten = forgottenAt(host) !== undefined && host.operations.every(isUnsaid);
  return { host: isForgotten ? undefined : { ...accusing(host), changedAt: now }, outcome };
}

/** From when it is to be held until it is free again one device is meant: whoever had the address when that was called for. */
function accusing(host: InfectedHost): InfectedHost {
  const calling = Object.values(host.listings).find((listing) => doneOf(listing) !== 'free');
  if ((calling === undefined) === (host.accused === null)) return host;
  return { ...host, accused: calling ? { at: calling.calledForAt, mac: null } : null };
}

interface Followed {
  readonly host: InfectedHost;
  readonly outcome: HostOutcome;
}

function follow(host: InfectedHost, event: HostEvent, { now, newId }: HostCircumstances): Followed {
  switch (event.kind) {
    case 'listed':
      return listed(host, event, now);
    case 'missed':
      return changing(host, event.feed, 'missed', (listing) =>
        listing.missedAt === null ? { ...listing, missedAt: event.at, lostAt: null } : listing,
      );
    case 'lost':
      return changing(host, event.feed, 'lost', (listing) =>
        listing.missedAt === null && listing.lostAt === null ? { ...listing, lostAt: event.at } : listing,
      );
    case 'freed': {
      const { [event.feed]: listing, ...listings } = host.listings;
      return listing ? { host: { ...host, listings }, outcome: 'freed' } : unchanged(host);
    }
    case 'cleared':
      return cleared(host, now);
    case 'investigated': {
      const { investigation } = event;
      const told = { ...host, investigation };
      const after = investigation.startsWith('resolved-') ? cleared(told, now) : unchanged(told);
      return { host: after.host, outcome: after.outcome === 'cleared' ? 'cleared' : 'updated' };
    }
    case 'released':
      return event.heldBy === undefined
        ? changing(host, event.feed, 'released', (listing) => (listing.heldBy === null ? listing : released(listing)))
        : changing(host, event.feed, 'held', (listing) => heldOn(listing, event)); // prettier-ignore
    case 'dropped':
      return changing(host, event.feed, 'dropped', (listing) => silenced(listing, now));
    case 'undone': {
      const after = feedNames.reduce((each, feed) => {
        const listing = each.listings[feed];
        return listing ? withListing(each, feed, undone(listing, event.cause, now)) : each;
      }, host);
      return after === host ? unchanged(host) : { host: after, outcome: 'undone' };
    }
    case 'assigned': {
      const after = assigned(host, event, { now, newId });
      return after === host ? unchanged(host) : { host: after, outcome: 'assigned' };
    }
    case 'operation-taken': {
      const after = taken(host, event, now);
      return after ? { host: after, outcome: 'taken' } : { host, outcome: 'not-due' };
    }
    case 'device-found':
      return settled(host, found(host, event.id, event.mac));
    case 'operation-answered':
      return settled(host, answered(host, event.id, event.answer, now));
    case 'operation-ended':
      return settled(host, answered(host, event.id, { outcome: 'abandoned', detail: event.detail, roundTripMs: null }, now)); // prettier-ignore
    case 'drifted': {
      const after = drifted(host, event.id, { cause: event.cause, why: 'drift', now, newId });
      return after === host ? unchanged(host) : { host: after, outcome: 'drifted' };
    }
  }
}

const settled = (host: InfectedHost, after: InfectedHost | undefined): Followed =>
  after ? { host: after, outcome: 'answered' } : unchanged(host);

const unchanged = (host: InfectedHost): Followed => ({ host, outcome: 'unchanged' });

/**
 * Whether the feed's word is one that something is done about, if nothing keeps it from being done: what guards are asked
 * about. The allow list is asked whenever the feed repeats it, as nobody is asked to decide what that has held.
 */
export function isToBeDone(host: InfectedHost | undefined, { feed, wanted }: Word): boolean {
  const listing = host?.listings[feed];
  if (listing === undefined) return wanted !== 'free';
  if (listing.silencedAt !== null || wanted === 'free') return false;
  return listing.heldBy === 'allow-list' || isMore(wanted, listing.wanted);
}

/** What more is called for is called for now. */
const calledForAt = (listing: Listing | undefined, wanted: Wanted, now: number): number =>
  listing === undefined || isMore(wanted, listing.wanted) ? now : listing.calledForAt;

/** Whom the feed's word is about: whoever is held already, else whoever had the address when it called for it. */
export function calledFor(host: InfectedHost | undefined, { feed, wanted }: Word, now: number): CalledFor {
  const listing = host?.listings[feed];
  return { at: host?.accused?.at ?? calledForAt(listing, wanted, now), spared: listing?.spared ?? null };
}

type Word = Pick<Listed, 'feed' | 'wanted'>;

export interface CalledFor {
  readonly at: number;
  readonly spared: Spared | null;
}

function listed(host: InfectedHost, event: Listed, now: number): Followed {
  const { feed, level, threatName, wanted, cause, spared = null } = event;
  const known = host.listings[feed];
  const heldBy = isToBeDone(host, event) ? event.heldBy : null;
  if (known === undefined) {
    const listing = { level, threatName, listedAt: now, calledForAt: now, spared, missedAt: null, lostAt: null, wanted, cause, earlier: [], heldBy, meanwhile: 'free', silencedAt: null } as const; // prettier-ignore
    const stands = Object.values(host.listings).some(({ silencedAt }) => silencedAt === null);
    const investigation = stands ? host.investigation : 'open';
    const outcome = heldBy === null ? 'appeared' : 'held';
    return { host: { ...withListing(host, feed, listing), investigation }, outcome };
  }
  const heard = heardAgain(known, event);
  const rises = isMore(wanted, known.wanted);
  const isStillAllowed = !rises && known.heldBy === 'allow-list' && heldBy === 'allow-list';
  if (!isToBeDone(host, event) || isStillAllowed) {
    return { host: withListing(host, feed, heard), outcome: known.silencedAt === null ? 'repeated' : 'silenced' };
  }
  const done = doneOf(known);
  // One that only the allow list had kept from being done had done nothing that could be stepped back to.
  const earlier = rises && known.cause !== cause ? [...known.earlier, { cause: known.cause, done }] : known.earlier;
  return {
    host: withListing(host, feed, { ...heard, wanted: rises ? wanted : known.wanted, calledForAt: calledForAt(known, wanted, now), spared, cause, earlier, heldBy, meanwhile: heldBy === null ? 'free' : done }), // prettier-ignore
    outcome: heldBy !== null ? 'held' : rises ? 'rose' : 'appeared',
  };
}

/** A level that falls changes nothing. */
function heardAgain(listing: Listing, { level, threatName }: Listed): Listing {
  const highest = Math.max(level, listing.level);
  const named = threatName ?? listing.threatName;
  const isThere = listing.missedAt === null && listing.lostAt === null;
  const isSame = isThere && highest === listing.level && named === listing.threatName;
  return isSame ? listing : { ...listing, missedAt: null, lostAt: null, level: highest, threatName: named };
}

function withListing(host: InfectedHost, feed: FeedName, listing: Listing): InfectedHost {
  return host.listings[feed] === listing ? host : { ...host, listings: { ...host.listings, [feed]: listing } };
}

function changing(
  host: InfectedHost,
  feed: FeedName,
  outcome: HostOutcome,
  change: (listing: Listing) => Listing,
): Followed {
  const listing = host.listings[feed];
  if (listing === undefined) return unchanged(host);
  const after = withListing(host, feed, change(listing));
  return after === host ? unchanged(host) : { host: after, outcome };
}

const released = (listing: Listing): Listing => ({ ...listing, heldBy: null, meanwhile: 'free' });

/** An operator has approved it, and it is held all the same. */
const heldOn = (listing: Listing, { heldBy, spared = null }: Extract<HostEvent, { kind: 'released' }>): Listing =>
  listing.heldBy === null ? listing : { ...listing, heldBy: heldBy ?? null, spared };

const silenced = (listing: Listing, now: number): Listing =>
  isDropped(listing) ? listing : { ...released(listing), silencedAt: listing.silencedAt ?? now };

/**
 * What this poll or push called for is taken back, and nothing else: what another had called for before stays, or is as it
 * was before. It does not rise again by the next poll that says the same.
 */
function undone(listing: Listing, cause: string, now: number): Listing {
  if (!isOfCause(listing, cause)) return listing;
  const earlier = listing.earlier.filter((each) => each.cause !== cause);
  const before = earlier.at(-1);
  if (listing.cause !== cause) {
    // While it waits it is what the one before has done, which is another one now.
    const waits = listing.silencedAt === null && listing.heldBy !== null;
    return { ...listing, earlier, ...(waits && { meanwhile: before?.done ?? 'free' }) };
  }
  const silent = silenced(listing, now);
  return before ? { ...silent, cause: before.cause, earlier: earlier.slice(0, -1), meanwhile: before.done } : silent;
}

const silencing = (host: InfectedHost, feeds: readonly FeedName[], now: number): InfectedHost =>
  feeds.reduce((after, feed) => {
    const listing = after.listings[feed];
    return listing ? withListing(after, feed, silenced(listing, now)) : after;
  }, host);

function cleared(host: InfectedHost, now: number): Followed {
  const after = silencing(host, feedNames, now);
  const isFreed = wantedOf(host) !== 'free' || Object.values(host.listings).some(({ heldBy }) => heldBy !== null);
  return { host: after, outcome: isFreed ? 'cleared' : 'nothing-to-clear' };
}
