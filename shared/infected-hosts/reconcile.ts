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
import { isToldAll } from './operations.ts';
import type { PolledFeed } from './feed.ts';

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
  /** So many hosts may be lost at once, as an operator has approved. 0: nobody has. */
  readonly approvedLoss: number;
}

export interface HappenedToHost {
  readonly ip: IpAddress;
  /** `moved`: another connector has its address now. */
  readonly event: Listed | Extract<HostEvent, { kind: 'missed' | 'freed' }> | { readonly kind: 'moved' };
}

export interface Reconciled {
  readonly happened: readonly HappenedToHost[];
  /** So many were lost at once that nobody is missed or freed by it, unless that loss is approved. Null: it is no such loss. */
  readonly loss: { readonly lost: number; readonly of: number } | null;
}

/** A host is freed by two good polls that are so far apart, with none between them that had it. */
const freedAfterMs = 5 * 60_000;
const smallest = 10;

/** `hosts`: all that are known, whoever lists them. */
export function reconcile(hosts: readonly InfectedHost[], poll: GoodPoll, settings: Reconciling): Reconciled {
  const known = new Map(hosts.map((host) => [host.ip, host]));
  const listed = [...poll.list].flatMap(([ip, level]) => heard(known.get(ip), ip, level, poll, settings) ?? []);
  const loss = lossIn(hosts, poll);
  const isBelieved = loss === null || loss.lost <= settings.approvedLoss;
  const gone = !isBelieved ? [] : hosts.flatMap((host) => absent(host, poll) ?? []);
  const told = new Set([...listed, ...gone].map(({ ip }) => ip));
  const moved = hosts
    .filter((host) => !told.has(host.ip) && !isToldAll(host, settings.connectorOf(host.ip)))
    .map(({ ip }): HappenedToHost => ({ ip, event: { kind: 'moved' } }));
  return { happened: [...listed, ...gone, ...moved], loss };
}

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
  const isNew = known?.missedAt !== null || level > known.level || isToBeDone(host, { feed, wanted });
  if (!isNew) return undefined;
  return { ip, event: { kind: 'listed', feed, level, threatName: null, wanted, cause: id, heldBy: null } };
}

function absent({ ip, listings }: InfectedHost, { feed, at, list }: GoodPoll): HappenedToHost | undefined {
  const listing = listings[feed];
  if (listing === undefined || list.has(ip)) return undefined;
  if (listing.missedAt === null) return { ip, event: { kind: 'missed', feed, at } };
  return at - listing.missedAt >= freedAfterMs ? { ip, event: { kind: 'freed', feed } } : undefined;
}

/** Against what the last good poll had. */
function lossIn(hosts: readonly InfectedHost[], { feed, list }: GoodPoll): Reconciled['loss'] {
  const had = hosts.filter(({ listings }) => isThere(listings[feed]));
  const lost = had.filter(({ ip }) => !list.has(ip)).length;
  return had.length > smallest && lost * 2 > had.length ? { lost, of: had.length } : null;
}

const isThere = (listing: Listing | undefined) => listing?.missedAt === null;
