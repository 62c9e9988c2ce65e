import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { dynamoLogCounts, dynamoLogGrants, dynamoLogPace } from '../../shared/threat-logs/log-store.ts';
import type { LogCounts, LogGrants, LogPace } from '../../shared/threat-logs/log-table.ts';
import { tenantId } from '../../shared/tenancy/tenant.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeLogCounts, fakeLogGrants, fakeLogPace } from '../support/fake-threat-logs.ts';
import { hours, minutes, noon } from '../support/observations.ts';

const [t1, t10] = [tenantId('t1'), tenantId('t10')];

interface Stores {
  readonly grants: LogGrants;
  readonly counts: LogCounts;
  readonly pace: LogPace;
}

function contract(name: string, make: (mostFirewalls?: number) => Promise<Stores>) {
  describe(name, () => {
    test('grants of a second are no more than the limit together, however many ask at once, and requests are counted', async () => {
      const { grants } = await make();
      const take = async (tenant = t1, second = 100) => grants.take(tenant, { second, lines: 3, limit: 20 });

      const granted = await Promise.all(Array.from({ length: 10 }, async () => take()));

      expect(granted.reduce((sum, { lines }) => sum + lines, 0)).toBe(20);
      expect(granted.map(({ request }) => request).toSorted((one, other) => one - other)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]); // prettier-ignore
      expect(await take()).toEqual({ lines: 0, request: 11 });
      expect([await take(t10), await take(t1, 101)]).toEqual([{ lines: 3, request: 1 }, { lines: 3, request: 1 }]); // prettier-ignore
    });

    test('counts of an hour add up by firewall, tag and what became of the lines', async () => {
      const { counts } = await make();
      const sent = { firewall: 'fw-1', tag: 'RT_SCREEN_TCP', became: 'sent', lines: 4 } as const;
      await counts.add(t1, [sent, { firewall: null, tag: null, became: 'malformed', lines: 1 }], noon);
      await counts.add(
        t1,
        [
          { ...sent, lines: 2 },
          { ...sent, tag: null, became: 'filtered', lines: 9 },
        ],
        noon + 5,
      );
      await counts.add(t10, [{ ...sent, lines: 100 }], noon);

      const told = await counts.since(t1, noon);

      expect(told).toHaveLength(2);
      expect(told.find(({ firewall }) => firewall === null)).toMatchObject({ heardAt: noon, counts: [{ became: 'malformed', tag: null, lines: 1 }] }); // prettier-ignore
      const ofIt = told.find(({ firewall }) => firewall === 'fw-1');
      expect(ofIt?.heardAt).toBe(noon + 5);
      expect(ofIt?.counts).toHaveLength(2);
      expect(ofIt?.counts).toEqual(expect.arrayContaining([{ tag: 'RT_SCREEN_TCP', became: 'sent', lines: 6 }, { tag: null, became: 'filtered', lines: 9 }])); // prettier-ignore
    });

    test('what became of its lines afterwards does not make a firewall heard, and earlier hours are left out', async () => {
      const { counts } = await make();
      const sent = { firewall: 'fw-1', tag: 'RT_SCREEN_TCP', became: 'sent', lines: 4 } as const;
      await counts.add(t1, [sent], noon);
      await counts.add(
        t1,
        [sent, { ...sent, became: 'given-up' }, { ...sent, became: 'undeliverable' }],
        noon - minutes(61),
      );

      expect(await counts.since(t1, noon)).toEqual([{ firewall: 'fw-1', heardAt: null, counts: [{ tag: 'RT_SCREEN_TCP', became: 'sent', lines: 4 }] }]); // prettier-ignore
      expect((await counts.since(t1, noon - minutes(61))).map(({ heardAt }) => heardAt)).toEqual([null, null]);
    });

    test('what could not be read is counted by what is wrong with it, with a tag or without', async () => {
      const { counts } = await make();
      const malformed = { firewall: 'fw-1', tag: 'RT_SCREEN_TCP', became: 'malformed', lines: 1 } as const;
      const faults = [
        { ...malformed, fault: 'structured-data-cut-off' },
        { ...malformed, fault: 'no-structured-data' },
        { ...malformed, fault: 'no-structured-data' },
        { ...malformed, tag: null, fault: 'no-header' },
      ] as const;
      await counts.add(t1, faults, noon);
      await counts.add(t10, [{ ...malformed, fault: 'structured-data-malformed', lines: 7 }], noon);

      const [told] = await counts.since(t1, noon);

      expect(told?.heardAt).toBe(noon);
      expect(told?.counts).toHaveLength(3);
      expect(told?.counts).toEqual(
        expect.arrayContaining([
          { tag: 'RT_SCREEN_TCP', became: 'malformed', fault: 'structured-data-cut-off', lines: 1 },
          { tag: 'RT_SCREEN_TCP', became: 'malformed', fault: 'no-structured-data', lines: 2 },
          { tag: null, became: 'malformed', fault: 'no-header', lines: 1 },
        ]),
      );
    });

    test('what was given up, and is sent again after all, is taken off it', async () => {
      const { counts } = await make();
      const count = { firewall: 'fw-1', tag: 'RT_SCREEN_TCP', became: 'given-up' } as const;
      await counts.add(t1, [{ ...count, lines: 5 }], noon);
      await counts.add(t10, [{ ...count, lines: 5 }], noon);
      await counts.add(t1, [{ ...count, lines: -5 }, { ...count, became: 'sent', lines: 5 }], noon); // prettier-ignore

      const [told] = await counts.since(t1, noon);

      expect(told?.counts).toHaveLength(2);
      expect(told?.counts).toEqual(expect.arrayContaining([{ tag: 'RT_SCREEN_TCP', became: 'given-up', lines: 0 }, { tag: 'RT_SCREEN_TCP', became: 'sent', lines: 5 }])); // prettier-ignore
      expect(await counts.since(t10, noon)).toMatchObject([{ counts: [{ became: 'given-up', lines: 5 }] }]);
    });

    test('a name is told as it is said, whatever stands in it, and is nobody else’s', async () => {
      const { counts } = await make();
      const names = ['fw', 'fw#1', '#', 'COUNT#2026-03-01T12#fw', '~', '-1', 'T#t10#THREATLOGS', 'f\u0000w', 'f\nw', '\u00a0', '\ufeffw', 'größe', 'gr\u00f6\u00dfe', '\ufffd', '__proto__', 'n'.repeat(255), '\uffff'.repeat(255), '\u{10ffff}'.repeat(127)]; // prettier-ignore
      const count = { tag: null, became: 'filtered' } as const;
      await counts.add(t1, names.map((firewall, index) => ({ ...count, firewall, lines: index + 1 })), noon); // prettier-ignore
      await counts.add(t10, [{ ...count, firewall: 'fw', lines: 99 }], noon);

      const told = await counts.since(t1, noon);

      const lines = new Map(told.map(({ firewall, counts: [first] }) => [firewall, first?.lines]));
      const expected = new Map<string, number>();
      for (const [index, name] of names.entries()) expected.set(name, (expected.get(name) ?? 0) + index + 1);
      expect(lines).toEqual(expected);
    });

    test('names that nobody gives a firewall are counted without them: too long ones, and those beyond what a site has', async () => {
      const { counts } = await make();
      const count = { tag: 'RT_SCREEN_TCP', became: 'accepted', lines: 1 } as const;
      const madeUp = Array.from({ length: 300 }, (_, index) => ({ ...count, firewall: `fw-${index}` }));
      await counts.add(t1, [...madeUp, { ...count, firewall: 'fw-0' }, { ...count, firewall: 'n'.repeat(256) }], noon);
      await counts.add(t10, [{ ...count, firewall: 'n'.repeat(1_000) }], noon);

      const told = await counts.since(t1, noon);

      expect(told).toHaveLength(201);
      const linesOf = (name: string | null) => told.find(({ firewall }) => firewall === name)?.counts.map(({ lines }) => lines); // prettier-ignore
      expect([linesOf('fw-0'), linesOf('fw-199'), linesOf('fw-200'), linesOf(null)]).toEqual([[2], [1], undefined, [101]]); // prettier-ignore
      expect(await counts.since(t10, noon)).toMatchObject([{ firewall: null, counts: [{ lines: 1 }] }]);
    });

    test('of a day so many firewalls have names, whatever number of requests tells of them, and those keep theirs', async () => {
      const { counts } = await make(10);
      const count = { tag: 'RT_SCREEN_TCP', became: 'accepted', lines: 1 } as const;
      const request = (number: number) => ['a', 'b', 'c', 'd'].map((name) => ({ ...count, firewall: `fw-${number}${name}` })); // prettier-ignore
      for (const number of [0, 1, 2, 3, 4]) await counts.add(t1, request(number), noon);
      await counts.add(t1, [...request(0), ...request(5)], noon + hours(1));
      await counts.add(t1, [{ ...count, firewall: 'fw-3a', became: 'sent' }], noon);
      await counts.add(t1, [{ ...count, firewall: 'fw-3a' }], noon + hours(12));
      await counts.add(t10, [{ ...count, firewall: 'fw-3a' }], noon);

      const told = await counts.since(t1, noon);

      const named = told.flatMap(({ firewall }) => firewall ?? []);
      expect([named.length, new Set(named).size]).toEqual([17, 13]);
      const ofNobody = told.filter(({ firewall }) => firewall === null).flatMap((each) => each.counts);
      expect(ofNobody.map(({ became, lines }) => [became, lines]).sort()).toEqual([['accepted', 4], ['accepted', 8], ['sent', 1]]); // prettier-ignore
      expect(told.filter(({ firewall }) => firewall === 'fw-3a').map(({ heardAt }) => heardAt)).toEqual([noon + hours(12)]); // prettier-ignore
      expect(await counts.since(t10, noon)).toMatchObject([{ firewall: 'fw-3a' }]);
    });

    test('who was heard, and when, is told without the counts', async () => {
      const { counts } = await make();
      const count = { firewall: 'fw-1', tag: 'RT_SCREEN_TCP', lines: 1 } as const;
      await counts.add(t1, [{ ...count, became: 'accepted' }, { ...count, firewall: null, became: 'malformed', fault: 'no-structured-data' }], noon); // prettier-ignore
      await counts.add(t1, [{ ...count, firewall: 'fw-2', became: 'sent' }], noon);
      await counts.add(t1, [{ ...count, became: 'accepted' }], noon - hours(1));
      await counts.add(t10, [{ ...count, became: 'accepted' }], noon);

      const heard = await counts.heardSince(t1, noon);

      expect(heard).toHaveLength(3);
      expect(heard).toEqual(expect.arrayContaining([{ firewall: 'fw-1', heardAt: noon }, { firewall: null, heardAt: noon }, { firewall: 'fw-2', heardAt: null }])); // prettier-ignore
    });

    test('who sends next knows what went out lately, and how far a batch had come', async () => {
      const { pace } = await make();
      const batch = { tenant: t1, id: 'a' };
      const nothing = [{ sent: [], failure: null }, { sent: 0, tries: 0 }]; // prettier-ignore
      expect([await pace.read(t1), await pace.progressOf(batch)]).toEqual(nothing);

      const lately = { sent: [{ at: noon, lines: 2 }, { at: noon + 2, lines: 30 }], failure: { since: noon - 5, at: noon, reason: 'connection-reset' } }; // prettier-ignore
      await pace.write(t1, lately);
      await pace.keepProgress(batch, { sent: 17, tries: 3 }, noon);

      expect([await pace.read(t1), await pace.progressOf(batch)]).toEqual([lately, { sent: 17, tries: 3 }]);
      expect([await pace.read(t10), await pace.progressOf({ tenant: t10, id: 'a' })]).toEqual(nothing);
      await pace.write(t1, { sent: [], failure: null });
      expect(await pace.read(t1)).toEqual({ sent: [], failure: null });
    });
  });
}

contract('the fakes', async (mostFirewalls) =>
  Promise.resolve({ grants: fakeLogGrants(), counts: fakeLogCounts(mostFirewalls), pace: fakeLogPace() }),
);

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  contract('the journal', async (mostFirewalls) => {
    await emptyTable(engine, tables.journal);
    const place = [engine.client, tables.journal] as const;
    return {
      grants: dynamoLogGrants(...place),
      counts: dynamoLogCounts(...place, mostFirewalls),
      pace: dynamoLogPace(...place),
    };
  });

  test('no name makes a key longer than DynamoDB takes, which is 1,024 bytes', async () => {
    await emptyTable(engine, tables.journal);
    const counts = dynamoLogCounts(engine.client, tables.journal);
    for (const firewall of ['\uffff'.repeat(255), '\uffff'.repeat(256), 'n'.repeat(1_000)]) {
      await counts.add(t1, [{ firewall, tag: null, became: 'filtered', lines: 1 }], noon);
    }

    const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: tables.journal }));
    const lengths = Items.map(({ sk }) => Buffer.byteLength(sk?.S ?? ''));
    expect(lengths.sort((one, other) => one - other)).toEqual([16, 21, 785]);
  });

  test('all but the pace ends by itself', async () => {
    await emptyTable(engine, tables.journal);
    const place = [engine.client, tables.journal] as const;
    await dynamoLogGrants(...place).take(t1, { second: noon / 1_000, lines: 1, limit: 1 });
    await dynamoLogCounts(...place).add(t1, [{ firewall: 'a', tag: null, became: 'filtered', lines: 1 }], noon);
    await dynamoLogPace(...place).keepProgress({ tenant: t1, id: 'a' }, { sent: 1, tries: 0 }, noon);

    const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: tables.journal }));
    const days = 3 * 24 * 60 * 60;
    expect(Items.map(({ deleteAt }) => Number(deleteAt?.N) - noon / 1_000).sort((one, other) => one - other)).toEqual([600, days, days, days]); // prettier-ignore
  });
});
