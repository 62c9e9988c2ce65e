/** Stories of the set-up of threat response through the running service. */
import { DynamoDBClient, ListTablesCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { gunzipSync } from 'node:zlib';
import { aThreatResponse } from '../support/threat-response.ts';
import { needs } from './needs.ts';
import { call, type Service, startService } from './service.ts';

let service: Service;
const lines: string[] = [];
beforeAll(async () => {
  service = await startService(undefined, (line) => lines.push(line));
});
afterAll(async () => service.stop());

interface Told {
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly tenant?: 'acme' | 'globex';
  readonly key?: string;
}

async function send(request: `${string} /v1/${string}`, { body, ifMatch, tenant = 'acme', key }: Told = {}) {
  const headers = {
    ...(ifMatch !== undefined && { 'If-Match': ifMatch }),
    ...(key !== undefined && { 'Idempotency-Key': key }),
  };
  const text = body === undefined ? undefined : JSON.stringify(body);
  return call(service.url, request, service.authorizations[tenant].operator, text, headers);
}

const itemsOf = async (list: string, tenant: Told['tenant'] = 'acme') =>
  (await send(`GET /v1/${list}`, { tenant })).body.items as { name: string }[];
const namesOf = async (list: string, tenant: Told['tenant'] = 'acme') =>
  (await itemsOf(list, tenant)).map(({ name }) => name);

/** Every item of every table as text, configurations unpacked. */
async function everythingStored() {
  const { endpoints, environment } = service.runtime;
  const client = new DynamoDBClient({
    endpoint: endpoints.dynamodb,
    region: environment.AWS_REGION ?? '',
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  const texts: string[] = [];
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  for (const TableName of TableNames) {
    for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
      for (const item of Items) {
        const bytes = Buffer.from(item.data?.B ?? []);
        texts.push(JSON.stringify(item), bytes.toString(), bytes.toString('hex').startsWith('1f8b') ? gunzipSync(bytes).toString() : ''); // prettier-ignore
      }
    }
  }
  client.destroy();
  return texts.join('\n');
}

test('the sandbox has a set-up from a client to what switches are told, and it passes the check without a warning', async () => {
  const { body } = await send('GET /v1/configuration');
  const checked = await send('PUT /v1/configuration?check=only', { body });

  expect(checked.body).toMatchObject({ valid: true, warnings: [] });
  expect(await namesOf('clients')).toEqual(['policy-enforcer']);
  expect(await namesOf('admission-policies')).toEqual(['block', 'quarantine', 'unblock', 'release']);
  expect(await namesOf('clients', 'globex')).toEqual([]);
});

test('a list makes a version that says who, why and what, and restoring brings it back with its secrets', async () => {
  const { body } = await send('GET /v1/radius-clients');
  const clients = body.items as object[];
  const more = { name: 'lab-switch', address: '127.0.0.3', secret: 'lab s3cret', locationGroup: 'branch' };

  const put = await send('PUT /v1/radius-clients?message=lab', { body: { items: [...clients, more] }, key: 'once' });
  const again = await send('PUT /v1/radius-clients?message=lab', { body: { items: [...clients, more] }, key: 'once' });
  const [newest] = (await send('GET /v1/configuration/versions')).body.items as { number: number; message: string }[];
  const diff = await send(`GET /v1/configuration/versions/${newest?.number ?? 0}/diff`);
  await send('PUT /v1/radius-clients', { body });
  await send(`POST /v1/configuration/versions/${newest?.number ?? 0}/restore`);

  expect(put.status).toBe(200);
  expect(again.headers.get('Idempotency-Replayed')).toBe('true');
  expect(newest?.message).toBe('lab');
  expect(diff.body.items).toEqual([
    {
      change: 'added',
      pointer: '/threatResponse/radiusClients/2',
      name: 'lab-switch',
      after: { ...more, secret: undefined, secretSet: true, make: 'generic', changePort: 3799 },
    },
  ]);
  expect((await itemsOf('radius-clients')).at(-1)).toMatchObject({ name: 'lab-switch', secretSet: true });
});

test('of another secret and of another password is told that they are others, and nothing else', async () => {
  const { body } = await send('GET /v1/configuration');
  const { threatResponse, ...rest } = body as { threatResponse: typeof aThreatResponse };
  const [site, ours] = threatResponse.authenticationServers;
  const [client, ...clients] = threatResponse.radiusClients;
  const users = ours?.users?.map((user) => ({ ...user, password: 'a new p4ssword' }));
  const changed = {
    ...threatResponse,
    authenticationServers: [site, { ...ours, users }],
    radiusClients: [{ ...client, secret: 'a new s3cret' }, ...clients],
  };

  const put = await send('PUT /v1/configuration', { body: { ...rest, threatResponse: changed } });
  const [newest] = (await send('GET /v1/configuration/versions')).body.items as { number: number }[];
  const diff = await send(`GET /v1/configuration/versions/${newest?.number ?? 0}/diff`);

  expect(put.status).toBe(200);
  expect(diff.body.items).toEqual([
    { change: 'changed', pointer: '/threatResponse/radiusClients/0/secret' },
    { change: 'changed', pointer: '/threatResponse/authenticationServers/1/users/0/password' },
  ]);
});

test('a whole set-up, list by list, for another tenant, with a template that is tried before it is kept', async () => {
  const tenant = 'globex';
  const [template] = aThreatResponse.templates;
  const messages = ['ids: malware 10.0.0.9 level=high', 'ids: nothing'];
  const tried = await send('POST /v1/templates/try', { tenant, body: { template, messages } });
  const lists = [
    ['authentication-servers', aThreatResponse.authenticationServers],
    ['roles', aThreatResponse.roles],
    ['radius-clients', aThreatResponse.radiusClients],
    ['realms', aThreatResponse.realms],
    ['templates', [template]],
    ['clients', aThreatResponse.clients],
    ['admission-policies', aThreatResponse.admissionPolicies],
    ['return-attributes', aThreatResponse.returnAttributes],
  ] as const;
  const statuses: unknown[] = [];
  for (const [list, items] of lists) {
    const { headers } = await send(`GET /v1/${list}`, { tenant });
    const ifMatch = headers.get('ETag') ?? '';
    statuses.push((await send(`PUT /v1/${list}`, { tenant, body: { items }, ifMatch })).status);
  }

  expect(tried.body.results).toEqual([
    { fields: { event: 'infected', endpointIp: '10.0.0.9', severity: 'high' }, problem: null },
    { fields: null, problem: { code: 'message-unmatched', message: expect.any(String) as string } },
  ]);
  expect(statuses).toEqual(lists.map(() => 200));
  expect(await namesOf('templates', tenant)).toEqual(['acme-ids', 'JuniperNetworks-Policy Enforcer-HTTP-JSON']);
  expect(await namesOf('templates')).toEqual(['JuniperNetworks-Policy Enforcer-HTTP-JSON']);
});

needs('tables', 'logs')('no answer, item or log holds a secret or a password that was written', async () => {
  const written = /testing123|s3cret|p4ssword|known to everybody|never read back/;
  const versions = (await send('GET /v1/configuration/versions')).body.items as { number: number }[];
  const answers = await Promise.all([
    ...['/v1/configuration', '/v1/radius-clients', '/v1/authentication-servers'].map(async (path) =>
      send(`GET ${path}` as 'GET /v1/configuration'),
    ),
    ...versions.map(async ({ number }) => send(`GET /v1/configuration/versions/${number}`)),
    ...versions.map(async ({ number }) => send(`GET /v1/configuration/versions/${number}/diff?against=none`)),
  ]);
  const refused = await send('PUT /v1/radius-clients', { body: { items: [{ secret: 's3cret' }] } });

  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(JSON.stringify([...answers.map(({ body }) => body), refused.body])).not.toMatch(written);
  expect(JSON.stringify(answers.map(({ body }) => body))).not.toContain('scrypt');
  expect(lines.join('\n')).not.toMatch(written);
  const stored = await everythingStored();
  expect(stored).toContain('PERMIT-PULSE-ONLY');
  expect(stored).not.toMatch(written);
});
