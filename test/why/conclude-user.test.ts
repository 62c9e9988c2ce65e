/** The first sentence about a user: where he is, or why he is nowhere. Two tenants know a user of that name. */
import { defaults, type Configuration } from '../../shared/configuration/configuration.ts';
import type { Event } from '../../shared/identity/advance.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import {
  type AuthenticationTable,
  changeOne,
  type EntryStore,
  type Revision,
  type Slot,
} from '../../shared/identity/authentication-table.ts';
import type { StoryLine } from '../../shared/journal/story.ts';
import type { UserCode } from '../../shared/why/conclude-user.ts';
import { explainUser } from '../../shared/why/explain-user.ts';
import { wantedUser } from '../../shared/why/wanted.ts';
import { codeOf } from '../support/errors.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { fakeQuestionStore } from '../support/fake-question-store.ts';
import { fakeReceiptStore } from '../support/fake-receipt-store.ts';
import { fakeSourceHeard } from '../support/fake-source-heard.ts';
import { fakeStoryStore } from '../support/fake-story-store.ts';
import { defaultLimitsOf } from '../support/limits.ts';
import { acme, deleted, desk, globex, minutes, noon } from '../support/observations.ts';
import { aLine, logoff, logon } from './facts.ts';

let now: number;
let table: AuthenticationTable;
let configuration: Configuration;
let sources: ReturnType<typeof fakeSourceHeard>;
const stories = fakeStoryStore;
let world: { entries: AuthenticationTable['entries']; stories: ReturnType<typeof stories> };
beforeEach(async () => {
  now = noon;
  let writes = 0;
  configuration = defaults;
  sources = fakeSourceHeard();
  world = { entries: fakeEntryStore(), stories: stories() };
  table = { entries: world.entries, now: () => now, newRevision: () => `revision-${(writes += 1)}` as Revision };
  await changeOne(table, globex, { key: { ip: desk, slot: 'userid' }, events: [logon(0, { domain: 'globex' })] });
  await world.stories.add(globex, [aLine({ user: 'alice', code: 'user-too-long' })], { days: 1 });
});

const laptop = '192.0.2.51' as IpAddress;

/** Events of an address, each in its minute. */
async function happened(
  ip: IpAddress,
  steps: readonly (readonly [minute: number, event: Event])[],
  slot: Slot = 'userid',
) {
  for (const [minute, event] of steps) {
    now = noon + minutes(minute);
    await changeOne(table, acme, { key: { ip, slot }, events: [event] });
  }
}

async function why(asked: { user: string; domain?: string }, { at = 10, untilAt = Infinity, limit = 100 } = {}) {
  now = noon + minutes(at);
  const deps = {
    ...world,
    sources,
    receipts: fakeReceiptStore(),
    questions: fakeQuestionStore(),
    limitsOf: defaultLimitsOf,
    now: () => now,
    configurations: { current: async () => Promise.resolve({ version: 'one' as never, configuration }) },
  };
  return explainUser(deps, acme, { wanted: wantedUser(asked), limit, untilAt });
}

interface Case {
  readonly happened?: readonly (readonly [minute: number, event: Event])[];
  readonly story?: readonly Partial<StoryLine>[];
  readonly asked?: { readonly user: string; readonly domain?: string };
  readonly at?: number;
}

test.each<[string, UserCode, Case, RegExp]>([
  [
    'he is there',
    'known',
    { happened: [[0, logon(0)]] },
    /^alice \(acme\) has been at 192\.0\.2\.50 since .*told by Aruba ClearPass/,
  ],
  [
    'letters do not count',
    'known',
    { happened: [[0, logon(0)]], asked: { user: 'ALICE', domain: 'ACME' } },
    /^alice \(acme\)/,
  ],
  [
    'GLOBAL is a domain in any letters',
    'known',
    { happened: [[0, logon(0, { domain: 'GLOBAL' })]], asked: { user: 'alice', domain: 'global' } },
    /^alice \(GLOBAL\)/,
  ],
  [
    'he logged off',
    'logged-off',
    {
      happened: [
        [0, logon(0)],
        [5, logoff(5, { user: 'alice' })],
      ],
    },
    /alice is nowhere now\. alice \(acme\) was at 192\.0\.2\.50; it was ended by a logoff of alice/,
  ],
  [
    'only his logoff is remembered',
    'logged-off',
    { happened: [[5, logoff(5, { user: 'alice' })]] },
    /a logoff of alice, of .* was told of 192\.0\.2\.50/,
  ],
  [
    'an older logoff barred him',
    'barred',
    {
      happened: [
        [6, logoff(5)],
        [7, logon(4)],
      ],
    },
    /the logon is older than a logoff/,
  ],
  [
    'an operator deleted him',
    'deleted',
    {
      happened: [
        [0, logon(0)],
        [5, deleted],
      ],
    },
    /an operator deleted it/,
  ],
  ['he expired', 'expired', { happened: [[0, logon(0)]], at: 60 }, /it expired, 30 minutes after/],
  [
    'another user took his place',
    'replaced',
    {
      happened: [
        [0, logon(0)],
        [5, logon(5, { user: 'bob' })],
      ],
    },
    /alice \(acme\) was at 192\.0\.2\.50 from .* until bob \(acme\) came/,
  ],
  [
    'what was told of him was refused',
    'posts-refused',
    { story: [{ user: 'alice', code: 'timestamp-unreadable', message: 'It cannot be read.' }] },
    /posted .* and not stored \(timestamp-unreadable\): It cannot/,
  ],
  ['what was told of him came late', 'stale', { story: [{ user: 'alice', code: 'stale' }] }, /told too late \(stale\)/],
  [
    'what was refused long before he logged off explains nothing',
    'logged-off',
    {
      happened: [
        [0, logon(0)],
        [9, logoff(9)],
      ],
      story: [{ user: 'alice', code: 'user-missing', at: noon }],
    },
    /ended by a logoff/,
  ],
  [
    'he is there in another domain',
    'other-domain',
    { happened: [[0, logon(0)]], asked: { user: 'alice', domain: 'GLOBAL' } },
    /^alice \(global\) is nowhere, but alice \(acme\) is at 192\.0\.2\.50/,
  ],
  [
    'a post had the domain in the user, with a backslash',
    'name-carries-domain',
    { happened: [[0, logon(0, { user: 'acme\\alice', domain: 'GLOBAL' })]] },
    /acme\\alice \(GLOBAL\) is at 192\.0\.2\.50; the domain seems to be in the user/,
  ],
  [
    'a post had the domain in the user, with an @',
    'name-carries-domain',
    { happened: [[0, logon(0, { user: 'alice@acme.example', domain: 'GLOBAL' })]] },
    /alice@acme\.example/,
  ],
  [
    'who asks writes the domain into the user',
    'name-carries-domain',
    { happened: [[0, logon(0)]], asked: { user: 'acme\\alice' } },
    /alice \(acme\) is at/,
  ],
  [
    'nobody ever told of him',
    'never-heard-of',
    { happened: [[0, logon(0)]], asked: { user: 'mallory' } },
    /^Nobody ever told of mallory/,
  ],
])('%s: %s', async (_, code, { happened: steps = [], story = [], asked = { user: 'alice' }, at }, answer) => {
  await happened(desk, steps);
  await world.stories.add(acme, story.map(aLine), { days: 1 });

  const found = await why(asked, at === undefined ? {} : { at });

  expect(found.answer).toMatch(answer);
  expect(found.code).toBe(code);
  expect(JSON.stringify(found)).not.toContain('globex');
});

test('a user at several devices is told with all of them, and with where he was', async () => {
  await happened(desk, [[0, logon(0)]]);
  await happened(laptop, [[1, logon(1)]]);
  await happened('192.0.2.52' as IpAddress, [[2, logon(2)], [3, logoff(3)]]); // prettier-ignore

  const { code, answer, found, traces } = await why({ user: 'alice' });

  expect(code).toBe('known');
  expect(answer).toMatch(/at 192\.0\.2\.51 .* Also at 192\.0\.2\.50\.$/);
  expect(found.map(({ ip }) => ip)).toEqual([laptop, desk]);
  expect(traces.map((each) => [each.ip, each.code])).toEqual([['192.0.2.52', 'logged-off'], [laptop, 'is-here'], [desk, 'is-here']]); // prettier-ignore
});

test('a user whom a look-up passes over is not called known', async () => {
  configuration = { ...defaults, priorities: { ...defaults.priorities, local: 0 } };
  await happened(desk, [[0, logon(0, { origin: 'local', user: 'carol' })]], 'local');

  expect(await why({ user: 'carol' })).toMatchObject({ code: 'not-read', found: [] });
});

test('a look through the table that runs out of time says so, and where to go on', async () => {
  await happened(desk, [[0, logon(0)]]);
  const { entries } = world;
  const oneByOne: EntryStore['list'] = async (tenant, page) => entries.list(tenant, { ...page, limit: 1 });
  world = { ...world, entries: { ...entries, list: oneByOne } };
  await happened(laptop, [[1, logon(1, { user: 'bob' })]]);

  expect(await why({ user: 'bob' }, { untilAt: noon })).toMatchObject({ code: 'not-found-yet', complete: 'no', next: `${desk}#userid` }); // prettier-ignore
});

test('of very many traces the newest are shown, and how many were left out is said', async () => {
  await happened(desk, [[0, logon(0)]]);
  await happened(laptop, [[1, logon(1)]]);

  expect(await why({ user: 'alice' }, { limit: 1 })).toMatchObject({ traces: [{ ip: laptop }], leftOut: { traces: 1 } }); // prettier-ignore
});

test('the policies that name him or a group of his are told; of a stranger those that name him', async () => {
  const policy = { ...aPolicy, name: 'staff', sourceIdentity: ['acme\\staff', 'bob'] };
  configuration = { ...defaults, policies: [policy, { ...aPolicy, name: 'other', sourceIdentity: ['acme\\guests'] }] };
  await happened(desk, [[0, logon(0)]]);

  expect((await why({ user: 'alice' })).policies).toMatchObject({ evaluatedAs: 'authenticated-user', matching: [{ policy: 'staff', because: ['acme\\staff'] }] }); // prettier-ignore
  expect((await why({ user: 'bob' })).policies).toMatchObject({ matching: [], ifKnown: [{ policy: 'staff', because: ['bob'] }] }); // prettier-ignore
});

test.each([
  [{ user: ' ' }, 'parameter-invalid'],
  [{ user: 'alice', domain: '' }, 'parameter-invalid'],
])('%j is refused', (asked, code) => {
  expect(codeOf(() => wantedUser(asked))).toBe(code);
});

const aPolicy = {
  name: 'staff',
  fromZone: 'trust',
  toZone: 'untrust',
  source: ['any'],
  destination: ['any'],
  applications: ['any'],
  sourceIdentity: ['any'],
  action: 'permit',
  log: false,
} as const;

test.each([
  ['keep', 70, 'known', /has been silent since .*kept meanwhile/],
  ['fall-back', 10, 'not-read', /has been silent since .*passed over meanwhile/],
  ['expire', 70, 'expired', /expired/],
] as const)('while ClearPass is silent and the action is %s', async (action, at, code, answer) => {
  await happened(desk, [[0, logon(0)]]);
  const whenSilent = { ...defaults.whenSilent, 'aruba-clearpass': { action, afterMinutes: 5 } };
  configuration = { ...defaults, whenSilent };
  await sources.note(acme, 'aruba-clearpass', noon);

  const story = await why({ user: 'alice' }, { at });

  expect(story).toMatchObject({ code, silences: action === 'expire' ? [] : [{ action, until: null }] });
  expect(story.answer).toMatch(answer);
});
