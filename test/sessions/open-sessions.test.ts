/** Decisions and sessions together: what is opened, heard of, closed and told. */
import { defaults, noVersion } from '../../shared/configuration/configuration.ts';
import { compiledByVersion } from '../../shared/configuration/compiled-by-version.ts';
import { compile } from '../../shared/decisions/compiled-policies.ts';
import { decideFlows, type DecideFlows } from '../../shared/decisions/decide-flows.ts';
import { readQuestion } from '../../shared/decisions/flow.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { changeOne, type Revision } from '../../shared/identity/authentication-table.ts';
import type { Event } from '../../shared/identity/advance.ts';
import { plainReading } from '../../shared/identity/silence.ts';
import { closeSession, type Closing } from '../../shared/sessions/close-session.ts';
import { closedSessions, findSessions } from '../../shared/sessions/find-sessions.ts';
import { closeRecord, sessionView } from '../../shared/sessions/session-view.ts';
import type { SessionStore } from '../../shared/sessions/sessions.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { codeOfAsync } from '../support/errors.ts';
import { fakeConfigurationStore } from '../support/fake-configuration-store.ts';
import { fakeEndpointStore } from '../support/fake-endpoint-store.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { fakeSourceHeard } from '../support/fake-source-heard.ts';
import { fakeQuestionStore } from '../support/fake-question-store.ts';
import { fakeSessionStore } from '../support/fake-session-store.ts';
import { defaultLimitsOf } from '../support/limits.ts';
import { acme, aLogon, deleted, desk, globex, hours, instant, minutes, noon, told } from '../support/observations.ts';
import { aPolicy } from '../decisions/examples.ts';

let now: number;
let unkept: TenantId[];
let sessions: ReturnType<typeof fakeSessionStore>;
let deps: DecideFlows;
let posted: number;
beforeEach(async () => {
  [now, unkept, posted] = [noon, [], 0];
  let writes = 0;
  sessions = fakeSessionStore();
  const configurations = fakeConfigurationStore();
  deps = {
    table: { entries: fakeEntryStore(), now: () => now, newRevision: () => `revision-${(writes += 1)}` as Revision },
    configurations,
    compiledOf: compiledByVersion(compile),
    sources: fakeSourceHeard(),
    slotsBefore: new Map(),
    endpoints: fakeEndpointStore(),
    holdless: new Set(),
    unread: () => undefined,
    questions: fakeQuestionStore(),
    limitsOf: defaultLimitsOf,
    cellOf: async () => Promise.resolve(0),
    queue: { send: async () => Promise.resolve() },
    sessions,
    unkept: (tenant) => void unkept.push(tenant),
    unsent: () => undefined,
  };
  const configuration = { ...defaults, policies: [aPolicy({ sourceIdentity: ['authenticated-user'] })] };
  for (const tenant of [acme, globex]) {
    await configurations.replace(tenant, {
      read: noVersion,
      configuration,
      changedAt: noon,
      author: { id: 'operator-1', name: 'first' },
    });
    await happens(logon(), tenant);
  }
});

const logon = (user = 'alice', timeoutMinutes = 0) =>
  told(aLogon({ user, instant: instant((posted += 1)) }), timeoutMinutes);
const happens = async (event: Event, tenant = acme, ip = desk) =>
  changeOne(deps.table, tenant, { key: { ip, slot: 'userid' }, events: [event] });

const flow = (sessionId: string, sourceIp: string = desk) => ({
  sourceIp,
  destinationIp: '198.51.100.7',
  application: 'https',
  fromZone: 'trust',
  toZone: 'untrust',
  sessionId,
});
async function decide(flows: object[], { tenant = acme, credentialId = 'firewall-1' } = {}) {
  const decided = await decideFlows(deps, { tenant, credentialId }, readQuestion({ flows, explain: false }));
  return decided.map(({ session }) => (session ? (session.reason ?? 'managed') : 'no session'));
}
const reading = () => ({ ...deps, readingOf: async () => Promise.resolve(plainReading(defaults)) });
const close = async (id: string, closing: Closing = {}, credentialId = 'firewall-1', tenant = acme) =>
  closeRecord(await closeSession(reading(), tenant, { credentialId, id }, closing));
const shown = async (tenant = acme, ip = desk) =>
  (await findSessions(reading(), tenant, { ip, limit: 100 })).items.map(sessionView);

test('a decision opens a session once: the same again changes nothing but when it was heard of', async () => {
  expect(await decide([flow('1'), flow('1'), { ...flow('1'), sessionId: null }])).toEqual([
    'managed',
    'managed',
    'no session',
  ]);
  const [before] = await shown();
  now += minutes(5);
  expect(await decide([flow('1')])).toEqual(['managed']);

  expect(await shown()).toEqual([{ ...before, heardAt: new Date(now).toISOString() }]);
});

test('a close again changes nothing at all', async () => {
  await decide([flow('1')]);
  now += minutes(1);
  const record = await close('1', { bytesIn: 7 });
  now += minutes(1);

  expect(await close('1', { bytesIn: 8, reason: 'again' })).toEqual(record);
  expect(await shown()).toHaveLength(1);
});

describe('no more than may be are managed', () => {
  beforeEach(() => {
    deps = { ...deps, mostManaged: 3 };
  });

  test('also where one call names more: the others are known, and their close record has no user', async () => {
    expect(await decide(['1', '2', '3', '4', '5'].map((id) => flow(id)))).toEqual(['managed', 'managed', 'managed', 'too-many-sessions', 'too-many-sessions']); // prettier-ignore
    expect(await decide([flow('4'), flow('1')])).toEqual(['too-many-sessions', 'managed']);
    expect(await close('4')).toMatchObject({ user: null, domain: null, managed: false, reason: 'closed' });
    expect(await close('1')).toMatchObject({ user: 'alice', domain: 'acme', managed: true });
  });

  test('a closed one leaves its place to the next, one that was not managed leaves none', async () => {
    await decide(['1', '2', '3', '4'].map((id) => flow(id)));
    await close('4');
    expect(await decide([flow('5')])).toEqual(['too-many-sessions']);
    await close('2');
    await close('2');

    expect(await decide([flow('6'), flow('7')])).toEqual(['managed', 'too-many-sessions']);
  });

  test('the next user begins anew', async () => {
    await decide(['1', '2', '3'].map((id) => flow(id)));
    await happens(logon('bob'));

    expect(await decide(['1', '2', '3', '4'].map((id) => flow(id)))).toEqual(['managed', 'managed', 'managed', 'too-many-sessions']); // prettier-ignore
  });

  test('lost sessions keep no place once they are counted anew, which a minute of quiet allows', async () => {
    await decide(['1', '2', '3'].map((id) => flow(id)));
    now += hours(23);
    await decide([flow('2')]);
    now += hours(1);
    expect(await decide([flow('4')])).toEqual(['too-many-sessions']);
    now += minutes(1);

    expect(await decide(['5', '6', '7'].map((id) => flow(id)))).toEqual(['managed', 'managed', 'too-many-sessions']);
  });

  test('a counter that was forgotten is made anew from the sessions that there are', async () => {
    await decide(['1', '2'].map((id) => flow(id)));
    for (let day = 0; day < 8; day += 1) {
      now += hours(23);
      await decide(['1', '2'].map((id) => flow(id)));
    }
    sessions.forgetCounters(acme);

    expect(await decide(['3', '4'].map((id) => flow(id)))).toEqual(['managed', 'too-many-sessions']);
  });
});

test('an id that is used at another address is another session, and the one before is over', async () => {
  const other = '192.0.2.51' as IpAddress;
  await happens(logon('bob'), acme, other);
  await decide([flow('1')]);
  now += minutes(1);
  await decide([flow('1', other)]);

  expect(await shown()).toMatchObject([{ user: 'alice', state: 'closed', reason: 'moved' }]);
  expect(await close('1')).toMatchObject({ user: 'bob', ip: other });
});

describe('a session never turns a decision into an error', () => {
  const broken = async (): Promise<never> => Promise.reject(new Error('throttled'));
  test.each<[string, Partial<SessionStore>, number]>([
    ['read', { read: broken }, 1],
    ['counted', { take: broken }, 1],
    ['written', { open: broken }, 1],
  ])('it could not be %s', async (_, part, complaints) => {
    deps = { ...deps, sessions: { ...sessions, ...part } };

    expect(await decide([flow('1')])).toEqual(['not-written']);
    expect(unkept).toEqual(Array(complaints).fill(acme));
  });

  test('and others of the same call are not touched by it', async () => {
    await decide([flow('heard')]);
    deps = { ...deps, sessions: { ...sessions, take: broken } };

    expect(await decide([flow('heard'), flow('new')])).toEqual(['managed', 'not-written']);
  });

  test('and a call whose flows name none asks for none', async () => {
    const none = { read: broken, take: broken, open: broken, hear: broken };
    deps = { ...deps, sessions: { ...sessions, ...none } };

    expect(await decide([{ ...flow(''), sessionId: null }])).toEqual(['no session']);
    expect(unkept).toEqual([]);
  });
});

test('of two that open the same session at once both are answered with it', async () => {
  const both = await Promise.all([decide([flow('1')]), decide([flow('1')])]);

  expect(both).toEqual([['managed'], ['managed']]);
  expect(await shown()).toHaveLength(1);
});

test('what its entry ended first is what a close is answered with, and what was told stands beside it', async () => {
  await decide([flow('1')]);
  now += minutes(1);
  await happens(logon('bob'));
  now += minutes(1);

  expect(await close('1', { reason: 'tcp-fin' })).toMatchObject({
    user: 'alice',
    reason: 'user-changed',
    toldReason: 'tcp-fin',
    closedAt: new Date(noon + minutes(1)).toISOString(),
  });
});

test('a session that has been over for a day is told no more', async () => {
  await decide([flow('1')]);
  await happens(deleted);
  now += hours(24) - 1;
  expect(await shown()).toHaveLength(1);
  now += 1;

  expect(await shown()).toEqual([]);
  expect(await codeOfAsync(close('1'))).toBe('session-absent');
});

test.each(['unheard-of', '', 'x'.repeat(129), 'x'.repeat(100_000)])(
  'a session that nobody opened is absent',
  async (id) => {
    expect(await codeOfAsync(close(id))).toBe('session-absent');
  },
);

test('another credential’s and another tenant’s sessions of the same id are others', async () => {
  await decide([flow('1')]);
  expect(await codeOfAsync(close('1', {}, 'firewall-2'))).toBe('session-absent');
  expect(await codeOfAsync(close('1', {}, 'firewall-1', globex))).toBe('session-absent');
  await decide([flow('1')], { credentialId: 'firewall-2' });
  await decide([flow('1')], { tenant: globex });
  await close('1', {}, 'firewall-2');

  expect((await shown()).map(({ credentialId, state }) => [credentialId, state])).toEqual([['firewall-1', 'open'], ['firewall-2', 'closed']]); // prettier-ignore
  expect(await shown(globex)).toMatchObject([{ state: 'open' }]);
});

test('a credential hears of those of its sessions that ended without it, since an instant', async () => {
  const other = '192.0.2.51' as IpAddress;
  for (const ip of [desk, other]) await happens(logon('alice', ip === desk ? 0 : 30), acme, ip);
  await decide([flow('deleted'), flow('closed'), flow('expires', other)]);
  await decide([flow('deleted')], { credentialId: 'firewall-2' });
  await close('closed');
  now += minutes(10);
  await happens(deleted);
  now += minutes(10);
  const told = async (since: number, credentialId = 'firewall-1') =>
    (await closedSessions(reading(), acme, { credentialId, ips: [desk, other], since })).map(({ id, ending }) => `${id} ${ending.reason}`); // prettier-ignore

  expect(await told(noon)).toEqual(['deleted deleted']);
  expect(await told(noon + minutes(10) + 1)).toEqual([]);
  expect(await told(noon, 'firewall-2')).toEqual(['deleted deleted']);
  expect(await told(noon, 'firewall-3')).toEqual([]);
  now += minutes(10);
  expect(await told(noon)).toEqual(['deleted deleted', 'expires expired']);
});
