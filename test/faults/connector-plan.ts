/** What happens to hosts in a run, drawn by its seed; and by the plainest reading of the rules what each is to be at its end. */
import { seededChance } from '../simulators/behaviour.ts';
import type { Held } from './connector-systems.ts';

/** Levels that no rule is about would be below all of them: these are nothing, a quarantine and a block. */
const levels = [0, 8, 10] as const;
export type Level = (typeof levels)[number];

export interface Phase {
  /** What ATP Cloud lists from its beginning to its end. */
  readonly listed: Readonly<Record<string, Level>>;
  /** Many in one call, before the others. */
  readonly together: Readonly<Record<string, Level>>;
  /** One in a call; those of one host in this order. */
  readonly pushes: readonly { readonly ip: string; readonly level: Level }[];
  /** What an operator lets go after all of that. */
  readonly cleared: readonly string[];
}

/** ATP Cloud lists at most ten, so that no loss is doubted: that has tests of its own. */
const mostListed = 10;

export function plannedPhases(seed: number, ips: readonly string[], phases: number): readonly Phase[] {
  const chance = seededChance(seed);
  const some = (of: readonly string[], part: number) => of.filter(() => chance() < part);
  const oneOf = <Each>(all: readonly Each[]) => all[Math.floor(chance() * all.length)] as Each;
  const known = ips.toSorted(() => chance() - 0.5).slice(0, mostListed);
  const leveled = (of: readonly string[], from: readonly Level[]) => Object.fromEntries(of.map((ip) => [ip, oneOf(from)])); // prettier-ignore
  // A level that rises between two polls, and falls before the second is done, need never have been seen.
  const levelAt = leveled(known, [8, 10]);
  return Array.from({ length: phases }, () => ({
    listed: Object.fromEntries(some(known, 0.6).map((ip) => [ip, levelAt[ip] ?? 8])),
    together: leveled(some(ips, 0.3), levels),
    pushes: Array.from({ length: ips.length }, () => ({ ip: oneOf(ips), level: oneOf(levels) })),
    cleared: some(ips, 0.2),
  }));
}

interface Listing {
  wanted: Held;
  isSilenced: boolean;
}

/** What each host is to be; those that are left out are free. */
export function expectedAfter(phases: readonly Phase[]): ReadonlyMap<string, Held> {
  const feeds = { cloud: new Map<string, Listing>(), api: new Map<string, Listing>() };
  const hear = (feed: Map<string, Listing>, ip: string, level: Level) => {
    const listing = feed.get(ip);
    if (level === 0) feed.delete(ip);
    else if (listing === undefined) feed.set(ip, { wanted: wantedAt(level), isSilenced: false });
    else if (!listing.isSilenced) listing.wanted = more(listing.wanted, wantedAt(level));
  };
  for (const { listed, together, pushes, cleared } of phases) {
    for (const ip of new Set([...feeds.cloud.keys(), ...Object.keys(listed)])) hear(feeds.cloud, ip, listed[ip] ?? 0);
    for (const [ip, level] of Object.entries(together)) hear(feeds.api, ip, level);
    for (const { ip, level } of pushes) hear(feeds.api, ip, level);
    for (const ip of cleared) for (const feed of Object.values(feeds)) silence(feed.get(ip));
  }
  const expected = new Map<string, Held>();
  for (const feed of Object.values(feeds)) {
    for (const [ip, { wanted, isSilenced }] of feed) if (!isSilenced) expected.set(ip, more(expected.get(ip) ?? 'free', wanted)); // prettier-ignore
  }
  return expected;
}

const wantedAt = (level: Level): Held => (level === 10 ? 'blocked' : level === 8 ? 'quarantined' : 'free');

const order: readonly Held[] = ['free', 'quarantined', 'blocked'];
const more = (one: Held, other: Held) => (order.indexOf(one) >= order.indexOf(other) ? one : other);

function silence(listing: Listing | undefined) {
  if (listing) listing.isSilenced = true;
}
