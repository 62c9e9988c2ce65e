/** A tenant is exported, erased and imported, and answers as it did; the one that is called almost alike notices nothing. */
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tenantCommand } from '../../infra/tenant.ts';
import { minutes } from '../support/observations.ts';
import { basic, call, type Service, startService } from './service.ts';

interface Issued {
  readonly role: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
}

let service: Service;
let folder: string;
/** By tenant, and by role. */
const who: Record<string, Record<string, string>> = {};

beforeAll(async () => {
  service = await startService();
  folder = mkdtempSync(join(tmpdir(), 'postern-move-'));
  mkdirSync(join(folder, '.postern'));
  const token = service.authorizations.acme.provider.replace('Bearer ', '');
  writeFileSync(join(folder, '.postern/sandbox.json'), JSON.stringify({ url: service.url, credentials: { provider: { token } } })); // prettier-ignore
  for (const id of ['moved', 'moved1']) await live(id);
}, 120_000);
afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true, force: true });
});

const provider = () => service.authorizations.acme.provider;
const tenant = async (...words: string[]) =>
  tenantCommand(words, { environment: {}, sandboxFile: join(folder, '.postern/sandbox.json'), outputsFile: 'none' });

const logon = (ip: string, user: string, mac: string) =>
  `<userfw-entry><source>Aruba ClearPass</source><operation>logon</operation><IP>${ip}</IP><domain>acme</domain><user>${user}</user><role-list><role>staff</role></role-list><posture>Healthy</posture><end-user-attribute><MAC-Address>${mac}</MAC-Address></end-user-attribute></userfw-entry>`;

const configuration = {
  policies: [
    {
      name: 'staff-web',
      fromZone: 'trust',
      toZone: 'untrust',
      source: ['any'],
      destination: ['198.51.100.0/24'],
      applications: ['https'],
      sourceIdentity: ['acme\\staff'],
      action: 'permit',
      log: true,
    },
  ],
  defaultPolicy: 'deny',
  clearpass: { userQuery: { server: { name: 'cppm', address: 'clearpass.example.net' }, clientId: 'postern', clientSecret: 'testing123' } }, // prettier-ignore
  threatResponse: { roles: [{ name: 'quarantine', quarantine: true }] },
};

/** Everything that a tenant can have: entries, two versions of a configuration, sessions, endpoints that are held, logs. */
async function live(id: string) {
  const { body } = await call(service.url, 'POST /v1/tenants', provider(), JSON.stringify({ id, name: `The ${id}` }));
  for (const { role, user = '', password, token = '' } of body.credentials as Issued[]) {
    who[id] = { ...who[id], [role]: password === undefined ? `Bearer ${token}` : basic(user, password) };
  }
  const as = async (role: string, request: `${string} /${string}`, body?: unknown) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const { status, body: told } = await call(service.url, request, who[id]?.[role], text);
    if (status >= 300) throw new Error(`${request} was answered ${status}: ${JSON.stringify(told)}`);
  };
  await as('operator', 'PUT /v1/configuration', { ...configuration, defaultPolicy: 'permit' });
  await as('operator', 'PUT /v1/configuration?message=stricter', configuration);
  const users = ['alice', 'bob', 'carol'].map((user, index) => logon(`192.0.2.${50 + index}`, user, `00-11-22-33-44-0${index}`)); // prettier-ignore
  await as('web-api', 'POST /api/userfw/v1/post-entry', `<userfw-entries>${users.join('')}</userfw-entries>`);
  await as('web-api', 'POST /api/userfw/v1/post-entry', '<userfw-entries><userfw-entry><operation>logoff</operation><IP>192.0.2.52</IP></userfw-entry></userfw-entries>'); // prettier-ignore
  await as('enforcement-point', 'POST /v1/decisions', { flows: [{ ...flow, sessionId: 'session-1' }] });
  await as('operator', 'POST /v1/endpoints/00:11:22:33:ca:fe/block');
  await as('operator', 'POST /v1/endpoints/00:11:22:33:ca:ff/quarantine', { role: 'quarantine' });
  await as('operator', 'POST /v1/endpoints/00:11:22:33:ca:ff/clear', {});
}

const flow = { sourceIp: '192.0.2.50', destinationIp: '198.51.100.7', destinationPort: 443, protocol: 'tcp', application: 'https', fromZone: 'trust', toZone: 'untrust' }; // prettier-ignore

const asked = [
  ['enforcement-point', 'GET /v1/entries'],
  ['enforcement-point', 'GET /v1/entries/192.0.2.50'],
  ['enforcement-point', 'GET /v1/entries/192.0.2.52'],
  ['enforcement-point', 'GET /v1/entries/counters'],
  ['enforcement-point', 'GET /v1/forwarding-table'],
  ['enforcement-point', 'GET /v1/sessions?ip=192.0.2.50'],
  ['operator', 'GET /v1/entries/192.0.2.50/why'],
  ['operator', 'GET /v1/users/carol/why'],
  ['operator', 'GET /v1/receipts'],
  ['operator', 'GET /v1/configuration'],
  ['operator', 'GET /v1/configuration/versions'],
  ['operator', 'GET /v1/configuration/versions/1'],
  ['operator', 'GET /v1/configuration/versions/2/diff?against=1'],
  ['operator', 'GET /v1/endpoints'],
  ['operator', 'GET /v1/endpoints/00:11:22:33:ca:fe'],
  ['operator', 'GET /v1/endpoints/00:11:22:33:ca:ff/why'],
  ['operator', 'GET /v1/infected-hosts'],
  ['operator', 'GET /v1/events'],
  ['operator', 'GET /v1/user-access'],
  ['operator', 'GET /v1/approvals'],
  ['operator', 'GET /v1/roles'],
  ['operator', 'GET /v1/radius-clients'],
  ['auditor', 'GET /v1/queries/status'],
  ['threat-sender', 'GET /api/v1/system/active-users'],
] as const;

/** What may differ: how long ago something was, the id of the request itself, and where an answer says when it was made. */
const passing = new Set(['requestId', 'now', 'at', 'asOf', 'generatedAt', 'next', 'cursor', 'since']);
const lasting = (name: string, value: unknown) => (passing.has(name) && name !== 'at' ? undefined : value);

/** All answers of a tenant, whole. */
async function answers(id: string) {
  const told: Record<string, unknown> = {};
  for (const [role, request] of asked) {
    const { status, body } = await call(service.url, request, who[id]?.[role]);
    told[request] = { status, body: JSON.parse(JSON.stringify(body, lasting)) as unknown };
  }
  const { status, body } = await call(service.url, 'POST /v1/decisions', who[id]?.operator, JSON.stringify({ flows: [flow, { ...flow, sourceIp: '192.0.2.52' }], explain: true })); // prettier-ignore
  return { ...told, decisions: { status, body } };
}

async function itemsThatName(pattern: RegExp): Promise<string[]> {
  const { environment, outputs } = service.runtime;
  const client = new DynamoDBClient({
    region: environment.AWS_REGION ?? '',
    endpoint: environment.AWS_ENDPOINT_URL_DYNAMODB ?? '',
    credentials: { accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '', secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '' }, // prettier-ignore
  });
  const { TableNames = [] } = await client.send(new (await import('@aws-sdk/client-dynamodb')).ListTablesCommand({}));
  const found: string[] = [];
  for (const TableName of TableNames) {
    for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
      found.push(...Items.map((item) => `${item.pk?.S ?? ''} / ${item.sk?.S ?? ''} of ${item.tenant?.S ?? '-'}`).filter((each) => pattern.test(each))); // prettier-ignore
    }
  }
  client.destroy();
  expect(outputs.TenantsTableName).toBeDefined();
  return found.sort();
}
const ofMoved = /T#moved( |#)|TENANT#moved |BATCH#moved |of moved$/;
const ofNeighbour = /T#moved1( |#)|TENANT#moved1 |of moved1$/;

const statusFor = async (id: string) =>
  Promise.all(
    Object.values(who[id] ?? {}).map(async (each) => (await call(service.url, 'GET /v1/health', each)).status),
  );
const told = async () => (await call(service.url, 'GET /v1/tenants/moved', provider())).body;

test('export, wipe, import: the same answers', async () => {
  const [before, neighbour] = [await answers('moved'), await answers('moved1')];
  expect(Object.values(before).every((each) => [200, 404].includes((each as { status: number }).status))).toBe(true);
  const [itemsBefore, itemsOfNeighbour] = [await itemsThatName(ofMoved), await itemsThatName(ofNeighbour)];
  const file = join(folder, 'moved.ndjson');

  writeFileSync(file, await tenant('export', 'moved'));
  for (const secret of ['testing123', ...Object.values(who.moved ?? {}).map((each) => each.replace(/^\w+ /, ''))]) {
    expect(readFileSync(file, 'utf8')).not.toContain(secret);
  }
  expect(readFileSync(file, 'utf8')).not.toContain('moved1');

  expect(await tenant('erase', 'moved', '--confirm', 'moved')).toContain('erasing');
  expect(new Set(await statusFor('moved'))).toEqual(new Set([401]));
  expect(await told()).toMatchObject({ state: 'erasing' });
  await service.runtime.tick('EveryMinute');
  service.runtime.advanceClock(minutes(6));
  await service.runtime.tick('EveryMinute');
  expect(await told()).toMatchObject({
    state: 'erased',
    erasure: { removed: { entries: expect.any(Number) as number } },
  });
  expect(await itemsThatName(ofMoved)).toEqual(['T#_provider / TENANT#moved of -']);
  expect(new Set(await statusFor('moved'))).toEqual(new Set([401]));
  expect(await itemsThatName(ofNeighbour)).toEqual(itemsOfNeighbour);

  expect(await tenant('import', 'moved', file)).toContain('live');

  expect(await itemsThatName(ofMoved)).toEqual(itemsBefore);
  expect(await answers('moved')).toEqual(before);
  expect(new Set(await statusFor('moved'))).toEqual(new Set([200]));
  expect(await answers('moved1')).toEqual(neighbour);
  expect(await tenant('import', 'moved', file)).toContain('live'); // once more changes nothing
  expect(await answers('moved')).toEqual(before);
}, 120_000);
