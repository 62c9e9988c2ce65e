import { roles } from '../../shared/contract.ts';
import { aFullConfiguration } from '../support/configurations.ts';
import { configureDoors, documentRoute, versionRoute, versionsRoute } from '../support/configure-doors.ts';

let { send, call } = configureDoors();
beforeEach(() => {
  ({ send, call } = configureDoors());
});

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
