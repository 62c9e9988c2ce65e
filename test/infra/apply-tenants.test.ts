/** Many tenants from one file, at the very doors of the service, by a program that ends anywhere. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { doors } from '../../functions/manage-tenants/handler.ts';
import { applyTenants, type Ledger, readWanted } from '../../infra/apply-tenants.ts';
import { credentialsLedger } from '../../infra/credentials-ledger.ts';
import type { Api } from '../../infra/tenant-api.ts';
import { http } from '../../shared/edge/http.ts';
import { onceByKey } from '../../shared/edge/once.ts';
import { digestOf } from '../../shared/tenancy/secret.ts';
import { fakeAttemptStore } from '../support/fake-attempt-store.ts';
import { fakeLoginCache, fakeTenancy } from '../support/fake-tenancy.ts';
import { noon } from '../support/observations.ts';
import { aCaller, aContext, anApiEvent } from '../support/requests.ts';

const listed = Array.from({ length: 200 }, (_, index) => ({
  id: `site-${index + 1}`,
  name: `Site ${index + 1}`,
  ...(index % 50 === 0 && { limits: { postsPerMinute: 100 } }),
  ...(index % 50 === 1 && { credentials: [{ role: 'web-api' as const, name: 'second' }] }),
}));

let folder: string;
let file: string;
let tenancy: ReturnType<typeof fakeTenancy>;
let api: Api;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-apply-'));
  file = join(folder, 'secrets.ndjson');
  tenancy = fakeTenancy();
  const attempts = fakeAttemptStore();
  const deps = { ...tenancy, loginCache: fakeLoginCache(), attempts, now: () => noon };
  const handler = http(() => deps, doors, { ...onceByKey, now: () => noon });
  api = async (request, body, headers = {}) => {
    const [method = '', rest = ''] = request.split(' ');
    const [path = '', query = ''] = rest.split('?');
    const [, , , tenant = '', , credential = '', act] = path.split('/');
    const resource = ['', 'v1', 'tenants', ...(tenant ? ['{tenant}'] : []), ...(path.includes('/credentials') ? ['credentials'] : []), ...(credential ? ['{credential}'] : []), ...(act ? [act] : [])].join('/'); // prettier-ignore
    const event = anApiEvent({
      route: `${method} ${resource}` as `${string} /${string}`,
      caller: aCaller('provider', { tenant: '_provider' }),
      parameters: { tenant, credential },
      headers,
      query: Object.fromEntries([...new URLSearchParams(query)].map(([name, value]) => [name, [value]])),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const { statusCode, body: text } = await handler(event, aContext());
    return { status: statusCode, headers: new Headers(), body: JSON.parse(text) as unknown };
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = async (ledger: Ledger = credentialsLedger(file), asked: 'apply' | 'check' = 'apply') =>
  applyTenants({ api, as: () => api, ledger, asked, now: () => noon }, listed);
const counted = (outcomes: readonly { readonly outcome: string }[]) =>
  Object.fromEntries([...Map.groupBy(outcomes, ({ outcome }) => outcome)].map(([name, all]) => [name, all.length]));
const all = async () => (await tenancy.tenants.list({ limit: 1_000 })).items;

test('a check tells what would be done, and does nothing', async () => {
  expect(counted(await run(undefined, 'check'))).toEqual({ created: 200 });
  expect(await all()).toEqual([]);
});

test('200 tenants are made, and the second time nothing is', async () => {
  expect(counted(await run())).toEqual({ created: 200 });
  expect(counted(await run())).toEqual({ unchanged: 200 });
  expect(await all()).toHaveLength(200);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('ended after any answer, before it was kept, nobody is there twice and every secret is had again', async () => {
  for (let most = 0; (await all()).length < 200 || most < 3; most += 23) {
    const ledger = credentialsLedger(file);
    let left = most + 1;
    const dying: Ledger = {
      ...ledger,
      keep(...told) {
        if ((left -= 1) < 0) throw new Error('ended');
        ledger.keep(...told);
      },
    };
    await run(dying);
  }
  await run();

  expect(counted(await run())).toEqual({ unchanged: 200 });
  const ledger = credentialsLedger(file);
  for (const { id } of listed) {
    const login = await tenancy.logins.find(digestOf(ledger.token(id, 'operator') ?? ''));
    expect(login).toMatchObject({ tenant: id, role: 'operator' });
  }
});

test('what differs is changed, and what is refused keeps no other from being made', async () => {
  await run();
  const ledger = credentialsLedger(file);
  const outcomes = await applyTenants({ api, as: () => api, ledger, asked: 'apply', now: () => noon }, [
    { id: 'site-1', name: 'Another', limits: { postsPerMinute: 100 } },
    { id: 'NOT-AN-ID' },
    { id: 'site-201' },
  ]);

  expect(outcomes.map(({ outcome, told }) => [outcome, ...told])).toEqual([
    ['changed', 'name'],
    ['refused', expect.stringContaining('400') as string],
    ['created'],
  ]);
});

test.each([
  '[]',
  '{"tenants":[{"name":"x"}]}',
  '{"tenants":[{"id":"a"},{"id":"a"}]}',
  '{"tenants":[{"id":"a","nmae":"x"}]}',
])('the file %s is refused before anything is done', (text) => {
  expect(() => readWanted(text)).toThrow(/\w/);
});

describe('after an answer of the service,', () => {
  const apply = async (tenant: object, asked: 'apply' | 'check' = 'apply') => {
    const { tenants } = { tenants: readWanted(JSON.stringify({ tenants: [tenant, { id: 'globex' }] })) };
    const deps = { api, as: () => api, ledger: credentialsLedger(file), asked, now: () => noon };
    const [first] = await applyTenants(deps, tenants);
    return first;
  };
  const bad = { id: 'acme', limits: { postsPerMinute: 0 } };
  const good = { id: 'acme', limits: { postsPerMinute: 5 } };
  const byHand = async () =>
    (await api('POST /v1/tenants', good)).body as { credentials: readonly { role: string; token?: string }[] };
  const found = async (secret = '') => tenancy.logins.find(digestOf(secret));

  test('a tenant that was refused is made once the file is mended', async () => {
    expect(await apply(bad)).toMatchObject({ outcome: 'refused', told: [expect.stringMatching(/^400/)] });

    expect(await apply(good)).toMatchObject({ outcome: 'created' });
  });

  test('a tenant that was refused, and made by hand since, keeps its secrets', async () => {
    await apply(bad);
    const { credentials } = await byHand();
    const before = await Promise.all(credentials.map(async ({ token }) => found(token)));

    expect(await apply(good)).toMatchObject({ outcome: 'unchanged' });

    expect(await Promise.all(credentials.map(async ({ token }) => found(token)))).toEqual(before);
  });

  test('what was asked for in other words by a program that ended is asked anew where nothing came of it', async () => {
    const ledger = credentialsLedger(file);
    ledger.note('acme', 'tenant', 'key-1');
    await api('POST /v1/tenants', bad, { 'Idempotency-Key': 'key-1' });

    expect(await apply(good)).toMatchObject({ outcome: 'created' });
    expect(await found(credentialsLedger(file).token('acme', 'operator'))).toMatchObject({ tenant: 'acme' });
  });

  test('secrets are replaced where their answer was lost and the file says something else by now', async () => {
    const ledger = credentialsLedger(file);
    ledger.note('acme', 'tenant', 'key-1');
    const { body } = await api('POST /v1/tenants', { id: 'acme' }, { 'Idempotency-Key': 'key-1' });
    const { token } = (body as Awaited<ReturnType<typeof byHand>>).credentials.find(({ role }) => role === 'operator') ?? {}; // prettier-ignore

    expect(await apply(good)).toMatchObject({ outcome: 'changed', told: [expect.stringContaining('rotated'), 'limits'] }); // prettier-ignore

    expect(await found(token)).toHaveProperty('revokedAt');
    expect(await found(credentialsLedger(file).token('acme', 'operator'))).not.toHaveProperty('revokedAt');
  });

  test('a limit of null is the default again, and of no other tenant', async () => {
    const limits = async (id: string) => (await tenancy.tenants.list({ limit: 10 })).items.find((each) => each.id === id)?.limits; // prettier-ignore
    await apply({ id: 'acme', limits: { postsPerMinute: 5, entries: 6 } });
    await api('PATCH /v1/tenants/globex', { limits: { entries: 7 } });
    const reset = { id: 'acme', limits: { entries: null } };

    expect(await apply(reset, 'check')).toMatchObject({ told: [expect.stringMatching(/^limits/)] });
    expect(await limits('acme')).toEqual({ postsPerMinute: 5, entries: 6 });
    expect(await apply(reset)).toMatchObject({ outcome: 'changed', told: ['limits'] });
    expect(await apply(reset)).toMatchObject({ outcome: 'unchanged' });

    expect(await limits('acme')).toEqual({ postsPerMinute: 5 });
    expect(await limits('globex')).toEqual({ entries: 7 });
  });
});
