/** A tenant is exported, erased and imported, and answers as it did; those that are called almost alike notice nothing. */
import { DynamoDBClient, ListTablesCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tenantCommand } from '../../infra/tenant.ts';
import { minutes } from '../support/observations.ts';
import { allNeed } from './needs.ts';
import { authorizationOf, call, type Service, startService } from './service.ts';

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
const secrets: string[] = ['testing123'];

/** Of one its id is the beginning, and the other's id is the beginning of its own. */
const neighbours = ['move', 'moved1'];
const sandboxFile = () => join(folder, 'sandbox.json');
const provider = () => service.authorizations.acme.provider;
const tenant = async (...words: string[]) =>
  tenantCommand(words, { environment: {}, sandboxFile: sandboxFile(), outputsFile: 'none' });

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

/** Everything that a tenant can have: entries, two versions of a configuration, sessions, endpoints that are held, infected hosts, logs. */
async function live(id: string) {
  const { body } = await call(service.url, 'POST /v1/tenants', provider(), JSON.stringify({ id, name: `The ${id}` }));
  for (const issued of body.credentials as Issued[]) {
    who[id] = { ...who[id], [issued.role]: authorizationOf(issued) };
    secrets.push(issued.password ?? issued.token ?? '');
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
  await as('operator', 'POST /v1/endpoints/00:11:22:33:ca:fe/block', {});
  await as('operator', 'POST /v1/endpoints/00:11:22:33:ca:ff/quarantine', { role: 'quarantine' });
  await as('operator', 'POST /v1/endpoints/00:11:22:33:ca:ff/clear', { hold: 'all' });
  // In no connector’s subnet: nothing more is done about them while the tenant is moved.
  await as('operator', 'POST /v1/infected-hosts', {
    hosts: ['192.0.2.50', '192.0.2.90'].map((ip) => ({ ip, level: 9 })),
  });
  await as('operator', 'PUT /v1/infected-hosts/192.0.2.90', { investigation: 'in-progress' });
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
  ['operator', 'GET /v1/operations'],
  ['operator', 'GET /v1/connectors'],
  ['operator', 'GET /v1/events'],
  ['operator', 'GET /v1/user-access'],
  ['operator', 'GET /v1/approvals'],
  ['operator', 'GET /v1/roles'],
  ['operator', 'GET /v1/radius-clients'],
  ['auditor', 'GET /v1/queries/status'],
  ['threat-sender', 'GET /api/v1/system/active-users'],
] as const;

/**
 * What may differ: how long ago something was and how soon it will be, the id of the request itself, where an answer says when it was
 * made, and who has just gone, which the forwarding table tells for some moments.
 */
const passing = new Set(['requestId', 'now', 'asOf', 'generatedAt', 'next', 'cursor', 'since', 'removed']);
const span = /(\bin )?\b\d+ (seconds?|minutes?|hours?)( ago)?\b/g;
const lasting = (name: string, value: unknown) => {
  if (passing.has(name)) return undefined;
  return typeof value === 'string'
    ? value.replaceAll(span, (all, soon, _, ago) => (soon === undefined && ago === undefined ? all : 'some time'))
    : value;
};

/** All answers of a tenant, whole. */
async function answers(id: string) {
  const told: Record<string, { readonly status: number; readonly body: unknown }> = {};
  for (const [role, request] of asked) {
    const { status, body } = await call(service.url, request, who[id]?.[role]);
    told[request] = { status, body: JSON.parse(JSON.stringify(body, lasting)) as unknown };
  }
  const { status, body } = await call(service.url, 'POST /v1/decisions', who[id]?.operator, JSON.stringify({ flows: [flow, { ...flow, sourceIp: '192.0.2.52' }], explain: true })); // prettier-ignore
  return { ...told, decisions: { status, body } };
}

async function itemsThatName(pattern: RegExp): Promise<string[]> {
  const { environment } = service.runtime;
  const client = new DynamoDBClient({
    region: environment.AWS_REGION ?? '',
    endpoint: environment.AWS_ENDPOINT_URL_DYNAMODB ?? '',
    credentials: { accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '', secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '' }, // prettier-ignore
  });
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  const found: string[] = [];
  for (const TableName of TableNames) {
    for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
      found.push(...Items.map((item) => `${item.pk?.S ?? ''} / ${item.sk?.S ?? ''} of ${item.tenant?.S ?? '-'}`).filter((each) => pattern.test(each))); // prettier-ignore
    }
  }
  client.destroy();
  return found.sort();
}
const ofMoved = /T#moved( |#)|TENANT#moved |BATCH#moved |of moved$/;
const ofNeighbours = /T#(move|moved1)( |#)|TENANT#(move|moved1) |BATCH#(move|moved1) |of (move|moved1)$/;

const answersOfNeighbours = async () => Promise.all(neighbours.map(answers));
const statuses = async (id: string) => {
  const all = await Promise.all(
    Object.values(who[id] ?? {}).map(async (each) => (await call(service.url, 'GET /v1/health', each)).status),
  );
  return [...new Set(all)];
};
const told = async () => (await call(service.url, 'GET /v1/tenants/moved', provider())).body;

allNeed(
  'clock',
  'schedules',
  'tables',
)('a tenant that is moved', () => {
  beforeAll(async () => {
    service = await startService();
    folder = mkdtempSync(join(tmpdir(), 'postern-move-'));
    const token = provider().replace('Bearer ', '');
    writeFileSync(sandboxFile(), JSON.stringify({ url: service.url, credentials: { provider: { token } } }));
    for (const id of ['moved', ...neighbours]) await live(id);
  });
  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('export, wipe, import: the same answers', async () => {
    const before = await answers('moved');
    const beside = await answersOfNeighbours();
    expect(Object.values(before).filter(({ status }) => status !== 200 && status !== 404)).toEqual([]);
    const [itemsBefore, itemsBeside] = [await itemsThatName(ofMoved), await itemsThatName(ofNeighbours)];
    const file = join(folder, 'moved.ndjson');

    expect(await tenant('export', 'moved', '--to', file)).toContain(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const exported = readFileSync(file, 'utf8');
    expect(['moved1', '"move"', ...secrets].filter((each) => exported.includes(each))).toEqual([]);

    expect(await tenant('erase', 'moved', '--confirm', 'moved')).toContain('erasing');
    expect(await statuses('moved')).toEqual([401]);
    expect(await told()).toMatchObject({ state: 'erasing' });
    await service.runtime.tick('EveryMinute');
    do {
      // A schedule that was due by itself meanwhile may have been in the way.
      service.runtime.advanceClock(minutes(6));
      await service.runtime.tick('EveryMinute');
    } while ((await told()).state === 'erasing');
    const removed = { entries: expect.any(Number) as number };
    expect(await told()).toMatchObject({ state: 'erased', erasure: { removed } });
    expect(await itemsThatName(ofMoved)).toEqual(['T#_provider / TENANT#moved of -']);
    expect(await statuses('moved')).toEqual([401]);
    expect(await itemsThatName(ofNeighbours)).toEqual(itemsBeside);

    expect(await tenant('import', 'moved', file)).toContain('live');
    const counted = 'T#moved#USAGE / POSTS of -'; // what is used up here is no part of an export
    expect(await itemsThatName(ofMoved)).toEqual(itemsBefore.filter((item) => item !== counted));
    expect(await answers('moved')).toEqual(before);
    expect(await statuses('moved')).toEqual([200]);
    expect(await answersOfNeighbours()).toEqual(beside);
    expect(await tenant('import', 'moved', file)).toContain(' 0 added'); // once more changes nothing
    expect(await answers('moved')).toEqual(before);
  });
});
