/** What every SessionStore promises. Run against the fake and against each engine. */
import type { IpAddress } from '../../shared/identity/address.ts';
import type { Session } from '../../shared/sessions/session.ts';
import type { SessionEntry, SessionPage, SessionStore } from '../../shared/sessions/sessions.ts';
import { tenantId } from '../../shared/tenancy/tenant.ts';
import { acme, desk, globex, minutes, noon } from '../support/observations.ts';
import { aClosed, aSession, aTenure, anUnmanaged, firewall } from '../support/sessions.ts';

export function sessionStoreContract(name: string, open: () => Promise<SessionStore>) {
  describe(name, () => {
    let store: SessionStore;
    beforeEach(async () => {
      store = await open();
    });

    const other = '192.0.2.51' as IpAddress;
    const entry: SessionEntry = { ip: desk, tenure: aTenure() };
    const taking = { places: 1, most: 3, now: noon, uncounted: 'none' as const };
    const idsOf = async (page: Partial<SessionPage> = {}, ip = desk, tenant = acme) =>
      (await store.list(tenant, ip, { limit: 100, ...page })).sessions.map(({ id }) => id);

    test('a session is read as it was opened, managed or not, and found by its id', async () => {
      const [one, nobodys] = [aSession(), anUnmanaged({ id: '4712' })];
      expect(await store.open(acme, one)).toEqual({ outcome: 'opened' });
      expect(await store.open(acme, nobodys)).toEqual({ outcome: 'opened' });

      expect(await store.read(acme, [nobodys, aSession({ id: 'unheard-of' }), one])).toEqual([nobodys, undefined, one]);
      expect(await store.find(acme, one)).toEqual(one);
      expect(await store.find(acme, { ...one, id: 'unheard-of' })).toBeUndefined();
    });

    test('many are read in the order in which they are asked for, the same one twice too', async () => {
      const some = Array.from({ length: 12 }, (_, index) => aSession({ id: `id-${index}` }));
      for (const each of some) await store.open(acme, each);

      expect(await store.read(acme, [...some, aSession({ id: 'none' }), ...some.slice(0, 2)])).toEqual([...some, undefined, ...some.slice(0, 2)]); // prettier-ignore
    });

    test('a second one is not opened where one is, unless that one is over and was read', async () => {
      await store.open(acme, aSession());
      const later = aSession({ openedAt: noon + minutes(1), heardAt: noon + minutes(1) });
      const ended = aClosed({ ending: { at: noon + 1, reason: 'user-changed' } });

      expect(await store.open(acme, later)).toEqual({ outcome: 'conflict' });
      expect(await store.open(acme, later, ended)).toEqual({ outcome: 'opened' });
      expect(await store.find(acme, later)).toEqual(later);
      expect(await store.open(acme, later, ended)).toEqual({ outcome: 'conflict' });
      expect((await store.list(acme, desk, { limit: 9 })).sessions).toEqual([later, ended]);
    });

    test('of twenty that open the same at once one does', async () => {
      const tries = Array.from({ length: 20 }, async (_, index) =>
        store.open(acme, aSession({ heardAt: noon + index })),
      );

      expect((await Promise.all(tries)).filter(({ outcome }) => outcome === 'opened')).toHaveLength(1);
    });

    test('an id that is used at another address tells where it was', async () => {
      await store.open(acme, aSession());
      const moved = aSession({ ip: other, openedAt: noon + 1 });

      expect(await store.open(acme, moved)).toEqual({ outcome: 'opened', movedFrom: desk });
      expect(await store.find(acme, moved)).toEqual(moved);
      expect(await store.close(acme, aClosed(), { id: 'elsewhere' })).toBe('closed');
      expect(await store.find(acme, moved)).toEqual(moved);
    });

    test('hearing of a session changes when it was heard of, and nothing else', async () => {
      await store.open(acme, aSession());

      expect(await store.hear(acme, aSession(), noon + minutes(3))).toBe('heard');
      expect(await store.read(acme, [aSession()])).toEqual([aSession({ heardAt: noon + minutes(3) })]);
      expect(await store.hear(acme, aSession({ openedAt: noon - 1 }), noon + minutes(4))).toBe('gone');
      expect(await store.hear(acme, aSession({ id: 'unheard-of' }), noon)).toBe('gone');
      expect(await store.read(acme, [aSession({ id: 'unheard-of' })])).toEqual([undefined]);
    });

    test('what is closed stays as it was closed, is found by its id, and is closed once', async () => {
      await store.open(acme, aSession());
      const closed = aClosed({ bytesOut: Number.MAX_SAFE_INTEGER, toldReason: 'tcp-fin' });

      expect(await store.close(acme, closed, {})).toBe('closed');
      expect(await store.close(acme, aClosed({ bytesIn: 99 }), {})).toBe('conflict');
      expect(await store.find(acme, aSession())).toEqual(closed);
      expect(await store.read(acme, [aSession()])).toEqual([undefined]);
      expect(await store.open(acme, aSession({ openedAt: noon + minutes(9) }))).toEqual({ outcome: 'opened' });
    });

    test('a session whose id names another by now is not closed by its id', async () => {
      await store.open(acme, aSession());
      await store.open(acme, aSession({ ip: other, openedAt: noon + 1 }));

      expect(await store.close(acme, aClosed(), {})).toBe('conflict');
      expect(await store.close(acme, aClosed({ ip: other, openedAt: noon }), {})).toBe('conflict');
    });

    test('a list shows the open ones first, page by page, of one credential or of all', async () => {
      const some: Session[] = ['a', 'b', 'c', 'd'].map((id) => aSession({ id }));
      for (const each of [...some, aSession({ id: 'a', credentialId: 'credential-10' })]) await store.open(acme, each);
      await store.close(acme, aClosed({ id: 'b' }), {});

      expect(await idsOf()).toEqual(['a', 'c', 'd', 'a', 'b']);
      expect(await idsOf({ credentialId: firewall })).toEqual(['a', 'c', 'd', 'b']);
      expect(await idsOf({ credentialId: firewall, only: 'open' })).toEqual(['a', 'c', 'd']);
      expect(await idsOf({ credentialId: 'credential-' })).toEqual([]);
      for (const limit of [1, 2, 3, 4, 5]) {
        const seen: string[] = [];
        let after: string | undefined;
        do {
          const page = await store.list(acme, desk, { limit, ...(after !== undefined && { after }) });
          expect(page.sessions.length).toBeLessThanOrEqual(limit);
          seen.push(...page.sessions.map(({ id }) => id));
          after = page.next;
        } while (after !== undefined);
        expect(seen).toEqual(['a', 'c', 'd', 'a', 'b']);
      }
    });

    test('tenants, addresses and credentials whose names begin alike never meet', async () => {
      const [t1, t10] = [tenantId('t1'), tenantId('t10')];
      await store.open(t1, aSession({ id: '0#x' }));
      await store.open(acme, aSession({ credentialId: 'credential-1', id: '1#x' }));

      expect(await store.find(t10, aSession({ id: '0#x' }))).toBeUndefined();
      expect(await store.find(t1, aSession({ id: 'x' }))).toBeUndefined();
      expect(await store.find(acme, aSession({ credentialId: 'credential-11', id: 'x' }))).toBeUndefined();
      expect(await idsOf({}, desk, t10)).toEqual([]);
      expect(await idsOf({}, '192.0.2.5' as IpAddress)).toEqual([]);
      expect(await idsOf({}, desk, globex)).toEqual([]);
    });

    test.each(['a#b', '#', 'OVER#1', 'ü/%2F ?', '漢'.repeat(128), ' '])('an id may be any text: %j', async (id) => {
      await store.open(acme, aSession({ id }));

      expect(await store.find(acme, aSession({ id }))).toEqual(aSession({ id }));
      expect(await store.close(acme, aClosed({ id }), {})).toBe('closed');
      expect(await store.find(acme, aSession({ id }))).toEqual(aClosed({ id }));
    });

    test('places are taken all or none, and no more than there are', async () => {
      expect(await store.take(acme, entry, { ...taking, places: 2 })).toBe('taken');
      expect(await store.take(acme, entry, { ...taking, places: 2, now: noon + 5 })).toEqual({ managed: 2, changes: 1, countedAt: noon }); // prettier-ignore
      expect(await store.take(acme, entry, { ...taking, now: noon + 7 })).toBe('taken');
      expect(await store.take(acme, entry, taking)).toEqual({ managed: 3, changes: 2, countedAt: noon + 7 });
      expect(await store.take(acme, { ...entry, tenure: aTenure({ heldSince: noon + 1 }) }, taking)).toBe('taken');
      expect(await store.take(acme, { ...entry, tenure: aTenure({ user: 'bob' }) }, taking)).toBe('taken');
      expect(await store.take(globex, entry, taking)).toBe('taken');
    });

    test('of many who take the last places at once none gets what another has', async () => {
      const tries = Array.from({ length: 12 }, async () => store.take(acme, entry, taking));

      expect((await Promise.all(tries)).filter((each) => each === 'taken')).toHaveLength(3);
    });

    test('what was forgotten is not taken for none, and is counted anew by one alone', async () => {
      const forgotten = { ...taking, uncounted: 'forgotten' as const };
      expect(await store.take(acme, entry, forgotten)).toBeUndefined();
      expect(await store.setCounter(acme, entry, { read: undefined, managed: 2, now: noon })).toBe('set');
      expect(await store.setCounter(acme, entry, { read: undefined, managed: 1, now: noon })).toBe('conflict');

      const read = await store.take(acme, entry, { ...forgotten, places: 2 });
      if (read === 'taken' || read === undefined) throw new Error('There is room for one.');
      await store.take(acme, entry, forgotten);
      expect(await store.setCounter(acme, entry, { read, managed: 0, now: noon })).toBe('conflict');
      expect(await store.take(acme, entry, forgotten)).toMatchObject({ managed: 3 });
    });

    test('a place that a closed session leaves is free again, one time', async () => {
      await store.take(acme, entry, { ...taking, places: 3 });
      await store.open(acme, aSession());
      await store.close(acme, aClosed(), { place: 'free' });
      await store.close(acme, aClosed(), { place: 'free' });

      expect(await store.take(acme, entry, taking)).toBe('taken');
      expect(await store.take(acme, entry, taking)).toMatchObject({ managed: 3 });
    });

    test('a session whose counter was forgotten is closed all the same', async () => {
      await store.open(acme, aSession());

      expect(await store.close(acme, aClosed(), { place: 'free' })).toBe('closed');
      expect(await store.take(acme, entry, { ...taking, uncounted: 'forgotten' })).toBeUndefined();
    });
  });
}
