import { doors } from '../../functions/configure/handler.ts';
import { http } from '../../shared/edge/http.ts';
import { roles } from '../../shared/contract.ts';
import { aFullConfiguration } from '../support/configurations.ts';
import { fakeConfigurationStore } from '../support/fake-configuration-store.ts';
import { fakeSecrets } from '../support/fake-secrets.ts';
import { noon } from '../support/observations.ts';
import { aCaller, aContext, anApiEvent } from '../support/requests.ts';

let deps: { configurations: ReturnType<typeof fakeConfigurationStore>; secrets: ReturnType<typeof fakeSecrets>; now: () => number }; // prettier-ignore
beforeEach(() => {
  deps = { configurations: fakeConfigurationStore(), secrets: fakeSecrets(), now: () => noon };
});

interface Told {
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly tenant?: string;
  readonly role?: (typeof roles)[number];
}

async function call(method: 'GET' | 'PUT', { body, ifMatch, tenant = 'acme', role = 'operator' }: Told = {}) {
  const event = anApiEvent({
    route: `${method} /v1/configuration`,
    caller: aCaller(role, { tenant }),
    headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const answer = await http(() => deps, doors, { now: () => noon })(event, aContext());
  const { ETag: etag = '' } = answer.headers ?? {};
  return { status: answer.statusCode, etag: String(etag), body: JSON.parse(answer.body) as Record<string, unknown> };
}

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
  const allowed = async (method: 'GET' | 'PUT') => {
    const statuses = await Promise.all(roles.map(async (role) => (await call(method, { role, body: {} })).status));
    return roles.filter((_, index) => statuses[index] === 200);
  };

  expect(await allowed('GET')).toEqual(['operator', 'auditor']);
  expect(await allowed('PUT')).toEqual(['operator']);
});
