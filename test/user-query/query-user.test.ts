import { randomBytes } from 'node:crypto';
import type { Event } from '../../shared/identity/advance.ts';
import { advanceEntry, type AuthenticationTable, type Revision } from '../../shared/identity/authentication-table.ts';
import { entryIn, isLive } from '../../shared/identity/entry.ts';
import type { StoryLine } from '../../shared/journal/story.ts';
import { abandonQuery } from '../../shared/user-query/abandon-query.ts';
import type { QueuedQuestion } from '../../shared/user-query/ask-about.ts';
import { type Asked, failed } from '../../shared/user-query/asking.ts';
import { type Asking, type QueryUser, queryUser } from '../../shared/user-query/query-user.ts';
import type { QuerySettings } from '../../shared/user-query/query-settings.ts';
import { openQuestion, openQuestions, type QuestionStore } from '../../shared/user-query/questions.ts';
import { codeOfAsync } from '../support/errors.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { fakeQuestionStore } from '../support/fake-question-store.ts';
import { acme, aLogoff, aLogon, desk, globex, instant, minutes, noon, told } from '../support/observations.ts';
import { claimed, forced, missed } from '../support/query-events.ts';
import { querySettingsWith } from '../support/query-settings.ts';
import { fakeMeasure } from '../support/fake-measure.ts';

const question = { tenant: acme, ip: desk, ask: 'clearpass' as const };
const key = { ip: desk, slot: 'userid' as const };
const invocationMs = 30_000;

let now: number;
let settings: QuerySettings;
let entries: ReturnType<typeof fakeEntryStore>;
let table: AuthenticationTable;
let questions: QuestionStore;
/** What was asked so far, and what the next question brings; `meanwhile` happens before the answer. */
let asked: Asking[];
let answer: Asked;
let meanwhile: () => Promise<unknown>;
/** Who was heard, as `tenant source`. */
let sources: string[];
/** Addresses that endpoints were taught, as `tenant source mac ip`. */
let taught: string[];
let forwarded: (QueuedQuestion & { cell: number })[];
let numbers: ReturnType<typeof fakeMeasure>;
let story: (StoryLine & { tenant: string; days: number })[];

beforeEach(async () => {
  now = noon;
  settings = querySettingsWith();
  entries = fakeEntryStore();
  table = { entries, now: () => now, newRevision: () => randomBytes(8).toString('hex') as Revision };
  questions = fakeQuestionStore();
  numbers = fakeMeasure();
  [asked, forwarded, story, sources, taught] = [[], [], [], [], []];
  answer = answered({ user: 'alice', domain: 'acme', updated_at: '2026-03-01T12:00:00Z' });
  meanwhile = async () => Promise.resolve();
  await openQuestion({ questions, most: 10 }, acme, now);
  await happens(missed);
});

describe('a question', () => {
  test('is asked once, and whoever ClearPass names is there, as if they had been posted', async () => {
    settings = querySettingsWith({}, { entryTimeoutMinutes: 20 });
    answer = answered({
      user: 'Alice',
      domain: 'ACME',
      roles: ['Staff'],
      spt: 'HEALTHY',
      updated_at: '2026-03-01T12:00:00Z',
    });

    expect(await handled()).toBe('done');

    expect(asked).toMatchObject([{ ...question, server: 'clearpass.example.net:443', settings }]);
    expect(await item()).toMatchObject({
      state: 'valid',
      expiresAt: noon + minutes(20),
      entry: { user: 'alice', domain: 'acme', groups: ['posture-healthy', 'staff'], source: 'Aruba ClearPass' },
    });
    expect(await open()).toBe(0);
  });

  test.each([
    ['may have some', 'some' as const, [`${acme} query 00:11:22:33:ca:fe ${desk}`]],
    ['has none', 'none' as const, []],
  ])('whose answer names a MAC teaches that endpoint its address where the tenant %s', async (_, endpoints, told) => {
    settings = querySettingsWith({}, { endpoints });
    answer = answered({ user: 'alice', mac: '00-11-22-33-CA-FE', updated_at: '2026-03-01T12:00:00Z' });

    await handled();

    expect(taught).toEqual(told);
  });

  test('holds the address pending while it is asked, until five seconds after the end of the invocation', async () => {
    let seen: unknown;
    meanwhile = async () => (seen = await item());

    await handled();

    expect(seen).toMatchObject({ state: 'pending', query: { untilAt: noon + invocationMs + 5_000 } });
  });

  test.each<[string, Asked, string]>([
    ['knows nobody there', { outcome: 'nobody', elapsedMs: 1 }, 'no-record'],
    ['answers with nothing', answered([]), 'no-record'],
    ['tells of another address', answered({ user: 'alice', ip: '192.0.2.99' }), 'other-address'],
    ['names nobody', answered({ mac: '00-11-22-33-44-55' }), 'no-user'],
    ['tells that the user is offline', answered({ user: 'alice', is_online: false }), 'user-offline'],
    ['answers what nobody can read', answered('<html>'), 'answer-unreadable'],
    ['refuses the question', { ...failed('question-refused'), elapsedMs: 1 }, 'question-refused'],
    ['is offline', { ...failed('server-offline'), elapsedMs: 0 }, 'server-offline'],
  ])('of a ClearPass that %s makes the address invalid at once, with the reason', async (_, told, reason) => {
    answer = told;

    expect(await handled()).toBe('done');

    expect(await item()).toMatchObject({ state: 'invalid', mark: { reason, frozenMinutes: 30 } });
    expect(await open()).toBe(0);
  });

  test.each<[string, Asked, readonly string[]]>([
    ['names somebody', answered({ user: 'alice' }), [`${acme} aruba-clearpass`]],
    ['knows nobody', { outcome: 'nobody', elapsedMs: 1 }, [`${acme} aruba-clearpass`]],
    ['names somebody offline', answered({ user: 'alice', is_online: false }), [`${acme} aruba-clearpass`]],
    ['answers what nobody can read', answered('<html>'), []],
    ['is offline', { ...failed('server-offline'), elapsedMs: 0 }, []],
    ['may answer later', { ...failed('connection-reset'), elapsedMs: 1 }, []],
  ])('to a ClearPass that %s tells when it was heard', async (_, told, expected) => {
    answer = told;

    await handled();

    expect(sources).toEqual(expected);
  });

  test('whose failure may pass comes back after five seconds and is free for any worker; its second failure is the last', async () => {
    answer = { ...failed('connection-reset'), elapsedMs: 1 };

    expect(await handled('one')).toEqual({ againAfterSeconds: 5 });
    expect(await item()).toMatchObject({ state: 'pending', mark: { attempts: 1 } });
    expect(await item()).not.toHaveProperty('query');
    expect(await open()).toBe(1);

    now += 5_000;
    expect(await handled('two')).toBe('done');
    expect(await item()).toMatchObject({ state: 'invalid', mark: { reason: 'connection-reset', attempts: 2 } });
    expect(await open()).toBe(0);
  });

  test('for which another worker gets the token comes back after a second', async () => {
    answer = { ...failed('token-awaited'), elapsedMs: 0 };

    expect(await handled()).toEqual({ againAfterSeconds: 1 });
    expect(await item()).not.toHaveProperty('query');
  });

  test('waits while another worker asks, and opens nothing', async () => {
    await happens(claimed('another'));

    expect(await handled()).toEqual({ againAfterSeconds: 35 });

    expect(asked).toEqual([]);
  });

  test('whose address was posted during the delay is not asked', async () => {
    await happens(told(aLogon()));

    expect(await handled()).toBe('done');

    expect(asked).toEqual([]);
    expect(entryIn(await item())?.user).toBe('alice');
  });

  test('that comes late, when its mark has ended, is asked all the same', async () => {
    now += minutes(20);

    await handled();

    expect(await item()).toMatchObject({ state: 'valid', expiresAt: now + minutes(30) });
  });

  test('never replaces who is posted while it is asked', async () => {
    meanwhile = async () => happens(told(aLogon({ user: 'bob', instant: instant(1) })));

    expect(await handled()).toBe('done');

    expect(entryIn(await item())?.user).toBe('bob');
    expect(await item()).not.toHaveProperty('query');
  });

  test('revives nobody who logs off while it is asked', async () => {
    meanwhile = async () => happens(told(aLogoff({ instant: instant(1) })));

    await handled();

    expect(await item()).toMatchObject({ state: 'invalid', mark: { reason: 'answer-older-than-logoff' } });
  });

  test('of one tenant shows nothing to another', async () => {
    await handled();

    expect((await entries.read(globex, [key]))[0]).toBeUndefined();
    expect(await openQuestions(questions, globex, now)).toBe(0);
  });
});

describe('the configuration as it is when a worker comes to the question', () => {
  test('switched off: nothing is asked, and the mark ends by itself', async () => {
    settings = querySettingsWith({ enabled: false });

    expect(await handled()).toBe('done');

    expect(asked).toEqual([]);
    expect(isLive(await item(), noon + 45_000)).toBe(false);
  });

  test('with a server of another cell: that cell asks it, at once', async () => {
    settings = querySettingsWith({ server: { ...settings.userQuery.server, address: 'other.example.net' } });

    expect(await handled()).toBe('done');

    expect([asked, forwarded]).toEqual([[], [{ ...question, cell: 1 }]]);
    expect((await item())?.state).toBe('init');
  });
});

describe('a worker that dies', () => {
  const dies = async (id: string) => {
    meanwhile = async () => Promise.reject(new Error('killed'));
    await expect(handled(id)).rejects.toThrow('killed');
    meanwhile = async () => Promise.resolve();
  };

  test('leaves its lease: nobody asks before its time is over, then the next one does', async () => {
    await dies('one');

    now = noon + invocationMs + 4_999;
    expect(await handled('two')).toEqual({ againAfterSeconds: 35 });
    now += 1;
    expect(await handled('two')).toBe('done');

    expect(asked.map(({ id }) => id)).toEqual(['one', 'two']);
    expect((await item())?.state).toBe('valid');
  });

  test('is the last of four: the fifth opens nothing, and says that there was no answer', async () => {
    for (const id of ['one', 'two', 'three', 'four']) {
      await dies(id);
      now += minutes(3);
    }

    expect(await handled('five')).toBe('done');

    expect(asked).toHaveLength(4);
    expect(await item()).toMatchObject({ state: 'invalid', mark: { reason: 'no-answer' } });
    expect(await open()).toBe(0);
  });

  test.each([4, 5])('%i times leaves nothing pending an hour later, even where no timeout ever ends', async (times) => {
    settings = querySettingsWith({}, { entryTimeoutMinutes: 0, invalidTimeoutMinutes: 0 });
    for (let time = 1; time <= Math.min(times, 4); time += 1) {
      await dies(`worker ${time}`);
      now += minutes(3);
    }
    if (times === 5) await handled('worker 5'); // which asks nobody, so there is nothing to die over
    now += minutes(60);

    const left = await item();
    expect(isLive(left, now) ? left.state : 'absent').toBe(times === 5 ? 'invalid' : 'absent');
    expect(await happens(forced)).toMatchObject({ outcome: 'asked' });
  });

  test('after it has settled: its message comes again, and nothing is asked', async () => {
    await handled('one');

    expect(await handled('two')).toBe('done');

    expect(asked).toHaveLength(1);
  });
});

test('a table that is too busy gives the message back: its claim is not made, and nothing is asked', async () => {
  table = { ...table, entries: { ...entries, replace: async () => Promise.resolve(['conflict']) } };

  expect(await codeOfAsync(handled())).toBe('busy');

  expect(asked).toEqual([]);
});

describe('a question among the dead letters', () => {
  test('makes the address invalid, and is open no longer', async () => {
    settings = querySettingsWith({}, { invalidTimeoutMinutes: 50 });

    expect(await abandonQuery(deps(), question, { id: 'one' })).toBe('done');

    expect(await item()).toMatchObject({
      state: 'invalid',
      expiresAt: noon + minutes(50),
      mark: { reason: 'no-answer' },
    });
    expect(await open()).toBe(0);
  });

  test('waits for the worker whose lease is live', async () => {
    await happens(claimed('one'));

    expect(await abandonQuery(deps(), question, { id: 'one' })).toBe('later');

    expect((await item())?.state).toBe('pending');
    expect(await open()).toBe(1);
  });

  test('has nothing to do where somebody is known to be there', async () => {
    await happens(told(aLogon()));

    expect(await abandonQuery(deps(), question, { id: 'one' })).toBe('done');

    expect((await item())?.state).toBe('valid');
  });
});

test('a forced question finds who has come since nobody was there', async () => {
  answer = { outcome: 'nobody', elapsedMs: 1 };
  await handled('one');
  answer = answered({ user: 'alice' });
  await happens(forced);

  await handled('two');

  expect(await item()).toMatchObject({ state: 'valid', entry: { user: 'alice', instant: noon * 1_000 } });
});

const deps = (): QueryUser => ({
  table,
  measure: numbers.measure,
  settingsOf: async () => Promise.resolve(settings),
  questions,
  cellOf: async (server) => Promise.resolve(server.startsWith('clearpass.') ? 0 : 1),
  queue: {
    send: async (cell, sent) => {
      forwarded.push({ ...sent, cell });
      return Promise.resolve();
    },
  },
  async ask(asking) {
    asked.push(asking);
    await meanwhile();
    return answer;
  },
  teach: async (tenant, told, { source }) => Promise.resolve(void taught.push(...told.map(({ mac, ip }) => `${tenant} ${source} ${mac} ${ip}`))), // prettier-ignore
  hear: async (tenant, source) => Promise.resolve(void sources.push(`${tenant} ${source}`)),
  tell: async (tenant, line, days) => Promise.resolve(void story.push({ tenant, days, ...line })),
});

const handled = async (id = 'one') => queryUser(deps(), question, { id, cell: 0, deadlineAt: now + invocationMs });
const happens = async (event: Event) => advanceEntry(table, acme, key, event);
const item = async () => (await entries.read(acme, [key]))[0]?.item;
const open = async () => openQuestions(questions, acme, now);

function answered(body: unknown): Asked {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { outcome: 'answered', body: new TextEncoder().encode(text), elapsedMs: 1 };
}

describe('the count of open questions', () => {
  const open = async () => openQuestions(questions, acme, now);

  test.each<[string, () => Promise<unknown>]>([
    ['is settled', async () => Promise.resolve()],
    ['has nothing left to ask', async () => happens(told(aLogon()))],
    ['was switched off', async () => Promise.resolve((settings = querySettingsWith({ enabled: false })))],
  ])('falls when a question %s', async (_, before) => {
    await before();
    expect(await open()).toBe(1);

    expect(await handled()).toBe('done');

    expect(await open()).toBe(0);
  });
});

test('of a tenant that was erased since, a question leaves nothing behind, asked or abandoned', async () => {
  const { userQuery, identityManagement, ...rest } = querySettingsWith({ enabled: false });
  const server = { ...userQuery.server, address: '' };
  const primary = { ...identityManagement.primary, address: '' };
  settings = { ...rest, userQuery: { ...userQuery, server }, identityManagement: { ...identityManagement, primary } };

  expect(await queryUser(deps(), { ...question, tenant: globex }, { id: 'one', cell: 0, deadlineAt: now + invocationMs })).toBe('done'); // prettier-ignore
  expect(await abandonQuery(deps(), { ...question, tenant: globex }, { id: 'two' })).toBe('done');

  expect((await entries.read(globex, [key]))[0]?.item).toBeUndefined();
  expect(await questions.since(globex, 0)).toEqual({ asked: 0, settled: 0 });
});

test('waiting for the token of another worker uses up no attempt', async () => {
  answer = { ...failed('token-awaited'), elapsedMs: 0 };
  for (let round = 0; round < 6; round += 1) expect(await handled()).toEqual({ againAfterSeconds: 1 });

  answer = { ...failed('server-failed'), elapsedMs: 9 };
  expect(await handled()).toEqual({ againAfterSeconds: 5 });
});

describe('the story of the address', () => {
  const lines = () => story.map(({ code, message }) => [code, message]);

  test('tells whom ClearPass named, in the story of the user too', async () => {
    await handled();

    expect(lines()).toEqual([['answered', 'ClearPass (cppm) named alice (acme), who is there.']]);
    expect(story).toMatchObject([{ tenant: acme, days: 14, ip: desk, user: 'alice', domain: 'acme', at: noon, kind: 'query' }]); // prettier-ignore
  });

  test('tells that nobody was known', async () => {
    answer = { outcome: 'nobody', elapsedMs: 1 };
    await handled();

    expect(lines()).toEqual([
      ['no-record', 'ClearPass (cppm) knows nobody there (no-record): the address is invalid.'],
    ]);
  });

  test('tells each attempt that failed', async () => {
    answer = { ...failed('answer-timeout'), elapsedMs: 5_000 };
    await handled('one');
    await handled('two');

    expect(lines()).toEqual([
      ['answer-timeout', 'ClearPass (cppm) gave no answer (answer-timeout). It is asked once more in 5 s.'],
      ['answer-timeout', 'ClearPass (cppm) gave no answer (answer-timeout): the address is invalid.'],
    ]);
  });

  test('tells that whoever was named had logged off since', async () => {
    await happens(told(aLogoff({ instant: instant(1) })));
    await handled();

    expect(lines()).toEqual([['answer-older-than-logoff', 'ClearPass (cppm) named alice (acme), who has logged off since, so the address is invalid.']]); // prettier-ignore
  });

  test('tells that something newer was told while it was asked', async () => {
    meanwhile = async () => happens(told(aLogon({ user: 'bob', instant: instant(5) })));
    await handled();

    expect(lines()).toEqual([['answer-outrun', 'ClearPass (cppm) named alice (acme), but something newer was told meanwhile.']]); // prettier-ignore
  });

  test('tells that no worker could finish it', async () => {
    await abandonQuery(deps(), question, { id: 'one' });

    expect(lines()).toEqual([['no-answer', 'No worker could finish the question: the address is invalid.']]);
  });

  test('says nothing of a wait for the token, nor of what was found to be done', async () => {
    answer = { ...failed('token-awaited'), elapsedMs: 0 };
    await handled();
    await happens(told(aLogon()));
    await handled('two');

    expect(story).toEqual([]);
  });
});

describe('what is measured of questions', () => {
  const numbersOf = () => numbers.measured.map(({ tenant, measured, about }) => ({ tenant, ...measured, ...about }));

  test.each<[string, Asked, object]>([
    ['a user', answered({ user: 'alice', updated_at: '2026-03-01T12:00:00Z' }), { QuestionsAnswered: 1 }],
    ['nobody', { outcome: 'nobody', elapsedMs: 1 }, { QuestionsUnknown: 1, reason: 'no-record' }],
    ['no answer', { ...failed('question-refused'), elapsedMs: 1 }, { QuestionsFailed: 1, reason: 'question-refused' }],
  ])('one that ends with %s', async (_, heard, expected) => {
    answer = heard;

    await handled();

    expect(numbersOf()).toEqual([
      { tenant: acme, QuestionsAsked: 1 },
      { tenant: acme, ...expected },
    ]);
  });

  test('one that comes again has been asked, and not ended', async () => {
    answer = { ...failed('connection-reset'), elapsedMs: 1 };

    await handled();

    expect(numbersOf()).toEqual([{ tenant: acme, QuestionsAsked: 1 }]);
  });

  test('one among the dead letters is abandoned', async () => {
    await abandonQuery(deps(), question, { id: 'one' });

    expect(numbersOf()).toEqual([{ tenant: acme, QuestionsAbandoned: 1 }]);
  });
});
