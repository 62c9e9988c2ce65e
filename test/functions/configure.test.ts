import type { Dependencies } from '../../functions/configure/dependencies.ts';
import { doors } from '../../functions/configure/handler.ts';
import { http } from '../../shared/edge/http.ts';
import { roles } from '../../shared/contract.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { change, type Revision } from '../../shared/identity/authentication-table.ts';
import { aFullConfiguration } from '../support/configurations.ts';
import { fakeConfigurationStore } from '../support/fake-configuration-store.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { type FakeSecrets, fakeSecrets } from '../support/fake-secrets.ts';
import { acme, aLogon, globex, minutes, noon } from '../support/observations.ts';
import { aCaller, aContext, anApiEvent } from '../support/requests.ts';

let deps: Dependencies;
beforeEach(() => {
  deps = {
    configurations: fakeConfigurationStore(),
    secrets: fakeSecrets(),
    entries: fakeEntryStore(),
    now: () => noon,
  };
});

interface Told {
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly tenant?: string;
  readonly role?: (typeof roles)[number];
  readonly query?: Record<string, string>;
  readonly version?: string | number;
}

const documentRoute = '/v1/configuration';
const versionsRoute = `${documentRoute}/versions`;
const versionRoute = `${versionsRoute}/{version}`;

async function send(
  route: `${string} /${string}`,
  { body, ifMatch, tenant = 'acme', role = 'operator', query = {}, version }: Told = {},
) {
  // prettier-ignore
  const event = anApiEvent({
    route,
    caller: aCaller(role, { tenant }),
    query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
    headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
    ...(version !== undefined && { parameters: { version: String(version) } }),
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const answer = await http(() => deps, doors, { now: () => noon })(event, aContext());
  const { ETag: etag = '' } = answer.headers ?? {};
  return { status: answer.statusCode, etag: String(etag), body: JSON.parse(answer.body) as Record<string, unknown> };
}

const call = async (method: 'GET' | 'PUT', told: Told = {}) => send(`${method} ${documentRoute}`, told);
const check = async (body: unknown, told: Told = {}) => call('PUT', { body, query: { check: 'only' }, ...told });

test('a tenant that has set nothing reads the defaults, at the version "none"', async () => {
  const { status, etag, body } = await call('GET');

  expect({ status, etag }).toEqual({ status: 200, etag: '"none"' });
  expect(body).toMatchObject({ clearpass: { entryTimeout: 30, userQuery: { clientSecretSet: false } }, policies: [] });
});

test('a PUT answers what is stored, a GET the same, and another tenant nothing of it', async () => {
  const put = await call('PUT', { body: aFullConfiguration });
  const got = await call('GET', { role: 'auditor' });

  expect(put.status).toBe(200);
  expect(got).toEqual(put);
  expect(JSON.stringify(got.body)).not.toContain('never read back');
  expect(got.body.policies).toEqual(aFullConfiguration.policies);
  expect((await call('GET', { tenant: 'globex' })).etag).toBe('"none"');
});

test('what was read can be sent back with its ETag, and changes nothing but the version', async () => {
  await call('PUT', { body: aFullConfiguration });
  const read = await call('GET');

  const again = await call('PUT', { body: read.body, ifMatch: read.etag });

  expect(again.status).toBe(200);
  expect(again.body).toEqual(read.body);
  expect(again.etag).not.toBe(read.etag);
});

test.each([
  ['an old version', 412, '"older"'],
  ['no version at all', 412, ''],
  ['a weak tag', 412, 'W/"none"'],
  ['any version', 200, '*'],
  ['one of several', 200, '"older", "none"'],
])('If-Match with %s answers %i', async (_, status, ifMatch) => {
  expect((await call('PUT', { body: {}, ifMatch })).status).toBe(status);
});

test('of two who read the same version the second one to write is told', async () => {
  const { etag } = await call('GET');
  await call('PUT', { body: { networks: ['10.0.0.0/8'] }, ifMatch: etag });

  const late = await call('PUT', { body: {}, ifMatch: etag });

  expect(late).toMatchObject({ status: 412, body: { code: 'version-changed' } });
  expect((await call('GET')).body.networks).toEqual(['10.0.0.0/8']);
});

test('everything wrong is told with its pointer, and nothing is stored', async () => {
  const { status, body } = await call('PUT', { body: { clearpass: { entryTimeout: 5 }, colour: 'red' } });

  expect({ status, code: body.code }).toEqual({ status: 400, code: 'configuration-invalid' });
  expect(body.violations).toEqual([
    {
      pointer: '/colour',
      rule: 'unknown-key',
      message: 'Nothing is known by this name.',
      mend: expect.stringContaining('Known here are') as string,
    },
    {
      pointer: '/clearpass/entryTimeout',
      value: 5,
      rule: 'range',
      message: 'This is out of range.',
      mend: 'Give 0, which means never, or 10 to 1440 whole minutes.',
    },
  ]);
  expect((await call('GET')).etag).toBe('"none"');
});

test('4 MB are taken, and a byte more is refused before it is read', async () => {
  const megabytes = 4 * 1_024 * 1_024;
  const networks = Array.from({ length: 1_000 }, () => '10.0.0.0/8');
  const padded = (bytes: number) => JSON.stringify({ networks }).padEnd(bytes);

  expect((await call('PUT', { body: padded(megabytes) })).status).toBe(200);
  expect(await call('PUT', { body: padded(megabytes + 1) })).toMatchObject({ status: 413, body: { code: 'body-too-large' } }); // prettier-ignore
});

test.each([['{"clearpass":'], [''], ['\u0000']])('%j is not JSON, and is told so', async (body) => {
  expect(await call('PUT', { body })).toMatchObject({ status: 400, body: { code: 'json-invalid' } });
});

test('the operator writes, the auditor reads, nobody else does either', async () => {
  await call('PUT', { body: {} });
  const allowed = async (route: `${string} /${string}`) => {
    const statuses = await Promise.all(
      roles.map(async (role) => (await send(route, { role, body: {}, version: 1 })).status),
    );
    return roles.filter((_, index) => statuses[index] === 200);
  };

  for (const path of [documentRoute, versionsRoute, versionRoute, `${versionRoute}/diff`] as const)
    expect(await allowed(`GET ${path}`)).toEqual(['operator', 'auditor']);
  expect(await allowed(`PUT ${documentRoute}`)).toEqual(['operator']);
  expect(await allowed(`POST ${versionRoute}/restore`)).toEqual(['operator']);
});

describe('check=only', () => {
  const nothingWrong = { violations: [], violationsLeftOut: 0, warnings: [], warningsLeftOut: 0 };

  test('says that a document is valid, and stores nothing of it, its secret included', async () => {
    expect(await check(aFullConfiguration)).toEqual({
      status: 200,
      etag: '',
      body: { valid: true, ...nothingWrong, impact: { entries: 0 }, read: { entries: 0, complete: true } },
    });
    expect((await call('GET')).etag).toBe('"none"');
    expect((await send(`GET ${versionsRoute}`)).body.items).toEqual([]);
    expect((deps.secrets as FakeSecrets).count()).toBe(0);
  });

  test('tells the very violations that a PUT would be refused for', async () => {
    const document = { clearpass: { entryTimeout: 5, userQuery: { enabled: true } }, activeDirectory: { enabled: true }, policies: 'all' }; // prettier-ignore

    const checked = await check(document);
    const refused = await call('PUT', { body: document });

    expect(checked).toMatchObject({ status: 200, body: { valid: false, impact: null } });
    expect(refused.status).toBe(400);
    expect(checked.body.violations).toEqual(refused.body.violations);
    expect(checked.body.violations).toHaveLength(7);
  });

  test('tells how many violations it leaves out', async () => {
    const { body } = await check({ networks: Array.from({ length: 1_007 }, () => 'x') });

    expect([(body.violations as unknown[]).length, body.violationsLeftOut]).toEqual([1_000, 7]);
  });

  test('holds to If-Match, and takes no other word than "only"', async () => {
    expect(await check({}, { ifMatch: '"older"' })).toMatchObject({ status: 412, body: { code: 'version-changed' } });
    expect(await call('PUT', { body: {}, query: { check: 'yes' } })).toMatchObject({ status: 400, body: { code: 'parameter-invalid' } }); // prettier-ignore
    expect((await call('GET')).etag).toBe('"none"');
  });

  describe('with entries in the table', () => {
    const policy = { ...aFullConfiguration.policies[0], sourceIdentity: ['acme\\staff', 'alice'] };
    const rest = { violations: [], violationsLeftOut: 0, warningsLeftOut: 0 };

    async function logon(ip: string, user: string, groups: string[], { tenant = acme, timeoutMinutes = 30 } = {}) {
      const one = aLogon({ ip: ip as IpAddress, domain: 'acme', user, groups });
      let writes = 0;
      const table = { entries: deps.entries, now: deps.now, newRevision: () => `${ip}-${(writes += 1)}` as Revision };
      await change(table, tenant, {
        changes: [{ key: { ip: one.ip, slot: 'userid' }, events: [{ kind: 'logon', logon: one, timeoutMinutes }] }],
        untilAt: noon + 1_000,
      });
    }
    beforeEach(async () => {
      await logon('10.0.0.1', 'alice', ['staff']);
      await logon('10.0.0.2', 'bob', ['staff', 'admins']);
      await logon('10.0.0.3', 'staff', ['guests']);
      await logon('10.0.0.4', 'carol', ['staff'], { tenant: globex });
    });

    test('it warns of ambiguous names, and counts the entries whose interested groups would change', async () => {
      const { body } = await check({ policies: [policy] });

      expect(body).toEqual({
        valid: true,
        ...rest,
        warnings: [
          expect.objectContaining({
            pointer: '/policies/0/sourceIdentity/0',
            value: 'acme\\staff',
            rule: 'user-and-group',
          }),
          expect.objectContaining({ pointer: '/policies/0/sourceIdentity/1', value: 'alice', rule: 'only-elsewhere' }),
        ],
        impact: { entries: 2 },
        read: { entries: 3, complete: true },
      });
    });

    test('a warning does not keep a document from being stored, and once it is the impact is none', async () => {
      expect((await call('PUT', { body: { policies: [policy] } })).status).toBe(200);

      expect((await check({ policies: [policy] })).body.impact).toEqual({ entries: 0 });
      expect((await check({})).body.impact).toEqual({ entries: 2 });
      expect((await check({ policies: [policy] }, { tenant: 'globex' })).body).toMatchObject({ warnings: [], impact: { entries: 1 }, read: { entries: 1 } }); // prettier-ignore
    });

    test('entries that have expired do not count', async () => {
      deps = { ...deps, now: () => noon + minutes(30) };

      expect((await check({ policies: [policy] })).body).toMatchObject({
        warnings: [],
        read: { entries: 0, complete: true },
      });
    });

    test('a table that takes too long to read is read in part, which is said', async () => {
      let now = noon;
      const { entries } = deps;
      const slow: Dependencies['entries'] = {
        ...entries,
        async list(tenant, page) {
          now += 30_000;
          return entries.list(tenant, { ...page, limit: 2 });
        },
      };

      deps = { ...deps, entries: slow, now: () => now };
      const { body } = await check({ policies: [policy] });

      expect(body).toMatchObject({ impact: { entries: 2 }, read: { entries: 2, complete: false } });
    });
  });
});

describe('versions', () => {
  const list = async (query: Record<string, string> = {}, tenant = 'acme') =>
    (await send(`GET ${versionsRoute}`, { query, tenant })).body as {
      items: { number: number }[];
      next: string | null;
    };

  test('are listed newest first, with who made them, when and why', async () => {
    const first = await call('PUT', { body: { networks: ['10.0.0.0/8'] }, query: { message: 'the lab' } });
    const second = await call('PUT', { body: {} });

    const told = { changedAt: '2026-03-01T12:00:00.000Z', credential: { id: 'credential-1', name: 'first' }, restored: null }; // prettier-ignore
    expect(await list()).toEqual({
      items: [
        { number: 2, version: second.etag.slice(1, -1), message: null, ...told },
        { number: 1, version: first.etag.slice(1, -1), message: 'the lab', ...told },
      ],
      next: null,
    });
    expect(await list({}, 'globex')).toEqual({ items: [], next: null });
  });

  test('come page by page', async () => {
    for (let count = 0; count < 5; count += 1) await call('PUT', { body: {} });
    const pages: number[][] = [];
    let next: string | null | undefined;
    while (next !== null) {
      const page = await list({ limit: '2', ...(next !== undefined && { cursor: next }) });
      pages.push(page.items.map(({ number }) => number));
      next = page.next;
    }

    expect(pages).toEqual([[5, 4], [3, 2], [1]]);
    expect((await send(`GET ${versionsRoute}`, { query: { cursor: 'x' } })).body.code).toBe('cursor-invalid');
  });

  test('are shown as they were, by number or ETag', async () => {
    const first = await call('PUT', { body: aFullConfiguration });
    await call('PUT', { body: {} });

    for (const version of [1, first.etag.slice(1, -1)])
      expect(await send(`GET ${versionRoute}`, { version })).toEqual(first);
  });

  test.each([
    ['GET', versionRoute, 7],
    ['GET', versionRoute, 'latest'],
    ['GET', `${versionRoute}/diff`, 7],
    ['POST', `${versionRoute}/restore`, 7],
  ] as const)('%s %s answers 404 for version %s, which is not there', async (method, route, version) => {
    await call('PUT', { body: {} });

    expect(await send(`${method} ${route}`, { version })).toMatchObject({
      status: 404,
      body: { code: 'version-absent' },
    });
    expect(await send(`${method} ${route}`, { version: 1, tenant: 'globex' })).toMatchObject({ status: 404 });
  });

  test('are told apart, against the one before or any other, the defaults included', async () => {
    await call('PUT', { body: { networks: ['10.0.0.0/8'] } });
    await call('PUT', { body: { networks: ['10.0.0.0/8'], defaultPolicy: 'reject' } });
    await call('PUT', { body: { networks: [], defaultPolicy: 'reject' } });
    const diff = async (version: number, query: Record<string, string> = {}) =>
      (await send(`GET ${versionRoute}/diff`, { version, query })).body;
    const added = { change: 'added', pointer: '/networks/0', after: '10.0.0.0/8' };
    const removed = { change: 'removed', pointer: '/networks/0', before: '10.0.0.0/8' };
    const changed = { change: 'changed', pointer: '/defaultPolicy', before: 'deny', after: 'reject' };

    expect(await diff(1)).toEqual({ version: 1, against: null, items: [added], next: null });
    expect(await diff(2)).toEqual({ version: 2, against: 1, items: [changed], next: null });
    expect(await diff(3, { against: '1' })).toMatchObject({ against: 1, items: [changed, removed] });
    expect(await diff(1, { against: '3' })).toMatchObject({ against: 3, items: [{ change: 'changed', before: 'reject', after: 'deny' }, added] }); // prettier-ignore
    expect(await diff(3, { against: 'none' })).toMatchObject({ against: null, items: [changed] });
    expect(await diff(3, { against: '9' })).toMatchObject({ code: 'version-absent' });
    const first = await diff(3, { against: '1', limit: '1' });
    expect(first.items).toEqual([changed]);
    expect(await diff(3, { against: '1', limit: '1', cursor: String(first.next) })).toMatchObject({ items: [removed], next: null }); // prettier-ignore
  });

  test('are restored as new ones, over the one that was read', async () => {
    const first = await call('PUT', { body: aFullConfiguration });
    const second = await call('PUT', { body: {} });
    const restore = async (told: Told) => send(`POST ${versionRoute}/restore`, { version: 1, ...told });

    expect(await restore({ ifMatch: first.etag })).toMatchObject({ status: 412, body: { code: 'version-changed' } });
    const restored = await restore({ ifMatch: second.etag, query: { message: 'as it was' } });

    expect(restored).toMatchObject({ status: 200, body: first.body });
    expect(await call('GET')).toEqual(restored);
    expect((await list()).items[0]).toMatchObject({ number: 3, restored: 1, message: 'as it was' });
  });

  test.each([
    ['of 200 characters', 'x'.repeat(200), 200],
    ['that is empty', '', 200],
    ['of 201 characters', 'x'.repeat(201), 400],
    ['on two lines', 'a\nb', 400],
  ])('a message %s answers', async (_, message, status) => {
    expect((await call('PUT', { body: {}, query: { message } })).status).toBe(status);
    expect((await list()).items).toHaveLength(status === 200 ? 1 : 0);
  });
});
