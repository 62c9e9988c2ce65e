/** What every AttemptStore promises. Run against the fake and against each engine, so that the fake cannot drift. */
import type { Attempt, AttemptStore, Place } from '../../shared/idempotency/once.ts';
import { acme, globex, minutes, noon } from '../support/observations.ts';

export const place: Place = { tenant: acme, credentialId: 'credential-1', key: 'key-1' };
export const attempt: Attempt = {
  fingerprint: 'f1',
  leaseUntilAt: noon + minutes(1),
  keptUntilAt: noon + 24 * minutes(60),
};

export function attemptStoreContract(name: string, open: () => Promise<AttemptStore>) {
  describe(name, () => {
    let store: AttemptStore;
    beforeEach(async () => {
      store = await open();
    });

    const begun = async (at = place) => {
      const stored = await store.replace(at, undefined, attempt);
      if (stored === 'conflict') throw new Error('Somebody was there before.');
      return stored;
    };

    test('knows nothing of a key that nobody sent', async () => {
      expect(await store.read(place)).toBeUndefined();
    });

    test('gives back an attempt as it was begun, and its answer as it was kept', async () => {
      const first = await begun();
      expect(await store.read(place)).toEqual({ ...attempt, revision: first.revision });

      const answer = {
        status: 201,
        headers: { Location: '/v1/tenants/acme' },
        body: '{"password":"pässword \u{1F511}"}',
      };
      const kept = await store.replace(place, first, { ...attempt, answer });

      expect(await store.read(place)).toEqual(kept);
      expect(kept).toMatchObject({ answer });
    });

    test.each([1_000_000, 4_500_000])('keeps an answer of %d characters whole', async (length) => {
      const answer = { status: 200, body: incompressible(length) };
      const first = await begun();

      await store.replace(place, first, { ...attempt, answer });

      expect((await store.read(place))?.answer).toEqual(answer);
    });

    test('of two who begin at once, or end what both have read, one is told', async () => {
      const begins = await Promise.all([store.replace(place, undefined, attempt), store.replace(place, undefined, attempt)]); // prettier-ignore
      expect(begins.filter((each) => each === 'conflict')).toHaveLength(1);

      const first = begins.find((each) => each !== 'conflict');
      const ends = await Promise.all([store.replace(place, first, attempt), store.replace(place, first, attempt)]);
      expect(ends.filter((each) => each === 'conflict')).toHaveLength(1);
    });

    test.each([
      ['key', { ...place, key: 'key-2' }],
      ['credential', { ...place, credentialId: 'credential-2' }],
      ['tenant', { ...place, tenant: globex }],
    ])('keeps another %s apart', async (_, other) => {
      await begun();

      expect(await store.read(other)).toBeUndefined();
      await begun(other);
    });
  });
}

/** Text that compresses little, the same at every run. */
function incompressible(length: number): string {
  let state = 1;
  const next = () => String.fromCharCode(33 + ((state = (state * 48_271) % 2_147_483_647) % 90));
  return Array.from({ length }, next).join('');
}
