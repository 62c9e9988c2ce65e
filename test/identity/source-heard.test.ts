import { Logger } from '@aws-lambda-powertools/logger';
import { heard, hearing, type SourceHeard, type SourceHeardStore } from '../../shared/identity/source-heard.ts';
import { dynamoSourceHeard } from '../../shared/identity/source-heard-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeSourceHeard } from '../support/fake-source-heard.ts';
import { acme, globex, hours, minutes, noon } from '../support/observations.ts';

const after = (...moments: readonly number[]) =>
  moments.reduce<SourceHeard | undefined>((before, at) => heard(before, noon + at), undefined);

describe('what is known of a source that was heard', () => {
  test('once: when', () => {
    expect(after(0)).toEqual({ lastHeardAt: noon, gaps: [] });
  });

  test('again within fifteen seconds, or earlier than the last time: nothing new', () => {
    const known = heard(undefined, noon);

    expect(heard(known, noon + 14_999)).toBe(known);
    expect(heard(known, noon - minutes(5))).toBe(known);
  });

  test('regularly: what is usual, and no gap of less than a minute', () => {
    expect(after(0, 20_000, 40_000, 60_000)).toEqual({ lastHeardAt: noon + 60_000, usualGapMs: 20_000, gaps: [] });
  });

  test('after a long time: the gap, with what was usual until then; the average takes it for three usual ones', () => {
    const { usualGapMs, gaps } = after(0, 20_000, hours(2)) ?? { gaps: [] };

    expect(gaps).toEqual([{ from: noon + 20_000, to: noon + hours(2), usualMs: 20_000 }]);
    expect(usualGapMs).toBe(25_000);
  });

  test('gaps as far back as an entry may depend on them, and the hundred longest', () => {
    const often = Array.from({ length: 300 }, (_, index) => (index + 1) * minutes(3));
    const known = after(0, hours(1), ...often.map((at) => hours(1) + at));

    expect(known?.gaps.length).toBe(100);
    expect(known?.gaps[0]).toEqual({ from: noon, to: noon + hours(1) });
    expect(heard(known, noon + hours(80)).gaps.length).toBe(1);
  });
});

test('a source is noted once in fifteen seconds by one environment, whatever it sends, each tenant’s by itself', async () => {
  const noted: string[] = [];
  const hear = hearing({
    note: async (tenant, source, at) => Promise.resolve(void noted.push(`${tenant} ${source} ${at - noon}`)),
  });

  for (const at of [0, 1, 14_999, 15_000]) await hear(acme, 'aruba-clearpass', noon + at);
  await hear(globex, 'aruba-clearpass', noon + 1);
  await hear(acme, 'active-directory', noon + 1);

  expect(noted).toEqual([
    'acme aruba-clearpass 0',
    'acme aruba-clearpass 15000',
    'globex aruba-clearpass 1',
    'acme active-directory 1',
  ]);
});

function contract(name: string, newStore: () => Promise<SourceHeardStore>) {
  describe(name, () => {
    let store: SourceHeardStore;
    beforeEach(async () => {
      store = await newStore();
    });

    test('knows nothing of who was never heard', async () => {
      expect(await store.read(acme)).toEqual(new Map());
    });

    test('keeps each source of each tenant apart', async () => {
      await store.note(acme, 'aruba-clearpass', noon);
      await store.note(acme, 'active-directory', noon + 1);
      await store.note(globex, 'identity-management', noon + 2);

      expect(await store.read(acme)).toEqual(
        new Map([
          ['aruba-clearpass', { lastHeardAt: noon, gaps: [] }],
          ['active-directory', { lastHeardAt: noon + 1, gaps: [] }],
        ]),
      );
      expect([...(await store.read(globex)).keys()]).toEqual(['identity-management']);
    });

    test('of many who note one moment one note stays, and gaps are remembered', async () => {
      await Promise.all([1, 2, 3, 4].map(async (at) => store.note(acme, 'aruba-clearpass', noon + at)));
      await store.note(acme, 'aruba-clearpass', noon + minutes(20));

      const record = (await store.read(acme)).get('aruba-clearpass');
      expect(record?.lastHeardAt).toBe(noon + minutes(20));
      expect(record?.gaps.map(({ to }) => to)).toEqual([noon + minutes(20)]);
    });
  });
}

contract('the fake', () => Promise.resolve(fakeSourceHeard()));

const logger = new Logger({ serviceName: 'test', logLevel: 'SILENT' });

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  contract('what was heard of sources', async () => {
    await emptyTable(engine, tables.journal);
    return dynamoSourceHeard(engine.client, tables.journal, logger);
  });

  test('what cannot be noted fails nobody', async () => {
    await expect(dynamoSourceHeard(engine.client, 'no-such-table', logger).note(acme, 'aruba-clearpass', noon)).resolves.toBe(undefined); // prettier-ignore
  });
});
