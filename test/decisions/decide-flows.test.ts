import {
  type Configuration,
  type ConfigurationStore,
  defaults,
  noVersion,
} from '../../shared/configuration/configuration.ts';
import { compiledByVersion } from '../../shared/configuration/compiled-by-version.ts';
import { compile } from '../../shared/decisions/compiled-policies.ts';
import { decideFlows, type DecideFlows } from '../../shared/decisions/decide-flows.ts';
import { readQuestion } from '../../shared/decisions/flow.ts';
import { changeOne, type Revision } from '../../shared/identity/authentication-table.ts';
import type { EndpointStore } from '../../shared/endpoints/endpoint-table.ts';
import type { Address, Endpoint } from '../../shared/endpoints/endpoint.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { Origin } from '../../shared/identity/observation.ts';
import type { SourceHeardStore } from '../../shared/identity/source-heard.ts';
import { slotOf } from '../../shared/identity/slots.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import type { QueuedQuestion } from '../../shared/user-query/ask-about.ts';
import { aQuarantine, aReason, anAddress, anEndpoint, laptop } from '../support/endpoints.ts';
import { fakeConfigurationStore } from '../support/fake-configuration-store.ts';
import { fakeEndpointStore } from '../support/fake-endpoint-store.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { fakeSourceHeard } from '../support/fake-source-heard.ts';
import { fakeQuestionStore } from '../support/fake-question-store.ts';
import { fakeSessionStore } from '../support/fake-session-store.ts';
import { defaultLimitsOf, limitsWithQuestions } from '../support/limits.ts';
import { acme, aLogon, globex, minutes, noon, told } from '../support/observations.ts';
import { querySettingsWith } from '../support/query-settings.ts';

let now: number;
let sent: QueuedQuestion[];
let unsent: TenantId[];
let deps: DecideFlows & { readonly endpoints: EndpointStore };
let configurations: ConfigurationStore;
let sources: SourceHeardStore;
beforeEach(async () => {
  now = noon;
  [sent, unsent] = [[], []];
  let writes = 0;
  configurations = fakeConfigurationStore();
  sources = fakeSourceHeard();
  deps = {
    table: { entries: fakeEntryStore(), now: () => now, newRevision: () => `revision-${(writes += 1)}` as Revision },
    configurations,
    compiledOf: compiledByVersion(compile),
    sources,
    slotsBefore: new Map(),
    endpoints: fakeEndpointStore(),
    holdless: new Set(),
    unread: () => undefined,
    questions: fakeQuestionStore(),
    limitsOf: defaultLimitsOf,
    cellOf: async () => Promise.resolve(0),
    queue: { send: async (_, question) => Promise.resolve(void sent.push(question)) },
    sessions: fakeSessionStore(),
    unkept: () => undefined,
    unsent: (tenant) => void unsent.push(tenant),
  };
  for (const tenant of [acme, globex])
    await configurations.replace(tenant, {
      read: noVersion,
      configuration: staffOnly,
      changedAt: noon,
      author: { id: 'operator-1', name: 'first' },
    });
});

const { userQuery } = querySettingsWith({ excludeAddresses: ['10.9.0.0/16'] });
const staffOnly = {
  ...defaults,
  clearpass: { ...defaults.clearpass, userQuery },
  policies: [
    {
      name: 'staff-web',
      fromZone: 'trust',
      toZone: 'untrust',
      source: ['any'],
      destination: ['198.51.100.0/24'],
      applications: ['https'],
      sourceIdentity: ['acme\\staff'],
      action: 'permit' as const,
      log: true,
    },
    {
      name: 'portal',
      fromZone: 'trust',
      toZone: 'untrust',
      source: ['any'],
      destination: ['203.0.113.80'],
      applications: ['any'],
      sourceIdentity: ['any'],
      action: 'permit' as const,
      log: false,
    },
  ],
};

const flow = (sourceIp: string, destinationIp = '198.51.100.7') => ({
  sourceIp,
  destinationIp,
  application: 'https',
  fromZone: 'trust',
  toZone: 'untrust',
});
const decide = async (flows: object[], { tenant = acme, explain = false } = {}) =>
  decideFlows(deps, { tenant, credentialId: 'firewall-1' }, readQuestion({ flows, explain }));
const logon = async (ip: string, tenant: TenantId = acme) =>
  changeOne(deps.table, tenant, {
    key: { ip: ip as IpAddress, slot: 'userid' },
    events: [told(aLogon({ ip: ip as IpAddress }))],
  });

test('decisions come in the order of the flows, for whoever is known', async () => {
  await logon('10.0.0.1');

  expect(await decide([flow('10.0.0.2', '203.0.113.80'), flow('10.0.0.1')])).toMatchObject([
    { action: 'permit', policy: 'portal', state: 'none', reason: 'policy-matched' },
    { action: 'permit', policy: 'staff-web', state: 'valid', user: 'alice', groups: ['staff'] },
  ]);
  expect(sent).toEqual([]);
});

test('of all flows of one unknown address one question is sent, and none of them waits for its answer', async () => {
  const decided = await decide([flow('10.0.0.1'), flow('10.0.0.1'), flow('10.0.0.2')]);

  expect(decided).toMatchObject([1, 2, 3].map(() => ({ action: 'deny', policy: 'default-policy', state: 'init' })));
  expect(sent).toEqual(['10.0.0.1', '10.0.0.2'].map((ip) => ({ tenant: acme, ip, ask: 'clearpass' })));
  expect(await decide([flow('10.0.0.1')])).toMatchObject([{ state: 'init' }]);
  expect(sent).toHaveLength(2);
});

test('a decision about somebody who is there writes nothing, and extends nothing', async () => {
  await logon('10.0.0.1');
  const { entries } = deps.table;
  deps = { ...deps, table: { ...deps.table, entries: { ...entries, replace: async () => Promise.reject(new Error('a write')) } } }; // prettier-ignore

  now = noon + minutes(29);
  expect(await decide([flow('10.0.0.1')])).toMatchObject([{ state: 'valid', user: 'alice' }]);
  const [stored] = await entries.read(acme, [{ ip: '10.0.0.1' as IpAddress, slot: 'userid' }]);
  expect(stored?.item.expiresAt).toBe(noon + minutes(30));
});

test('one tenant’s users and questions are nothing to another', async () => {
  await logon('10.0.0.1', globex);

  expect(await decide([flow('10.0.0.1')])).toMatchObject([{ state: 'init', user: null }]);
  expect(await decide([flow('10.0.0.1')], { tenant: globex })).toMatchObject([{ state: 'valid', user: 'alice' }]);
});

test.each<[string, object]>([
  ['that needs nobody', flow('10.0.0.1', '203.0.113.80')],
  ['that no policy knows', flow('10.0.0.1', '192.0.2.1')],
  ['of an address that is not to be asked about', flow('10.9.1.1')],
])('a flow %s asks nothing', async (_, one) => {
  await decide([one]);

  expect(sent).toEqual([]);
});

test('an expired user is absent: the flow is denied, and somebody asks', async () => {
  await logon('10.0.0.1');
  now += minutes(30);

  expect(await decide([flow('10.0.0.1')])).toMatchObject([{ action: 'deny', user: null, state: 'init' }]);
  expect(sent).toHaveLength(1);
});

test('where too many questions are open the default decides, and says so', async () => {
  deps = { ...deps, limitsOf: limitsWithQuestions(1) };

  expect(await decide([flow('10.0.0.1'), flow('10.0.0.2')])).toMatchObject([
    { state: 'init', reason: 'identity-not-matched' },
    { state: 'none', policy: 'default-policy', reason: 'too-many-queries' },
  ]);
});

test('a question that cannot be sent is told to the operator, and the decision stands without it', async () => {
  deps = { ...deps, queue: { send: async () => Promise.reject(new Error('no queue')) } };

  expect(await decide([flow('10.0.0.1')])).toMatchObject([{ action: 'deny', policy: 'default-policy' }]);
  expect(unsent).toEqual([acme]);
});

test('an explanation shows the steps, also of somebody who is not known', async () => {
  const [decided] = await decide([flow('10.0.0.1')], { explain: true });

  expect(JSON.stringify(decided?.explanation)).toContain('staff-web');
  expect((await decide([flow('10.0.0.1')]))[0]).not.toHaveProperty('explanation');
});

describe('whose word is gone by', () => {
  const withoutQuery = {
    ...staffOnly,
    clearpass: { ...staffOnly.clearpass, userQuery: { ...userQuery, enabled: false } },
  };
  const configure = async (configuration: Configuration) => {
    const { version: read } = await configurations.current(acme);
    await configurations.replace(acme, {
      read,
      configuration,
      changedAt: noon,
      author: { id: 'operator-1', name: 'first' },
    });
  };
  const tell = async (origin: Origin, user: string, ip = '10.0.0.1') =>
    changeOne(deps.table, acme, {
      key: { ip: ip as IpAddress, slot: slotOf[origin] },
      events: [told(aLogon({ ip: ip as IpAddress, origin, user }))],
    });

  test('with user query off the first valid entry by priority, and the decision names its source', async () => {
    await configure(withoutQuery);
    await tell('aruba-clearpass', 'carol');
    await tell('local', 'lou');
    expect(await decide([flow('10.0.0.1')])).toMatchObject([{ user: 'lou', source: 'local' }]);

    await configure({ ...withoutQuery, priorities: { ...defaults.priorities, local: 120 } });
    expect(await decide([flow('10.0.0.1')])).toMatchObject([{ user: 'carol', source: 'aruba-clearpass' }]);

    await configure({ ...withoutQuery, priorities: { ...defaults.priorities, 'aruba-clearpass': 0, local: 0 } });
    expect(await decide([flow('10.0.0.1')])).toMatchObject([{ user: null, source: null, state: 'none' }]);
  });

  test('with user query on nobody but ClearPass and JIMS is consulted: a local user is asked about', async () => {
    await tell('local', 'lou');
    await tell('identity-management', 'jim', '10.0.0.2');

    expect(await decide([flow('10.0.0.1'), flow('10.0.0.2')])).toMatchObject([
      { user: null, source: null, state: 'init' },
      { user: 'jim', source: 'identity-management' },
    ]);
    expect(sent).toEqual([{ tenant: acme, ip: '10.0.0.1', ask: 'clearpass' }]);
  });

  test('of many addresses each has its own slots', async () => {
    await configure(withoutQuery);
    const ips = Array.from({ length: 60 }, (_, index) => `10.1.0.${index}`);
    for (const [index, ip] of ips.entries())
      await tell(index % 2 === 0 ? 'local' : 'secure-web-gateway', `user-${index}`, ip);

    const decided = await decide(ips.map((ip) => flow(ip)));

    expect(decided.map(({ user }) => user)).toEqual(ips.map((_, index) => `user-${index}`));
  });

  test('what a tenant’s slots are is read with its configuration, once it is known', async () => {
    await configure(withoutQuery);
    await tell('local', 'lou');
    let reads = 0;
    const { entries } = deps.table;
    const counted = {
      ...entries,
      read: async (...asked: Parameters<typeof entries.read>) => ((reads += 1), entries.read(...asked)),
      at: async (...asked: Parameters<typeof entries.at>) => ((reads += 1), entries.at(...asked)),
    };
    deps = { ...deps, table: { ...deps.table, entries: counted } };

    expect(await decide([flow('10.0.0.1')])).toMatchObject([{ user: 'lou' }]);
    const first = reads;
    await decide([flow('10.0.0.1')]);

    expect([first, reads - first]).toEqual([2, 1]);
  });

  test('while ClearPass is silent and its entries are kept, a decision goes by them, and says so', async () => {
    const whenSilent = { ...defaults.whenSilent, 'aruba-clearpass': { action: 'keep', afterMinutes: 5 } as const };
    await configure({ ...staffOnly, whenSilent });
    await sources.note(acme, 'aruba-clearpass', noon);
    await tell('aruba-clearpass', 'carol');
    expect(await decide([flow('10.0.0.1')])).toMatchObject([{ user: 'carol', silence: null }]);

    now = noon + minutes(40);
    expect(await decide([flow('10.0.0.1'), flow('10.0.0.2')])).toMatchObject([
      {
        user: 'carol',
        silence: { source: 'aruba-clearpass', action: 'keep', since: '2026-03-01T12:05:00.000Z', until: null },
      },
      { user: null, silence: null, state: 'init' },
    ]);

    await sources.note(acme, 'aruba-clearpass', now);
    expect(await decide([flow('10.0.0.1')])).toMatchObject([{ user: null, silence: null }]);
  });

  test('while it is silent and passed over, the next source stands and nobody asks about whom it told', async () => {
    const whenSilent = { ...defaults.whenSilent, 'aruba-clearpass': { action: 'fall-back', afterMinutes: 5 } as const };
    await configure({ ...staffOnly, whenSilent });
    await sources.note(acme, 'aruba-clearpass', noon);
    await tell('aruba-clearpass', 'carol');
    await tell('aruba-clearpass', 'dora', '10.0.0.2');
    await tell('local', 'lou');

    now = noon + minutes(5);

    expect(await decide([flow('10.0.0.1'), flow('10.0.0.2')])).toMatchObject([
      { user: 'lou', source: 'local', silence: { action: 'fall-back' } },
      { user: null, state: 'none', silence: { action: 'fall-back' } },
    ]);
    expect(sent).toEqual([]);
  });
});

describe('an endpoint that is held', () => {
  const held = async (endpoint: Partial<Endpoint>, tenant: TenantId = acme, mac = laptop) =>
    deps.endpoints.replace(tenant, anEndpoint({ mac, ...endpoint }), undefined);
  const at = (ip: string, told: Partial<Address> = {}) =>
    anAddress({ ip: ip as IpAddress, session: null, source: 'operator', ...told });
  const configured = async (change: Partial<Configuration>) => {
    const { version } = await configurations.current(acme);
    await configurations.replace(acme, {
      read: version,
      configuration: { ...staffOnly, ...change },
      changedAt: noon,
      author: { id: 'operator-1', name: 'first' },
    });
  };

  test('and blocked is denied before all policies, and its user is told still', async () => {
    await logon('10.0.0.1');
    await logon('10.0.0.1', globex);
    await held({ addresses: [at('10.0.0.1')], reasons: [aReason({ ip: null })] });
    const denied = { action: 'deny', policy: 'endpoint-hold', reason: 'endpoint-blocked' };

    expect(await decide([flow('10.0.0.1'), flow('10.0.0.1', '203.0.113.80')])).toMatchObject([
      { ...denied, state: 'valid', user: 'alice', groups: ['staff'] },
      denied,
    ]);
    expect(await decide([flow('10.0.0.1')], { tenant: globex })).toMatchObject([{ action: 'permit' }]);
  });

  test('and blocked raises no question about who is there', async () => {
    await held({ addresses: [at('10.0.0.1')], reasons: [aReason({ ip: null })] });

    expect(await decide([flow('10.0.0.1')])).toMatchObject([{ reason: 'endpoint-blocked', state: 'none' }]);
    expect(sent).toEqual([]);
  });

  test('and in quarantine is of no group but its quarantine role, in the domain of its user', async () => {
    const [web] = staffOnly.policies;
    if (web === undefined) throw new Error('There is one.');
    await configured({
      policies: [{ ...web, name: 'remedy', sourceIdentity: ['acme\\Quarantine'], destination: ['203.0.113.9'] }, ...staffOnly.policies],
    }); // prettier-ignore
    await logon('10.0.0.1');
    await held({ addresses: [at('10.0.0.1')], reasons: [aQuarantine({ ip: null })] });

    expect(await decide([flow('10.0.0.1'), flow('10.0.0.1', '203.0.113.9')])).toMatchObject([
      { action: 'deny', reason: 'identity-not-matched', user: 'alice', groups: ['quarantine'] },
      { action: 'permit', policy: 'remedy', groups: ['quarantine'] },
    ]);
  });

  test('and says so where it is explained', async () => {
    await logon('10.0.0.1');
    await held({ addresses: [at('10.0.0.1')], reasons: [aQuarantine({ ip: null })] });
    const [one, other] = await decide([flow('10.0.0.1'), flow('10.0.0.2')], { explain: true });

    expect(one?.explanation?.hold).toEqual({
      hold: 'quarantined',
      role: 'Quarantine',
      mac: laptop,
      through: 'has-the-address',
      since: '2026-03-01T12:00:00.000Z',
    });
    expect(other?.explanation?.hold).toBeNull();
  });

  test('does not matter where decisions are not to know of it, from the next call on', async () => {
    await logon('10.0.0.1');
    await held({ addresses: [at('10.0.0.1')], reasons: [aReason({ ip: null })] });
    const { threatResponse } = defaults;
    let reads = 0;
    const { endpoints } = deps;
    deps = { ...deps, endpoints: { ...endpoints, at: async (...of) => ((reads += 1), endpoints.at(...of)) } };

    await configured({ threatResponse: { ...threatResponse, applyHoldsToDecisions: false } });
    for (let call = 0; call < 3; call += 1)
      expect(await decide([flow('10.0.0.1')])).toMatchObject([{ action: 'permit' }]);
    expect(reads).toBe(1);
    await configured({ threatResponse });
    expect(await decide([flow('10.0.0.1')])).toMatchObject([{ reason: 'endpoint-blocked' }]);
  });

  test('is not passed by where that cannot be read: then the default decides, and nobody is asked', async () => {
    await logon('10.0.0.1');
    const unread: TenantId[] = [];
    deps = {
      ...deps,
      endpoints: { ...deps.endpoints, at: async () => Promise.reject(new Error('unreachable')) },
      unread: (_, tenant) => void unread.push(tenant),
    };

    expect(await decide([flow('10.0.0.1'), flow('10.0.0.2', '203.0.113.80')])).toMatchObject([
      { action: 'deny', policy: 'default-policy', reason: 'holds-unreadable', state: 'valid', user: 'alice' },
      { action: 'deny', policy: 'default-policy', reason: 'holds-unreadable', state: 'none' },
    ]);
    expect(unread).toEqual([acme]);
    expect(sent).toEqual([]);
  });
});

describe('what cannot be read', () => {
  const unreachable = async () => Promise.reject(new Error('unreachable'));
  let unread: (readonly [what: string, tenant: TenantId])[];
  beforeEach(async () => {
    unread = [];
    deps = { ...deps, unread: (what, tenant) => void unread.push([what, tenant]) };
    await logon('10.0.0.1');
    await logon('10.0.0.1', globex);
  });
  /** The entries of acme alone. */
  const withoutEntries = () => {
    const { entries } = deps.table;
    const read: typeof entries.read = async (tenant, all) => (tenant === acme ? unreachable() : entries.read(tenant, all)); // prettier-ignore
    const at: typeof entries.at = async (tenant, ip) => (tenant === acme ? unreachable() : entries.at(tenant, ip));
    deps = { ...deps, table: { ...deps.table, entries: { ...entries, read, at } } };
  };

  test('of entries leaves to the default what hangs on them, and nobody is asked; other tenants go on', async () => {
    withoutEntries();

    expect(await decide([flow('10.0.0.1'), flow('10.0.0.2'), flow('10.0.0.1', '203.0.113.80')])).toMatchObject([
      { action: 'deny', policy: 'default-policy', reason: 'entries-unreadable', state: 'none', user: null },
      { action: 'deny', policy: 'default-policy', reason: 'entries-unreadable', state: 'none', user: null },
      { action: 'permit', policy: 'portal', reason: 'policy-matched' },
    ]);
    expect(await decide([flow('10.0.0.1')], { tenant: globex })).toMatchObject([{ action: 'permit', user: 'alice' }]);
    expect(unread).toEqual([['entries', acme]]);
    expect(sent).toEqual([]);
  });

  test('is decided by what the tenant chose as its default', async () => {
    const { version: read } = await configurations.current(acme);
    const configuration = { ...staffOnly, defaultPolicy: 'permit' as const };
    const author = { id: 'operator-1', name: 'first' };
    await configurations.replace(acme, { read, configuration, changedAt: noon, author });
    withoutEntries();

    expect(await decide([flow('10.0.0.1')])).toMatchObject([{ action: 'permit', reason: 'entries-unreadable' }]);
  });

  test('does not free whoever is known to be blocked', async () => {
    const endpoint = { ...anEndpoint({ addresses: [anAddress({ ip: '10.0.0.1' as IpAddress })] }), reasons: [aReason({ ip: null })] }; // prettier-ignore
    await deps.endpoints.replace(acme, endpoint, undefined);
    withoutEntries();

    expect(await decide([flow('10.0.0.1')])).toMatchObject([{ action: 'deny', reason: 'endpoint-blocked' }]);
  });

  test('opens no session', async () => {
    withoutEntries();

    expect(await decide([{ ...flow('10.0.0.1'), sessionId: 's-1' }])).toMatchObject([
      { reason: 'entries-unreadable', session: { id: 's-1', managed: false, reason: 'user-not-known' } },
    ]);
  });

  test('of what was heard of silent sources makes entries unreadable, where it matters', async () => {
    deps = { ...deps, sources: { read: unreachable } };
    expect(await decide([flow('10.0.0.1')])).toMatchObject([{ action: 'permit', user: 'alice' }]);

    const { version: read } = await configurations.current(acme);
    const whenSilent = { ...defaults.whenSilent, 'aruba-clearpass': { ...defaults.whenSilent['aruba-clearpass'], action: 'keep' as const } }; // prettier-ignore
    const author = { id: 'operator-1', name: 'first' };
    await configurations.replace(acme, { read, configuration: { ...staffOnly, whenSilent }, changedAt: noon, author });
    expect(await decide([flow('10.0.0.1')])).toMatchObject([{ action: 'deny', reason: 'entries-unreadable' }]);
    expect(unread).toEqual([['sources', acme]]);
  });

  test('of the configuration is no decision at all', async () => {
    deps = { ...deps, configurations: { current: unreachable } };

    await expect(decide([flow('10.0.0.1')])).rejects.toThrow('unreachable');
  });
});
