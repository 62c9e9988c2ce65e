/**
 * How far an enforcement point has followed the changes. `at` is a promise: every change whose note stands up to it has
 * been told. It may not rise past a note that is still to come, nor past one whose change is.
 */
import * as v from 'valibot';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
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
  readonly at: NotePosition;
  /** Notes after `at` whose changes are told, by their short ids. */
  readonly seen: readonly string[];
  /** Notes after `at` that were open when their addresses were told, which therefore are told again. */
  readonly open: readonly string[];
  /** Where the walk over the whole table goes on; absent once it is done. Empty: at the beginning. */
  readonly walk?: string;
}

const ids = v.array(v.pipe(v.string(), v.maxLength(12)));
const form = v.strictObject({
  tenant: v.string(),
  digest: v.string(),
  at: v.pipe(v.string(), v.regex(/^\d{15}(#[^#]+)?$/)),
  seen: ids,
  open: ids,
  walk: v.exactOptional(v.string()),
});

export const isForwardingCursor = (value: unknown): value is ForwardingCursor => v.is(form, value);

/** Why a pull begins with the whole table although there was a cursor. */
export type FullReason = 'cursor-too-old' | 'configuration-changed';

/** So long after its stamp a note may still come to light. */
const horizonMs = durableWithinMs + skewMs;

/** A cursor travels in a URL. What does not fit is told again, which changes nothing. */
const notesKept = 250;

/** Tells a note from all others of the seconds around it. */
export const shortId = ({ notedAt, id }: ChangeNote): string =>
  `${(notedAt % 36 ** 4).toString(36).padStart(4, '0')}${id.slice(-8)}`;

/** Whether the writer of a note has ended, by the clock of somebody else. */
export const isOver = ({ untilAt }: ChangeNote, now: number): boolean => now >= untilAt + skewMs;

/** The whole table is still to be told. All that was noted up to `at` is in it, as the writers of those notes have ended. */
export const fromTheBeginning = (tenant: TenantId, digest: string, now: number): ForwardingCursor => ({
  tenant,
  digest,
  at: stampPosition(now - writerMs - skewMs),
  seen: [],
  open: [],
  walk: '',
});

/** Where a pull begins. Throws `cursor-invalid` for a cursor of another tenant. */
export function beginning(
  cursor: ForwardingCursor | undefined,
  { tenant, digest, now }: { tenant: TenantId; digest: string; now: number },
): { cursor: ForwardingCursor; full: 'yes' | 'no'; reason?: FullReason } {
  const anew = fromTheBeginning(tenant, digest, now);
  if (cursor === undefined) return { cursor: anew, full: 'yes' };
  if (cursor.tenant !== tenant || cursor.at > stampPosition(now + skewMs)) {
    throw new ServiceError(
      'cursor-invalid',
      'This cursor is not one of yours. Take "cursor" of your last answer, or begin without "since".',
    );
  }
  if (cursor.at < stampPosition(now - keptMs)) return { cursor: anew, full: 'yes', reason: 'cursor-too-old' };
  if (cursor.digest !== digest) return { cursor: anew, full: 'yes', reason: 'configuration-changed' };
  return { cursor, full: 'no' };
}

/** A note whose changes were told, and whether they could still come when the items were read. */
export interface Followed {
  readonly note: ChangeNote;
  readonly state: 'open' | 'closed';
}

/** The cursor once these notes were followed: all that there are after it, or up to `reached`. `now` was before they were read. */
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
  const at = bound > cursor.at ? bound : cursor.at;
  const { open = [], closed = [] } = Object.groupBy(
    notes.filter(({ note }) => notePosition(note) > at),
    ({ state }) => state,
  );
  const ids = (of: readonly Followed[], most: number) => of.slice(0, most).map(({ note }) => shortId(note));
  const openIds = ids(open, notesKept);
  return { ...cursor, at, open: openIds, seen: ids(closed, notesKept - openIds.length) };
}

/** Whether a pull came farther than the one before, so that the next one may tell something else. */
export const isFarther = (cursor: ForwardingCursor, before: ForwardingCursor): boolean =>
  cursor.at > before.at || cursor.seen.length + cursor.open.length > before.seen.length + before.open.length;
