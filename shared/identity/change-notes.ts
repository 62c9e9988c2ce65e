/**
 * Change notes: where to look for what changed. The partitions of the table have no common order, so whoever is about to
 * replace items first notes which. A note says where, never what: whoever follows the notes reads the items themselves.
 *
 * A note needs no second write when its change is made. It names the revision that is to be replaced, and each write is
 * conditional on that: while the item still has it, the change may yet come; once it has another, this writer has
 * written, or never can. What its writer left undone is over at `untilAt`, when the writer has ended.
 */
import type { TenantId } from '../tenancy/tenant.ts';
import type { AuthenticationTable, EntryKey, Replacement, Stored } from './authentication-table.ts';
import type { Item } from './entry.ts';

export interface ChangeNote {
  /** Epoch milliseconds by the writer's clock, before it was written. */
  readonly notedAt: number;
  readonly id: string;
  /** Epoch milliseconds by the writer's clock: the writer has ended by then, finished or not. */
  readonly untilAt: number;
  readonly changes: readonly NotedChange[];
}

export interface NotedChange extends EntryKey {
  /** The end of the revision that is to be replaced; empty where there is no item yet. */
  readonly read: string;
}

/** Where a note stands among a tenant's: by its stamp, then by its id, ordered as text. */
export type NotePosition = string & { readonly brand: 'NotePosition' };

export interface ChangeNotes {
  /** What is answered is durable; the same note put twice is one. */
  put(tenant: TenantId, note: ChangeNote): Promise<void>;
  /** The notes after a position, in order; where `next` is there, all up to it, and there may be more. */
  after(
    tenant: TenantId,
    position: NotePosition,
  ): Promise<{ notes: readonly ChangeNote[]; next?: NotePosition | undefined }>;
}

/** A writer has ended so long after it noted. No function lives longer; a test holds their time-outs to it. */
export const writerMs = 60_000;

/** A note that was not durable so soon after its stamp is put again with a new one: a reader may have passed it. */
export const durableWithinMs = 10_000;

/** How far the clocks of two functions may be apart. */
export const skewMs = 5_000;

/** How long notes are kept for readers. TTL takes them later, never sooner. */
export const keptMs = 60 * 60_000;

const puts = 3;

export const stampPosition = (at: number): NotePosition => String(at).padStart(15, '0') as NotePosition;

/** Epoch milliseconds. */
export const stampOf = (position: NotePosition): number => Number(position.slice(0, 15));

export const notePosition = ({ notedAt, id }: Pick<ChangeNote, 'notedAt' | 'id'>): NotePosition =>
  `${stampPosition(notedAt)}#${id}` as NotePosition;

/** So much of a revision tells it from others; if ever two look alike, a note only counts as open for longer. */
const endOf = (revision = ''): string => revision.slice(-6);

export const isDue = ({ read }: NotedChange, current: Stored | undefined): boolean => endOf(current?.revision) === read;

/**
 * Notes what a round is about to replace. Where nothing of it is to be seen by anybody, there is nothing to note. `late`:
 * the store is slower than readers wait, and nothing may be replaced.
 */
export async function noteChanges(
  { entries, now, newRevision }: AuthenticationTable,
  tenant: TenantId,
  writes: readonly { readonly before: Item | undefined; readonly replacement: Replacement }[],
): Promise<'noted' | 'late'> {
  const seen = writes.filter(({ before, replacement }) => isSeen(before, replacement.item));
  if (seen.length === 0) return 'noted';
  const changes = seen.map(({ replacement: { key, read } }) => ({ ...key, read: endOf(read) }));
  for (let attempt = 0; attempt < puts; attempt += 1) {
    const notedAt = now();
    await entries.notes.put(tenant, { notedAt, id: newRevision(), untilAt: notedAt + writerMs, changes });
    if (now() <= notedAt + durableWithinMs) return 'noted';
  }
  return 'late';
}

/** Leases and the memory of order are nobody's to see. An entry that is the same is the same object. */
function isSeen(before: Item | undefined, after: Item): boolean {
  const [was, is] = [before?.state ?? 'ended', after.state];
  if (was === 'ended' && is === 'ended') return false;
  return was !== is || before?.expiresAt !== after.expiresAt || before.entry !== after.entry;
}
