import { randomBytes } from 'node:crypto';
import type { Event } from '../../shared/identity/advance.ts';
import { advanceEntry, type AuthenticationTable, type Revision } from '../../shared/identity/authentication-table.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { type AskAbout, askAbout, type QueuedQuestion } from '../../shared/user-query/ask-about.ts';
import { openQuestions, type QuestionStore } from '../../shared/user-query/questions.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { defaultLimitsOf, limitsWithQuestions } from '../support/limits.ts';
import { fakeQuestionStore } from '../support/fake-question-store.ts';
import { acme, aLogon, desk, globex, noon, told } from '../support/observations.ts';
import { claimed, missed, nobody, settled } from '../support/query-events.ts';
import { querySettingsWith } from '../support/query-settings.ts';

const key = { ip: desk, slot: 'userid' as const };

let now: number;
let entries: ReturnType<typeof fakeEntryStore>;
let table: AuthenticationTable;
let questions: QuestionStore;
let queued: (QueuedQuestion & { cell: number; delaySeconds: number })[];
let deps: AskAbout;
beforeEach(() => {
  now = noon;
  entries = fakeEntryStore();
  table = { entries, now: () => now, newRevision: () => randomBytes(8).toString('hex') as Revision };
  questions = fakeQuestionStore();
  queued = [];
  deps = {
    table,
    questions,
    limitsOf: defaultLimitsOf,
    cellOf: async (server) => Promise.resolve(server === 'clearpass.example.net:443' ? 3 : 0),
    queue: {
      send: async (cell, question, delaySeconds) => {
        queued.push({ ...question, cell, delaySeconds });
        return Promise.resolve();
      },
    },
  };
});

test('a miss sends its question to the cell of the server, to be asked after the delay, and the address is init', async () => {
  const { outcome, item } = await ask();

  expect(outcome).toBe('asked');
  expect(item).toMatchObject({ state: 'init', expiresAt: noon + 45_000 });
  expect(queued).toEqual([{ tenant: acme, ip: desk, ask: 'clearpass', cell: 3, delaySeconds: 15 }]);
  expect(await open()).toBe(1);
});

test('of all who miss an address at once, one sends the question', async () => {
  const outcomes = await Promise.all(Array.from({ length: 3 }, async () => ask()));

  expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['asked', 'known', 'known']);
  expect(queued).toHaveLength(1);
  expect(await open()).toBe(1);
});

test.each<[string, readonly Event[]]>([
  ['valid', [told(aLogon())]],
  ['init', [missed]],
  ['pending', [missed, claimed('one')]],
  ['invalid', [missed, claimed('one'), settled('one', nobody)]],
])('an address that is %s is not asked about: its entry is answered', async (state, events) => {
  await happens(...events);

  const { outcome, item } = await ask();

  expect([outcome, item?.state]).toEqual(['known', state]);
  expect([queued, await open()]).toEqual([[], 0]);
});

test('a forced question is asked where it was found that nobody is there', async () => {
  await happens(missed, claimed('one'), settled('one', nobody));

  expect((await ask('forced')).outcome).toBe('asked');

  expect(queued).toHaveLength(1);
});

test('a question that cannot be sent says so, and once its mark has ended the next miss asks again', async () => {
  const { queue } = deps;
  deps = { ...deps, queue: { send: async () => Promise.reject(new Error('no queue')) } };
  await expect(ask()).rejects.toThrow('no queue');
  deps = { ...deps, queue };

  expect((await ask()).outcome).toBe('known');
  now += 45_000;
  expect((await ask()).outcome).toBe('asked');

  expect(queued).toHaveLength(1);
});

test('where as many questions are open as may be, none is asked and nothing is marked', async () => {
  deps = { ...deps, limitsOf: limitsWithQuestions(1) };
  await ask('missed', acme, '192.0.2.99');

  expect(await ask()).toEqual({ outcome: 'too-many-queries' });

  expect((await entries.read(acme, [key]))[0]).toBeUndefined();
  expect(queued).toHaveLength(1);
});

test('two tenants share neither a question nor the bound of open ones', async () => {
  deps = { ...deps, limitsOf: limitsWithQuestions(1) };

  const outcomes = [await ask(), await ask('missed', globex), await ask('missed', globex, '192.0.2.99')];

  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['asked', 'asked', 'too-many-queries']);
  expect(queued.map(({ tenant }) => tenant)).toEqual([acme, globex]);
});

const ask = async (kind: 'missed' | 'forced' = 'missed', tenant: TenantId = acme, ip: string = desk) =>
  askAbout(deps, { tenant, ip: ip as typeof desk }, { settings: querySettingsWith(), kind });

async function happens(...events: readonly Event[]) {
  for (const event of events) await advanceEntry(table, acme, key, event);
}

const open = async () => openQuestions(questions, acme, now);
