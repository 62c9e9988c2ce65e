/** What every EntryStore promises. Run against the fake and against each engine, so that the fake cannot drift. */
import type { IpAddress } from '../../shared/identity/address.ts';
import type { EntryKey, EntryStore, Replacement, Revision } from '../../shared/identity/authentication-table.ts';
import { advance } from '../../shared/identity/advance.ts';
import {
  type ChangeNote,
  notePosition,
  type NotePosition,
  stampPosition,
  writerMs,
} from '../../shared/identity/change-notes.ts';
import type { Item } from '../../shared/identity/entry.ts';
import { acme, aLogoff, aLogon, desk, globex, instant, minutes, noon } from '../support/observations.ts';

export const keyOf = (ip: string): EntryKey => ({ ip: ip as IpAddress, slot: 'userid' });

export function entryStoreContract(name: string, open: () => Promise<EntryStore>) {
  describe(name, () => {
    let store: EntryStore;
    beforeEach(async () => {
      store = await open();
    });

    const key = keyOf(desk);
    const first = 'aaaaaaaaaaaaaaaa' as Revision;
    const second = 'bbbbbbbbbbbbbbbb' as Revision;
    const insert = async (replacement: Partial<Replacement> = {}) =>
      store.replace(acme, [{ key, revision: first, item: anItem(), ...replacement }]);

    test('reads back an item as it was written, with all that an item can hold', async () => {
      await insert({ item: aFullItem() });

      expect(await store.read(acme, [key])).toEqual([{ revision: first, item: aFullItem() }]);
    });

    test('replaces the item that was read, and what the new one does not have is gone', async () => {
      await insert({ item: aFullItem() });

      expect(await store.replace(acme, [{ key, read: first, revision: second, item: anItem() }])).toEqual(['replaced']);

      expect(await store.read(acme, [key])).toEqual([{ revision: second, item: anItem() }]);
    });

    test('refuses to insert over an item, to replace another revision, and to replace what is not there', async () => {
      await insert();

      expect(await insert({ revision: second })).toEqual(['conflict']);
      expect(await insert({ read: second, revision: second })).toEqual(['conflict']);
      expect(await insert({ key: keyOf('192.0.2.99'), read: first, revision: second })).toEqual(['conflict']);
      expect(await store.read(acme, [key, keyOf('192.0.2.99')])).toEqual([
        { revision: first, item: anItem() },
        undefined,
      ]);
    });

    test('takes and refuses each of a hundred by itself, and answers in their order', async () => {
      const keys = Array.from({ length: 100 }, (_, index) => keyOf(`10.0.0.${index}`));
      await store.replace(
        acme,
        keys.slice(0, 40).map((each) => ({ key: each, revision: first, item: anItem() })),
      );

      const results = await store.replace(
        acme,
        keys.map((each, index) => ({
          key: each,
          revision: second,
          item: aFullItem(),
          ...(index < 20 && { read: first }),
        })),
      );

      expect(results).toEqual(keys.map((_, index) => (index >= 20 && index < 40 ? 'conflict' : 'replaced')));
      const read = await store.read(acme, keys.toReversed());
      expect(read.map((each) => each?.revision).toReversed()).toEqual(
        keys.map((_, index) => (index >= 20 && index < 40 ? first : second)),
      );
      expect(read.at(-1)?.item).toEqual(aFullItem());
    });

    test('reads hundreds of keys, in their order', async () => {
      const keys = Array.from({ length: 250 }, (_, index) => keyOf(`10.2.0.${index}`));
      const there = keys.filter((_, index) => index % 3 === 0);
      await store.replace(
        acme,
        there.map((each) => ({ key: each, revision: first, item: anItem() })),
      );

      const read = await store.read(acme, keys);

      expect(read.map((each) => each?.revision)).toEqual(
        keys.map((each) => (there.includes(each) ? first : undefined)),
      );
    });

    test('shows one tenant nothing of another', async () => {
      await insert();

      expect(await store.read(globex, [key])).toEqual([undefined]);
      expect(await store.at(globex, desk)).toEqual([]);
      expect(await store.list(globex, { limit: 10 })).toEqual({ items: [] });
      expect(await store.replace(globex, [{ key, read: first, revision: second, item: anItem() }])).toEqual([
        'conflict',
      ]);
    });

    test('finds all slots of an address, and not those of one that begins alike', async () => {
      const slots = [keyOf('10.0.0.1'), { ...keyOf('10.0.0.1'), slot: 'local' as const }, keyOf('10.0.0.11')];
      await store.replace(
        acme,
        slots.map((each) => ({ key: each, revision: first, item: anItem() })),
      );

      const found = await store.at(acme, '10.0.0.1' as IpAddress);

      expect(found.map(({ slot }) => slot).sort()).toEqual(['local', 'userid']);
      expect(found[0]?.item).toEqual(anItem());
    });

    test.each([3, 100, 1_000])('lists everything once, in order, in pages of about %i', async (limit) => {
      const ips = Array.from({ length: 130 }, (_, index) =>
        index < 65 ? `10.1.0.${index}` : `2001:db8::${index.toString(16)}`,
      );
      await store.replace(
        acme,
        ips.map((ip) => ({ key: keyOf(ip), revision: first, item: anItem() })),
      );

      const listed: string[] = [];
      let page: Awaited<ReturnType<EntryStore['list']>> | undefined;
      do {
        page = await store.list(acme, { limit, ...(page?.next !== undefined && { after: page.next }) });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        listed.push(...page.items.map(({ ip }) => ip));
      } while (page.next !== undefined);

      expect(listed).toEqual(ips.toSorted((one, other) => (`${one}#` < `${other}#` ? -1 : 1)));
    });

    test.each([1, 40, 1_000])('walks over everything once, each address whole, in pages of about %i', async (limit) => {
      const ips = Array.from({ length: 90 }, (_, index) => `10.2.0.${index}`);
      const slots = ['userid', 'local', 'swg', 'fwauth', 'uac'] as const;
      const keys = ips.flatMap((ip, index) => slots.slice(0, 1 + (index % 5)).map((slot) => ({ ...keyOf(ip), slot })));
      await store.replace(
        acme,
        keys.map((each) => ({ key: each, revision: first, item: anItem() })),
      );
      await store.replace(globex, [{ key: keyOf('10.2.9.9'), revision: first, item: anItem() }]);

      const walked: string[] = [];
      let page: Awaited<ReturnType<EntryStore['walk']>> | undefined;
      do {
        page = await store.walk(acme, { limit, ...(page?.next !== undefined && { after: page.next }) });
        expect(page.items.length).toBeLessThanOrEqual(limit + 6);
        const told = Map.groupBy(page.items, ({ ip }) => ip);
        for (const [ip, own] of told) expect(own).toHaveLength(1 + (ips.indexOf(ip) % 5));
        walked.push(...page.items.map(({ ip, slot }) => `${ip}#${slot}`));
      } while (page.next !== undefined);

      expect(walked.toSorted()).toEqual(keys.map(({ ip, slot }) => `${ip}#${slot}`).toSorted());
    });

    describe('notes of changes', () => {
      test('are told after a position, in their order, as they were put', async () => {
        const [later, sooner, same] = [aNote(noon + 2, 'a1'), aNote(noon, 'b2'), aNote(noon + 2, 'a0')];
        for (const each of [later, sooner, same]) await store.notes.put(acme, each);

        expect(await store.notes.after(acme, stampPosition(noon))).toEqual({ notes: [sooner, same, later] });
        expect(await store.notes.after(acme, notePosition(sooner))).toEqual({ notes: [same, later] });
        expect(await store.notes.after(acme, notePosition(later))).toEqual({ notes: [] });
      });

      test('are one where one was put twice', async () => {
        const changes = Array.from({ length: 100 }, (_, index) => ({ ...keyOf(`10.0.0.${index}`), read: '123456' }));
        const [few, many] = [aNote(noon, 'a1'), { ...aNote(noon, 'a2'), changes }];
        for (const each of [few, few, many, many]) await store.notes.put(acme, each);

        expect((await store.notes.after(acme, stampPosition(0))).notes).toEqual([few, many]);
      });

      test('are all told where they are many, page by page', async () => {
        const notes = Array.from({ length: 1_100 }, (_, index) => aNote(noon + index, `${index}0`)); // one lane takes all
        for (let start = 0; start < notes.length; start += 100) {
          await Promise.all(notes.slice(start, start + 100).map(async (each) => store.notes.put(acme, each)));
        }

        const told: ChangeNote[] = [];
        let position: NotePosition | undefined = stampPosition(0);
        while (position !== undefined) {
          const page: Awaited<ReturnType<EntryStore['notes']['after']>> = await store.notes.after(acme, position);
          told.push(...page.notes);
          position = page.next;
        }

        expect(told).toEqual(notes);
      });

      test('show one tenant nothing of another, and are no entries', async () => {
        await store.notes.put(acme, aNote(noon, 'a1'));

        expect(await store.notes.after(globex, stampPosition(0))).toEqual({ notes: [] });
        expect(await store.list(acme, { limit: 10 })).toEqual({ items: [] });
        expect(await store.walk(acme, { limit: 10 })).toEqual({ items: [] });
      });
    });
  });
}

const aNote = (notedAt: number, id: string): ChangeNote => ({
  notedAt,
  id,
  untilAt: notedAt + writerMs,
  changes: [
    { ip: desk, slot: 'userid', read: 'abcdef' },
    { ip: '2001:db8::1' as IpAddress, slot: 'local', read: '' },
  ],
});

function anItem(): Item {
  const { item } = advance(undefined, { kind: 'logon', logon: aLogon(), timeoutMinutes: 30 }, noon);
  return itemOf(item);
}

/** Everything that an item can hold, whether or not it would meet in one. */
function aFullItem(): Item {
  const logon = aLogon({
    sentAs: 'yesterday',
    droppedGroups: ['group-201'],
    device: { groups: ['laptops'], custom: { 'MAC-Address': '00-00-5E-00-53-01' } },
  });
  const stored = advance(undefined, { kind: 'logon', logon, timeoutMinutes: 0 }, noon).item;
  const left = advance(stored, { kind: 'logoff', logoff: aLogoff({ user: 'bob', instant: instant(9) }) }, noon).item;
  const { order, ...item } = itemOf(left);
  return {
    ...item,
    order: {
      ...order,
      logoff: instant(1),
      directory: { logon: 'x', logoffs: [{ user: 'x', domain: 'y', instant: instant() }] },
    },
    query: { id: 'worker', untilAt: noon + minutes(1) },
    mark: { attempts: 2, frozenMinutes: 20, reason: 'no-answer' },
  };
}

function itemOf(item: Item | undefined): Item {
  if (item === undefined) throw new Error('There is no item.');
  return item;
}
