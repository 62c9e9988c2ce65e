/** What every FeedOutStore promises. Run against the fake and against each engine. */
import type { Feed, FeedOutStore } from '../../shared/infected-hosts/feed-out.ts';
import { acme, globex, noon } from '../support/observations.ts';

export function feedOutStoreContract(name: string, open: () => Promise<FeedOutStore>) {
  describe(name, () => {
    let store: FeedOutStore;
    beforeEach(async () => {
      store = await open();
    });

    const aFeed = (told: Partial<Feed> = {}): Feed => ({
      text: '192.0.2.50/32\n',
      version: 'one',
      madeAt: noon,
      ...told,
    });
    const aClaim = (id: string, told = {}) => ({ id, now: noon, untilAt: noon + 30_000, ...told });

    test('what one has claimed and made is read by all of its tenant, and by nobody else', async () => {
      expect(await store.read(acme)).toBeUndefined();
      expect(await store.claim(acme, undefined, aClaim('a'))).toBe('claimed');
      expect(await store.read(acme)).toBeUndefined();
      await store.put(acme, aFeed(), { id: 'a' });

      expect(await store.read(acme)).toEqual(aFeed());
      expect(await store.read(globex)).toBeUndefined();
    });

    test('an empty feed and a long one are read as they were made', async () => {
      const long = Array.from({ length: 10_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}/32\n`).join('');
      for (const text of ['', long]) {
        const read = await store.read(acme);
        await store.claim(acme, read, aClaim('a'));
        await store.put(acme, aFeed({ text, madeAt: noon + text.length }), { id: 'a' });
        expect((await store.read(acme))?.text).toBe(text);
      }
    });

    test('one that is longer than an item may be is read as it was made, and so is a short one after it', async () => {
      let random = 1;
      const byte = () => (random = (random * 48_271) % 2_147_483_647) & 255;
      const vast = Array.from({ length: 200_000 }, () => `10.${byte()}.${byte()}.${byte()}/32\n`).join('');
      const feeds = [aFeed({ text: vast, version: 'vast' }), aFeed({ madeAt: noon + 15_000 }), aFeed({ text: vast, madeAt: noon + 30_000 })]; // prettier-ignore
      for (const feed of feeds) {
        await store.claim(acme, await store.read(acme), aClaim('a'));
        await store.put(acme, feed, { id: 'a' });
        expect(await store.read(acme)).toEqual(feed);
        expect(await store.read(globex)).toBeUndefined();
      }
    });

    test('of many at once one may make it, and until its time is over or it is made nobody else', async () => {
      const all = await Promise.all(['a', 'b', 'c', 'd'].map(async (id) => store.claim(acme, undefined, aClaim(id))));
      expect(all.filter((each) => each === 'claimed')).toHaveLength(1);

      expect(await store.claim(acme, undefined, aClaim('e', { now: noon + 29_999 }))).toBe('taken');
      expect(await store.claim(globex, undefined, aClaim('e'))).toBe('claimed');
      expect(await store.claim(acme, undefined, aClaim('e', { now: noon + 30_000, untilAt: noon + 60_000 }))).toBe(
        'claimed',
      );
      await store.put(acme, aFeed(), { id: 'e' });
      expect(await store.claim(acme, aFeed(), aClaim('f', { now: noon + 30_001 }))).toBe('claimed');
    });

    test('whoever read an older one claims nothing, and whoever was overtaken puts nothing', async () => {
      await store.claim(acme, undefined, aClaim('a'));
      await store.put(acme, aFeed(), { id: 'a' });
      expect(await store.claim(acme, undefined, aClaim('b'))).toBe('taken');
      expect(await store.claim(acme, aFeed({ madeAt: noon - 1 }), aClaim('b'))).toBe('taken');

      await store.put(acme, aFeed({ text: 'late' }), { id: 'a' });
      await store.put(acme, aFeed({ text: 'nobody’s' }), { id: 'x' });
      expect(await store.read(acme)).toEqual(aFeed());
    });
  });
}
