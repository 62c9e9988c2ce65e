/** What every UsageStore promises. Run against the fake and against each engine. */
import type { UsageStore } from '../../shared/identity/post-usage.ts';
import { tenantId } from '../../shared/tenancy/tenant.ts';
import { noon } from '../support/observations.ts';

export function usageStoreContract(name: string, open: () => Promise<UsageStore>) {
  describe(name, () => {
    const [t1, t10] = [tenantId('t1'), tenantId('t10')];
    const minute = 29_538_720;
    const one = { minute, units: 1, most: 10, inserted: 0 };

    let store: UsageStore;
    beforeEach(async () => {
      store = await open();
    });

    test('of many who come at once as many are let in as there is room for, and not one more', async () => {
      const both = [t1, t10].flatMap((tenant) => Array.from({ length: 30 }, async () => store.add(tenant, one)));
      const outcomes = (await Promise.all(both)).map(({ outcome }) => outcome);

      for (const ofTenant of [outcomes.slice(0, 30), outcomes.slice(30)]) {
        expect(ofTenant.filter((outcome) => outcome === 'added')).toHaveLength(10);
      }
      expect(await store.add(t1, one)).toMatchObject({ outcome: 'full', used: { minute, units: 10 } });
    });

    test('a minute that is not full takes whoever comes, however large, and nobody after it', async () => {
      await store.add(t1, { ...one, units: 9 });

      expect(await store.add(t1, { ...one, units: 512 })).toMatchObject({ outcome: 'added', used: { units: 521 } });
      expect(await store.add(t1, one)).toMatchObject({ outcome: 'full', used: { units: 521 } });
      expect((await store.add(t10, { ...one, units: 512 })).outcome).toBe('added');
    });

    test('a new minute is empty, whoever begins it, and all who come at its beginning are counted', async () => {
      await store.add(t1, { ...one, units: 10 });

      const next = await Promise.all(
        Array.from({ length: 12 }, async () => store.add(t1, { ...one, minute: minute + 1 })),
      );

      expect(next.filter(({ outcome }) => outcome === 'added')).toHaveLength(10);
      expect((await store.add(t10, one)).used.units).toBe(1);
    });

    test('whose clock is behind is counted in the minute that has begun, and takes it back for nobody', async () => {
      await store.add(t1, { ...one, units: 9, minute: minute + 1 });

      expect(await store.add(t1, one)).toMatchObject({ outcome: 'added', used: { minute: minute + 1, units: 10 } });
      expect(await store.add(t1, one)).toMatchObject({ outcome: 'full', used: { minute: minute + 1 } });
    });

    test('what was inserted adds up over the minutes, and nothing of it where there was no room', async () => {
      await store.add(t1, { ...one, inserted: 3 });
      await store.add(t1, { ...one, minute: minute + 1, units: 10, inserted: 4 });
      await store.insert(t1, 20);
      await store.add(t1, { ...one, minute: minute + 1, inserted: 100 });

      expect((await store.add(t1, { ...one, minute: minute + 1 })).used).toMatchObject({
        inserted: 27,
        counted: 0,
        countedAt: 0,
      });
      expect((await store.add(t10, one)).used.inserted).toBe(0);
    });

    test('one at a time may count, what was inserted meanwhile stays, and whoever is late is refused', async () => {
      const { used } = await store.add(t1, { ...one, inserted: 5 });
      const claim = { used, now: noon, untilAt: noon + 30_000 };

      const claims = await Promise.all(Array.from({ length: 5 }, async () => store.claim(t1, claim)));
      expect(claims.filter((each) => each === 'claimed')).toHaveLength(1);
      expect(await store.claim(t10, { ...claim, used: (await store.add(t10, one)).used })).toBe('claimed');
      await store.insert(t1, 2);
      await store.settle(t1, { used, counted: 40, at: noon });

      const { used: after } = await store.add(t1, one);
      expect(after).toMatchObject({ inserted: 2, counted: 40, countedAt: noon });
      expect(await store.claim(t1, claim)).toBe('refused'); // it was counted since
      expect(await store.claim(t1, { ...claim, used: after })).toBe('claimed');
      expect(await store.claim(t1, { used: after, now: noon + 30_000, untilAt: noon + 60_000 })).toBe('claimed'); // the first never came back
    });
  });
}
