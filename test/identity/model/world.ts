/**
 * The world in which the authentication table is proved: the table, what was told of each of its places, the sockets that
 * are open to ask about them, a clock that moves, and TTL, which comes when it likes. Between any two steps of anybody the
 * table must show what the reference makes of all that took effect so far, and the laws of questions must hold.
 */
import { isDeepStrictEqual } from 'node:util';
import type { EntryKey, Replacement, Revision, Stored } from '../../../shared/identity/authentication-table.ts';
import type { Event } from '../../../shared/identity/advance.ts';
import { isLive, type Item } from '../../../shared/identity/entry.ts';
import type { TenantId } from '../../../shared/tenancy/tenant.ts';
import { fakeEntryStore } from '../../support/fake-entry-store.ts';
import { noon } from '../../support/observations.ts';
import { lawsOfQuestions } from './laws-of-questions.ts';
import { mayBeForgottenAt, type Present, type Told, whoIsThere } from './reference.ts';
import { newSchedule } from './schedule.ts';

export interface Place {
  readonly tenant: TenantId;
  readonly key: EntryKey;
}

/**
 * What becomes of a request. `late`: others overtake it. `unheard`: it is done, but who sent it dies before the answer.
 * `twice`: the answer is lost and the SDK repeats it. `refused`: the table was too busy, and nothing is done.
 */
export type Fate = 'arrives' | 'late' | 'lost' | 'unheard' | 'twice' | 'refused';

export interface Chances {
  /** Which of so many steps that wait is next. */
  readonly step: (count: number) => number;
  readonly fate: () => Fate;
}

/** How items are kept: what can be wrong here comes to light only by races and by time. */
export interface Keeping {
  /** Epoch milliseconds from which TTL may remove an item. */
  readonly removableAt: (item: Item) => number;
  readonly revisionOf: (replacement: Replacement) => Revision;
  /** What is kept of an item that these events left; where that is nothing, the item is removed. */
  readonly kept: (item: Item, events: readonly Event[]) => Item | undefined;
}

export const asBuilt: Keeping = {
  removableAt: ({ deleteAt }) => deleteAt * 1_000,
  revisionOf: ({ revision }) => revision,
  kept: (item) => item,
};

export interface World {
  readonly turn: () => Promise<void>;
  readonly fate: () => Fate;
  readonly clock: () => number;
  readonly newRevision: () => Revision;
  /** All that was told or answered of a place since it was last forgotten, in the order in which it took effect. */
  readonly recordOf: (place: Place) => Told[];
  readonly read: (place: Place) => Promise<Stored | undefined>;
  readonly replace: (
    tenant: TenantId,
    replacement: Replacement,
    events: readonly Event[],
  ) => Promise<'replaced' | 'conflict'>;
  /** Puts down what happened, and where. */
  readonly note: (text: string, place?: Place) => void;
  /** `ends`: when items expire and leases are over. */
  readonly moveClock: (to: (clock: number, ends: readonly number[]) => number) => Promise<void>;
  /** TTL removes whatever it may. */
  readonly sweep: () => Promise<void>;
  /** A worker asks about a place, until it says that it is done, and no longer than its process lives. */
  readonly openSocket: (place: Place, id: string, closesAt: number) => { readonly close: () => void };
  /** Somebody begins to act. */
  readonly start: (actor: () => Promise<void>) => void;
  /** Runs all actors to their ends. Throws, with all that happened, where the table shows what it may not. */
  readonly run: () => Promise<readonly string[]>;
  /** Throws where an address is still being asked about. */
  readonly expectQuiet: () => Promise<void>;
}

export const nameOf = ({ tenant, key }: Place): string => `${tenant} ${key.ip}`;

export function newWorld(places: readonly Place[], { step, fate }: Chances, keeping: Keeping): World {
  const store = fakeEntryStore();
  const schedule = newSchedule(step);
  const records = new Map(places.map((place): [string, Told[]] => [nameOf(place), []]));
  const happened: string[] = [];
  const failures: unknown[] = [];
  const laws = lawsOfQuestions();
  let clock = noon;
  let revisions = 0;

  const recordOf = (place: Place) => records.get(nameOf(place)) ?? [];
  const note = (text: string, place?: Place) => happened.push(place ? `${text} @ ${nameOf(place)}` : text);
  const read = async ({ tenant, key }: Place) => (await store.read(tenant, [key]))[0];

  const wrong = (place: Place, what: string) => new Error(`${nameOf(place)} ${what}, after:\n${happened.join('\n')}`);

  async function observe() {
    for (const place of places) {
      const item = (await read(place))?.item;
      const broken = laws.brokenBy(nameOf(place), item, clock);
      if (broken !== undefined) throw wrong(place, broken);
      const shown = visible(item, clock);
      const expected = whoIsThere(recordOf(place), clock);
      if (isDeepStrictEqual(shown, expected)) continue;
      const [one, other] = [shown, expected].map((present) => (present ? JSON.stringify(present) : 'nobody'));
      throw wrong(place, `shows ${one}, not ${other}`);
    }
  }

  return {
    turn: schedule.turn,
    fate,
    clock: () => clock,
    newRevision: () => String((revisions += 1)).padStart(16, '0') as Revision,
    recordOf,
    read,
    note,

    async replace(tenant, replacement, events) {
      const kept = keeping.kept(replacement.item, events);
      const written = { ...replacement, revision: keeping.revisionOf(replacement), item: kept ?? replacement.item };
      const [result = 'conflict'] = await store.replace(tenant, [written]);
      if (result === 'replaced' && kept === undefined) store.remove(tenant, replacement.key);
      return result;
    },

    async moveClock(to) {
      const items = await Promise.all(places.map(read));
      clock = to(
        clock,
        items.flatMap((each) => (each ? [each.item.expiresAt, each.item.query?.untilAt ?? 0] : [])),
      );
      note(`clock at ${new Date(clock).toISOString()}`);
    },

    async sweep() {
      for (const place of places) {
        const found = await read(place);
        if (found === undefined || keeping.removableAt(found.item) > clock) continue;
        store.remove(place.tenant, place.key);
        note('removed by TTL', place);
        const record = recordOf(place);
        if (mayBeForgottenAt(record) <= clock) record.length = 0;
      }
    },

    openSocket(place, id, closesAt) {
      note(`socket opened by ${id}`, place);
      return laws.openSocket(nameOf(place), id, closesAt);
    },

    start(actor) {
      actor().catch((failure: unknown) => failures.push(failure));
    },

    async run() {
      await schedule.run(observe);
      if (failures.length > 0) throw new AggregateError(failures, 'An actor failed.');
      return happened;
    },

    async expectQuiet() {
      for (const place of places) {
        const item = (await read(place))?.item;
        if (isLive(item, clock) && (item.state === 'init' || item.state === 'pending')) {
          throw wrong(place, `is still ${item.state} although nobody asks`);
        }
      }
    },
  };
}

function visible(item: Item | undefined, now: number): Present | undefined {
  if (!isLive(item, now) || item.state !== 'valid' || item.entry === undefined) return undefined;
  const { origin, user, domain, groups, instant, firstSeen, heldSince } = item.entry;
  return { origin, user, domain, groups, instant, firstSeen, heldSince, expiresAt: item.expiresAt };
}
