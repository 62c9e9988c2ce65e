import { randomBytes } from 'node:crypto';
import type { IpAddress } from '../../shared/identity/address.ts';
import {
  type AuthenticationTable,
  change,
  changeOne,
  type EntryKey,
  type EntryStore,
  type Revision,
} from '../../shared/identity/authentication-table.ts';
import type { Event } from '../../shared/identity/advance.ts';
import { stampPosition, writerMs } from '../../shared/identity/change-notes.ts';
import { roomFor } from '../../shared/identity/room.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { acme, aLogoff, aLogon, deleted, desk, globex, instant, noon, told } from '../support/observations.ts';

const keyOf = (ip: string): EntryKey => ({ ip: ip as IpAddress, slot: 'userid' });
const key = keyOf(desk);
const alice = told(aLogon());
const bob = told(aLogon({ user: 'bob', instant: instant(1) }));
const goodbye = told(aLogoff({ instant: instant(2) }));
const later = told(aLogon({ instant: instant(3) }));
const untilAt = noon + 20_000;

let entries: ReturnType<typeof fakeEntryStore>;
let table: AuthenticationTable;
beforeEach(() => {
  entries = fakeEntryStore();
  table = tableOn(entries);
});

test('the events of an address are advanced one after another, and each has its outcome', async () => {
  const events = [alice, alice, bob, goodbye];

  expect(await change(table, acme, { changes: [{ key, events }], untilAt })).toEqual([
    ['stored', 'replayed', 'stored', 'ended'],
  ]);
  expect((await itemAt(key))?.state).toBe('ended');
});

test('what changes nothing writes nothing', async () => {
  await changeOne(table, acme, { key, events: [alice] });
  const [before] = await entries.read(acme, [key]);

  expect(await changeOne(table, acme, { key, events: [alice] })).toEqual(['replayed']);
  expect(await changeOne(table, acme, { key: keyOf('192.0.2.99'), events: [deleted] })).toEqual(['absent']);

  expect(await entries.read(acme, [key, keyOf('192.0.2.99')])).toEqual([before, undefined]);
});

test('hundreds of addresses are changed in one call, each outcome in its place', async () => {
  const keys = Array.from({ length: 730 }, (_, index) => keyOf(`10.0.${Math.floor(index / 250)}.${index % 250}`));
  await change(table, acme, { changes: keys.slice(0, 300).map((each) => ({ key: each, events: [alice] })), untilAt });

  const outcomes = await change(table, acme, {
    changes: keys.map((each, index) => ({ key: each, events: index % 2 ? [alice] : [bob, goodbye] })),
    untilAt,
  });

  expect(outcomes).toEqual(
    keys.map((_, index) => (index % 2 ? [index < 300 ? 'replayed' : 'stored'] : ['stored', 'ended'])),
  );
  expect((await entries.read(acme, keys)).map((each) => each?.item.state)).toEqual(
    keys.map((_, index) => (index % 2 ? 'valid' : 'ended')),
  );
});

test('two tenants with the same addresses never meet', async () => {
  await changeOne(table, acme, { key, events: [alice] });

  expect(await changeOne(table, globex, { key, events: [goodbye] })).toEqual(['remembered']);
  expect(await changeOne(table, globex, { key, events: [deleted] })).toEqual(['absent']);

  expect((await itemAt(key))?.state).toBe('valid');
  expect((await itemAt(key, globex))?.entry).toBeUndefined();
});

test('slots of one address never meet either', async () => {
  await changeOne(table, acme, { key, events: [alice] });

  await changeOne(table, acme, { key: { ...key, slot: 'local' }, events: [goodbye] });

  expect((await itemAt(key))?.state).toBe('valid');
});

describe('where others change the same address', () => {
  test('the loser reads and advances again, on what the winner left', async () => {
    const raced = tableOn(overtaken(entries, [[bob]]));

    expect(await changeOne(raced, acme, { key, events: [alice, goodbye] })).toEqual(['stale', 'ended']);

    expect(await itemAt(key)).toMatchObject({ state: 'ended', entry: { user: 'bob' } });
  });

  test('two lost races are no matter', async () => {
    const raced = tableOn(overtaken(entries, [[alice], [bob]]));

    expect(await changeOne(raced, acme, { key, events: [goodbye] })).toEqual(['ended']);
  });

  test('the third is the last: it is busy, and nothing of it is stored', async () => {
    const raced = () => tableOn(overtaken(entries, [[alice], [bob], [told(aLogoff({ instant: instant(0) }))]]));

    expect(await change(raced(), acme, { changes: [{ key, events: [goodbye] }], untilAt })).toEqual(['busy']);

    expect(await itemAt(key)).toMatchObject({ state: 'valid', entry: { user: 'bob' } });
  });

  test('one address alone that stays busy is an error that says to repeat', async () => {
    const raced = tableOn(overtaken(entries, [[alice], [bob], [deleted]]));

    await expect(changeOne(raced, acme, { key, events: [goodbye] })).rejects.toMatchObject({ code: 'busy' });
  });

  test('a place that was taken for a write that lost is given back, and whoever is there by then needs none', async () => {
    const raced = tableOn(overtaken(entries, [[alice]]));
    const room = roomFor(1, 1);

    expect(await change(raced, acme, { changes: [{ key, events: [bob] }], untilAt, room })).toEqual([['stored']]);

    expect(room.taken()).toBe(0);
    expect(await change(table, acme, { changes: [{ key: keyOf('192.0.2.99'), events: [alice] }], untilAt, room })).toEqual([['stored']]); // prettier-ignore
    expect(await change(table, acme, { changes: [{ key: keyOf('192.0.2.98'), events: [alice, goodbye, bob] }], untilAt, room })).toEqual([['stored', 'ended', 'barred']]); // prettier-ignore
    expect(await change(table, acme, { changes: [{ key: keyOf('192.0.2.97'), events: [goodbye, later] }], untilAt, room })).toEqual([['remembered', 'no-room']]); // prettier-ignore
  });

  test('only what lost goes round again: the others are done, and told so', async () => {
    const keys = ['10.0.0.1', desk, '10.0.0.2'].map(keyOf);
    const raced = overtaken(entries, [[alice], [bob], [deleted]]);
    const rounds: number[] = [];
    const counted: EntryStore = {
      ...raced,
      replace: async (tenant, replacements) => {
        rounds.push(replacements.length);
        return raced.replace(tenant, replacements);
      },
    };

    const changes = keys.map((each) => ({ key: each, events: [goodbye] }));
    const outcomes = await change(tableOn(counted), acme, { changes, untilAt });

    expect(outcomes).toEqual([['remembered'], 'busy', ['remembered']]);
    expect(rounds).toEqual([3, 1, 1]);
  });
});

describe('a write that is refused because it was sent twice', () => {
  /** The first answer is lost; the SDK sends the same again, and that is refused. */
  const sentTwice = (store: EntryStore): EntryStore => ({
    ...store,
    replace: async (tenant, replacements) => {
      await store.replace(tenant, replacements);
      return store.replace(tenant, replacements);
    },
  });

  test('counts as made, with the outcomes that it had', async () => {
    await changeOne(table, acme, { key, events: [alice] });

    expect(await changeOne(tableOn(sentTwice(entries)), acme, { key, events: [bob, goodbye] })).toEqual([
      'stored',
      'ended',
    ]);
  });

  test('is told as the delete that it was, not as one that found nobody', async () => {
    await changeOne(table, acme, { key, events: [alice] });

    expect(await changeOne(tableOn(sentTwice(entries)), acme, { key, events: [deleted] })).toEqual(['deleted']);
  });
});

describe('when time is over', () => {
  const keys = Array.from({ length: 1_000 }, (_, index) => keyOf(`10.1.${Math.floor(index / 250)}.${index % 250}`));
  const changes = keys.map((each) => ({ key: each, events: [alice] }));

  test('nothing more is begun, what was begun is finished, and a repeat makes up for the rest', async () => {
    let now = noon;
    const slow: EntryStore = {
      ...entries,
      replace: async (tenant, replacements) => {
        now = untilAt;
        return entries.replace(tenant, replacements);
      },
    };

    const outcomes = await change({ ...tableOn(slow), now: () => now }, acme, { changes, untilAt });

    const made = outcomes.filter((each) => each !== 'busy');
    expect(made.length).toBeGreaterThan(0);
    expect(made.length).toBeLessThan(1_000);
    const stored = await entries.read(acme, keys);
    expect(stored.map((each) => each !== undefined)).toEqual(outcomes.map((each) => each !== 'busy'));
    const repeat = await change(table, acme, { changes, untilAt });
    expect(repeat).toEqual(outcomes.map((each) => (each === 'busy' ? ['stored'] : ['replayed'])));
  });

  test('before it begins, all is busy and the table was not even asked', async () => {
    const refusing: EntryStore = { ...entries, read: async () => Promise.reject(new Error('Asked.')) };

    const outcomes = await change({ ...tableOn(refusing), now: () => untilAt }, acme, { changes, untilAt });

    expect(new Set(outcomes)).toEqual(new Set(['busy']));
  });
});

test('a store that fails fails the change', async () => {
  const failing: EntryStore = { ...entries, replace: async () => Promise.reject(new Error('Out of order.')) };

  await expect(change(tableOn(failing), acme, { changes: [{ key, events: [alice] }], untilAt })).rejects.toThrow(
    'Out of order.',
  );
});

test('nothing to change is nothing to answer', async () => {
  expect(await change(table, acme, { changes: [], untilAt })).toEqual([]);
});

describe('what is about to change is noted first', () => {
  const notesOf = async (tenant: TenantId = acme) => (await entries.notes.after(tenant, stampPosition(0))).notes;
  const notedBy = async (events: readonly Event[]) => {
    const known = new Set((await notesOf()).map(({ id }) => id));
    await changeOne(table, acme, { key, events });
    return (await notesOf()).filter(({ id }) => !known.has(id)).flatMap(({ changes }) => changes);
  };

  test('with the revision that is to be replaced, none where nothing is there yet, in the tenant alone', async () => {
    expect(await notedBy([alice])).toEqual([{ ...key, read: '' }]);
    const [stored] = await entries.read(acme, [key]);

    expect(await notedBy([bob])).toEqual([{ ...key, read: stored?.revision.slice(-6) }]);
    expect(await notesOf()).toMatchObject([{ notedAt: noon, untilAt: noon + writerMs }, {}]);
    expect(await notesOf(globex)).toEqual([]);
  });

  test('where nobody sees a difference, nothing is noted: a replay, a logoff of nobody, a lease', async () => {
    expect(await notedBy([goodbye])).toEqual([]); // remembered
    expect(await notedBy([told(aLogoff({ instant: instant(3) }))])).toEqual([]);
    await notedBy([told(aLogon({ instant: instant(4) }))]);
    expect(await notedBy([told(aLogon({ instant: instant(4) }))])).toEqual([]); // a replay
    expect(await notedBy([told(aLogoff({ user: 'bob', instant: instant(5) }))])).toEqual([]);
    expect(await notedBy([told(aLogoff({ instant: instant(6) }))])).toHaveLength(1);
  });

  test('an entry that only lasts longer is noted: its row says until when', async () => {
    await changeOne(table, acme, { key, events: [told(aLogon(), 30)] });

    expect(await notedBy([told(aLogon({ instant: instant(7) }), 60)])).toHaveLength(1);
  });

  test('one note for all that is replaced together, and it is durable before anything is', async () => {
    const keys = Array.from({ length: 100 }, (_, index) => keyOf(`10.3.0.${index}`));
    const steps: string[] = [];
    const watched: EntryStore = {
      ...entries,
      replace: async (tenant, replacements) => {
        steps.push(`replaced ${replacements.length}`);
        return entries.replace(tenant, replacements);
      },
      notes: {
        ...entries.notes,
        put: async (tenant, note) => {
          await entries.notes.put(tenant, note);
          steps.push(`noted ${note.changes.length}`);
        },
      },
    };

    await change(tableOn(watched), acme, { changes: keys.map((each) => ({ key: each, events: [alice] })), untilAt });

    expect(steps).toEqual(['noted 100', 'replaced 100']);
  });

  test('who lost a race notes again what is to be replaced now', async () => {
    await changeOne(table, acme, { key, events: [alice] });
    const [first] = await entries.read(acme, [key]);
    const raced = overtaken(entries, [[bob]]);

    await changeOne(tableOn(raced), acme, { key, events: [goodbye] });

    const reads = (await notesOf()).flatMap(({ changes }) => changes.map(({ read }) => read));
    const end = first?.revision.slice(-6);
    expect(reads).toHaveLength(4); // alice; the goodbye, in vain; bob; the goodbye again
    expect(reads.filter((each) => each === end)).toHaveLength(2);
    expect(new Set(reads).size).toBe(3);
  });

  test('a note that was durable too late is put again with a new stamp, and a store so slow thrice is busy', async () => {
    let now = noon;
    const lateBy = (delays: number[]): AuthenticationTable => ({
      ...tableOn({
        ...entries,
        notes: {
          ...entries.notes,
          put: async (tenant, note) => {
            now += delays.shift() ?? 0;
            return entries.notes.put(tenant, note);
          },
        },
      }),
      now: () => now,
    });

    await changeOne(lateBy([10_001, 10_000]), acme, { key, events: [alice] });

    expect((await notesOf()).map(({ notedAt }) => notedAt)).toEqual([noon, noon + 10_001]);
    const slow = lateBy([11_000, 11_000, 11_000]);
    await expect(changeOne(slow, acme, { key, events: [goodbye] })).rejects.toMatchObject({ code: 'busy' });
    expect(await itemAt(key)).toMatchObject({ state: 'valid' });
  });
});

const itemAt = async (of: EntryKey, tenant: TenantId = acme) => (await entries.read(tenant, [of]))[0]?.item;

function tableOn(store: EntryStore): AuthenticationTable {
  return { entries: store, now: () => noon, newRevision: () => randomBytes(8).toString('hex') as Revision };
}

/** Others change the desk's entry, one after another, each just before a write to it. */
function overtaken(store: EntryStore, others: readonly (readonly Event[])[]): EntryStore {
  const waiting = [...others];
  return {
    ...store,
    replace: async (tenant, replacements) => {
      const events = replacements.some((each) => each.key.ip === desk) ? waiting.shift() : undefined;
      if (events) await changeOne(tableOn(store), tenant, { key, events });
      return store.replace(tenant, replacements);
    },
  };
}
