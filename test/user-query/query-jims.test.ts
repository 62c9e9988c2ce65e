/** Questions that go on to JIMS: who is asked when, what is told of it, and how many questions are open meanwhile. */
import { randomBytes } from 'node:crypto';
import { advanceEntry, type AuthenticationTable, type Revision } from '../../shared/identity/authentication-table.ts';
import type { Event } from '../../shared/identity/advance.ts';
import type { StoryLine } from '../../shared/journal/story.ts';
import { abandonQuery } from '../../shared/user-query/abandon-query.ts';
import type { QueuedQuestion } from '../../shared/user-query/ask-about.ts';
import { type Asked, failed } from '../../shared/user-query/asking.ts';
import type { Hop } from '../../shared/user-query/hops.ts';
import { type QueryUser, queryUser } from '../../shared/user-query/query-user.ts';
import type { QuerySettings } from '../../shared/user-query/query-settings.ts';
import { openQuestion, openQuestions, type QuestionStore } from '../../shared/user-query/questions.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { fakeQuestionStore } from '../support/fake-question-store.ts';
import { acme, aLogon, deleted, desk, globex, instant, minutes, noon, told } from '../support/observations.ts';
import { missed } from '../support/query-events.ts';
import { teachNobody } from '../support/teach-nobody.ts';
import { aSecondary, jimsWith, querySettingsWith } from '../support/query-settings.ts';
import { measureNothing } from '../support/fake-measure.ts';

const key = { ip: desk, slot: 'userid' as const };
const cellsOf: Readonly<Record<string, number>> = {
  'clearpass.example.net:443': 0,
  'jims.example.net:443': 1,
  'jims-2.example.net:443': 2,
};

let now: number;
let settings: QuerySettings;
let entries: ReturnType<typeof fakeEntryStore>;
let table: AuthenticationTable;
let questions: QuestionStore;
let answers: Record<Hop, Asked>;
/** Who was asked, and what was sent on. */
let asked: Hop[];
let sent: (QueuedQuestion & { cell: number })[];
let story: StoryLine[];
/** Who was heard, as `tenant source`. */
let heard: string[];

beforeEach(async () => {
  now = noon;
  settings = querySettingsWith({}, { identityManagement: jimsWith({ secondary: aSecondary }) });
  entries = fakeEntryStore();
  table = { entries, now: () => now, newRevision: () => randomBytes(8).toString('hex') as Revision };
  questions = fakeQuestionStore();
  [asked, sent, story, heard] = [[], [], [], []];
  answers = { clearpass: nobody, jims: jimsAnswer(), 'jims-secondary': jimsAnswer() };
  await openQuestion({ questions, most: 10 }, acme, now);
  await happens(missed);
});

const nobody: Asked = { outcome: 'nobody', elapsedMs: 1 };
const down: Asked = { ...failed('connection-failed'), elapsedMs: 1 };
const offline: Asked = { ...failed('server-offline'), elapsedMs: 0 };
const body = (json: unknown): Asked => ({ outcome: 'answered', body: Buffer.from(JSON.stringify(json)), elapsedMs: 1 });
const jimsAnswer = (told: object = {}) =>
  body({ report_entries: [{ 'ip-address': desk, 'user-name': 'Alice', 'domain-name': 'ACME', roles: ['Staff'], timestamp: noon / 1_000, activity: 'login', ...told }] }); // prettier-ignore

const deps = (): QueryUser => ({
  table,
  measure: measureNothing,
  settingsOf: async () => Promise.resolve(settings),
  questions,
  cellOf: async (server) => Promise.resolve(cellsOf[server] ?? 9),
  queue: { send: async (cell, question) => Promise.resolve(void sent.push({ ...question, cell })) },
  ask: async ({ ask }) => {
    asked.push(ask);
    return Promise.resolve(answers[ask]);
  },
  tell: async (_, line) => Promise.resolve(void story.push(line)),
  teach: teachNobody,
  hear: async (tenant, source) => Promise.resolve(void heard.push(`${tenant} ${source}`)),
});

let workers = 0;
const handled = async (question: QueuedQuestion, cell: number) =>
  queryUser(deps(), question, { id: `worker ${(workers += 1)}`, cell, deadlineAt: now + 30_000 });

/** The question, and all that is sent on, until nobody has anything left to do; each message in the cell it was sent to. */
async function play(first: QueuedQuestion = { tenant: acme, ip: desk, ask: 'clearpass' }, cell = 0) {
  let next: (QueuedQuestion & { cell: number }) | undefined = { ...first, cell };
  while (next !== undefined) {
    const { cell: at, ...question }: QueuedQuestion & { cell: number } = next;
    while ((await handled(question, at)) !== 'done') now += 5_000;
    next = sent.shift();
  }
}

const happens = async (event: Event) => advanceEntry(table, acme, key, event);
const item = async () => (await entries.read(acme, [key]))[0]?.item;
const open = async () => openQuestions(questions, acme, now);

test('whoever answers is heard, also that nobody is there; whoever fails is not', async () => {
  await play();
  expect(heard).toEqual([`${acme} aruba-clearpass`, `${acme} identity-management`]);

  heard = [];
  answers = { clearpass: down, jims: down, 'jims-secondary': jimsAnswer() };
  await happens(deleted);
  await happens(missed);
  await play();
  expect(heard).toEqual([`${acme} identity-management`]);
});

describe('the vendor’s two scenarios', () => {
  test.each<[string, Asked]>([
    ['cannot be reached', down],
    ['does not answer in time', { ...failed('answer-timeout'), elapsedMs: 5_000 }],
    ['is offline', offline],
    ['refuses the question', { ...failed('question-refused'), elapsedMs: 1 }],
    ['answers what nobody can read', { outcome: 'answered', body: Buffer.from('<html>'), elapsedMs: 1 }],
  ])('1. JIMS answers where ClearPass %s', async (_case, answer) => {
    answers.clearpass = answer;

    await play();

    expect(new Set(asked)).toEqual(new Set(['clearpass', 'jims']));
    expect(await item()).toMatchObject({
      state: 'valid',
      entry: { user: 'alice', domain: 'acme', groups: ['staff'], origin: 'identity-management' },
    });
    expect(await open()).toBe(0);
  });

  test.each<[string, Asked]>([
    ['knows nobody', nobody],
    ['answers with nothing', body([])],
    ['tells of another address', body({ ip: '192.0.2.99', user: 'bob' })],
    ['tells of a device alone', body({ ip: desk, mac: '00-11-22-33-44-55' })],
    ['tells that the user has left', body({ ip: desk, user: 'bob', is_online: false })],
  ])('2. JIMS answers where ClearPass %s', async (_case, answer) => {
    answers.clearpass = answer;

    await play();

    expect(asked).toEqual(['clearpass', 'jims']);
    expect(await item()).toMatchObject({ state: 'valid', entry: { user: 'alice', origin: 'identity-management' } });
  });

  test('JIMS is not asked where ClearPass names somebody', async () => {
    answers.clearpass = body({ ip: desk, user: 'bob' });

    await play();

    expect(asked).toEqual(['clearpass']);
    expect(await item()).toMatchObject({ state: 'valid', entry: { user: 'bob', origin: 'aruba-clearpass' } });
  });

  test('nor where ClearPass names somebody who has logged off since', async () => {
    answers.clearpass = body({ ip: desk, user: 'alice', updated_at: '2026-03-01T11:00:00Z' });
    await happens(told({ operation: 'logoff', origin: 'aruba-clearpass', ip: desk, instant: instant(0) }));

    await play();

    expect(asked).toEqual(['clearpass']);
    expect(await item()).toMatchObject({ state: 'invalid', mark: { reason: 'answer-older-than-logoff' } });
  });
});

describe('between ClearPass and JIMS', () => {
  test('the lease is given back, the question lies in the cell of JIMS, and one question is open', async () => {
    await handled({ tenant: acme, ip: desk, ask: 'clearpass' }, 0);

    expect(sent).toEqual([{ tenant: acme, ip: desk, ask: 'jims', heard: 'clearpass: no-record', cell: 1 }]);
    expect(await item()).toMatchObject({ state: 'pending', mark: { attempts: 0 } });
    expect(await item()).not.toHaveProperty('query');
    expect(await open()).toBe(1);
  });

  test('a question that cannot be sent on comes back to ClearPass', async () => {
    const broken = { ...deps(), queue: { send: async () => Promise.reject(new Error('no queue')) } };
    const worker = { id: 'one', cell: 0, deadlineAt: now + 30_000 };

    await expect(queryUser(broken, { tenant: acme, ip: desk, ask: 'clearpass' }, worker)).rejects.toThrow('no queue');

    await play();
    expect(asked).toEqual(['clearpass', 'clearpass', 'jims']);
    expect(await item()).toMatchObject({ state: 'valid' });
    expect(await open()).toBe(0);
  });

  test('whoever is posted meanwhile is there, and JIMS is not asked', async () => {
    await handled({ tenant: acme, ip: desk, ask: 'clearpass' }, 0);
    await happens(told(aLogon({ user: 'bob' })));

    await play({ tenant: acme, ip: desk, ask: 'jims' }, 1);

    expect(asked).toEqual(['clearpass']);
    expect(await item()).toMatchObject({ state: 'valid', entry: { user: 'bob' } });
  });

  test('JIMS that is switched off is not asked: the mark ends by itself', async () => {
    await handled({ tenant: acme, ip: desk, ask: 'clearpass' }, 0);
    settings = querySettingsWith();
    const [question] = sent;

    expect(question && (await handled(question, 1))).toBe('done');

    expect(asked).toEqual(['clearpass']);
    expect(await open()).toBe(0);
  });

  test('ClearPass that is switched off is left out: the question goes to the cell of JIMS', async () => {
    settings = querySettingsWith({ enabled: false }, { identityManagement: jimsWith() });

    await play();

    expect(asked).toEqual(['jims']);
    expect(await item()).toMatchObject({ state: 'valid', entry: { user: 'alice' } });
    expect(await open()).toBe(0);
  });

  test('another tenant sees nothing of it', async () => {
    await play();

    expect((await entries.read(globex, [key]))[0]).toBeUndefined();
    expect(await openQuestions(questions, globex, now)).toBe(0);
  });
});

describe('where JIMS too knows nobody, or fails', () => {
  test.each<[string, Partial<Record<Hop, Asked>>, readonly Hop[], string]>([
    ['nobody, nobody', { jims: nobody }, ['clearpass', 'jims'], 'clearpass: no-record, jims: no-record'],
    ['nobody, another domain', { jims: body({ report_entries: [{ 'user-name': 'a', activity: 'logout' }] }) }, ['clearpass', 'jims'], 'clearpass: no-record, jims: user-offline'], // prettier-ignore
    [
      'no answer, nobody',
      { clearpass: offline, jims: nobody },
      ['clearpass', 'jims'],
      'clearpass: server-offline, jims: no-record',
    ],
    [
      'nobody, no answer of either server',
      { jims: offline, 'jims-secondary': offline },
      ['clearpass', 'jims', 'jims-secondary'],
      'clearpass: no-record, jims: server-offline, jims-secondary: server-offline',
    ],
    ['nobody, an answer that nobody can read', { jims: body('alice'), 'jims-secondary': nobody }, ['clearpass', 'jims', 'jims-secondary'], 'clearpass: no-record, jims: answer-unreadable, jims-secondary: no-record'], // prettier-ignore
    ['nobody, entries that nobody can read', { jims: body({ report_entries: [7] }), 'jims-secondary': nobody }, ['clearpass', 'jims', 'jims-secondary'], 'clearpass: no-record, jims: answer-unreadable, jims-secondary: no-record'], // prettier-ignore
  ])('%s: the address is invalid, and its reason names them', async (_case, given, order, reason) => {
    answers = { ...answers, ...given };

    await play();

    expect(asked).toEqual(order);
    expect(await item()).toMatchObject({ state: 'invalid', mark: { reason } });
    expect(await open()).toBe(0);
  });

  test('it stays so for the timeout of identity management, and who is found by JIMS for that one’s', async () => {
    const timeouts = { entryTimeout: 40, invalidEntryTimeout: 50 };
    settings = querySettingsWith({}, { identityManagement: jimsWith(timeouts), invalidTimeoutMinutes: 20 });
    answers.jims = nobody;

    await play();

    expect(await item()).toMatchObject({ expiresAt: now + minutes(50), mark: { frozenMinutes: 50 } });

    now += minutes(50);
    answers.jims = jimsAnswer();
    await happens(missed);
    await play();
    expect(await item()).toMatchObject({ expiresAt: now + minutes(40), entry: { timeoutMinutes: 40 } });
  });

  test('JIMS alone says so too', async () => {
    settings = querySettingsWith({ enabled: false }, { identityManagement: jimsWith() });
    answers.jims = nobody;

    await play({ tenant: acme, ip: desk, ask: 'jims' }, 1);

    expect(await item()).toMatchObject({ state: 'invalid', mark: { reason: 'jims: no-record' } });
  });
});

describe('primary and secondary', () => {
  test('the secondary is asked at once where the primary fails, in its own cell', async () => {
    answers.jims = down;

    await play({ tenant: acme, ip: desk, ask: 'jims' }, 1);

    expect(asked).toEqual(['jims', 'jims-secondary']);
    expect(now).toBe(noon);
    expect(await item()).toMatchObject({ state: 'valid', entry: { user: 'alice' } });
  });

  test('a primary that knows nobody is believed', async () => {
    answers.jims = nobody;

    await play({ tenant: acme, ip: desk, ask: 'jims' }, 1);

    expect(asked).toEqual(['jims']);
  });

  test('where there is no secondary the primary is tried twice, and so is a secondary', async () => {
    answers = { ...answers, jims: down, 'jims-secondary': down };
    await play({ tenant: acme, ip: desk, ask: 'jims' }, 1);
    expect(asked).toEqual(['jims', 'jims-secondary', 'jims-secondary']);

    asked = [];
    now += minutes(60);
    settings = querySettingsWith({}, { identityManagement: jimsWith() });
    await happens(missed);
    await play({ tenant: acme, ip: desk, ask: 'jims' }, 1);
    expect(asked).toEqual(['jims', 'jims']);
  });

  test('each gets its attempts, however often ClearPass was tried before', async () => {
    answers = { clearpass: down, jims: down, 'jims-secondary': down };

    await play();

    expect(asked).toEqual(['clearpass', 'clearpass', 'jims', 'jims-secondary', 'jims-secondary']);
    expect(await item()).toMatchObject({ state: 'invalid', mark: { reason: 'clearpass: connection-failed, jims: connection-failed, jims-secondary: connection-failed' } }); // prettier-ignore
  });
});

test('a question for JIMS among the dead letters is settled by the timeout of identity management', async () => {
  settings = querySettingsWith({}, { identityManagement: jimsWith({ invalidEntryTimeout: 50 }) });

  expect(await abandonQuery(deps(), { tenant: acme, ip: desk, ask: 'jims' }, { id: 'one' })).toBe('done');

  expect(await item()).toMatchObject({ state: 'invalid', mark: { reason: 'no-answer', frozenMinutes: 50 } });
});

describe('the story of the address', () => {
  test('tells each server that was asked, what came of it, and who was asked next', async () => {
    answers = { clearpass: down, jims: down, 'jims-secondary': jimsAnswer() };

    await play();

    expect(story.map(({ code, message }) => [code, message])).toEqual([
      ['connection-failed', 'ClearPass (cppm) gave no answer (connection-failed). It is asked once more in 5 s.'],
      ['connection-failed', 'ClearPass (cppm) did not help (connection-failed). JIMS is asked next.'],
      ['connection-failed', 'JIMS (primary) did not help (connection-failed). The secondary JIMS is asked next.'], // prettier-ignore
      ['answered', 'The secondary JIMS (secondary) named alice (acme), who is there.'],
    ]);
    expect(story.at(-1)).toMatchObject({ user: 'alice', domain: 'acme', ip: desk, kind: 'query' });
    expect(new Set(story.map(({ id }) => id)).size).toBe(4);
  });
});
