/**
 * How far an enforcement point has followed the changes. `at` is a promise: every change whose note stands up to it has
 * been told. It may not rise past a note that is still to come, nor past one whose change is.
 */
import { hash } from 'node:crypto';
import * as v from 'valibot';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Reading, Silence } from './reading.ts';
import {
  type ChangeNote,
  durableWithinMs,
  keptMs,
  notePosition,
  type NotePosition,
  skewMs,
  stampPosition,
  writerMs,
} from './change-notes.ts';

export interface ForwardingCursor {
  /** Another tenant's cursor would do no harm, and is a mistake. */
  readonly tenant: TenantId;
  /** Of the settings that the rows told so far were made with. */
  readonly digest: string;
  /** The silences of sources by which they were made, as `silencesIn` writes them. */
  readonly silences: string;
  readonly at: NotePosition;
  /** What came to light up to here is told too, but more may come to light, and what was open is told again. */
  readonly upTo: NotePosition;
  /** Of each second between `at` and `upTo`: a fingerprint of the notes that are told. Another one, and all are told again. */
  readonly seconds: Readonly<Record<string, string>>;
  /** Notes after `at` that were open when they were told, by their short ids. */
  readonly open: readonly string[];
  /** Where the walk over the whole table goes on; absent once it is done. Empty: at the beginning. */
  readonly walk?: string;
}

const position = v.pipe(v.string(), v.regex(/^\d{15}(#[^#]+)?$/));
const form = v.strictObject({
  tenant: v.string(),
  digest: v.string(),
  silences: v.string(),
  at: position,
  upTo: position,
  seconds: v.record(v.string(), v.string()),
  open: v.array(v.string()),
  walk: v.exactOptional(v.string()),
});

export const isForwardingCursor = (value: unknown): value is ForwardingCursor => v.is(form, value);

/** Why a pull begins with the whole table although there was a cursor. */
export type FullReason = 'cursor-too-old' | 'configuration-changed' | 'source-silent-or-back';

/** So long after its stamp a note may still come to light. */
const horizonMs = durableWithinMs + skewMs;

/** A cursor travels in a URL. The seconds of open notes that it has no room for are told again whole. */
const openKept = 60;

/** Tells a note from all others of the seconds around it. */
const shortId = ({ notedAt, id }: ChangeNote): string =>
  `${(notedAt % 36 ** 4).toString(36).padStart(4, '0')}${id.slice(-8)}`;

const secondOf = ({ notedAt }: ChangeNote): string => Math.floor(notedAt / 1_000).toString(36);

const fingerprint = (notes: readonly ChangeNote[]): string => hash('sha256', notes.map(notePosition).join(), 'hex').slice(0, 12); // prettier-ignore

/** Whether the writer of a note has ended, by the clock of somebody else. */
export const isOver = ({ untilAt }: ChangeNote, now: number): boolean => now >= untilAt + skewMs;

/** The whole table is still to be told. All that was noted up to `at` is in it, as the writers of those notes have ended. */
function fromTheBeginning({ now, ...made }: Beginning): ForwardingCursor {
  const at = stampPosition(now - writerMs - skewMs);
  return { ...made, at, upTo: at, seconds: {}, open: [], walk: '' };
}

/** With what the rows of a pull are made. */
export type Beginning = Pick<ForwardingCursor, 'tenant' | 'digest' | 'silences'> & { readonly now: number };

/**
 * The silences by which rows are made, in few words: when one begins or ends, rows change although nothing was written. One
 * in which timers stood still may have begun and ended since the last pull, and rows end later by it.
 */
export const silencesIn = ({ silences, lastFreeze }: Pick<Reading, 'silences' | 'lastFreeze'>): string =>
  [...silences, ...(lastFreeze ? [lastFreeze] : [])].map(wordsOf).join();

const wordsOf = ({ source, action, since, until }: Silence) =>
  `${source} ${action} ${since.toString(36)} ${until?.toString(36) ?? ''}`;

/** Where a pull begins. Throws `cursor-invalid` for a cursor of another tenant. */
export function beginning(
  cursor: ForwardingCursor | undefined,
  made: Beginning,
): { cursor: ForwardingCursor; full: 'yes' | 'no'; reason?: FullReason } {
  const { tenant, digest, silences, now } = made;
  const anew = fromTheBeginning(made);
  if (cursor === undefined) return { cursor: anew, full: 'yes' };
  if (cursor.tenant !== tenant || cursor.at > stampPosition(now + skewMs)) {
    throw new ServiceError(
      'cursor-invalid',
      'This cursor is not one of yours. Take "cursor" of your last answer, or begin without "since".',
    );
  }
  if (cursor.at < stampPosition(now - keptMs)) return { cursor: anew, full: 'yes', reason: 'cursor-too-old' };
  if (cursor.digest !== digest) return { cursor: anew, full: 'yes', reason: 'configuration-changed' };
  if (cursor.silences !== silences) return { cursor: anew, full: 'yes', reason: 'source-silent-or-back' };
  return { cursor, full: 'no' };
}

/** What is to be done with a note after a cursor: it is told already, was told and is to be told again, or is news. */
export type Standing = 'told' | 'again' | 'news';

/** Each note's standing; `notes` are all that there are after the cursor, in order, or the first of them. */
export function standings(cursor: ForwardingCursor, notes: readonly ChangeNote[]): readonly Standing[] {
  const open = new Set(cursor.open);
  const known = notes.filter((note) => notePosition(note) <= cursor.upTo && !open.has(shortId(note)));
  const told = new Set(
    [...Map.groupBy(known, secondOf)]
      .filter(([second, own]) => cursor.seconds[second] === fingerprint(own))
      .flatMap(([, own]) => own),
  );
  return notes.map((note) => {
    if (notePosition(note) > cursor.upTo) return 'news';
    return told.has(note) ? 'told' : 'again';
  });
}

/** A note that was followed, and whether its changes could still come when the items were read. */
export interface Followed {
  readonly note: ChangeNote;
  readonly state: 'open' | 'closed';
}

/** The cursor once the first notes after it were followed: all of them, or up to `reached`. `now` was before they were read. */
export function followed(
  cursor: ForwardingCursor,
  notes: readonly Followed[],
  { reached, now }: { reached?: NotePosition | undefined; now: number },
): ForwardingCursor {
  const firstOpen = notes.find(({ state }) => state === 'open');
  const bounds = [
    stampPosition(now - horizonMs),
    ...(reached === undefined ? [] : [reached]),
    ...(firstOpen === undefined ? [] : [stampPosition(firstOpen.note.notedAt)]),
  ];
  const bound = bounds.reduce((least, each) => (each < least ? each : least));
  const at = later(cursor.at, bound);
  const rest = notes.filter(({ note }) => notePosition(note) > at);
  const [open, unkept] = parted(rest.filter(({ state }) => state === 'open').map(({ note }) => note));
  const closed = rest.filter(({ state }) => state === 'closed').map(({ note }) => note);
  const last = notes.at(-1)?.note;
  const end = last === undefined ? at : notePosition(last);
  // Seconds that lie behind what was followed this time stand as they are; the one that was cut in two is told again.
  const behind = Object.entries(cursor.seconds).filter(([second]) => end < cursor.upTo && second > (last ? secondOf(last) : '')); // prettier-ignore
  const seconds = new Map([...behind, ...[...Map.groupBy(closed, secondOf)].map(([second, own]) => [second, fingerprint(own)] as const)]); // prettier-ignore
  for (const note of unkept) seconds.delete(secondOf(note));
  if (last !== undefined && end < cursor.upTo) seconds.delete(secondOf(last));
  const upTo = later(later(cursor.upTo, end), at);
  return { ...cursor, at, upTo, seconds: Object.fromEntries(seconds), open: open.map(shortId) };
}

const parted = (open: readonly ChangeNote[]) => [open.slice(0, openKept), open.slice(openKept)] as const;

const later = (one: NotePosition, other: NotePosition): NotePosition => (one > other ? one : other);

/** Whether a pull came farther than the one before, so that the next one tells something else. */
export const isFarther = (cursor: ForwardingCursor, before: ForwardingCursor): boolean =>
  cursor.at > before.at || cursor.upTo > before.upTo;
