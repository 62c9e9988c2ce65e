/** Postern as a Pulse Policy Secure: logging in for an API key, what the key opens, what ends it, and who is active. */
import { hours } from '../support/observations.ts';
import { needs } from './needs.ts';
import { basic, call, type Service, startService } from './service.ts';
import { aSite } from './site.ts';

let service: Service;
let site: ReturnType<typeof aSite>;
beforeAll(async () => {
  service = await startService();
  site = aSite(service, 'acme');
  expect((await site.setUp()).status).toBe(200);
});
afterAll(async () => service.stop());

const provider = async (request: `${string} /${string}`, body: object) =>
  (await call(service.url, request, service.authorizations.acme.provider, JSON.stringify(body))).body;

/** A threat sender of its own, so that what is done to it is done to nobody else. */
async function aSender(tenant: 'acme' | 'globex' = 'acme') {
  const path = `/v1/tenants/${service.tenants[tenant]}/credentials` as const;
  const { id, user, password } = await provider(`POST ${path}`, { role: 'threat-sender', name: 'enforcer' });
  const byPassword = basic(String(user), String(password));
  return {
    byPassword,
    change: async (body: object) => provider(`POST ${path}/${String(id)}/rotate`, body),
    revoke: async () => provider(`POST ${path}/${String(id)}/revoke`, {}),
    restAccess: async (restAccess: boolean) =>
      call(service.url, `PATCH ${path}/${String(id)}`, service.authorizations.acme.provider, JSON.stringify({ restAccess })), // prettier-ignore
    async logIn() {
      const { status, body } = await call(service.url, 'GET /api/v1/auth', byPassword);
      expect(status).toBe(200);
      expect(body.api_key).toMatch(/^[A-Za-z0-9+/]{43}=$/);
      return basic(String(body.api_key), '');
    },
  };
}

const activeUsers = async (authorization: string, query = '') =>
  call(service.url, `GET /api/v1/system/active-users${query}`, authorization);
const realmAuth = async (authorization: string, realm: unknown) =>
  call(service.url, 'POST /api/v1/realm_auth', authorization, JSON.stringify({ realm }));

test('a key opens what its user opens, and a password goes on doing so directly', async () => {
  const sender = await aSender();
  const key = await sender.logIn();

  expect((await activeUsers(key)).status).toBe(200);
  expect((await activeUsers(sender.byPassword)).status).toBe(200);
  expect((await call(service.url, 'GET /v1/endpoints', key)).body.code).toBe('role-refused');
});

test('a realm of the tenant gives a key, and one that it does not have gives none', async () => {
  const sender = await aSender();

  expect(await realmAuth(sender.byPassword, 'Admin Users')).toMatchObject({ status: 200 });
  expect(await realmAuth(sender.byPassword, 'users')).toMatchObject({ status: 200 });
  expect(await realmAuth(sender.byPassword, 'guests')).toMatchObject({
    status: 422,
    body: { code: 'realm-unknown', result: { warnings: [{ message: expect.stringContaining('guests') as string }] } },
  });
  expect(await realmAuth((await aSender('globex')).byPassword, 'users')).toMatchObject({ status: 422 });
});

needs('clock')('a key makes no other key, so none lives longer than twelve hours', async () => {
  const sender = await aSender();
  const key = await sender.logIn();

  expect(await call(service.url, 'GET /api/v1/auth', key)).toMatchObject({ status: 403, body: { code: 'password-needed' } }); // prettier-ignore
  service.runtime.advanceClock(hours(12));
  expect((await activeUsers(key)).status).toBe(401);
  expect((await activeUsers(await sender.logIn())).status).toBe(200);
});

test('a key ends with its password when that is rotated out, and with its user at once', async () => {
  const sender = await aSender();
  const key = await sender.logIn();
  await sender.change({});
  expect((await activeUsers(key)).status).toBe(200);
  await sender.change({});
  expect((await activeUsers(key)).status).toBe(401);

  const other = await aSender();
  const its = await other.logIn();
  expect((await activeUsers(its)).status).toBe(200);
  await other.revoke();
  expect((await activeUsers(its)).status).toBe(401);
});

test('with access to the REST APIs off every call under /api/v1 is 403 and found in a receipt, and the key is dead', async () => {
  const sender = await aSender();
  const key = await sender.logIn();

  expect((await sender.restAccess(false)).body).toMatchObject({ restAccess: false });
  for (const authorization of [key, sender.byPassword]) {
    expect(await activeUsers(authorization)).toMatchObject({ status: 403, body: { code: 'rest-access-off' } });
  }
  expect(await call(service.url, 'GET /api/v1/auth', sender.byPassword)).toMatchObject({ status: 403 });
  const event = JSON.stringify({ event: 'block-endpoint', endpointIp: '10.9.9.9' });
  expect(await call(service.url, 'POST /api/v1/admission-control/events', sender.byPassword, event)).toMatchObject({ status: 403, body: { code: 'rest-access-off' } }); // prettier-ignore
  expect((await call(service.url, 'GET /v1/health', sender.byPassword)).status).toBe(200);
  const found = await site.operator('GET /v1/receipts?status=refused&sender=enforcer');
  expect((found.body.items as { code: string }[]).map(({ code }) => code)).toContain('rest-access-off');

  await sender.restAccess(true);
  expect((await activeUsers(sender.byPassword)).status).toBe(200);
  expect((await activeUsers(key)).status).toBe(401);
  expect((await activeUsers(await sender.logIn())).status).toBe(200);
});

test('who is logged in is told as the vendor tells it, with the role that counts, and to no other tenant', async () => {
  const key = await (await aSender()).logIn();
  const laptop = { ...site.device('00:11:22:33:ca:fe', 'alice'), ip: '10.1.0.1' };
  await laptop.joins('desk', { ip: laptop.ip });

  const { body } = await activeUsers(key, '?name=ALICE&number=10&start=0');
  expect(body).toMatchObject({
    'active-users': {
      'active-user-records': {
        'active-user-record': [
          {
            'active-user-name': 'alice',
            'authentication-realm': 'users',
            'login-node': '198.51.100.2',
            'mac-address': laptop.mac,
            'network-connect-ip': laptop.ip,
            'user-roles': 'employee',
          },
        ],
      },
      'total-matched-record-number': 1,
      'total-returned-record-number': 1,
      'user-login-permission': true,
    },
  });

  await site.threat('quarantine-endpoint', laptop.ip, { severity: 'high' });
  expect(JSON.stringify((await activeUsers(key)).body)).toContain('"user-roles":"quarantine"');
  const theirs = await activeUsers(await (await aSender('globex')).logIn());
  expect(theirs.body['active-users']).toMatchObject({ 'total-matched-record-number': 0 });
  expect(await activeUsers(key, '?number=none')).toMatchObject({ status: 422, body: { code: 'parameter-invalid' } });
});

test('who is unknown is 401 at these doors, whatever it sends as a key', async () => {
  const stranger = basic(Buffer.alloc(32, 7).toString('base64'), '');

  for (const authorization of [stranger, basic('acme-nobody', 'guess'), undefined]) {
    expect((await call(service.url, 'GET /api/v1/auth', authorization)).status).toBe(401);
  }
});
