import { doors } from '../../functions/manage-tenants/handler.ts';
import { roles } from '../../shared/contract.ts';
import { http } from '../../shared/edge/http.ts';
import { digestOf } from '../../shared/tenancy/secret.ts';
import { tenantId } from '../../shared/tenancy/tenant.ts';
import { fakeLoginCache, fakeTenancy } from '../support/fake-tenancy.ts';
import { noon } from '../support/observations.ts';
import { aCaller, aContext, anApiEvent } from '../support/requests.ts';

let tenancy: ReturnType<typeof fakeTenancy>;
beforeEach(async () => {
  tenancy = fakeTenancy();
  for (const id of ['acme', 'globex']) await call('POST /v1/tenants', { body: { id } });
});

interface Told {
  readonly body?: unknown;
  readonly role?: (typeof roles)[number];
  readonly parameters?: Record<string, string>;
  readonly query?: Record<string, string[]>;
  readonly loginCache?: ReturnType<typeof fakeLoginCache>;
}

async function call(
  route: keyof typeof doors,
  { body, role = 'provider', parameters = {}, query, loginCache = fakeLoginCache() }: Told = {},
) {
  const handler = http(() => ({ ...tenancy, loginCache, now: () => noon }), doors, { now: () => noon });
  const event = anApiEvent({
    route,
    caller: aCaller(role, { tenant: '_provider' }),
    parameters,
    ...(query && { query }),
    ...(body !== undefined && {
      body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    }),
  });
  const answer = await handler(event, aContext());
  return { status: answer.statusCode, headers: answer.headers ?? {}, body: JSON.parse(answer.body) as Body };
}

interface Body {
  readonly [name: string]: unknown;
  readonly code: string;
  readonly items: readonly Body[];
  readonly credentials: readonly Body[];
  readonly secrets: readonly { readonly fingerprint: string }[];
  readonly violations?: readonly { readonly pointer: string; readonly rule: string }[];
}

const like = (form: RegExp) => expect.stringMatching(form) as string;

const of = (tenant: string, credential = '') => ({ parameters: { tenant, credential } });
const issue = async (tenant: string, body: object) =>
  (await call('POST /v1/tenants/{tenant}/credentials', { ...of(tenant), body })).body;

test('a tenant is created with its credentials, whose secrets open and are shown this once', async () => {
  const { status, headers, body } = await call('POST /v1/tenants', { body: { id: 'initech', name: 'Initech' } });

  expect(status).toBe(201);
  expect(headers).toMatchObject({ Location: '/v1/tenants/initech' });
  expect(body).toMatchObject({ id: 'initech', name: 'Initech', createdAt: '2026-03-01T12:00:00.000Z' });
  expect(body.credentials.map(({ role }) => role)).toEqual(roles.filter((role) => role !== 'provider'));
  for (const { user, password, token } of body.credentials) {
    const login = await tenancy.logins.find(digestOf(String(user ?? token)));
    const passwords = user === undefined ? [] : [digestOf(String(password))];
    expect(login).toMatchObject({ tenant: 'initech', passwords });
  }
  const listed = await call('GET /v1/tenants/{tenant}/credentials', of('initech'));
  for (const { password, token } of body.credentials) {
    expect(JSON.stringify(listed.body)).not.toContain(password ?? token);
    expect(JSON.stringify(listed.body)).not.toContain(digestOf(String(password ?? token)));
  }
});

test('lists tenants and credentials page by page', async () => {
  const first = await call('GET /v1/tenants', { query: { limit: ['1'] } });
  expect(first.body).toEqual({ items: [expect.objectContaining({ id: 'acme' })], next: like(/./) });

  const second = await call('GET /v1/tenants', { query: { limit: ['1'], cursor: [String(first.body.next)] } });

  expect(second.body).toEqual({ items: [expect.objectContaining({ id: 'globex', name: 'globex' })], next: null });
  const credentials = await call('GET /v1/tenants/{tenant}/credentials', { ...of('globex'), query: { limit: ['5'] } });
  expect(credentials.body.items).toHaveLength(5);
});

test('a credential is issued as it is wished for, and told without its secret afterwards', async () => {
  const wish = { role: 'web-api', name: 'publisher', kind: 'token', orderByArrival: true, expiresAt: '2030-01-31T00:00:00Z' }; // prettier-ignore

  const issued = await issue('acme', wish);

  expect(issued).toEqual({
    id: like(/^[a-z0-9]{12}$/),
    ...wish,
    expiresAt: '2030-01-31T00:00:00.000Z',
    createdAt: '2026-03-01T12:00:00.000Z',
    revokedAt: null,
    secrets: [{ fingerprint: like(/^[0-9a-f]{8}$/), createdAt: '2026-03-01T12:00:00.000Z' }],
    token: like(/^[\w-]{43}$/),
  });
  const path = of('acme', String(issued.id));
  const altered = await call('PATCH /v1/tenants/{tenant}/credentials/{credential}', { ...path, body: { name: 'soc' } });
  const { token, ...rest } = issued;
  expect(altered.body).toEqual({ ...rest, name: 'soc' });
  expect(JSON.stringify(altered.body)).not.toContain(token);
});

test('rotating tells the new secret, revoking when it is refused; both also without a body', async () => {
  const issued = await issue('acme', { role: 'operator' });
  const path = of('acme', String(issued.id));
  const rotate = async (told: Told = {}) =>
    call('POST /v1/tenants/{tenant}/credentials/{credential}/rotate', { ...path, ...told });
  const revoke = async (told: Told = {}) =>
    call('POST /v1/tenants/{tenant}/credentials/{credential}/revoke', { ...path, ...told });

  const rotated = await rotate();
  expect(rotated).toMatchObject({ status: 200, body: { takesEffect: 'at-once', token: like(/^[\w-]{43}$/) } }); // prettier-ignore
  expect(rotated.body.secrets).toHaveLength(2);
  const one = await revoke({ body: { secret: issued.secrets[0]?.fingerprint } });
  expect(one.body.secrets).toEqual(rotated.body.secrets.slice(1));

  const all = await revoke({ loginCache: fakeLoginCache('failed') });

  expect(all.body).toMatchObject({ revokedAt: '2026-03-01T12:00:00.000Z', secrets: [], takesEffect: 'within-60-seconds' }); // prettier-ignore
  expect((await rotate()).body).toMatchObject({ status: 409, code: 'credential-revoked' });
});

describe('erasing a tenant', () => {
  const erase = async (tenant: string, confirm?: string, told: Told = {}) =>
    call('DELETE /v1/tenants/{tenant}', { ...of(tenant), ...(confirm !== undefined && { query: { confirm: [confirm] } }), ...told }); // prettier-ignore

  test('ends all its credentials at once, and no other tenant’s', async () => {
    const loginCache = fakeLoginCache();

    const { status, body } = await erase('acme', 'acme', { loginCache });

    expect({ status, flushes: loginCache.flushes }).toEqual({ status: 202, flushes: 1 });
    expect(body).toMatchObject({
      id: 'acme',
      state: 'erasing',
      takesEffect: 'at-once',
      erasure: {
        requestedAt: '2026-03-01T12:00:00.000Z',
        requestedBy: { id: 'credential-1', name: 'first' },
        requestId: 'request-1',
        erasedAt: null,
        removed: { logins: 0, tenants: 0, entries: 0, endpoints: 0, journal: 0 },
      },
    });
    const credentials = async (tenant: string) =>
      (await call('GET /v1/tenants/{tenant}/credentials', of(tenant))).body.items.map(({ revokedAt }) => revokedAt);
    expect(new Set(await credentials('acme'))).toEqual(new Set(['2026-03-01T12:00:00.000Z']));
    expect(new Set(await credentials('globex'))).toEqual(new Set([null]));
  });

  test('is told of, may be ordered again, and keeps its id from others until it is over', async () => {
    await erase('acme', 'acme');

    expect((await erase('acme', 'acme')).body).toMatchObject({ state: 'erasing' });
    expect((await call('GET /v1/tenants/{tenant}', of('acme'))).body).toMatchObject({ state: 'erasing' });
    expect((await call('POST /v1/tenants', { body: { id: 'acme' } })).body).toMatchObject({ status: 409, code: 'tenant-erasing' }); // prettier-ignore
    expect(await issue('acme', { role: 'operator' })).toMatchObject({ status: 409, code: 'tenant-erasing' });
  });

  test('that is over leaves a record, and its id to another tenant, which tells of it', async () => {
    await erase('acme', 'acme');
    const { erasure } = (await tenancy.tenants.find(tenantId('acme'))) ?? {};
    if (erasure) await tenancy.tenants.saveErasure(tenantId('acme'), { ...erasure, step: 1, erasedAt: noon + 1 });

    expect((await call('GET /v1/tenants')).body.items.map(({ id, state }) => [id, state])).toEqual([['acme', 'erased'], ['globex', 'live']]); // prettier-ignore
    expect((await erase('acme', 'acme')).body).toMatchObject({ state: 'erased' });
    expect((await issue('acme', { role: 'operator' })).code).toBe('tenant-absent');
    const created = await call('POST /v1/tenants', { body: { id: 'acme' } });

    expect(created).toMatchObject({ status: 201, body: { state: 'live', formerly: { erasedAt: '2026-03-01T12:00:00.001Z' } } }); // prettier-ignore
    expect(created.body).not.toHaveProperty('erasure');
  });

  test.each([
    ['acme', undefined, 400, 'parameter-invalid'],
    ['acme', '', 400, 'parameter-invalid'],
    ['acme', 'globex', 400, 'parameter-invalid'],
    ['acme', 'ACME', 400, 'parameter-invalid'],
    ['acme', 'аcme', 400, 'parameter-invalid'], // a Cyrillic letter that looks like an "a"
    ['аcme', 'аcme', 400, 'parameter-invalid'],
    ['_provider', '_provider', 400, 'parameter-invalid'],
    ['initech', 'initech', 404, 'tenant-absent'],
  ])('of %s, confirmed by %s, is refused', async (tenant, confirm, status, code) => {
    expect(await erase(tenant, confirm)).toMatchObject({ status, body: { code } });
    expect((await call('GET /v1/tenants')).body.items.map(({ state }) => state)).toEqual(['live', 'live']);
  });
});

test('the provider’s own credentials are managed as a tenant’s, and are no tenant', async () => {
  const issued = await issue('_provider', { role: 'provider', name: 'second' });

  expect(issued).toMatchObject({ role: 'provider', token: like(/./) });
  expect((await call('GET /v1/tenants/{tenant}/credentials', of('_provider'))).body.items).toHaveLength(1);
  expect((await call('GET /v1/tenants/{tenant}', of('_provider'))).body.code).toBe('parameter-invalid');
  expect((await call('GET /v1/tenants')).body.items.map(({ id }) => id)).toEqual(['acme', 'globex']);
});

test('what is of one tenant is absent under another', async () => {
  const { id } = await issue('acme', { role: 'operator' });
  const path = of('globex', String(id));

  for (const route of [
    'POST /v1/tenants/{tenant}/credentials/{credential}/rotate',
    'POST /v1/tenants/{tenant}/credentials/{credential}/revoke',
  ] as const) {
    expect((await call(route, path)).body).toMatchObject({ status: 404, code: 'credential-absent' });
  }
  expect((await call('GET /v1/tenants/{tenant}', of('initech'))).body.code).toBe('tenant-absent');
  expect((await call('GET /v1/tenants/{tenant}/credentials', of('initech'))).body.code).toBe('tenant-absent');
  expect((await issue('initech', { role: 'operator' })).code).toBe('tenant-absent');
});

test('a tenant that is there is not created again', async () => {
  const { status, body } = await call('POST /v1/tenants', { body: { id: 'acme' } });

  expect({ status, code: body.code }).toEqual({ status: 409, code: 'tenant-exists' });
  expect((await call('GET /v1/tenants/{tenant}/credentials', of('acme'))).body.items).toHaveLength(7);
});

test.each([
  ['no body', '', 'json-invalid', []],
  ['no JSON', '{"id":', 'json-invalid', []],
  ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'json-invalid', []],
  ['a list', [], 'body-invalid', [['', 'type']]],
  ['no id', {}, 'body-invalid', [['/id', 'required']]],
  ['a capital in the id', { id: 'Acme' }, 'body-invalid', [['/id', 'form']]],
  ['an id that begins with "-"', { id: '-acme' }, 'body-invalid', [['/id', 'form']]],
  ['the provider’s id', { id: '_provider' }, 'body-invalid', [['/id', 'form']]],
  ['an id of 33 characters', { id: 'a'.repeat(33) }, 'body-invalid', [['/id', 'length']]],
  ['a number for the name', { id: 'new', name: 1 }, 'body-invalid', [['/name', 'type']]],
  ['a line end in the name', { id: 'new', name: 'a\nb' }, 'body-invalid', [['/name', 'form']]],
  [
    'two faults',
    { id: 'NEW', nmae: 'x' },
    'body-invalid',
    [
      ['/nmae', 'unknown-key'],
      ['/id', 'form'],
    ],
  ],
])('creating a tenant with %s is refused, with everything that is wrong', async (_, body, code, violations) => {
  const answered = await call('POST /v1/tenants', { body });

  expect(answered.status).toBe(400);
  expect(answered.body.code).toBe(code);
  expect((answered.body.violations ?? []).map(({ pointer, rule }) => [pointer, rule])).toEqual(violations);
  expect((await call('GET /v1/tenants')).body.items).toHaveLength(2);
});

test.each([
  [{ role: 'admin' }, '/role', 'one-of'],
  [{ role: 'operator', kind: 'certificate' }, '/kind', 'one-of'],
  [{ role: 'operator', orderByArrival: 'true' }, '/orderByArrival', 'type'],
  [{ role: 'operator', expiresAt: 'tomorrow' }, '/expiresAt', 'form'],
  [{ role: 'operator', expiresAt: 1900000000 }, '/expiresAt', 'type'],
  [{ role: 'operator', expiresAt: '2030-02-30T00:00:00Z' }, '/expiresAt', 'form'],
  [{ role: 'operator', expiresAt: '2030-02-30T25:00:00Z' }, '/expiresAt', 'form'],
  [{ role: 'operator', secret: 'my own' }, '/secret', 'unknown-key'],
])('a credential such as %j is refused', async (wish, pointer, rule) => {
  expect((await issue('acme', wish)).violations).toEqual([expect.objectContaining({ pointer, rule })]);
});

test('a role that the holder cannot have is refused with those that it can', async () => {
  expect(await issue('acme', { role: 'provider' })).toMatchObject({ status: 400, code: 'parameter-invalid' });
  expect(await issue('_provider', { role: 'operator' })).toMatchObject({ status: 400, code: 'parameter-invalid' });
});

test('only the provider’s role may manage tenants', async () => {
  for (const role of roles.filter((each) => each !== 'provider')) {
    expect(await call('GET /v1/tenants', { role })).toMatchObject({ status: 403, body: { code: 'role-refused' } });
  }
});

test('a cursor that is not ours is refused', async () => {
  for (const position of ['x'.repeat(2_000), { pk: 'T#acme' }, 'ACME#', null]) {
    const cursor = Buffer.from(JSON.stringify(position)).toString('base64url');
    expect((await call('GET /v1/tenants', { query: { cursor: [cursor] } })).body.code).toBe('cursor-invalid');
  }
});

describe('access to the REST APIs', () => {
  const patch = async (credential: string, body: object, told: Told = {}) =>
    call('PATCH /v1/tenants/{tenant}/credentials/{credential}', { ...of('acme', credential), body, ...told });

  test('is on for a new threat sender, is switched off and on, and no cache remembers it', async () => {
    const { id, restAccess } = await issue('acme', { role: 'threat-sender' });
    expect(restAccess).toBe(true);
    const loginCache = fakeLoginCache();

    expect(await patch(String(id), { restAccess: false }, { loginCache })).toMatchObject({
      status: 200,
      body: { restAccess: false },
    });
    expect(await patch(String(id), { name: 'pe' }, { loginCache })).toMatchObject({ body: { restAccess: false } });
    expect(await patch(String(id), { restAccess: true }, { loginCache })).toMatchObject({ body: { restAccess: true } });
    expect(loginCache.flushes).toBe(2);
  });

  test.each(['web-api', 'operator', 'radius'])('is no switch of the role %s', async (role) => {
    const { id, ...issued } = await issue('acme', { role });

    expect(issued).not.toHaveProperty('restAccess');
    expect(await patch(String(id), { restAccess: false })).toMatchObject({
      status: 400,
      body: { code: 'parameter-invalid' },
    });
  });

  test.each(['off', 1, null])('is not switched to %j', async (restAccess) => {
    const { id } = await issue('acme', { role: 'threat-sender' });

    expect(await patch(String(id), { restAccess })).toMatchObject({ status: 400, body: { code: 'body-invalid' } });
  });
});
