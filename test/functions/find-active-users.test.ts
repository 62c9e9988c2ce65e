/** Who is logged in, in the words of a Pulse Policy Secure. */
import { doors } from '../../functions/find-active-users/handler.ts';
import { http } from '../../shared/edge/http.ts';
import { pulseEntrance } from '../../shared/edge/pulse.ts';
import type { Endpoint } from '../../shared/endpoints/endpoint.ts';
import { macAddress } from '../../shared/endpoints/mac.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { aReason, aQuarantine, aSession, anAddress, anEndpoint } from '../support/endpoints.ts';
import { fakeEndpointStore } from '../support/fake-endpoint-store.ts';
import { fakeReceiptStore } from '../support/fake-receipt-store.ts';
import { acme, globex, hours, noon } from '../support/observations.ts';
import { aCaller, aContext, anApiEvent } from '../support/requests.ts';

let endpoints: ReturnType<typeof fakeEndpointStore>;
let receipts: ReturnType<typeof fakeReceiptStore>;
beforeEach(() => {
  endpoints = fakeEndpointStore();
  receipts = fakeReceiptStore();
});

async function ask(
  query: Record<string, string[]> = {},
  { tenant = acme, role = 'threat-sender', restAccess = 'on', remainingMs = 29_000 } = {},
) {
  const event = anApiEvent({
    route: 'GET /api/v1/system/active-users',
    caller: aCaller(role as 'threat-sender', { tenant, restAccess }),
    query,
  });
  const deps = { endpoints, receipts, now: () => noon };
  const answer = await http(() => deps, doors, { ...pulseEntrance, now: () => noon })(event, aContext(remainingMs));
  return { status: answer.statusCode, body: JSON.parse(answer.body) as Body };
}

interface Body {
  readonly code?: string;
  readonly 'active-users'?: {
    readonly 'active-user-records': { readonly 'active-user-record': readonly Record<string, unknown>[] };
    readonly 'total-matched-record-number': number;
    readonly 'total-returned-record-number': number;
    readonly 'user-login-permission': boolean;
  };
}

const recordsIn = ({ body }: { body: Body }) => body['active-users']?.['active-user-records']['active-user-record'];
const namesIn = (answer: { body: Body }) => recordsIn(answer)?.map((record) => record['active-user-name']);

const keep = async (endpoint: Endpoint, tenant: TenantId = acme) => endpoints.replace(tenant, endpoint, undefined);
const keepUsers = async (...names: string[]) => {
  for (const [index, user] of names.entries()) {
    await keep(anEndpoint({ mac: macAddress(`0011223300${String(10 + index)}`), sessions: [aSession({ user })] }));
  }
};

test('an open session is told with its user, realm, switch, addresses, roles and time, all as the vendor names them', async () => {
  const v6 = anAddress({ ip: '2001:db8::7' as IpAddress });
  await keep(anEndpoint({ sessions: [aSession({ roles: ['Employees', 'Staff'] })], addresses: [anAddress(), v6] }));

  expect(await ask()).toEqual({
    status: 200,
    body: {
      'active-users': {
        'active-user-records': {
          'active-user-record': [
            {
              'active-user-name': 'alice',
              'agent-type': '',
              'authentication-realm': 'Wired',
              'endpoint-security-status': 'Not Applicable',
              events: 0,
              'login-node': '198.51.100.2',
              'mac-address': '00:11:22:33:ca:fe',
              'network-connect-ip': '192.0.2.50',
              'network-connect-ipv6': '2001:db8::7',
              'session-id': '198.51.100.2/8O2.1x81bb0a3c',
              'user-roles': 'Employees, Staff',
              'user-sign-in-time': '2026/03/01 12:00:00',
            },
          ],
        },
        'total-matched-record-number': 1,
        'total-returned-record-number': 1,
        'user-login-permission': true,
      },
    },
  });
});

test('of who is held the roles are those that count: the quarantine role alone, and none of who is blocked', async () => {
  await keep(anEndpoint({ mac: macAddress('001122330001'), sessions: [aSession()], reasons: [aQuarantine()] }));
  await keep(anEndpoint({ mac: macAddress('001122330002'), sessions: [aSession()], reasons: [aReason()] }));

  expect(recordsIn(await ask())).toMatchObject([
    { 'user-roles': 'Quarantine', 'endpoint-security-status': 'Quarantined' },
    { 'user-roles': '', 'endpoint-security-status': 'Blocked' },
  ]);
});

test('sessions that ended or are lost are not active, and one that nobody logged in to is told by its MAC', async () => {
  const ended = aSession({ key: 'ended', endedAt: noon - 1, endedBy: 'stop' });
  const lost = aSession({ key: 'lost', heardAt: noon - hours(24) });
  await keep(anEndpoint({ sessions: [aSession({ user: null, realm: null, roles: [] }), ended, lost] }));

  expect(recordsIn(await ask())).toMatchObject([
    {
      'active-user-name': '00:11:22:33:ca:fe',
      'authentication-realm': '',
      'network-connect-ip': null,
      'user-roles': '',
    },
  ]);
});

test('a name, a number and a start say which are told, and the totals count all that match', async () => {
  await keepUsers('ann', 'bob', 'Ann', 'carl');

  expect(namesIn(await ask({ name: ['ANN'] }))).toEqual(['ann', 'Ann']);
  const second = await ask({ number: ['2'], start: ['1'] });
  expect(namesIn(second)).toEqual(['bob', 'Ann']);
  expect(second.body['active-users']).toMatchObject({
    'total-matched-record-number': 4,
    'total-returned-record-number': 2,
  });
  expect(namesIn(await ask({ start: ['4'] }))).toEqual([]);
  expect(namesIn(await ask({ name: ['dora'] }))).toEqual([]);
});

test('hundreds of endpoints are counted whole, and 200 told unless more are wanted', async () => {
  for (let index = 0; index < 1_100; index += 1) {
    await keep(anEndpoint({ mac: macAddress(`0011${String(index).padStart(8, '0')}`), sessions: [aSession()] }));
  }

  expect((await ask()).body['active-users']).toMatchObject({
    'total-matched-record-number': 1_100,
    'total-returned-record-number': 200,
  });
});

test('one tenant is shown nobody of another', async () => {
  await keep(anEndpoint({ sessions: [aSession()] }), globex);

  expect(namesIn(await ask())).toEqual([]);
  expect(namesIn(await ask({}, { tenant: globex }))).toEqual(['alice']);
});

test.each<[string, Record<string, string[]>, string]>([
  ['an unknown parameter', { user: ['ann'] }, 'parameter-unknown'],
  ['two names', { name: ['ann', 'bob'] }, 'parameter-invalid'],
  ['an empty name', { name: [''] }, 'parameter-invalid'],
  ['no number', { number: ['many'] }, 'parameter-invalid'],
  ['the number 0', { number: ['0'] }, 'parameter-invalid'],
  ['a number of 1001', { number: ['1001'] }, 'parameter-invalid'],
  ['an empty number', { number: [''] }, 'parameter-invalid'],
  ['a broken number', { number: ['1.5'] }, 'parameter-invalid'],
  ['a start below zero', { start: ['-1'] }, 'parameter-invalid'],
  ['a start in hex', { start: ['0x10'] }, 'parameter-invalid'],
  ['a start of ten digits', { start: ['1234567890'] }, 'parameter-invalid'],
])('%s is refused in the envelope', async (_, query, code) => {
  expect(await ask(query)).toMatchObject({
    status: 422,
    body: { code, result: { warnings: [{ message: expect.any(String) as string }] } },
  });
});

test('where there is no time to count all the answer is 503, not a part', async () => {
  expect(await ask({}, { remainingMs: 2_000 })).toMatchObject({ status: 503, body: { code: 'busy' } });
});

test.each(['threat-sender', 'operator', 'auditor'])('the role %s may ask', async (role) => {
  expect(await ask({}, { role })).toMatchObject({ status: 200 });
});

test.each(['web-api', 'radius', 'enforcement-point', 'log-sender', 'provider'])('the role %s may not', async (role) => {
  expect(await ask({}, { role })).toMatchObject({ status: 403, body: { code: 'role-refused' } });
});

test('where access to the REST APIs is off the answer is 403, and the tenant finds it', async () => {
  expect(await ask({}, { restAccess: 'off' })).toMatchObject({ status: 403, body: { code: 'rest-access-off' } });
  expect(receipts.all(acme)).toMatchObject([{ code: 'rest-access-off' }]);
});
