/**
 * The authentication table: all entries of a tenant. It is changed by compare-and-set alone: read an item, advance it,
 * replace it if its revision is still the one that was read. Whoever loses the race reads and advances again.
 */
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { IpAddress } from './address.ts';
import { advance, type Event, type Outcome } from './advance.ts';
import { type ChangeNotes, noteChanges } from './change-notes.ts';
import type { Item } from './entry.ts';
import { isNewcomer, type Room } from './room.ts';

/** Whose word an item is: `userid` is the common one of ClearPass, JIMS and Active Directory; other sources have their own. */
export type Slot = 'userid' | 'local' | 'swg' | 'fwauth' | 'uac';

export interface EntryKey {
  readonly ip: IpAddress;
  readonly slot: Slot;
}

/** Where an entry stands in a listing. */
export const positionOf = ({ ip, slot }: EntryKey): string => `${ip}#${slot}`;

/** Random at each write. A counter would start at 1 again once TTL has removed the item, and let a slow writer pass. */
export type Revision = string & { readonly brand: 'Revision' };

export interface Stored {
  readonly revision: Revision;
  readonly item: Item;
}

export interface Replacement {
  readonly key: EntryKey;
  /** The revision that was read; absent where there was no item. */
  readonly read?: Revision;
  readonly revision: Revision;
  readonly item: Item;
}

export interface Listed extends EntryKey {
  readonly item: Item;
}

export interface EntryStore {
  /** What is there now, in the order of the keys; expired items too, for the order that they remember. */
  read(tenant: TenantId, keys: readonly EntryKey[]): Promise<readonly (Stored | undefined)[]>;
  /** Replaces each item that is still the one that was read, each by itself, in the order of the replacements. */
  replace(tenant: TenantId, replacements: readonly Replacement[]): Promise<readonly ('replaced' | 'conflict')[]>;
  /** The items of all slots of an address. */
  at(tenant: TenantId, ip: IpAddress): Promise<readonly Listed[]>;
  /** About `limit` items, ordered by address and slot as text, after a position; `next` is absent at the end. */
  list(tenant: TenantId, page: { after?: string; limit: number }): Promise<{ items: readonly Listed[]; next?: string }>;
  /** About `limit` items in whatever order is cheapest, after a position of its own; an address comes whole or not yet. */
  walk(tenant: TenantId, page: { after?: string; limit: number }): Promise<{ items: readonly Listed[]; next?: string }>;
  /** What is about to change, for those who follow the changes. */
  readonly notes: ChangeNotes;
}

export interface AuthenticationTable {
  readonly entries: EntryStore;
  readonly now: () => number;
  readonly newRevision: () => Revision;
}

/** How often a writer that lost the race tries again before it leaves the matter to the caller. */
const attempts = 3;

/** Addresses advanced together, and how many such groups are under way at once. */
const groupSize = 100;
const groupsAtOnce = 8;

export interface Change {
  readonly key: EntryKey;
  /** Advanced one after another, in this order. */
  readonly events: readonly Event[];
}

/** Each change's outcomes, event by event, or `busy` where it may not be made: others kept winning, or time was over. */
export type ChangeOutcome = readonly Outcome[] | 'busy';

/**
 * Makes each change, at most one to an address and slot. What is answered with outcomes is durable. Stops to begin new
 * groups at `untilAt` (epoch milliseconds): what was not begun is `busy` and may be repeated as it is.
 */
export async function change(
  table: AuthenticationTable,
  tenant: TenantId,
  { changes, untilAt, room }: { changes: readonly Change[]; untilAt: number; room?: Room },
): Promise<readonly ChangeOutcome[]> {
  const outcomes: ChangeOutcome[] = changes.map(() => 'busy');
  const starts = Array.from({ length: Math.ceil(changes.length / groupSize) }, (_, index) => index * groupSize);
  const worker = async () => {
    for (let start = starts.shift(); start !== undefined; start = starts.shift()) {
      if (table.now() >= untilAt) return;
      const group = changes.slice(start, start + groupSize);
      const made = await changeGroup(table, tenant, group, room);
      outcomes.splice(start, group.length, ...made.map((each) => (each === 'busy' ? each : each.outcomes)));
    }
  };
  await allDone(Array.from({ length: groupsAtOnce }, worker));
  return outcomes;
}

/** The outcomes of one change. Throws `busy` where it could not be made. */
export async function changeOne(
  table: AuthenticationTable,
  tenant: TenantId,
  one: Change,
): Promise<readonly Outcome[]> {
  return (await makeOne(table, tenant, one)).outcomes;
}

/** What comes of one event, and the item as it is then. Throws `busy` where it could not be made to happen. */
export async function advanceEntry(table: AuthenticationTable, tenant: TenantId, key: EntryKey, event: Event) {
  const { outcomes, item } = await makeOne(table, tenant, { key, events: [event] });
  const [outcome] = outcomes;
  if (outcome === undefined) throw new Error('One event has one outcome.');
  return { outcome, item };
}

/** As `advanceEntry`, of many addresses at once; `busy` where it could not be made to happen. */
export async function advanceEntries(
  table: AuthenticationTable,
  tenant: TenantId,
  entryKeys: readonly EntryKey[],
  event: Event,
): Promise<readonly ({ outcome: Outcome | undefined; item: Item | undefined } | 'busy')[]> {
  const changes = entryKeys.map((key) => ({ key, events: [event] }));
  const made = await changeGroup(table, tenant, changes);
  return made.map((each) => (each === 'busy' ? each : { outcome: each.outcomes[0], item: each.item }));
}

async function makeOne(table: AuthenticationTable, tenant: TenantId, one: Change): Promise<Made> {
  const [made] = await changeGroup(table, tenant, [one]);
  if (made === undefined || made === 'busy') {
    throw new ServiceError('busy', `Others are changing ${one.key.ip} at this moment. Repeat the request.`);
  }
  return made;
}

async function changeGroup(table: AuthenticationTable, tenant: TenantId, changes: readonly Change[], room?: Room) {
  const made: (Made | 'busy')[] = changes.map(() => 'busy');
  let open = changes.map((each, index) => ({ ...each, index, tried: undefined as Tried | undefined }));
  for (let attempt = 0; attempt < attempts && open.length > 0; attempt += 1) {
    const stored = await table.entries.read(
      tenant,
      open.map(({ key }) => key),
    );
    const now = table.now();
    const lost: typeof open = [];
    const writes: Write<(typeof open)[number]>[] = [];
    for (const [position, one] of open.entries()) {
      const current = stored[position];
      // A write that was refused but is there all the same was sent twice: the first one had arrived.
      if (one.tried && current?.revision === one.tried.revision) {
        made[one.index] = one.tried;
        if (one.tried.place === 'taken') room?.take();
        continue;
      }
      const { item, outcomes, place } = advanceWithin(room, current?.item, one.events, now);
      made[one.index] = { item, outcomes };
      if (item === undefined || item === current?.item) continue;
      const revision = table.newRevision();
      const replacement = { key: one.key, ...(current && { read: current.revision }), revision, item };
      writes.push({ one, before: current?.item, tried: { revision, item, outcomes, place }, replacement });
    }
    // A round that follows a lost one notes again: the revisions that it is to replace are others.
    if ((await noteChanges(table, tenant, writes)) === 'late') {
      for (const { one, tried } of writes) {
        made[one.index] = 'busy';
        if (tried.place === 'taken') room?.giveBack();
      }
      break;
    }
    const results = await table.entries.replace(
      tenant,
      writes.map(({ replacement }) => replacement),
    );
    for (const [position, { one, tried }] of writes.entries()) {
      if (results[position] === 'replaced') continue;
      made[one.index] = 'busy';
      if (tried.place === 'taken') room?.giveBack();
      lost.push({ ...one, tried });
    }
    open = lost;
  }
  return made;
}

/**
 * Waits for all, also where one has failed: a function is frozen once it has answered, and what it left under way would
 * be written whenever it wakes, long after its note was over.
 */
export async function allDone<Result>(promises: readonly Promise<Result>[]): Promise<Result[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

interface Made {
  readonly item: Item | undefined;
  readonly outcomes: readonly Outcome[];
}

interface Tried extends Made {
  readonly revision: Revision;
  /** Whether it took a place where there is room for so many. */
  readonly place: 'taken' | 'none';
}

interface Write<One> {
  readonly one: One;
  readonly before: Item | undefined;
  readonly tried: Tried;
  readonly replacement: Replacement;
}

/** Whoever is there already is changed, and logoffs are told, however little room there is. */
function advanceWithin(room: Room | undefined, before: Item | undefined, events: readonly Event[], now: number) {
  const advanced = advanceAll(before, events, now);
  if (room === undefined || !isNewcomer(before, advanced.item, now)) return { ...advanced, place: 'none' } as const;
  if (room.take() === 'taken') return { ...advanced, place: 'taken' } as const;
  const told = advanceAll(
    before,
    events.filter(({ kind }) => kind !== 'logon'),
    now,
  );
  const others = told.outcomes.values();
  const outcomes = events.map(({ kind }) => (kind === 'logon' ? 'no-room' : (others.next().value ?? 'no-room')));
  return { item: told.item, outcomes, place: 'none' } as const;
}

function advanceAll(before: Item | undefined, events: readonly Event[], now: number) {
  let item = before;
  const outcomes = events.map((event) => {
    const advanced = advance(item, event, now);
    item = advanced.item;
    return advanced.outcome;
  });
  return { item, outcomes };
}
