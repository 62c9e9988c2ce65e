/**
 * An enforcement point pulls the forwarding table: once the whole of it, then what changed since. It is told where to
 * look by the change notes, and reads the entries themselves, so a row is never older than the answer. Telling a row
 * twice changes nothing, so in doubt it is told again.
 */
import type { TenantId } from '../tenancy/tenant.ts';
import type { IpAddress } from './address.ts';
import { type EntryKey, type EntryStore, type Listed, positionOf, type Slot } from './authentication-table.ts';
import {
  type ChangeNote,
  isDue,
  notePosition,
  type NotedChange,
  type NotePosition,
  stampOf,
  writerMs,
} from './change-notes.ts';
import type { Interested } from './entry-view.ts';
import {
  beginning,
  followed,
  type Followed,
  type ForwardingCursor,
  type FullReason,
  isFarther,
  isOver,
  silencesIn,
  type Standing,
  standings,
} from './forwarding-cursor.ts';
import { type ForwardingRow, forwardingRow, type ForwardingSettings } from './forwarding-row.ts';
import type { Reading } from './reading.ts';
import { slotsIn } from './slots.ts';

export interface PullForwardingTable {
  readonly entries: EntryStore;
  readonly settingsOf: (tenant: TenantId) => Promise<ForwardingSettings>;
  readonly now: () => number;
}

export interface Pull {
  readonly since?: ForwardingCursor;
  /** About so many rows. */
  readonly limit: number;
  /** Epoch milliseconds: what is not read by then is for the next pull. */
  readonly untilAt: number;
}

export interface Pulled {
  /** Whether whoever pulls is to forget all rows first. */
  readonly full: 'yes' | 'no';
  readonly reason?: FullReason;
  readonly rows: readonly ForwardingRow[];
  /** Addresses at which nobody is known now. */
  readonly removed: readonly IpAddress[];
  /** Where changes were told, and the time (epoch milliseconds) that they are not older than. With the whole table: nowhere. */
  readonly changed: { readonly ips: readonly IpAddress[]; readonly since: number };
  readonly cursor: ForwardingCursor;
  /** Whether there is more to be had at once. */
  readonly more: 'yes' | 'no';
}

/** Lambda answers at most 6 MB. Rows are weighed, and one more page of the table or of notes is never more than half of that. */
const answerBytes = 2_500_000;

/** What is told of each address. */
interface Told {
  readonly rows: Map<IpAddress, ForwardingRow | undefined>;
  bytes: number;
}

export async function pullForwardingTable(deps: PullForwardingTable, tenant: TenantId, pull: Pull): Promise<Pulled> {
  const settings = await deps.settingsOf(tenant);
  const now = deps.now();
  const reading = settings.readingAt(now);
  const made = { tenant, digest: settings.digest, silences: silencesIn(reading), now };
  const { cursor: begun, ...begin } = beginning(pull.since, made);
  const told: Told = { rows: new Map(), bytes: 0 };
  const page = { tenant, interested: settings.interested, reading, told, ...pull };
  const walked = begun.walk === undefined ? begun : await walk(deps, begun, page);
  const { cursor, more } =
    walked.walk === undefined && isRoom(page)
      ? await follow(deps, walked, page)
      : { cursor: walked, more: 'yes' as const };
  return {
    ...begin,
    rows: [...told.rows.values()].filter((row) => row !== undefined),
    removed: [...told.rows].flatMap(([ip, row]) => (row === undefined ? [ip] : [])),
    changed: {
      ips: begin.full === 'yes' || begun.walk !== undefined ? [] : [...told.rows.keys()],
      since: stampOf(begun.at) - writerMs,
    },
    cursor,
    more,
  };
}

interface Page extends Pull {
  readonly tenant: TenantId;
  readonly interested: Interested;
  /** As of before anything was read. */
  readonly reading: Reading;
  readonly told: Told;
}

/** Tells the whole table, page by page. */
async function walk(
  { entries, now }: PullForwardingTable,
  cursor: ForwardingCursor,
  page: Page,
): Promise<ForwardingCursor> {
  const { tenant, told, limit, untilAt } = page;
  let after = cursor.walk;
  do {
    const read = await entries.walk(tenant, {
      limit: limit - told.rows.size,
      ...(after !== undefined && after !== '' && { after }),
    });
    for (const [ip, own] of Map.groupBy(read.items, (each) => each.ip)) {
      const row = forwardingRow(ip, own, page.interested, page.reading);
      if (row !== undefined) tell(told, ip, row);
    }
    after = read.next;
  } while (after !== undefined && isRoom(page) && now() < untilAt);
  const { walk: begun, ...rest } = cursor;
  return after === undefined ? rest : { ...rest, walk: after };
}

/** Tells what the notes say has changed. */
async function follow(deps: PullForwardingTable, cursor: ForwardingCursor, page: Page) {
  const { tenant, told, interested, reading } = page;
  const { notes, next } = await notesAfter(deps, cursor, page);
  const chosen = firstOf(notes, page.limit - told.rows.size);
  const due = chosen.filter(({ standing }) => standing !== 'told').flatMap(({ note }) => note.changes);
  const items = await readAll(deps.entries, tenant, due, slotsIn(reading.order));
  const done: Followed[] = [];
  const fresh = new Set<IpAddress>();
  for (const { note, standing } of chosen) {
    const isTold = standing === 'told';
    if (!isTold && told.bytes >= answerBytes) break;
    for (const { ip } of isTold ? [] : note.changes) {
      if (!fresh.has(ip)) tell(told, ip, forwardingRow(ip, items.at(ip), interested, reading));
      fresh.add(ip);
    }
    const isOpen =
      !isTold && !isOver(note, reading.now) && note.changes.some((each) => isDue(each, items.stored(each)));
    done.push({ note, state: isOpen ? 'open' : 'closed' });
  }
  const isAll = done.length === notes.length;
  const last = done.at(-1);
  const reached = isAll || last === undefined ? next : notePosition(last.note);
  const moved = followed(cursor, done, { reached, now: reading.now });
  const isMore = (!isAll || next !== undefined) && isFarther(moved, cursor);
  return { cursor: moved, more: isMore ? ('yes' as const) : ('no' as const) };
}

interface Noted {
  readonly note: ChangeNote;
  readonly standing: Standing;
}

/** The notes after a cursor, until there is enough news among them or no more. */
async function notesAfter({ entries, now }: PullForwardingTable, cursor: ForwardingCursor, page: Page) {
  const notes: ChangeNote[] = [];
  let next: NotePosition | undefined = cursor.at;
  do {
    const read: Awaited<ReturnType<EntryStore['notes']['after']>> = await entries.notes.after(page.tenant, next);
    notes.push(...read.notes);
    ({ next } = read);
  } while (next !== undefined && addressesAfter(notes, cursor.upTo) < page.limit && now() < page.untilAt);
  const all = standings(cursor, notes);
  return { notes: notes.map((note, index): Noted => ({ note, standing: all[index] ?? 'news' })), next };
}

const addressesAfter = (notes: readonly ChangeNote[], position: NotePosition) =>
  notes.reduce((sum, note) => sum + (notePosition(note) > position ? note.changes.length : 0), 0);

/** The first notes, with about so many addresses that are news, and at least one note of those. */
function firstOf(notes: readonly Noted[], most: number): readonly Noted[] {
  const news = new Set<IpAddress>();
  const end = notes.findIndex(({ note, standing }) => {
    if (standing !== 'news') return false;
    if (news.size > 0 && news.size + note.changes.length > most) return true;
    for (const { ip } of note.changes) news.add(ip);
    return false;
  });
  return end < 0 ? notes : notes.slice(0, end);
}

/** What lies at these addresses: in the slots that a look-up reads, and in those that were to change. */
async function readAll(entries: EntryStore, tenant: TenantId, changes: readonly NotedChange[], slots: readonly Slot[]) {
  const wanted = changes.flatMap(({ ip, slot }) => [slot, ...slots].map((each): EntryKey => ({ ip, slot: each })));
  const keys = [...new Map(wanted.map((key) => [positionOf(key), key])).values()];
  const read = await entries.read(tenant, keys);
  const found = new Map(keys.map((key, index) => [positionOf(key), read[index]]));
  const byAddress = Map.groupBy(keys, ({ ip }) => ip);
  const stored = (key: EntryKey) => found.get(positionOf(key));
  const listed = (key: EntryKey): Listed[] => {
    const item = stored(key)?.item;
    return item ? [{ ip: key.ip, slot: key.slot, item }] : [];
  };
  return { stored, at: (ip: IpAddress) => (byAddress.get(ip) ?? []).flatMap(listed) };
}

const isRoom = ({ told, limit }: Page) => told.rows.size < limit && told.bytes < answerBytes;

function tell(told: Told, ip: IpAddress, row: ForwardingRow | undefined) {
  told.rows.set(ip, row);
  told.bytes += weightOf(row);
}

/** At least what a row takes in an answer: each character is up to three bytes, or an escape. */
function weightOf(row: ForwardingRow | undefined): number {
  if (row === undefined) return 50;
  const standings = [row, ...row.then];
  const texts = standings.flatMap(({ domain, user, groups }) => [domain ?? '', user ?? '', ...groups]);
  return texts.reduce((sum, text) => sum + 3 * text.length + 3, 150 * standings.length);
}
