/** PATCH /v1/tenants/{tenant}: what a tenant is called, and its limits. */
import { doors } from '../../functions/manage-tenants/handler.ts';
import { roles } from '../../shared/contract.ts';
import { http } from '../../shared/edge/http.ts';
import { fakeLoginCache, fakeTenancy } from '../support/fake-tenancy.ts';
import { noon } from '../support/observations.ts';
import { aCaller, aContext, anApiEvent } from '../support/requests.ts';

let tenancy: ReturnType<typeof fakeTenancy>;
beforeEach(async () => {
  tenancy = fakeTenancy();
  for (const id of ['t1', 't10']) await call('POST /v1/tenants', { body: { id } });
});

interface Told {
  readonly tenant?: string;
  readonly body?: unknown;
  readonly role?: (typeof roles)[number];
  readonly headers?: Record<string, string>;
  readonly query?: Record<string, string[]>;
}

async function call(
  route: keyof typeof doors,
  { tenant, body, role = 'provider', headers = {}, query = {} }: Told = {},
) {
  const handler = http(() => ({ ...tenancy, loginCache: fakeLoginCache(), now: () => noon }), doors, {
    now: () => noon,
  });
  const event = anApiEvent({
    route,
    caller: aCaller(role, { tenant: '_provider' }),
    parameters: tenant === undefined ? {} : { tenant },
    query,
    headers,
    ...(body !== undefined && {
      body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    }),
  });
  const answer = await handler(event, aContext());
  return { status: answer.statusCode, headers: answer.headers ?? {}, body: JSON.parse(answer.body) as Body };
}

interface Body {
  readonly [name: string]: unknown;
  readonly limits: unknown;
  readonly items: readonly Body[];
  readonly violations?: readonly { readonly pointer: string; readonly rule: string }[];
}

const patch = async (body: unknown, told: Told = {}) =>
  call('PATCH /v1/tenants/{tenant}', { tenant: 't1', body, ...told });
const read = async (tenant = 't1') => call('GET /v1/tenants/{tenant}', { tenant });

const defaults = { postsPerMinute: 6_000, openQuestions: 2_000, entries: 200_000 };

test('a new tenant has the default limits, or those that it is created with', async () => {
  expect((await read()).body.limits).toEqual(defaults);

  const created = await call('POST /v1/tenants', { body: { id: 't2', limits: { entries: 500, openQuestions: null } } });

  expect(created).toMatchObject({ status: 201, body: { limits: { ...defaults, entries: 500 } } });
  expect((await read('t2')).body.limits).toEqual({ ...defaults, entries: 500 });
});

test('what is changed is shown, what is left out stays, null is the default again, and no other tenant changes', async () => {
  const first = await patch({ limits: { postsPerMinute: 60, entries: 1_000 } });
  expect(first).toMatchObject({ status: 200, body: { name: 't1', limits: { ...defaults, postsPerMinute: 60, entries: 1_000 } } }); // prettier-ignore
  expect((await patch({ name: 'The first' })).body).toMatchObject({ name: 'The first', limits: first.body.limits });
  expect((await patch({ limits: { postsPerMinute: null } })).body.limits).toEqual({ ...defaults, entries: 1_000 });

  expect((await read()).body).toMatchObject({ name: 'The first', limits: { ...defaults, entries: 1_000 } });
  expect((await read('t10')).body).toMatchObject({ name: 't10', limits: defaults });
  expect((await call('GET /v1/tenants')).body.items).toMatchObject([
    { id: 't1', name: 'The first', limits: { entries: 1_000 } },
    { id: 't10', name: 't10', limits: defaults },
  ]);
});

test('a change over another version than is held to is refused, and changes nothing', async () => {
  const { headers } = await read();
  const tag = String(headers.ETag);
  expect(tag).toMatch(/^"[0-9a-f]{16}"$/);

  const changed = await patch({ limits: { entries: 7 } }, { headers: { 'If-Match': tag } });
  expect(changed.status).toBe(200);
  expect(changed.headers.ETag).not.toBe(tag);
  expect((await read()).headers.ETag).toBe(changed.headers.ETag);

  const late = await patch({ limits: { entries: 8 } }, { headers: { 'If-Match': tag } });

  expect(late).toMatchObject({ status: 412, body: { code: 'version-changed' } });
  expect((await read()).body.limits).toMatchObject({ entries: 7 });
  expect((await patch({ name: 'any' }, { headers: { 'If-Match': '*' } })).status).toBe(200);
});

test('of two who change different things at once, neither loses the other’s', async () => {
  await Promise.all([patch({ name: 'Both' }), patch({ limits: { entries: 9 } })]);

  expect((await read()).body).toMatchObject({ name: 'Both', limits: { ...defaults, entries: 9 } });
});

test.each([
  ['no body', '', 'json-invalid', []],
  ['no JSON', '{"limits":', 'json-invalid', []],
  ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'json-invalid', []],
  ['a list', [], 'body-invalid', [['', 'type']]],
  ['a list of limits', { limits: [] }, 'body-invalid', [['/limits', 'type']]],
  ['no limits at all', { limits: null }, 'body-invalid', [['/limits', 'type']]],
  ['a misspelt limit', { limits: { postPerMinute: 5 } }, 'body-invalid', [['/limits/postPerMinute', 'unknown-key']]],
  ['a limit beside the others', { entries: 5 }, 'body-invalid', [['/entries', 'unknown-key']]],
  ['another id', { id: 't10' }, 'body-invalid', [['/id', 'unknown-key']]],
  ['nothing allowed', { limits: { entries: 0 } }, 'body-invalid', [['/limits/entries', 'range']]],
  ['less than nothing', { limits: { openQuestions: -1 } }, 'body-invalid', [['/limits/openQuestions', 'range']]],
  ['half a post', { limits: { postsPerMinute: 0.5 } }, 'body-invalid', [['/limits/postsPerMinute', 'range']]],
  [
    'more posts than can be',
    { limits: { postsPerMinute: 30_001 } },
    'body-invalid',
    [['/limits/postsPerMinute', 'range']],
  ],
  [
    'more questions than can be',
    { limits: { openQuestions: 20_001 } },
    'body-invalid',
    [['/limits/openQuestions', 'range']],
  ],
  ['more entries than can be', { limits: { entries: 2_000_001 } }, 'body-invalid', [['/limits/entries', 'range']]],
  ['a number in quotes', { limits: { entries: '5' } }, 'body-invalid', [['/limits/entries', 'type']]],
  ['a limit that is a flag', { limits: { entries: true } }, 'body-invalid', [['/limits/entries', 'type']]],
  ['no name', { name: '' }, 'body-invalid', [['/name', 'length']]],
  ['a name that is null', { name: null }, 'body-invalid', [['/name', 'type']]],
  ['a line end in the name', { name: 'a\nb' }, 'body-invalid', [['/name', 'form']]],
  [
    'three faults',
    { nmae: 'x', limits: { entries: 0, posts: 1 } },
    'body-invalid',
    [
      ['/nmae', 'unknown-key'],
      ['/limits/posts', 'unknown-key'],
      ['/limits/entries', 'range'],
    ],
  ],
])('a change with %s is refused, with everything that is wrong', async (_, body, code, violations) => {
  const answered = await patch(body);

  expect(answered).toMatchObject({ status: 400, body: { code } });
  expect((answered.body.violations ?? []).map(({ pointer, rule }) => [pointer, rule])).toEqual(violations);
  expect((await read()).body).toMatchObject({ name: 't1', limits: defaults });
});

test('a tenant that is not there, the provider and what is no id are told apart', async () => {
  expect((await patch({ name: 'x' }, { tenant: 't2' })).body).toMatchObject({ status: 404, code: 'tenant-absent' });
  expect((await patch({ name: 'x' }, { tenant: '_provider' })).body.code).toBe('parameter-invalid');
  expect((await patch({ name: 'x' }, { tenant: 't1#' })).body.code).toBe('parameter-invalid');
  expect((await patch({ name: 'x' }, { query: { force: ['1'] } })).body.code).toBe('parameter-unknown');
});

test.each(roles.filter((role) => role !== 'provider'))('a credential of role %s changes no tenant', async (role) => {
  expect(await patch({ name: 'x' }, { role })).toMatchObject({ status: 403, body: { code: 'role-refused' } });
});
