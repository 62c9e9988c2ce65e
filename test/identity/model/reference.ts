/**
 * The specification, naively: from all that was told of an address and all that was answered, in the order in which it
 * took effect, to who is there. It keeps everything and works it out anew each time: no registers, no items, no
 * revisions, no marks. Nothing of the code that it judges is in it but the shape of events and the tie-break by content.
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

export type Present = Pick<Logon, 'origin' | 'user' | 'domain' | 'groups' | 'instant'> &
  Record<'firstSeen' | 'heldSince' | 'expiresAt', number>;

type Fact = Required<Told>;
const counts = (told: Told): told is Fact => told.at !== undefined;

export function whoIsThere(told: readonly Told[], now: number): Present | undefined {
  const facts = told.filter(counts);
  const present = presentIn(facts, wordsIn(facts).at(-1), now);
  if (present === undefined) return undefined;
  const { logon, firstSeen, heldSince, expiresAt } = present;
  const { origin, user, domain, groups, instant } = logon;
  return { origin, user, domain, groups, instant, firstSeen, heldSince, expiresAt };
}

/** Clocks differ by a few seconds; the memory of a day may be that much shorter by another one's. */
const memoryMs = hours(24) - minutes(1);

/** From when on it may be forgotten what was newest: a day after it was told, and after its entry was over. */
export function mayBeForgottenAt(told: readonly Told[]): number {
  const facts = told.filter(counts);
  const word = wordsIn(facts).at(-1);
  const ended = word && endings(facts, word).map(({ at }) => at);
  const overAt = word && Math.max(word.at, Math.min(word.expiresAt, ...(ended ?? [])));
  return Math.max(overAt ?? 0, lastLogoffAt(facts)) + memoryMs;
}

/** A logon that was told or answered, and that replaced whatever was there. */
interface Word {
  readonly logon: Logon;
  readonly index: number;
  readonly at: number;
  readonly expiresAt: number;
  readonly firstSeen: number;
  readonly heldSince: number;
}

/** Any logon that was taken note of; Active Directory's may not have stood, as another source's word did. */
interface Noted {
  readonly logon: Logon;
  readonly stood: 'yes' | 'no';
}

/**
 * A told logon counts if it is the newest of its order, and if, being Active Directory's, it meets nobody whom ClearPass or
 * JIMS told; what never stood may be told again. An answer may be older, but not than who is there, nor than their logoff.
 */
function wordsIn(facts: readonly Fact[]): readonly Word[] {
  const words: Word[] = [];
  const noted: Noted[] = [];
  for (const [index, { event, at }] of facts.entries()) {
    const said = saidBy(event);
    if (said === undefined) continue;
    const { logon, timeoutMinutes } = said;
    const before = facts.slice(0, index);
    const present = presentIn(before, words.at(-1), at);
    const standing = noted.filter((each) => isSameOrder(each.logon, logon) && !isNewer(logon, each.logon));
    const isNewest = standing.every(({ logon: other, stood }) => stood === 'no' && !isNewer(other, logon));
    const meets = present && !isSameOrder(present.logon, logon) ? present : undefined;
    const isBarred = isLoggedOff(before, logon);
    if (event.kind === 'settled') {
      const isOld = !isNewest && present !== undefined && !meets;
      if (!isAsking(before, event.id, at) || isBarred || isOld) continue;
    } else {
      if (!isNewest) continue;
      const isOutranked = meets !== undefined && logon.origin === 'active-directory';
      noted.push({ logon, stood: isOutranked ? 'no' : 'yes' });
      if (isOutranked || (isBarred && words.at(-1) && !isSameOrder(words.at(-1)?.logon ?? logon, logon))) continue;
    }
    if (event.kind === 'settled') noted.push({ logon, stood: 'yes' });
    const isSame = present !== undefined && contentHash(present.logon) === contentHash(logon);
    const isHeld = present !== undefined && nameIn(present.logon) === nameIn(logon);
    words.push({
      logon,
      index,
      at,
      expiresAt: timeoutMinutes === 0 ? never : at + minutes(timeoutMinutes),
      firstSeen: isSame ? present.firstSeen : at,
      heldSince: isHeld ? present.heldSince : at,
    });
  }
  return words;
}

const nameIn = ({ origin, domain, user }: Logon) => JSON.stringify([origin, domain, user]);

/** ClearPass and JIMS are compared with each other, Active Directory with itself. */
const isSameOrder = (one: Pick<Logon, 'origin'>, other: Pick<Logon, 'origin'>) =>
  (one.origin === 'active-directory') === (other.origin === 'active-directory');

function saidBy(event: Event): { logon: Logon; timeoutMinutes: number } | undefined {
  if (event.kind === 'logon') return event;
  return event.kind === 'settled' && event.answer.kind === 'user' ? event.answer : undefined;
}

const presentIn = (facts: readonly Fact[], word: Word | undefined, now: number): Word | undefined =>
  word === undefined || now >= word.expiresAt || endings(facts, word).length > 0 ? undefined : word;

const isNewer = (one: Logon, other: Logon) =>
  one.instant > other.instant || (one.instant === other.instant && contentHash(one) > contentHash(other));

const isLoggedOff = (facts: readonly Fact[], logon: Logon) =>
  facts.some(({ event }) => event.kind === 'logoff' && ends(event.logoff, logon));

/**
 * What ends a logon: a newer logoff that covers it, whenever it came, a delete that found it there, or a question by a
 * clock that is ahead and by which it was over.
 */
function endings(facts: readonly Fact[], { logon, index, expiresAt }: Word) {
  return facts.filter(({ event, at }, position) => {
    if (event.kind === 'logoff') return ends(event.logoff, logon);
    if (event.kind === 'logon' || event.kind === 'released' || position <= index) return false;
    if (isMiss(event) && logon.origin === 'active-directory') return true;
    return event.kind === 'deleted' ? at < expiresAt : at >= expiresAt;
  });
}

/** Whoever asks consults ClearPass and JIMS alone. */
const isMiss = ({ kind }: Event) => kind === 'missed' || kind === 'forced';

const ends = (logoff: Logoff, logon: Logon) =>
  isSameOrder(logoff, logon) && logoff.instant > logon.instant && covers(logoff, logon);

function covers({ user, domain }: Logoff, logon: Logon): boolean {
  if (user === undefined) return true;
  return user === logon.user && (domain ?? logon.domain) === logon.domain;
}

/** Whether it is this worker that asks: it was the last to begin, has not ended, and its time is not over. */
function isAsking(facts: readonly Fact[], id: string, now: number): boolean {
  const last = facts.findLast(({ event: { kind } }) => kind === 'claimed' || kind === 'settled' || kind === 'released');
  return last?.event.kind === 'claimed' && last.event.id === id && now < last.event.untilAt;
}

function lastLogoffAt(facts: readonly Fact[]): number {
  const logoffs = facts.flatMap(({ event, at }) => (event.kind === 'logoff' ? [{ at, of: event.logoff.instant }] : []));
  const newest = Math.max(...logoffs.map((each) => each.of));
  return logoffs.find((each) => each.of === newest)?.at ?? 0;
}
