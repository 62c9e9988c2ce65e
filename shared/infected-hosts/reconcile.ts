/**
 * What a good poll of a feed means for the hosts that are known. Pure: who was there and what the feed has now go in, and
 * what happens to which host comes out. A poll that failed comes nowhere near here, and so changes nothing.
 */
import type { FeedRule } from '../configuration/threat-response.ts';
import type { IpAddress } from '../identity/address.ts';
import { isToBeDone } from './advance.ts';
import type { HostEvent, Listed } from './events.ts';
import { wantedAt } from './feed-rules.ts';
import type { InfectedHost, Listing } from './host.ts';
import { type HeldLoss, isUndecided, type PolledFeed } from './feed.ts';
import { isToldAll } from './operations.ts';

export interface GoodPoll {
  readonly id: string;
  readonly feed: PolledFeed;
  readonly at: number;
  /** Levels of 1 to 10, by address. */
  readonly list: ReadonlyMap<IpAddress, number>;
}

export interface Reconciling {
  readonly rules: readonly FeedRule[];
  /** The connector that has an address now, by its name; null: none. */
  readonly connectorOf: (ip: IpAddress) => string | null;
  /** What polls before have lost, and what an operator said to it. */
  readonly held: HeldLoss | null;
  /** Which hosts that are gone are doubted: too many at once, or all, as the feed is switched off. */
  readonly doubt: 'too-many' | 'all';
}

export interface HappenedToHost {
  readonly ip: IpAddress;
  /** `moved`: another connector has its address now. */
  readonly event: Listed | Extract<HostEvent, { kind: 'missed' | 'lost' | 'freed' }> | { readonly kind: 'moved' };
}

export interface Reconciled {
  readonly happened: readonly HappenedToHost[];
  /** Hosts that were lost, by this poll or one before, in doubt: none is freed unless that is approved. Null: none is. */
  readonly loss: Loss | null;
}

export interface Loss {
  readonly lost: number;
  readonly of: number;
  /** An operator said so, and it has not grown since. */
  readonly isApproved: boolean;
}

/** A host is freed by two good polls that are so far apart, with none between them that had it. */
const freedAfterMs = 5 * 60_000;
const smallest = 10;

/** `hosts`: all that are known, whoever lists them. */
export function reconcile(hosts: readonly InfectedHost[], poll: GoodPoll, settings: Reconciling): Reconciled {
  const known = new Map(hosts.map((host) => [host.ip, host]));
  const listed = [...poll.list].flatMap(([ip, level]) => heard(known.get(ip), ip, level, poll, settings) ?? []);
  const absent = hosts.flatMap((host) => absentee(host, poll) ?? []);
  const { loss, doubted } = lossIn(hosts, absent, poll, settings);
  const isBelieved = loss === null || loss.isApproved;
  // Nor is anybody else freed while it is open whether the feed can be believed at all.
  const isOpen = !isBelieved && !isDecided(settings.held, loss);
  const gone = absent.flatMap((each) => {
    const isLost = each.listing.lostAt !== null || doubted.has(each.ip);
    if (isLost && !isBelieved) return lost(each, poll);
    return isOpen ? [] : left(each, poll);
  });
  const told = new Set([...listed, ...gone].map(({ ip }) => ip));
  const moved = hosts
    .filter((host) => !told.has(host.ip) && !isToldAll(host, settings.connectorOf(host.ip)))
    .map(({ ip }): HappenedToHost => ({ ip, event: { kind: 'moved' } }));
  return { happened: [...listed, ...gone, ...moved], loss };
}

/** One that has grown since is not. */
const isDecided = (held: HeldLoss | null, { lost }: Loss) => held !== null && !isUndecided(held) && lost <= held.lost;

/** Only what is new: a list of thousands that is as it was writes nothing. */
function heard(
  host: InfectedHost | undefined,
  ip: IpAddress,
  level: number,
  { id, feed }: GoodPoll,
  { rules }: Reconciling,
): HappenedToHost | undefined {
  const wanted = wantedAt(rules, level);
  const known = host?.listings[feed];
  const isNew = known === undefined || !isThere(known) || level > known.level || isToBeDone(host, { feed, wanted });
  if (!isNew) return undefined;
  return { ip, event: { kind: 'listed', feed, level, threatName: null, wanted, cause: id, heldBy: null } };
}

interface Absentee {
  readonly ip: IpAddress;
  readonly listing: Listing;
}

function absentee({ ip, listings }: InfectedHost, { feed, list }: GoodPoll): Absentee | undefined {
  const listing = listings[feed];
  return listing === undefined || list.has(ip) ? undefined : { ip, listing };
}

const lost = ({ ip, listing }: Absentee, { feed, at }: GoodPoll): readonly HappenedToHost[] =>
  listing.lostAt === null ? [{ ip, event: { kind: 'lost', feed, at } }] : [];

function left({ ip, listing }: Absentee, { feed, at }: GoodPoll): readonly HappenedToHost[] {
  if (listing.missedAt === null) return [{ ip, event: { kind: 'missed', feed, at } }];
  return at - listing.missedAt >= freedAfterMs ? [{ ip, event: { kind: 'freed', feed } }] : [];
}

/**
 * Against what the last good poll had. While a loss is held, against what there was when it began too: hosts that appeared
 * since make no loss any smaller. `doubted`: those that are lost now, and were not before.
 */
function lossIn(
  hosts: readonly InfectedHost[],
  absent: readonly Absentee[],
  { feed }: GoodPoll,
  { held, doubt }: Reconciling,
): { readonly loss: Loss | null; readonly doubted: ReadonlySet<IpAddress> } {
  const still = absent.filter(({ listing }) => listing.lostAt !== null).length;
  const had = hosts.flatMap(({ listings: { [feed]: listing } }) => (listing && isThere(listing) ? [listing] : []));
  const gone = absent.filter(({ listing }) => isThere(listing));
  const isOld = ({ listedAt }: Listing) => held === null || listedAt < held.since;
  const old = { had: had.filter(isOld).length, gone: gone.filter(({ listing }) => isOld(listing)) };
  const isWhole = doubt === 'all' || isTooMany(gone.length, had.length);
  const grows = isTooMany(still + old.gone.length, still + old.had);
  const doubted = isWhole ? gone : grows ? old.gone : [];
  const all = still + doubted.length;
  if (all === 0) return { loss: null, doubted: new Set() };
  const isApproved = held !== null && held.approvedAt !== null && all <= held.lost;
  const of = still + (isWhole ? had.length : old.had);
  return { loss: { lost: all, of, isApproved }, doubted: new Set(doubted.map(({ ip }) => ip)) };
}

const isTooMany = (lost: number, of: number) => of > smallest && lost * 2 > of;

const isThere = ({ missedAt, lostAt }: Listing) => missedAt === null && lostAt === null;
