/** Logging in as at a Pulse Policy Secure: an API key for a user and a password, and nothing for anything else. */
import { doors } from '../../functions/log-in/handler.ts';
import { type Role, roles } from '../../shared/contract.ts';
import { http } from '../../shared/edge/http.ts';
import { pulseEntrance } from '../../shared/edge/pulse.ts';
import { digestOf } from '../../shared/tenancy/secret.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { fakeReceiptStore } from '../support/fake-receipt-store.ts';
import { fakeTenancy } from '../support/fake-tenancy.ts';
import { acme, globex, hours, noon } from '../support/observations.ts';
import { aCaller, aContext, anApiEvent } from '../support/requests.ts';

let tenancy: ReturnType<typeof fakeTenancy>;
let receipts: ReturnType<typeof fakeReceiptStore>;
beforeEach(() => {
  tenancy = fakeTenancy();
  receipts = fakeReceiptStore();
});

const apiKey = Buffer.alloc(32, 0xfb).toString('base64');
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const realms: Readonly<Record<string, readonly string[]>> = { acme: ['Users'], globex: ['Guests'] };

interface Told {
  readonly authorization?: string;
  readonly body?: string | Uint8Array;
  readonly query?: Record<string, string[]>;
  readonly role?: Role;
  readonly tenant?: TenantId;
  readonly restAccess?: 'off';
}

async function call(route: string, told: Told = {}) {
  const { authorization = basic('acme-pe:secret'), body, query, role = 'threat-sender', tenant = acme } = told;
  const { restAccess } = told;
  const deps = {
    apiKeys: tenancy.apiKeys,
    receipts,
    realmsOf: async (of: TenantId) => Promise.resolve(realms[of] ?? []),
    now: () => noon,
    newApiKey: () => apiKey,
  };
  const event = anApiEvent({
    route: route as `${string} /${string}`,
    caller: aCaller(role, { tenant, credentialName: 'pe', ...(restAccess && { restAccess }) }),
    headers: { Authorization: authorization },
    ...(body !== undefined && { body }),
    ...(query && { query }),
  });
  const answer = await http(() => deps, doors, { ...pulseEntrance, now: () => noon })(event, aContext());
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body) as unknown };
}

const refusal = (code: string) => ({ code, result: { warnings: [{ message: expect.any(String) as string }] } });

test('a user and a password are given for a key of 44 characters, which leads to both and is kept nowhere', async () => {
  const { status, headers, body } = await call('GET /api/v1/auth');

  expect({ status, body }).toEqual({ status: 200, body: { api_key: apiKey } });
  expect(apiKey).toHaveLength(44);
  expect(headers).toMatchObject({ 'Cache-Control': 'no-store' });
  expect(await tenancy.logins.find(digestOf(apiKey))).toEqual({
    tenant: acme,
    credentialId: 'credential-1',
    credentialName: 'pe',
    kind: 'key',
    user: digestOf('acme-pe'),
    password: digestOf('secret'),
    createdAt: noon,
    expiresAt: noon + hours(12),
  });
});

test.each(['Admin Users', 'Users'])('the realm "%s" of the tenant may be logged in to', async (realm) => {
  const { status, body } = await call('POST /api/v1/realm_auth', { body: JSON.stringify({ realm }) });

  expect({ status, body }).toEqual({ status: 200, body: { api_key: apiKey } });
});

test("another tenant's realm is none", async () => {
  const body = JSON.stringify({ realm: 'Users' });

  expect(await call('POST /api/v1/realm_auth', { body, tenant: globex })).toMatchObject({
    status: 422,
    body: refusal('realm-unknown'),
  });
  expect(await tenancy.logins.find(digestOf(apiKey))).toBeUndefined();
});

test.each([
  ['a key', basic(`${apiKey}:`)],
  ['a token', 'Bearer abc'],
  ['a token as a password', basic('token:abc')],
  ['nothing', ''],
])('no key is given for %s: a key makes no other key live longer', async (_, authorization) => {
  expect(await call('GET /api/v1/auth', { authorization })).toMatchObject({
    status: 403,
    body: refusal('password-needed'),
  });
  expect(await tenancy.logins.find(digestOf(apiKey))).toBeUndefined();
});

test.each<[string, string | Uint8Array | undefined, number, string]>([
  ['nothing', undefined, 400, 'json-invalid'],
  ['no JSON', 'realm=Users', 400, 'json-invalid'],
  ['half a document', '{"realm":', 400, 'json-invalid'],
  ['Latin-1', Buffer.from('{"realm":"Größe"}', 'latin1'), 400, 'json-invalid'],
  ['a list', '[]', 422, 'body-invalid'],
  ['a text', '"Users"', 422, 'body-invalid'],
  ['null', 'null', 422, 'body-invalid'],
  ['no realm', '{}', 422, 'body-invalid'],
  ['a realm that is no text', '{"realm":7}', 422, 'body-invalid'],
  ['a realm that is a list', '{"realm":["Users"]}', 422, 'body-invalid'],
  ['a realm that is null', '{"realm":null}', 422, 'body-invalid'],
  ['an empty realm', '{"realm":""}', 422, 'body-invalid'],
  ['a long realm', JSON.stringify({ realm: 'x'.repeat(257) }), 422, 'body-invalid'],
  ['a misspelt member', '{"relam":"Users"}', 422, 'body-invalid'],
  ['a member more', '{"realm":"Users","user":"ann"}', 422, 'body-invalid'],
  ['a name of the language', '{"realm":"Users","__proto__":{}}', 422, 'body-invalid'],
  ['a realm that is not there', '{"realm":"Guests"}', 422, 'realm-unknown'],
  ['a realm in another case', '{"realm":"users"}', 422, 'realm-unknown'],
])('a login with %s is refused in the vendor’s envelope', async (_, body, status, code) => {
  const answer = await call('POST /api/v1/realm_auth', body === undefined ? {} : { body });

  expect(answer).toMatchObject({ status, body: { code, result: { warnings: expect.any(Array) as unknown } } });
  expect(await tenancy.logins.find(digestOf(apiKey))).toBeUndefined();
});

test('a parameter that nobody knows is refused', async () => {
  const answer = await call('GET /api/v1/auth', { query: { realm: ['Users'] } });

  expect(answer).toMatchObject({ status: 422, body: refusal('parameter-unknown') });
});

test('another method is answered in the envelope, too', async () => {
  expect(await call('DELETE /api/v1/auth')).toMatchObject({ status: 405, body: refusal('method-not-allowed') });
});

test.each(roles.filter((role) => role !== 'threat-sender'))('the role %s logs in nowhere', async (role) => {
  expect(await call('GET /api/v1/auth', { role })).toMatchObject({ status: 403, body: refusal('role-refused') });
});

test('where access to the REST APIs is off the answer is 403, and the tenant finds it once a minute', async () => {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const answer = await call('GET /api/v1/auth', { restAccess: 'off' });
    expect(answer).toMatchObject({ status: 403, body: refusal('rest-access-off') });
  }

  const receipt = { kind: 'login', status: 'refused', httpStatus: 403, code: 'rest-access-off', credentialName: 'pe' };
  expect(receipts.all(acme)).toMatchObject([receipt]);
  expect(receipts.all(globex)).toEqual([]);
});

test('a realm that cannot be looked up is our fault, and no 500', async () => {
  const deps = {
    apiKeys: tenancy.apiKeys,
    receipts,
    realmsOf: async () => Promise.reject(new Error('timed out')),
    now: () => noon,
    newApiKey: () => apiKey,
  };
  const event = anApiEvent({
    route: 'POST /api/v1/realm_auth',
    caller: aCaller('threat-sender'),
    headers: { Authorization: basic('a:b') },
    body: '{"realm":"Users"}',
  });

  const answer = await http(() => deps, doors, pulseEntrance)(event, aContext());

  expect(answer.statusCode).toBe(503);
  expect(JSON.parse(answer.body)).toMatchObject(refusal('internal-error'));
});
