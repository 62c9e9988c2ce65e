/** What every PinStore and every ServerStore promises. Run against the fakes and against each engine. */
import type { Ending, PinStore, ServerName, ServerStore, Use } from '../../shared/user-query/servers.ts';
import { acme, globex, noon } from '../support/observations.ts';

export const cppm = 'clearpass.example.net:443' as ServerName;
const other = 'clearpass.example.net:8443' as ServerName;

export function pinStoreContract(name: string, open: () => Promise<PinStore>) {
  describe(name, () => {
    test('a server stays in the cell that it was pinned to first, whoever comes later', async () => {
      const pins = await open();
      expect(await pins.read(cppm)).toBeUndefined();

      const answers = await Promise.all([3, 1, 2].map(async (cell) => pins.pin(cppm, cell)));

      expect(new Set(answers).size).toBe(1);
      expect(await pins.pin(cppm, 7)).toBe(answers[0]);
      expect(await pins.read(cppm)).toBe(answers[0]);
      expect(await pins.pin(other, 0)).toBe(0);
    });
  });
}

const anEnding = (told: Partial<Ending> = {}): Ending => ({
  uses: [{ id: 'one', untilAt: noon + 35_000 }],
  verdict: 'heard',
  counted: 'response',
  elapsedMs: 20,
  now: noon,
  probeAt: noon + 30_000,
  ...told,
});

export function serverStoreContract(name: string, open: () => Promise<ServerStore>) {
  describe(name, () => {
    let store: ServerStore;
    beforeEach(async () => {
      store = await open();
    });
    const end = async (told?: Partial<Ending>) => store.end(acme, cppm, anEnding(told));

    test('of a server that was never asked there is nothing but zeros', async () => {
      expect(await store.read(acme, cppm)).toEqual({ queries: 0, responses: 0, errors: 0, failures: 0, uses: [] });
    });

    test('counts questions from their begin, and shows them until they end', async () => {
      await store.begin(acme, cppm, { use: { id: 'one', untilAt: noon + 35_000 } });
      await store.begin(acme, cppm, { use: { id: 'two', untilAt: noon + 36_000 } });
      expect((await store.read(acme, cppm)).uses).toHaveLength(2);

      await end({ tokenExpiresAt: noon + 60_000 });

      expect(await store.read(acme, cppm)).toEqual({
        queries: 2,
        responses: 1,
        errors: 0,
        failures: 0,
        lastResponseMs: 20,
        lastResponseAt: noon,
        tokenExpiresAt: noon + 60_000,
        uses: [{ id: 'two', untilAt: noon + 36_000 }],
      });
    });

    test('a question that begins is told what was heard before it; after too many failures it does not begin', async () => {
      const [one, two] = ['one', 'two'].map((id) => ({ id, untilAt: noon })) as [Use, Use];
      const none = { queries: 0, responses: 0, errors: 0, failures: 0, uses: [] };
      expect(await store.begin(acme, cppm, { use: one, failuresBelow: 1 })).toEqual(none);
      expect(await store.begin(acme, cppm, { use: two, failuresBelow: 1 })).toEqual({
        ...none,
        queries: 1,
        uses: [one],
      });

      await end({ uses: [one, two], verdict: 'failed', counted: 'error' });

      expect(await store.begin(acme, cppm, { use: one, failuresBelow: 1 })).toBe('refused');
      expect(await store.read(acme, cppm)).toMatchObject({ queries: 2, uses: [] });
      expect(await store.begin(acme, cppm, { use: one })).toMatchObject({ failures: 1, uses: [] });
    });

    test('no count is lost where many add at once', async () => {
      const ids = Array.from({ length: 20 }, (_, index) => `worker#${index}`);
      await Promise.all(
        ids.map(async (id) => {
          await store.begin(acme, cppm, { use: { id, untilAt: noon } });
          await end({ uses: [{ id, untilAt: noon }], verdict: 'failed', counted: 'error', reason: 'answer-timeout' });
        }),
      );

      expect(await store.read(acme, cppm)).toEqual({
        queries: 20,
        responses: 0,
        errors: 20,
        failures: 20,
        probeAt: noon + 30_000,
        lastReason: 'answer-timeout',
        uses: [],
      });
    });

    test('whoever hears the server ends the row of failures; who did not reach it changes nothing of that', async () => {
      await end({ verdict: 'failed', counted: 'error', reason: 'connection-failed' });
      await end({ verdict: 'neither', counted: 'error', reason: 'token-awaited' });
      expect(await store.read(acme, cppm)).toMatchObject({ errors: 2, failures: 1, lastReason: 'token-awaited' });

      await end({ verdict: 'heard', counted: 'error', reason: 'question-refused' });
      expect(await store.read(acme, cppm)).toMatchObject({ errors: 3, failures: 0, lastResponseMs: 20 });
    });

    test('one of many gets the probe', async () => {
      await end({ verdict: 'failed', counted: 'error', reason: 'connection-failed' });
      const seen = noon + 30_000;

      const claims = await Promise.all(
        [1, 2, 3].map(async () => store.claimProbe(acme, cppm, { seen, next: seen + 30_000 })),
      );

      expect(claims.sort()).toEqual(['claimed', 'refused', 'refused']);
      expect(await store.claimProbe(globex, cppm, { seen, next: seen })).toBe('refused');
    });

    test('what one tenant hears of a server is nothing to another', async () => {
      await store.begin(acme, cppm, { use: { id: 'one', untilAt: noon } });
      await end({ verdict: 'failed', counted: 'error', reason: 'connection-failed' });

      for (const [tenant, server] of [
        [globex, cppm],
        [acme, other],
      ] as const) {
        // prettier-ignore
        expect(await store.read(tenant, server)).toEqual({ queries: 0, responses: 0, errors: 0, failures: 0, uses: [] });
      }
    });
  });
}
