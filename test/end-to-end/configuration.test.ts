/** Stories of a tenant's configuration through the running service: checked, committed, told apart, restored. */
import { aFullConfiguration } from '../support/configurations.ts';
import { call, type Service, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(async () => service.stop());

type Tenant = 'acme' | 'globex';
interface Told {
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly tenant?: Tenant;
}

const configuration = '/v1/configuration';
async function send(request: `${string} /${string}`, { body, ifMatch, tenant = 'acme' }: Told = {}) {
  const { operator } = service.authorizations[tenant];
  const headers: Record<string, string> = ifMatch === undefined ? {} : { 'If-Match': ifMatch };
  const text = body === undefined ? undefined : JSON.stringify(body);
  const answer = await call(service.url, request, operator, text, headers);
  return { ...answer, etag: answer.headers.get('ETag') ?? '' };
}
const read = async (tenant: Tenant = 'acme') => send(`GET ${configuration}`, { tenant });
const put = async (body: unknown, told: Told = {}) => send(`PUT ${configuration}`, { body, ...told });
const check = async (body: unknown) => send(`PUT ${configuration}?check=only`, { body });
const versions = async (tenant: Tenant = 'acme') =>
  (await send(`GET ${configuration}/versions`, { tenant })).body.items as { number: number; message: string | null }[];

const logon = (ip: string, user: string, groups: readonly string[]) =>
  `<userfw-entry><operation>logon</operation><IP>${ip}</IP><domain>acme</domain><user>${user}</user><role-list>${groups.map((group) => `<role>${group}</role>`).join('')}</role-list></userfw-entry>`;
const post = async (...entries: string[]) =>
  call(
    service.url,
    'POST /api/userfw/v1/post-entry',
    service.authorizations.acme['web-api'],
    `<userfw-entries>${entries.join('')}</userfw-entries>`,
  );

const policy = (name: string, ...sourceIdentity: string[]) => ({
  ...aFullConfiguration.policies[0],
  name,
  sourceIdentity,
});

const serverAt = (address: string, clientSecret: string) => ({
  server: { name: 'cppm', address },
  clientId: 'postern',
  clientSecret,
});

test('a document that is wrong in many ways is told all of them at once, and nothing of it is stored', async () => {
  const before = await read();
  const { body: held } = before;
  const document = {
    ...held,
    colour: 'red',
    clearpass: { userQuery: { enabled: true, ...serverAt('clearpass.example.net', 'hunter2') } },
    activeDirectory: { enabled: true },
    identityManagement: {
      enabled: true,
      primary: { address: 'jims.example.net', clientId: 'postern', clientSecret: 'hunter2'.repeat(20) },
      ipQuery: { enabled: true, queryDelayTime: 60 },
      batchQuery: { itemsPerBatch: 99, queryInterval: 61 },
    },
    policies: [policy('default-policy', 'any'), { ...policy('x', 'any'), action: 'allow' }, policy('x', 'any')],
    applications: [{ name: 'any', protocol: 'tcp' }],
    networks: ['10.0.0.1/8'],
  };

  const checked = await check(document);
  const refused = await put(document);

  expect(checked).toMatchObject({ status: 200, body: { valid: false } });
  const violations = checked.body.violations as { pointer: string; rule: string }[];
  expect(violations.map(({ pointer, rule }) => `${pointer} ${rule}`).toSorted()).toEqual([
    '/activeDirectory/enabled exclusive',
    '/applications/0/name reserved',
    '/colour unknown-key',
    '/identityManagement/batchQuery/itemsPerBatch range',
    '/identityManagement/batchQuery/queryInterval range',
    '/identityManagement/ipQuery/queryDelayTime equal',
    '/identityManagement/primary/clientSecret length',
    '/networks/0 form',
    '/policies/0/name reserved',
    '/policies/1/action one-of',
    '/policies/2/name unique',
  ]);
  expect(violations).toContainEqual({
    pointer: '/networks/0',
    value: '10.0.0.1/8',
    rule: 'form',
    message: expect.any(String) as string,
    mend: 'Bits are set behind the prefix. Write 10.0.0.0/8.',
  });
  expect(JSON.stringify(checked.body)).not.toContain('hunter2');
  expect(refused).toMatchObject({ status: 400, body: { code: 'configuration-invalid', violations } });
  expect(await read()).toMatchObject({ etag: before.etag, body: held });
});

test('the check says how many entries would see their interested groups change, and which names are ambiguous', async () => {
  await post(
    logon('192.0.2.1', 'john', ['group1', 'group2']),
    logon('192.0.2.2', 'abe', ['group1', 'group3']),
    logon('192.0.2.3', 'group2', []),
  );
  const { body: held } = await read();
  const document = { ...held, policies: [policy('one', 'acme\\group1', 'acme\\group2'), policy('two', 'abe')] };

  const { body } = await check(document);

  expect(body).toMatchObject({
    valid: true,
    violations: [],
    warnings: [
      { pointer: '/policies/0/sourceIdentity/1', value: 'acme\\group2', rule: 'user-and-group' },
      { pointer: '/policies/1/sourceIdentity/0', value: 'abe', rule: 'only-elsewhere' },
    ],
    impact: { entries: 2 },
    read: { entries: 3, complete: true },
  });
  await put(document);
  expect((await check(document)).body.impact).toEqual({ entries: 0 });
  const { body: forwarded } = await send('GET /v1/entries?ip=192.0.2.1&view=forwarding');
  expect(forwarded.items).toMatchObject([{ user: 'john', groups: ['group1', 'group2'] }]);
  await put(held);
});

test('of two operators who read the same version the second one is told, and loses nothing of the first', async () => {
  const { etag, body } = await read();

  const first = await put({ ...body, networks: ['10.0.0.0/8'] }, { ifMatch: etag });
  const second = await put({ ...body, networks: ['192.0.2.0/24'] }, { ifMatch: etag });

  expect(first.status).toBe(200);
  expect(second).toMatchObject({ status: 412, body: { code: 'version-changed' } });
  expect((await read()).body.networks).toEqual(['10.0.0.0/8']);
});

test('a version is listed, told apart from the one before, and restored with its secret', async () => {
  const { body: held } = await read();
  await put({ ...held, clearpass: { userQuery: serverAt('one.example.net', 'one') } });
  const before = await read();
  const userQuery = serverAt('another.example.net', 'another');
  const policies = [policy('in front', 'any'), ...(before.body.policies as object[])];
  const changed = await send(`PUT ${configuration}?message=a%20new%20server`, {
    body: { ...before.body, clearpass: { userQuery }, policies },
  });
  expect(changed.status).toBe(200);
  const [newest, previous] = await versions();
  expect(newest).toMatchObject({ message: 'a new server', restored: null, credential: { id: expect.any(String) as string } }); // prettier-ignore
  const path = (number = 0) => `${configuration}/versions/${number}` as const;

  const { body: diff } = await send(`GET ${path(newest?.number)}/diff`);
  const lines = diff.items as { change: string; pointer: string; name?: string }[];
  expect(diff).toMatchObject({ version: newest?.number, against: previous?.number, next: null });
  expect(lines.filter(({ pointer }) => pointer.startsWith('/policies'))).toEqual([
    { change: 'added', pointer: '/policies/0', name: 'in front', after: policies[0] },
  ]);
  expect(lines).toContainEqual({ change: 'changed', pointer: '/clearpass/userQuery/clientSecret' });
  expect(await send(`GET ${path(previous?.number)}`)).toMatchObject({ etag: before.etag, body: before.body });

  const late = await send(`POST ${path(previous?.number)}/restore`, { ifMatch: before.etag });
  const restored = await send(`POST ${path(previous?.number)}/restore`, { ifMatch: changed.etag });

  expect(late).toMatchObject({ status: 412, body: { code: 'version-changed' } });
  expect(restored).toMatchObject({ status: 200, body: before.body });
  expect(await read()).toMatchObject({ etag: restored.etag, body: before.body });
  expect((await versions())[0]).toMatchObject({ restored: previous?.number });
});

test('a tenant sees no version of another, and restores none', async () => {
  const [newest] = await versions();
  const path = `${configuration}/versions/${newest?.number ?? 0}` as const;

  expect(await versions('globex')).toEqual([]);
  for (const request of [`GET ${path}`, `GET ${path}/diff`, `POST ${path}/restore`] as const)
    expect(await send(request, { tenant: 'globex' })).toMatchObject({ status: 404, body: { code: 'version-absent' } });
  expect((await read('globex')).etag).toBe('"none"');
});
