import { randomBytes } from 'node:crypto';
import { announced } from '../../shared/batch-query/announced.ts';
import { type BatchStore, type QueuedBatch } from '../../shared/batch-query/batch.ts';
import { abandonMessage, answerMessage, cellMessage } from '../../shared/batch-query/cell-message.ts';
import { type RunBatch, runBatch } from '../../shared/batch-query/run-batch.ts';
import { wakeBatches } from '../../shared/batch-query/wake-batches.ts';
import { defaults, noVersion } from '../../shared/configuration/configuration.ts';
import type { AuthenticationTable, Revision } from '../../shared/identity/authentication-table.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { type Asked, failed, type FailureReason } from '../../shared/user-query/asking.ts';
import type { QuerySettings } from '../../shared/user-query/query-settings.ts';
import { fakeBatchRoster, fakeBatchStore } from '../support/fake-batch-store.ts';
import { fakeConfigurationStore } from '../support/fake-configuration-store.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { acme, desk, globex, minutes, noon } from '../support/observations.ts';
import { aSecondary, jimsWith, querySettingsWith } from '../support/query-settings.ts';
import { fakeMeasure } from '../support/fake-measure.ts';

const invocationMs = 30_000;

let now: number;
let settings: QuerySettings;
let entries: ReturnType<typeof fakeEntryStore>;
let table: AuthenticationTable;
let batches: BatchStore;
let numbers: ReturnType<typeof fakeMeasure>;
let asked: { tenant: TenantId; hop: string; beginTime: number; count: number; cookie?: string }[];
let answers: Asked[];
/** What happens before an answer comes. */
let meanwhile: () => Promise<unknown>;
/** Who was heard, as `tenant source`. */
let heard: string[];
let sent: (QueuedBatch & { cell: number; delaySeconds: number })[];

beforeEach(() => {
  now = noon;
  settings = jims();
  entries = fakeEntryStore();
  table = { entries, now: () => now, newRevision: () => randomBytes(8).toString('hex') as Revision };
  batches = fakeBatchStore();
  numbers = fakeMeasure();
  [asked, answers, sent, heard] = [[], [], [], []];
  meanwhile = async () => Promise.resolve();
});

const jims = (told: Parameters<typeof jimsWith>[0] = {}) =>
  querySettingsWith({}, { identityManagement: jimsWith(told) });
const failing = (reason: FailureReason): Asked => ({ ...failed(reason), elapsedMs: 1 });
const entry = (ip: string, user: string | null, told: object = {}) => ({ 'ip-address': ip, 'user-name': user, roles: ['Staff'], timestamp: noon / 1_000 - 60, activity: 'login', ...told }); // prettier-ignore
const report = (cookie: string | null, ...told: readonly unknown[]): Asked => ({
  outcome: 'answered',
  body: Buffer.from(JSON.stringify({ cookie, report_entries: told })),
  elapsedMs: 0,
});

const deps = (): RunBatch => ({
  table,
  measure: numbers.measure,
  settingsOf: async () => Promise.resolve(settings),
  batches,
  cellOf: async (server) => Promise.resolve(server.startsWith('jims-2') ? 2 : 1),
  queue: {
    send: async (cell, batch, delaySeconds) => Promise.resolve(void sent.push({ ...batch, cell, delaySeconds })),
  },
  hear: async (tenant, source) => Promise.resolve(void heard.push(`${tenant} ${source}`)),
  async askBatch({ tenant }, hop, batch) {
    asked.push({ tenant, hop, ...batch });
    await meanwhile();
    return answers.shift() ?? report('same');
  },
});

let workers = 0;
const run = async (ask: QueuedBatch['ask'] = 'jims', tenant = acme) => {
  const worker = { id: `worker ${(workers += 1)}`, cell: ask === 'jims' ? 1 : 2, deadlineAt: now + invocationMs };
  return runBatch(deps(), { tenant, batch: 'next', ask }, worker);
};
const entryAt = async (ip: string, tenant = acme) =>
  (await entries.read(tenant, [{ ip: ip as typeof desk, slot: 'userid' }]))[0]?.item;
const next = (told: object = {}) => ({ tenant: acme, batch: 'next', ask: 'jims', cell: 1, delaySeconds: 5, ...told });

describe('a batch', () => {
  test('is asked for from a begin time first, and from the cookie later', async () => {
    settings = jims({ batchQuery: { itemsPerBatch: 300, queryInterval: 7 } });
    answers = [report('c-1', entry(desk, 'alice')), report('c-2')];

    await run();
    now += 7_000;
    await run();
    now += 7_000;
    await run();

    expect(asked).toMatchObject([
      { tenant: acme, hop: 'jims', beginTime: (noon - minutes(60)) / 1_000, count: 300 },
      { cookie: 'c-1', count: 300 },
      { cookie: 'c-2' },
    ]);
    expect(asked[0]).not.toHaveProperty('cookie');
    expect(sent).toEqual(Array.from({ length: 3 }, () => next({ delaySeconds: 7 })));
  });

  test.each<[string, Asked]>([
    ['with entries', report('c-1', entry(desk, 'alice'))],
    ['without any', report('c-1')],
    ['that nothing is there', { outcome: 'nobody', elapsedMs: 1 }],
  ])('that is answered %s is JIMS being heard', async (_, answer) => {
    answers = [answer, answer];
    await run();
    await run('jims', globex);

    expect(heard).toEqual([`${acme} identity-management`, `${globex} identity-management`]);
  });

  test('that fails is nobody being heard', async () => {
    answers = [failing('server-offline'), { outcome: 'answered', body: Buffer.from('<html>'), elapsedMs: 0 }];
    await run();
    now += minutes(1);
    await run();

    expect(asked).toHaveLength(2);
    expect(heard).toEqual([]);
  });

  test('begins with what is not expired yet; where nothing ever expires, with a day', async () => {
    settings = jims({ entryTimeout: 0 });

    await run();

    expect(asked).toMatchObject([{ beginTime: (noon - minutes(24 * 60)) / 1_000 }]);
  });

  test('makes its entries logons and logoffs of JIMS, under its own timeout, the latest of each address last', async () => {
    settings = jims({ entryTimeout: 40 });
    answers = [
      report(
        'c-1',
        entry(desk, 'alice', { timestamp: noon / 1_000 - 90 }),
        entry(desk, 'Bob', { 'domain-name': 'ACME' }),
        entry('192.0.2.51', 'ann'),
        entry('192.0.2.51', 'ann', { timestamp: noon / 1_000 - 30, activity: 'logout' }),
      ),
    ];

    await run();

    expect(await entryAt(desk)).toMatchObject({
      state: 'valid',
      expiresAt: noon + minutes(40),
      entry: { user: 'bob', domain: 'acme', groups: ['staff'], origin: 'identity-management', timeoutMinutes: 40 },
    });
    expect((await entryAt('192.0.2.51'))?.state).toBe('ended');
    expect(await entryAt(desk, globex)).toBeUndefined();
    expect((await batches.read(acme)).counted).toMatchObject({ batches: 1, records: 4, changed: 4, refused: 0 });
    expect((await batches.read(globex)).counted.records).toBe(0);
  });

  test('tells what it left out, and why; a bad entry costs no other', async () => {
    settings = jims({
      preserveValidUser: true,
      filters: { domains: ['acme'], includeIp: [], excludeIp: ['10.0.0.0/8'] },
    });
    const ofAcme = { 'domain-name': 'acme' };
    answers = [
      report(
        'c-1',
        ...[7, entry('nowhere', 'alice', ofAcme), entry(desk, 'x'.repeat(256), ofAcme)],
        ...[entry('192.0.2.60', 'globe'), entry('10.1.1.1', 'alice', ofAcme), entry('192.0.2.61', null, ofAcme)],
        entry('192.0.2.62', 'alice', ofAcme),
      ),
    ];

    await run();

    expect((await batches.read(acme)).counted).toEqual({ batches: 1, records: 7, changed: 1, filtered: 2, preserved: 1, refused: 3 }); // prettier-ignore
    expect((await entryAt('192.0.2.62'))?.state).toBe('valid');
  });

  test('that is full is followed at once by the next', async () => {
    settings = jims({ batchQuery: { itemsPerBatch: 100, queryInterval: 60 } });
    const hundred = Array.from({ length: 100 }, (_, index) => entry(`192.0.2.${index + 1}`, 'alice'));
    answers = [report('c-1', ...hundred), report('c-2', ...hundred.slice(1))];

    await run();
    await run();

    expect(sent.map(({ delaySeconds }) => delaySeconds)).toEqual([0, 60]);
  });

  test.each<[string, string | null]>([
    ['the same cookie', 'c-1'],
    ['no cookie', null],
  ])('that is full and comes with %s waits for its interval: nobody goes round in a circle', async (_case, cookie) => {
    settings = jims({ batchQuery: { itemsPerBatch: 100, queryInterval: 60 } });
    const hundred = Array.from({ length: 100 }, () => entry(desk, 'alice'));
    answers = [report('c-1', ...hundred), report(cookie, ...hundred)];

    await run();
    await run();

    expect(sent.map(({ delaySeconds }) => delaySeconds)).toEqual([0, 60]);
  });

  test('of which one entry cannot be stored now is asked for again', async () => {
    answers = [report('c-1', entry(desk, 'alice'))];
    table = {
      ...table,
      entries: { ...entries, replace: async (_, all) => Promise.resolve(all.map(() => 'conflict')) },
    };

    await run();

    expect(await batches.read(acme)).toMatchObject({ lastReason: 'entries-busy', counted: { batches: 0 } });
    expect(await batches.read(acme)).not.toHaveProperty('cookie');
  });

  test('knows how old it is: since the last one that was not full', async () => {
    settings = jims({ batchQuery: { itemsPerBatch: 100, queryInterval: 5 } });
    answers = [report('c-1'), report('c-2', ...Array.from({ length: 100 }, () => entry(desk, 'alice')))];
    await run();
    now += 5_000;
    await run();

    expect(await batches.read(acme)).toMatchObject({ knownUntil: noon, cookie: 'c-2' });
  });

  test('that JIMS answers with nothing at all changes nothing, and counts as all that there is', async () => {
    answers = [report('c-1'), { outcome: 'nobody', elapsedMs: 0 }];
    await run();
    now += 5_000;
    await run();

    expect(await batches.read(acme)).toMatchObject({ cookie: 'c-1', knownUntil: now, counted: { batches: 2 } });
  });
});

describe('preserve-valid-user', () => {
  const alice = entry(desk, 'alice', { timestamp: noon / 1_000 - 120 });

  test.each([
    ['on', true, 'valid'],
    ['off', false, 'ended'],
  ])('%s: a null user leaves a valid one %s', async (_case, preserveValidUser, state) => {
    settings = jims({ preserveValidUser });
    answers = [report('c-1', alice, entry(desk, null))];

    await run();

    expect((await entryAt(desk))?.state).toBe(state);
  });

  test('off: a null user that is older than the valid one ends nobody', async () => {
    answers = [report('c-1', alice, entry(desk, null, { timestamp: noon / 1_000 - 180 }))];

    await run();

    expect((await entryAt(desk))?.state).toBe('valid');
  });
});

describe('messages that are lost, repeated and late', () => {
  test('one that is not due ends, and sends nothing: there is never more than one reader', async () => {
    await run();
    sent = [];

    expect(await run()).toBe('done');

    expect([asked.length, sent]).toEqual([1, []]);
  });

  test('one that comes while another worker asks ends', async () => {
    meanwhile = async () => {
      meanwhile = async () => Promise.resolve();
      now += minutes(0.5);
      expect(await run()).toBe('done');
    };

    await run();

    expect([asked.length, sent.length]).toEqual([1, 1]);
  });

  test('one that comes a moment before it is due, by another clock, is taken', async () => {
    await run();
    now += 4_600;

    await run();

    expect(asked).toHaveLength(2);
  });

  test('a worker that is killed loses nothing: its batch is asked for again, with the same cookie', async () => {
    answers = [report('c-1')];
    await run();
    now += 5_000;
    meanwhile = async () => Promise.reject(new Error('killed'));
    await expect(run()).rejects.toThrow('killed');
    meanwhile = async () => Promise.resolve();

    now += invocationMs + 4_999;
    await run();
    expect(asked).toHaveLength(2);
    now += 1;
    answers = [report('c-2', entry(desk, 'alice'))];
    await run();

    expect(asked.slice(1)).toMatchObject([{ cookie: 'c-1' }, { cookie: 'c-1' }]);
    expect((await entryAt(desk))?.state).toBe('valid');
    expect(await batches.read(acme)).toMatchObject({ cookie: 'c-2' });
  });

  test('repeated entries change nothing', async () => {
    answers = [report('c-1', entry(desk, 'alice')), report('c-1', entry(desk, 'alice'))];
    await run();
    const before = await entryAt(desk);
    now += 5_000;
    await run();

    expect(await entryAt(desk)).toEqual(before);
    expect((await batches.read(acme)).counted).toMatchObject({ records: 2, changed: 1 });
  });
});

describe('primary and secondary', () => {
  beforeEach(() => (settings = jims({ secondary: aSecondary })));

  test('the secondary is asked at once where the primary fails, from the time by which all is known, and the primary next', async () => {
    answers = [report('c-1'), failing('connection-timeout'), report('s-1', entry(desk, 'alice'))];
    await run();
    now += 5_000;
    await run();
    expect(sent.at(-1)).toEqual(next({ ask: 'jims-secondary', cell: 2, delaySeconds: 0 }));

    await run('jims-secondary');

    expect(asked.at(-1)).toMatchObject({ hop: 'jims-secondary', beginTime: noon / 1_000 - 300 });
    expect(asked.at(-1)).not.toHaveProperty('cookie');
    expect((await entryAt(desk))?.state).toBe('valid');
    expect(sent.at(-1)).toEqual(next());
  });

  test('where both fail it is said, and half a minute later the primary is first again', async () => {
    answers = [failing('server-offline'), failing('server-failed')];
    await run();
    await run('jims-secondary');

    expect(sent.at(-1)).toEqual(next({ delaySeconds: 30 }));
    expect(await batches.read(acme)).toMatchObject({ lastReason: 'server-failed', nextAt: noon + 30_000 });
  });

  test('a secondary that is gone from the configuration is not asked: the primary is', async () => {
    settings = jims();
    const worker = { id: 'one', cell: 2, deadlineAt: now + invocationMs };

    await runBatch(deps(), { tenant: acme, batch: 'next', ask: 'jims-secondary' }, worker);

    expect([asked, sent]).toEqual([[], [next({ delaySeconds: 0 })]]);
  });
});

describe('failures', () => {
  test('a primary alone is asked again after half a minute, or its interval where that is longer', async () => {
    answers = [failing('connection-failed')];
    await run();
    expect(sent).toEqual([next({ delaySeconds: 30 })]);

    now += 30_000;
    settings = jims({ batchQuery: { itemsPerBatch: 200, queryInterval: 60 } });
    answers = [failing('connection-failed')];
    await run();
    expect(sent.at(-1)).toEqual(next({ delaySeconds: 60 }));
  });

  test('a token that another worker gets is waited for', async () => {
    settings = jims({ secondary: aSecondary });
    answers = [failing('token-awaited')];

    await run();

    expect(sent).toEqual([next({ delaySeconds: 1 })]);
  });

  test('an answer that nobody can read is a failure, and the cookie stays', async () => {
    answers = [report('c-1'), { outcome: 'answered', body: Buffer.from('<html>'), elapsedMs: 1 }];
    await run();
    now += 5_000;
    await run();

    expect(await batches.read(acme)).toMatchObject({ cookie: 'c-1', lastReason: 'answer-unreadable' });
  });

  test('a cookie that JIMS refuses is forgotten, and asked from the time by which all is known', async () => {
    answers = [report('c-1'), failing('question-refused')];
    await run();
    now += 5_000;
    await run();
    now += 30_000;
    await run();

    expect(asked.at(-1)).toMatchObject({ beginTime: noon / 1_000 - 300 });
    expect(asked.at(-1)).not.toHaveProperty('cookie');
  });
});

describe('the configuration as it is when a worker comes to the batch', () => {
  test('switched off: nothing is asked, and nothing goes on', async () => {
    settings = querySettingsWith();

    expect(await run()).toBe('done');

    expect([asked, sent]).toEqual([[], []]);
  });

  test('with IP query off batches go on', async () => {
    settings = jims({ ipQuery: { enabled: false, queryDelayTime: 15, maxConnections: 20 } });

    await run();

    expect(asked).toHaveLength(1);
  });

  test('with a server of another cell: that cell asks it, at once', async () => {
    settings = jims({ primary: aSecondary });

    await run();

    expect([asked, sent]).toEqual([[], [next({ cell: 2, delaySeconds: 0 })]]);
  });
});

describe('once a minute', () => {
  let roster: ReturnType<typeof fakeBatchRoster>;
  let unwoken: TenantId[];
  beforeEach(async () => {
    [roster, unwoken] = [fakeBatchRoster(), []];
    await roster.add(acme);
  });
  const wake = async (told: Partial<RunBatch> = {}) =>
    wakeBatches({ ...deps(), ...told, roster, now: () => now, unwoken: (tenant) => void unwoken.push(tenant) });

  test('a batch query that has not begun is sent on its way', async () => {
    await wake();

    expect(sent).toEqual([next({ delaySeconds: 0 })]);
  });

  test('one that goes on is left alone, and one whose message was lost is sent again a minute after it was due', async () => {
    await run();
    sent = [];

    now = noon + 5_000 + 59_999;
    await wake();
    expect(sent).toEqual([]);
    now += 1;
    await wake();
    expect(sent).toEqual([next({ delaySeconds: 0 })]);
  });

  test('one whose worker was killed is sent again when its lease is over', async () => {
    now += minutes(2);
    meanwhile = async () => Promise.reject(new Error('killed'));
    await expect(run()).rejects.toThrow('killed');

    now += invocationMs + 4_999;
    await wake();
    expect(sent).toEqual([]);
    now += 1;
    await wake();
    expect(sent).toHaveLength(1);
  });

  test('one that is switched off is not', async () => {
    settings = querySettingsWith();

    await wake();

    expect(sent).toEqual([]);
  });

  test('a tenant that fails costs no other, and is told', async () => {
    await roster.add(globex);
    const settingsOf: RunBatch['settingsOf'] = async (tenant) =>
      tenant === acme ? Promise.reject(new Error('no table')) : Promise.resolve(settings);

    await wake({ settingsOf });

    expect(unwoken).toEqual([acme]);
    expect(sent).toEqual([next({ tenant: globex, delaySeconds: 0 })]);
  });

  test('the roster has who has JIMS in their configuration, and no other', async () => {
    const configurations = announced(fakeConfigurationStore(), roster);
    const replace = async (tenant: TenantId, enabled: boolean, read = noVersion) =>
      configurations.replace(tenant, {
        read,
        configuration: { ...defaults, identityManagement: { ...jimsWith(), enabled } },
        changedAt: noon,
        author: { id: 'operator-1', name: 'operator' },
      });

    const { record } = await replace(globex, true);
    expect(await roster.list()).toEqual([acme, globex]);
    expect(await replace(globex, false)).toMatchObject({ outcome: 'conflict' });
    expect(await roster.list()).toEqual([acme, globex]);
    await replace(globex, false, record.version);
    expect(await roster.list()).toEqual([acme]);
  });
});

describe('messages in a cell', () => {
  test('are batches or questions, and nothing else', () => {
    expect(cellMessage(`{"tenant":"acme","work":"tell","ip":"${desk}"}`)).toEqual({ tenant: acme, work: 'tell', ip: desk }); // prettier-ignore
    expect(cellMessage('{"tenant":"acme","batch":"next","ask":"jims-secondary"}')).toEqual({ tenant: acme, batch: 'next', ask: 'jims-secondary' }); // prettier-ignore
    expect(cellMessage(`{"tenant":"acme","ip":"${desk}"}`)).toEqual({ tenant: acme, ip: desk, ask: 'clearpass' });
    expect(cellMessage(`{"tenant":"acme","ip":"${desk}","ask":"jims","heard":"x"}`)).toMatchObject({ ask: 'jims' });
    for (const bad of [
      '',
      '7',
      '{"tenant":"acme","batch":"all","ask":"jims"}',
      '{"tenant":"acme","batch":"next","ask":"clearpass"}',
    ]) {
      // prettier-ignore
      expect(() => cellMessage(bad)).toThrow();
    }
  });

  test('are answered each in its way, and a batch among the dead letters is let go', async () => {
    const worker = { id: 'one', cell: 1, deadlineAt: now + invocationMs };
    const places: unknown[] = [];
    const tell = async (_: unknown, { place }: { readonly place: unknown }) => Promise.resolve((places.push(place), 'done' as const)); // prettier-ignore
    const all = { ...(deps() as Parameters<typeof answerMessage>[0]), work: { tell } };
    const told = { tenant: acme, work: 'tell', ip: desk } as const;

    expect(await answerMessage(all, { tenant: acme, batch: 'next', ask: 'jims' }, worker)).toBe('done');
    expect(await abandonMessage(all, { tenant: acme, batch: 'next', ask: 'jims' }, worker)).toBe('done');
    expect(await answerMessage(all, told, worker)).toBe('done');
    expect(await abandonMessage(all, told, worker)).toBe('done');
    await expect(answerMessage(all, { tenant: acme, work: 'poll', feed: 'atp-cloud' }, worker)).rejects.toThrow('"poll" is nothing that is done from 1.'); // prettier-ignore

    expect(places).toEqual([1]);

    expect(asked).toHaveLength(1);
  });
});

test('what becomes of batches is counted, and of one that failed the reason is told', async () => {
  answers = [report('one', entry('192.0.2.1', 'alice')), failing('server-offline')];
  await run();
  now += minutes(5);
  await run();

  expect(numbers.measured).toEqual([
    { tenant: acme, measured: { BatchesStored: 1 } },
    { tenant: acme, measured: { BatchesFailed: 1 }, about: { reason: 'server-offline' } },
  ]);
});
