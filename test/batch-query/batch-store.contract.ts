/** What every BatchStore and every BatchRoster promises. Run against the fakes and against each engine. */
import { type BatchRoster, type BatchStore, type Ending, nothingCounted } from '../../shared/batch-query/batch.ts';
import type { ServerName } from '../../shared/user-query/servers.ts';
import { acme, globex, noon } from '../support/observations.ts';

const server = 'jims.example.net:443' as ServerName;
const counted = { batches: 1, records: 200, changed: 150, filtered: 30, preserved: 3, refused: 2 };

const anEnding = (told: Partial<Ending> = {}): Ending => ({
  id: 'one',
  nextAt: noon + 5_000,
  lastRunAt: noon,
  cookie: { text: 'c-1', of: server },
  knownUntil: noon - 10,
  counted,
  ...told,
});

export function batchStoreContract(name: string, open: () => Promise<BatchStore>) {
  describe(name, () => {
    let store: BatchStore;
    beforeEach(async () => {
      store = await open();
    });
    const claim = async (id: string, told: { now?: number; dueBy?: number } = {}) => {
      const { now = noon, dueBy = now } = told;
      return store.claim(acme, { id, now, dueBy, untilAt: now + 35_000 });
    };

    test('knows nothing at first', async () => {
      expect(await store.read(acme)).toEqual({ counted: nothingCounted });
    });

    test('of many who claim a batch at once one gets it, and may claim it again', async () => {
      const claims = await Promise.all(['one', 'two', 'three'].map(async (id) => claim(id)));

      expect(claims.filter((each) => each !== 'refused')).toEqual([{ leasedUntil: noon + 35_000, counted: nothingCounted }]); // prettier-ignore
      const [winner = ''] = ['one', 'two', 'three'].filter((_, index) => claims[index] !== 'refused');
      expect(await claim(winner)).not.toBe('refused');
    });

    test('a lease ends by time, and its batch is another’s', async () => {
      await claim('one');

      expect(await claim('two', { now: noon + 34_999 })).toBe('refused');
      expect(await claim('two', { now: noon + 35_000 })).not.toBe('refused');
      expect(await store.end(acme, anEnding())).toBe('outrun');
      expect(await store.read(acme)).toMatchObject({ counted: nothingCounted, leasedUntil: noon + 70_000 });
    });

    test('what came of a batch is put down once, and its lease ended', async () => {
      await claim('one');

      expect(await store.end(acme, anEnding())).toBe('ended');
      expect(await store.end(acme, anEnding())).toBe('outrun');

      expect(await store.read(acme)).toEqual({
        nextAt: noon + 5_000,
        lastRunAt: noon,
        cookie: 'c-1',
        cookieOf: server,
        knownUntil: noon - 10,
        counted,
      });
    });

    test('the next batch may be claimed once it is due', async () => {
      await claim('one');
      await store.end(acme, anEnding());

      expect(await claim('two', { now: noon + 4_999 })).toBe('refused');
      expect(await claim('two', { now: noon + 4_999, dueBy: noon + 5_000 })).toMatchObject({ cookie: 'c-1', counted });
    });

    test('a failure leaves the cookie and what is known, and the next answer takes its reason away', async () => {
      await claim('one');
      await store.end(acme, anEnding({ nextAt: noon }));
      await claim('two');
      const { cookie, knownUntil, ...failed } = anEnding({ id: 'two', nextAt: noon, reason: 'answer-timeout' });
      await store.end(acme, { ...failed, counted: nothingCounted });
      expect(await store.read(acme)).toMatchObject({ cookie: 'c-1', knownUntil: noon - 10, lastReason: 'answer-timeout', counted }); // prettier-ignore

      await claim('three');
      await store.end(acme, anEnding({ id: 'three' }));
      const state = await store.read(acme);
      expect(state).not.toHaveProperty('lastReason');
      expect(state.counted).toMatchObject({ batches: 2, records: 400 });
    });

    test('a cookie can be forgotten', async () => {
      await claim('one');
      await store.end(acme, anEnding({ nextAt: noon }));
      await claim('two');
      await store.end(acme, anEnding({ id: 'two', cookie: 'forget', reason: 'question-refused' }));

      const state = await store.read(acme);
      expect(state).not.toHaveProperty('cookie');
      expect(state).not.toHaveProperty('cookieOf');
    });

    test('one tenant sees nothing of another', async () => {
      await claim('one');
      await store.end(acme, anEnding());

      expect(await store.read(globex)).toEqual({ counted: nothingCounted });
    });
  });
}

export function batchRosterContract(name: string, open: () => Promise<BatchRoster>) {
  test(`${name} lists who was added and not removed, each once`, async () => {
    const roster = await open();
    expect(await roster.list()).toEqual([]);

    for (const tenant of [globex, acme, acme]) await roster.add(tenant);
    expect(await roster.list()).toEqual([acme, globex]);
    for (const tenant of [acme, acme]) await roster.remove(tenant);
    expect(await roster.list()).toEqual([globex]);
  });
}
