/** What stands below the first sentence about an address, and that all of it is of one tenant alone. */
import { type Configuration, defaults } from '../../shared/configuration/configuration.ts';
import { type AuthenticationTable, changeOne, type Revision } from '../../shared/identity/authentication-table.ts';
import type { Event } from '../../shared/identity/advance.ts';
import { advanceEndpoint } from '../../shared/endpoints/endpoint-table.ts';
import type { EndpointEvent } from '../../shared/endpoints/events.ts';
import type { Receipt } from '../../shared/journal/receipt.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { explainAddress, type StoryPart } from '../../shared/why/explain-address.ts';
import { addressStoryView } from '../../shared/why/story-view.ts';
import { fakeEndpointStore } from '../support/fake-endpoint-store.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { fakeQuestionStore } from '../support/fake-question-store.ts';
import { fakeReceiptStore } from '../support/fake-receipt-store.ts';
import { fakeSourceHeard } from '../support/fake-source-heard.ts';
import { fakeStoryStore } from '../support/fake-story-store.ts';
import { defaultLimitsOf } from '../support/limits.ts';
import { acme, aLogon, desk, globex, hours, minutes, noon, told } from '../support/observations.ts';
import { aBlock, aLogin, anAccounting } from '../support/endpoint-steps.ts';
import { laptop } from '../support/log-lines.ts';
import { aReceipt } from '../journal/receipt-store.contract.ts';
import { aLine, logoff, logon } from './facts.ts';

let now: number;
let configuration: Configuration;
let table: AuthenticationTable;
let stories: ReturnType<typeof fakeStoryStore>;
let receipts: ReturnType<typeof fakeReceiptStore>;
let endpoints: ReturnType<typeof fakeEndpointStore>;
let sources: ReturnType<typeof fakeSourceHeard>;
beforeEach(() => {
  now = noon;
  configuration = defaults;
  let writes = 0;
  table = { entries: fakeEntryStore(), now: () => now, newRevision: () => `revision-${(writes += 1)}` as Revision };
  stories = fakeStoryStore();
  receipts = fakeReceiptStore();
  sources = fakeSourceHeard();
  endpoints = fakeEndpointStore();
});

async function happened(minute: number, event: Event, tenant: TenantId = acme) {
  now = noon + minutes(minute);
  await changeOne(table, tenant, { key: { ip: desk, slot: 'userid' }, events: [event] });
}

async function why(part: Partial<StoryPart> = {}, tenant: TenantId = acme) {
  const configurations = { current: async () => Promise.resolve({ version: 'one' as never, configuration }) };
  const deps = {
    entries: table.entries,
    endpoints,
    stories,
    receipts,
    sources,
    configurations,
    questions: fakeQuestionStore(),
    limitsOf: defaultLimitsOf,
    now: () => now,
  };
  return explainAddress(deps, tenant, desk, { limit: 100, ...part });
}

const shown = async () => {
  const story = await why();
  return addressStoryView(story, null);
};

test('nothing of what another tenant knows of the address is told', async () => {
  await happened(0, logon(0, { user: 'mallory' }), globex);
  await stories.add(globex, [aLine({ user: 'mallory', code: 'user-too-long' })], { days: 14 });
  await receipts.record(globex, aRefusal({ credentialName: 'of globex' }), [], { days: 14 });

  const story = JSON.stringify(await why());

  expect(story).toContain('never-heard-of');
  expect(story).not.toMatch(/mallory|globex/);
  expect(JSON.stringify(await why({}, globex))).toContain('mallory');
});

test('the timeline tells what the entry remembers and what the story adds, the newest first', async () => {
  await happened(0, logon(0));
  await happened(3, logon(3, { user: 'bob' }));
  await happened(5, logoff(5, { user: 'bob' }));
  await stories.add(acme, [aLine({ at: noon + minutes(4), user: 'carol', code: 'timestamp-unreadable' })], {
    days: 14,
  });

  const { timeline } = await shown();

  expect(timeline.map(({ at, kind, code, user }) => [at.slice(11, 16), kind, code, user])).toEqual([
    ['12:05', 'end', 'logged-off', 'bob'],
    ['12:05', 'logoff', 'logoff', 'bob'],
    ['12:04', 'post', 'timestamp-unreadable', 'carol'],
    ['12:03', 'logon', 'newest-logon', 'bob'],
    ['12:03', 'end', 'replaced', 'alice'],
  ]);
});

test('the story is told page by page to its end; what the entry remembers comes with the newest', async () => {
  await happened(0, logon(0));
  const lines = [1, 2, 3].map((minute) => aLine({ id: `line-${minute}`, at: noon + minutes(minute), code: `code-${minute}` })); // prettier-ignore
  await stories.add(acme, lines, { days: 14 });

  const first = await why({ limit: 2 });
  const second = await why({ limit: 2, after: first.next ?? '' });

  expect(first.timeline.map(({ code }) => code)).toEqual(['code-3', 'code-2', 'newest-logon']);
  expect(second.timeline.map(({ code }) => code)).toEqual(['code-1']);
  expect(second.next).toBe(undefined);
  expect(second.code).toBe('known');
});

test('a timestamp that did not count is told with the text that was sent', async () => {
  await happened(0, told({ ...aLogon(), sentAs: '2027-01-01T00:00:00Z' }));

  expect(JSON.stringify((await shown()).timeline)).toContain(
    "the instant is our clock's, as 2027-01-01T00:00:00Z was sent",
  );
});

describe('search', () => {
  test('each source is told in the order of the search, with its priority and what it says', async () => {
    await happened(0, logon(0));

    expect((await why()).search.map(({ origin, priority, result }) => [origin, priority, result])).toEqual([
      ['local', 100, 'nothing-there'],
      ['aruba-clearpass', 110, 'chosen'],
      ['identity-management', 110, 'nothing-there'],
      ['secure-web-gateway', 120, 'nothing-there'],
      ['active-directory', 125, 'nothing-there'],
      ['firewall-authentication', 150, 'nothing-there'],
      ['unified-access-control', 200, 'nothing-there'],
    ]);
  });

  test('a source before another hides it', async () => {
    await happened(0, logon(0));
    const key = { ip: desk, slot: 'local' as const };
    await changeOne(table, acme, { key, events: [logon(0, { origin: 'local', user: 'carol' })] });

    expect((await why()).search.slice(0, 2)).toMatchObject([
      { origin: 'local', result: 'chosen', message: 'the local table tells of carol (acme), and is believed.' },
      { origin: 'aruba-clearpass', result: 'behind', code: 'lower-priority' },
    ]);
  });

  test('with user query on, ClearPass and JIMS alone are read', async () => {
    configuration = withUserQuery({});

    expect(Object.fromEntries((await why()).search.map(({ origin, code }) => [origin, code]))).toMatchObject({
      'aruba-clearpass': 'nothing-there',
      'identity-management': 'nothing-there',
      local: 'user-query-on',
      'active-directory': 'user-query-on',
    });
  });
});

describe('filters and asking', () => {
  test.each<[string, Configuration, object, object]>([
    ['nothing is set', defaults, [], [{ code: 'query-disabled' }, { code: 'query-disabled' }]],
    [
      'the address is excluded from posts',
      { ...defaults, webApi: { allowedClients: ['203.0.113.9'], excludeAddresses: ['10.0.0.1', '192.0.2.0/24'] } },
      [
        { setting: 'webApi.excludeAddresses', effect: 'keeps-out', by: '192.0.2.0/24' },
        { setting: 'webApi.allowedClients', effect: 'limits-senders' },
      ],
      [{}, {}],
    ],
    [
      'it is asked about',
      withUserQuery({ includeAddresses: ['192.0.2.0/24'] }),
      [{ effect: 'lets-in', by: '192.0.2.0/24' }],
      [{ code: 'asked', server: 'cppm' }, {}],
    ],
    [
      'it is not among those to ask about',
      withUserQuery({ includeAddresses: ['10.0.0.0/8'] }),
      [{ effect: 'keeps-out', by: null }],
      [
        {
          code: 'address-not-included',
          message: 'ClearPass is not asked: clearpass.userQuery.includeAddresses does not name 192.0.2.50.',
        },
        {},
      ],
    ],
    [
      'it is excluded from questions',
      withUserQuery({ excludeAddresses: ['192.0.2.50'] }),
      [{ effect: 'keeps-out', by: '192.0.2.50' }],
      [{ code: 'address-excluded' }, {}],
    ],
    ['JIMS is asked', withJims({}), [], [{}, { who: 'JIMS', code: 'asked' }]],
    [
      'JIMS is not asked by address',
      withJims({}, { enabled: false }),
      [],
      [{}, { code: 'query-disabled', message: 'JIMS is not asked: identityManagement.ipQuery.enabled is off.' }],
    ],
    [
      'JIMS leaves the address out',
      withJims({ excludeIp: ['192.0.2.50'], domains: ['acme'] }),
      [{ setting: 'identityManagement.filters.excludeIp', effect: 'keeps-out' }, { effect: 'limits-domains' }],
      [{}, { code: 'address-excluded' }],
    ],
    [
      'JIMS does not name the address',
      withJims({ includeIp: ['10.0.0.0/8'] }),
      [{ setting: 'identityManagement.filters.includeIp', effect: 'keeps-out' }],
      [{}, { code: 'address-not-included' }],
    ],
  ])('%s', async (_, set, filters, asking) => {
    configuration = set;
    const story = await why();

    expect(story.filters).toMatchObject(filters);
    expect(story.filters).toHaveLength((filters as unknown[]).length);
    expect(story.asking).toMatchObject(asking);
  });
});

describe('expiry', () => {
  test('an entry keeps the timeout that it was stored under; what is set now is told beside it', async () => {
    await happened(0, logon(0));
    configuration = { ...defaults, clearpass: { ...defaults.clearpass, entryTimeout: 50 } };

    expect((await shown()).expiry).toEqual({ state: 'valid', expiresAt: '2026-03-01T12:30:00.000Z', timeoutMinutes: 30, settingNow: 50, message: 'It ends 2026-03-01T12:30:00.000Z (in 30 minutes): it was stored under 30 minutes. The setting is 50 minutes now, and holds from the next time that it is told.' }); // prettier-ignore
  });

  test('an entry without an end says so', async () => {
    await happened(0, told(aLogon(), 0));

    expect((await shown()).expiry).toMatchObject({ expiresAt: null, timeoutMinutes: 0 });
  });

  test('a mark ends by itself, an invalid entry by the setting that held when it was found', async () => {
    await happened(0, { kind: 'missed', delayMs: 15_000 });
    expect((await shown()).expiry).toMatchObject({ state: 'init', timeoutMinutes: null });

    await happened(0, { kind: 'abandoned', invalidTimeoutMinutes: 20 });
    expect((await shown()).expiry).toMatchObject({ state: 'invalid', timeoutMinutes: 20, settingNow: 30 });
  });

  test('where nobody is, nothing expires', async () => {
    expect((await shown()).expiry).toBe(null);
  });
});

test('caps and queries are the lines of the story that tell of them', async () => {
  await happened(0, logon(0));
  const codes = [['post', 'groups-dropped'], ['post', 'posture-unknown'], ['query', 'no-record'], ['post', 'stale']] as const; // prettier-ignore
  await stories.add(acme, codes.map(([kind, code], index) => aLine({ id: `line-${index}`, kind, code })), { days: 14 }); // prettier-ignore

  const { caps, queries } = await shown();

  expect(caps.map(({ code }) => code).sort()).toEqual(['groups-dropped', 'posture-unknown']);
  expect(queries).toMatchObject([{ code: 'no-record', ip: desk }]);
});

test('groups that did not fit are told, first those that a policy names', async () => {
  const named = { name: 'late', fromZone: 'any', toZone: 'any', source: ['any'], destination: ['any'], applications: ['any'], sourceIdentity: ['acme\\role-201'], action: 'permit', log: false } as const; // prettier-ignore
  configuration = { ...defaults, policies: [named] };
  await happened(0, logon(0, { droppedGroups: ['role-200', 'role-201'] }));

  expect((await why()).caps).toMatchObject([
    { code: 'dropped-groups-named-by-policy', groups: ['role-201'] },
    { code: 'dropped-groups', groups: ['role-200', 'role-201'] },
  ]);
});

describe('policies', () => {
  const named = (name: string, ...sourceIdentity: string[]) => ({ name, fromZone: 'trust', toZone: 'untrust', source: ['192.0.2.0/24'], destination: ['any'], applications: ['any'], sourceIdentity, action: 'permit', log: false }) as const; // prettier-ignore
  const policies = [
    named('staff', 'acme\\staff'),
    named('guests', 'unauthenticated-user'),
    named('lost', 'unknown-user'),
    named('alice alone', 'acme\\alice', '*\\alice'),
    { ...named('elsewhere', 'any'), source: ['10.0.0.0/8'] },
    named('all', 'any'),
  ];
  beforeEach(() => {
    configuration = { ...defaults, policies };
  });
  const names = (told: readonly { policy: string }[]) => told.map(({ policy }) => policy);

  test('of a known user: which take him, and by which of their words', async () => {
    await happened(0, logon(0));

    expect((await why()).policies).toMatchObject({
      evaluatedAs: 'authenticated-user',
      matching: [{ policy: 'staff', because: ['acme\\staff'] }, { policy: 'alice alone', because: ['acme\\alice', '*\\alice'] }, { policy: 'all' }], // prettier-ignore
      ifKnown: [],
      leftOut: 0,
    });
  });

  test('where nobody was ever known: which take him as he is, and which would take somebody', async () => {
    const { evaluatedAs, matching, ifKnown } = (await why()).policies;

    expect(evaluatedAs).toBe('unauthenticated-user');
    expect(names(matching)).toEqual(['guests', 'all']);
    expect(names(ifKnown)).toEqual(['staff', 'alice alone']);
  });

  test('where somebody was: which would take him if he were there', async () => {
    await happened(0, logon(0, { groups: [] }));
    await happened(5, logoff(5));

    expect(names((await why()).policies.ifKnown)).toEqual(['alice alone']);
  });

  test('once a query found nobody: those that take unknown users', async () => {
    await happened(0, { kind: 'abandoned', invalidTimeoutMinutes: 20 });

    expect((await why()).policies).toMatchObject({ evaluatedAs: 'unknown-user', matching: [{ policy: 'lost' }, { policy: 'all' }] }); // prettier-ignore
  });

  test('of very many the first are told, and how many more there are', async () => {
    configuration = {
      ...defaults,
      policies: Array.from({ length: 60 }, (_, index) => named(`policy-${index}`, 'any')),
    };

    expect((await why()).policies).toMatchObject({ leftOut: 10 });
  });
});

describe('hints', () => {
  test('a sender that was refused whole may be the one who would have told', async () => {
    await receipts.record(
      acme,
      aRefusal({ requestId: 'one', code: 'client-refused', message: 'It may not post here.' }),
      [],
      { days: 14 },
    );
    await receipts.record(acme, aRefusal({ requestId: 'two', at: noon - minutes(1), code: 'client-refused' }), [], {
      days: 14,
    });
    await receipts.record(
      acme,
      aRefusal({ requestId: 'three', kind: 'login', code: 'password-wrong', credentialId: 'other' }),
      [],
      { days: 14 },
    );
    await receipts.record(acme, aRefusal({ requestId: 'four', code: 'no-entry-stored' }), [], { days: 14 });
    await receipts.record(acme, aRefusal({ requestId: 'five', at: noon - hours(25), code: 'xml-malformed' }), [], {
      days: 14,
    });

    const { hints } = await why();

    expect(hints.map(({ code }) => code)).toEqual(['sender-refused', 'sender-refused', 'see-receipts', 'see-health']);
    expect(hints.map(({ message }) => message).sort()).toEqual([
      expect.stringContaining('/v1/health'),
      expect.stringContaining('/v1/receipts'),
      expect.stringMatching(/"first" \(203\.0\.113\.9\) had a whole post refused .*, and 1 before it \(client-refused: It may not post here\.\)/), // prettier-ignore
      expect.stringContaining('was not let in'),
    ]);
  });

  test('of somebody who is known there is nothing to look for', async () => {
    await happened(0, logon(0));
    await receipts.record(acme, aRefusal({}), [], { days: 14 });

    expect((await why()).hints).toEqual([]);
  });
});

const aRefusal = (part: Partial<Receipt>): Receipt =>
  aReceipt({ status: 'refused', credentialName: 'first', httpStatus: 403, code: 'client-refused', ...part });

function withUserQuery(part: Partial<Configuration['clearpass']['userQuery']>): Configuration {
  const { userQuery } = defaults.clearpass;
  const server = { ...userQuery.server, name: 'cppm', address: 'clearpass.example.net' };
  return {
    ...defaults,
    clearpass: { ...defaults.clearpass, userQuery: { ...userQuery, enabled: true, server, ...part } },
  };
}

function withJims(
  filters: Partial<Configuration['identityManagement']['filters']>,
  ipQuery: Partial<Configuration['identityManagement']['ipQuery']> = {},
): Configuration {
  const { identityManagement } = defaults;
  return {
    ...defaults,
    identityManagement: {
      ...identityManagement,
      enabled: true,
      filters: { ...identityManagement.filters, ...filters },
      ipQuery: { ...identityManagement.ipQuery, ...ipQuery },
    },
  };
}

describe('while ClearPass is silent', () => {
  const since = '2026-03-01T12:05:00.000Z';
  beforeEach(async () => {
    await happened(0, logon(0));
    await sources.note(acme, 'aruba-clearpass', now);
  });
  const silent = (action: 'keep' | 'freeze' | 'fall-back') => {
    const whenSilent = { ...defaults.whenSilent, 'aruba-clearpass': { action, afterMinutes: 5 } };
    configuration = { ...defaults, whenSilent };
  };

  test('a kept entry whose time is over is known, and the silence is named', async () => {
    silent('keep');
    now = noon + minutes(70);

    const story = await shown();

    const silence = { source: 'aruba-clearpass', action: 'keep', since, until: null };
    expect(story).toMatchObject({ code: 'known', state: 'valid', silence, entry: { user: 'alice', silence } });
    expect(story.answer).toContain(`ClearPass has been silent since ${since} (1 hour ago): what was live then is kept`);
    expect(story.expiry?.message).toContain('ClearPass has been silent');
    expect(story.search.find(({ origin }) => origin === 'aruba-clearpass')).toMatchObject({ result: 'chosen' });
    expect(story.timeline.map(({ code }) => code)).not.toContain('expired');

    await sources.note(acme, 'aruba-clearpass', now);
    expect(await shown()).toMatchObject({ code: 'expired', silence: null, entry: null });
  });

  test('an entry whose timer waits ends later', async () => {
    silent('freeze');
    now = noon + minutes(20);

    expect((await shown()).expiry).toMatchObject({ expiresAt: '2026-03-02T12:30:00.000Z' });
    await sources.note(acme, 'aruba-clearpass', now);
    const { expiry, answer } = await shown();
    expect(expiry).toMatchObject({ expiresAt: '2026-03-01T12:45:00.000Z' });
    expect(answer).toContain('ClearPass was silent from 2026-03-01T12:05:00.000Z to 2026-03-01T12:20:00.000Z');
  });

  test('an entry that is passed over is not known, and the reason is the silence', async () => {
    silent('fall-back');
    now = noon + minutes(10);

    const story = await shown();

    expect(story).toMatchObject({ code: 'not-read', entry: null, silence: { action: 'fall-back', since } });
    expect(story.answer.split('has been silent')).toHaveLength(2);
    expect(story.search.find(({ origin }) => origin === 'aruba-clearpass')).toMatchObject({ code: 'source-silent' });
  });

  test('another tenant’s silence says nothing of this one', async () => {
    silent('keep');
    await happened(0, logon(0), globex);
    now = noon + minutes(70);

    expect(await why({}, globex)).toMatchObject({ code: 'expired', silence: null });
  });
});

describe('the endpoint that has the address', () => {
  const happens = async (...events: readonly EndpointEvent[]) => {
    for (const event of events)
      await advanceEndpoint({ endpoints, now: () => now, newId: () => 'id' }, acme, laptop, event);
  };

  test('is named where it is held, with why', async () => {
    await happens(aLogin(), anAccounting(), aBlock());

    const story = await shown();

    expect(story.holds).toEqual([{ mac: laptop, hold: 'blocked', through: 'has-the-address', message: expect.stringContaining('"policy-enforcer" sent block-endpoint') as string }]); // prettier-ignore
    expect(story.answer).toContain(`The endpoint ${laptop}, which has the address, is blocked`);
  });

  test('is not where it is free, where it has left the address, or where another tenant has it', async () => {
    await happens(aLogin(), anAccounting());
    expect((await shown()).holds).toEqual([]);

    await happens(aBlock({ ip: null }), anAccounting({ status: 'stop', instant: noon + 1 }));
    expect((await shown()).holds).toEqual([]);
    expect((await why({}, globex)).holds).toEqual([]);
  });

  test('is named where it was held through the address that nobody has had since, as decisions go by it', async () => {
    await happens(aLogin(), anAccounting(), aBlock({ ip: desk }), anAccounting({ status: 'stop', instant: noon + 1 }));

    const story = await shown();
    expect(story.holds).toMatchObject([{ mac: laptop, through: 'held-through-the-address' }]);
    expect(story.answer).toContain(`The endpoint ${laptop}, which was held through the address that nobody has had since, is blocked`); // prettier-ignore
  });
});
