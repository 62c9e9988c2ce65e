/**
 * The specification, naively: from all that was told of an address, in the order in which it took effect, to who is
 * there. It keeps everything and works it out anew each time: no registers, no items, no revisions. Nothing of the
 * code that it judges is in it but the shape of events and the tie-break by content.
 */
import type { Event } from '../../../shared/identity/advance.ts';
import { contentHash, never } from '../../../shared/identity/entry.ts';
import type { Logoff, Logon } from '../../../shared/identity/observation.ts';
import { hours, minutes } from '../../support/observations.ts';

/** One event and the time of the clock by which it took effect. It counts once that is known. */
export interface Told {
  readonly event: Event;
  at?: number;
}

export type Present = Pick<Logon, 'user' | 'domain' | 'groups' | 'instant'> & { firstSeen: number; expiresAt: number };

type Fact = Required<Told>;
const counts = (told: Told): told is Fact => told.at !== undefined;

export function whoIsThere(told: readonly Told[], now: number): Present | undefined {
  const facts = told.filter(counts);
  const newest = newestLogon(facts);
  if (newest === undefined || now >= newest.expiresAt || endings(facts, newest).length > 0) return undefined;
  const { logon, index, at, expiresAt } = newest;
  const { user, domain, groups, instant } = logon;
  const former = newestLogon(facts.slice(0, index));
  const same = former && contentHash(former.logon) === contentHash(logon);
  const before = same ? whoIsThere(facts.slice(0, index), at) : undefined;
  return { user, domain, groups, instant, firstSeen: before?.firstSeen ?? at, expiresAt };
}

/** Clocks differ by a few seconds; the memory of a day may be that much shorter by another one's. */
const memoryMs = hours(24) - minutes(1);

/** From when on it may be forgotten what was newest: a day after it was told, and after its entry was over. */
export function mayBeForgottenAt(told: readonly Told[]): number {
  const facts = told.filter(counts);
  const newest = newestLogon(facts);
  const ended = newest && endings(facts, newest).map(({ at }) => at);
  const overAt = newest && Math.max(newest.at, Math.min(newest.expiresAt, ...(ended ?? [])));
  return Math.max(overAt ?? 0, lastLogoffAt(facts)) + memoryMs;
}

function newestLogon(facts: readonly Fact[]) {
  const logons = facts.flatMap(({ event, at }, index) =>
    event.kind === 'logon' ? [{ ...event, at, index, expiresAt: endOf(at, event.timeoutMinutes) }] : [],
  );
  // Of equal ones the first: the others are replays, which change and extend nothing.
  return logons.reduce<(typeof logons)[number] | undefined>(
    (newest, each) => (newest === undefined || isNewer(each.logon, newest.logon) ? each : newest),
    undefined,
  );
}

const endOf = (at: number, timeoutMinutes: number) => (timeoutMinutes === 0 ? never : at + minutes(timeoutMinutes));

const isNewer = (one: Logon, other: Logon) =>
  one.instant > other.instant || (one.instant === other.instant && contentHash(one) > contentHash(other));

/** What ends the newest logon: a newer logoff that covers it, whenever it came, or a delete that found it there. */
function endings(facts: readonly Fact[], newest: NonNullable<ReturnType<typeof newestLogon>>) {
  return facts.filter(({ event, at }, index) => {
    if (event.kind === 'logoff')
      return event.logoff.instant > newest.logon.instant && covers(event.logoff, newest.logon);
    return event.kind === 'deleted' && index > newest.index && at < newest.expiresAt;
  });
}

function covers({ user, domain }: Logoff, logon: Logon): boolean {
  if (user === undefined) return true;
  return user === logon.user && (domain ?? logon.domain) === logon.domain;
}

function lastLogoffAt(facts: readonly Fact[]): number {
  const logoffs = facts.flatMap(({ event, at }) => (event.kind === 'logoff' ? [{ at, of: event.logoff.instant }] : []));
  const newest = Math.max(...logoffs.map((each) => each.of));
  return logoffs.find((each) => each.of === newest)?.at ?? 0;
}
