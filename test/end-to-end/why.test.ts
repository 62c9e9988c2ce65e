/** Why somebody is missing, asked of the running service: what an engineer reads at three in the morning. */
import { setTimeout as wait } from 'node:timers/promises';
import { type ClearPass, startClearPass } from '../simulators/clearpass.ts';
import { needs, simulators } from './needs.ts';
import { type Answered, call, type Service, startService } from './service.ts';

let service: Service;
let clearPass: ClearPass;
beforeAll(async () => {
  [service, clearPass] = await Promise.all([startService(), startClearPass({ address: simulators })]);
  await configure({});
});
afterAll(async () => Promise.all([service.stop(), clearPass.stop()]));

type Tenant = 'acme' | 'globex';

async function post(entries: string, tenant: Tenant = 'acme'): Promise<Answered> {
  const body = `<userfw-entries>${entries}</userfw-entries>`;
  return call(service.url, 'POST /api/userfw/v1/post-entry', service.authorizations[tenant]['web-api'], body);
}

const entry = (operation: 'logon' | 'logoff', ip: string, more: string) =>
  `<userfw-entry><source>Aruba ClearPass</source><operation>${operation}</operation><IP>${ip}</IP>${more}</userfw-entry>`;
const alice = '<domain>acme</domain><user>alice</user><role-list><role>staff</role></role-list>';

async function why(path: `/${string}`, tenant: Tenant = 'acme') {
  const { status, body } = await call(service.url, `GET /v1${path}`, service.authorizations[tenant].auditor);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body as { code: string; answer: string; timeline: { code: string }[]; queries: { code: string }[] };
}

const staffOnly = { name: 'staff-web', fromZone: 'any', toZone: 'any', source: ['any'], destination: ['any'], applications: ['any'], sourceIdentity: ['acme\\staff'], action: 'permit' }; // prettier-ignore

async function configure({ excludeAddresses = [] as string[], userQuery = {} }) {
  const configuration = { webApi: { excludeAddresses }, clearpass: { userQuery }, policies: [staffOnly] };
  const { status, body } = await call(service.url, 'PUT /v1/configuration', service.authorizations.acme.operator, JSON.stringify(configuration)); // prettier-ignore
  if (status !== 200) throw new Error(JSON.stringify(body));
}

test('somebody is there: since when, by whose word, until when, and which policies take the user', async () => {
  await post(entry('logon', '192.0.2.1', alice));

  const story = await why('/entries/192.0.2.1/why');

  expect(story.answer).toMatch(/^alice \(acme\) has been at 192\.0\.2\.1 since .* told by Aruba ClearPass\. It ends /);
  expect(story).toMatchObject({
    ip: '192.0.2.1',
    code: 'known',
    state: 'valid',
    entry: { user: 'alice', domain: 'acme', referencedGroups: ['staff'] },
    hints: [],
    policies: { evaluatedAs: 'authenticated-user', matching: [{ policy: 'staff-web', because: ['acme\\staff'] }] },
    next: null,
  });
  expect(await why('/users/ALICE/why?domain=Acme')).toMatchObject({ code: 'known', entries: [{ ip: '192.0.2.1' }], complete: true }); // prettier-ignore
});

test('nothing of it is told to another tenant', async () => {
  await post(entry('logon', '192.0.2.2', alice));

  const [ofAddress, ofUser] = await Promise.all([why('/entries/192.0.2.2/why', 'globex'), why('/users/alice/why', 'globex')]); // prettier-ignore

  expect(ofAddress).toMatchObject({ code: 'never-heard-of', entry: null, timeline: [] });
  expect(ofUser).toMatchObject({ code: 'never-heard-of', entries: [], traces: [], timeline: [] });
});

test('somebody logged off, and a late post brings nobody back', async () => {
  await post(entry('logon', '192.0.2.3', `${alice}<timestamp>2026-01-01T10:00:00Z</timestamp>`));
  await post(entry('logoff', '192.0.2.3', '<user>alice</user><timestamp>2026-01-01T11:00:00Z</timestamp>'));
  await post(entry('logon', '192.0.2.3', `${alice}<timestamp>2026-01-01T09:00:00Z</timestamp>`));

  const story = await why('/entries/192.0.2.3/why');

  expect(story.answer).toMatch(/^Nobody is known at 192\.0\.2\.3: alice \(acme\), .* was logged off .* by a logoff of alice, of 2026-01-01T11:00/); // prettier-ignore
  expect(story).toMatchObject({ code: 'logged-off', state: null, entry: null, policies: { ifKnown: [{ policy: 'staff-web' }] } }); // prettier-ignore
});

test('an operator deleted somebody', async () => {
  await post(entry('logon', '192.0.2.4', alice.replace('alice', 'dave')));
  await call(service.url, 'DELETE /v1/entries/192.0.2.4', service.authorizations.acme.operator);

  expect(await why('/entries/192.0.2.4/why')).toMatchObject({ code: 'deleted' });
  expect(await why('/users/dave/why')).toMatchObject({ code: 'deleted', traces: [{ code: 'deleted', ip: '192.0.2.4' }] }); // prettier-ignore
});

test('you asked for GLOBAL bob, and acme has one', async () => {
  await post(entry('logon', '192.0.2.5', '<domain>acme</domain><user>bob</user>'));

  const story = await why('/users/bob/why?domain=GLOBAL');

  expect(story.answer).toBe('bob (global) is nowhere, but bob (acme) is at 192.0.2.5; you asked for bob (global).');
  expect(story.code).toBe('other-domain');
});

needs('simulators')('ClearPass was asked and knows nobody there', async () => {
  const { address, port } = clearPass.server;
  const server = { name: 'cppm', address, port, connectMethod: 'http' };
  await configure({ userQuery: { enabled: true, server, clientId: 'postern', clientSecret: 'the secret', delayQueryTime: 0 } }); // prettier-ignore
  const flow = { sourceIp: '192.0.2.6', destinationIp: '198.51.100.7', destinationPort: 443, protocol: 'tcp', fromZone: 'trust', toZone: 'untrust' }; // prettier-ignore
  await call(service.url, 'POST /v1/decisions', service.authorizations.acme['enforcement-point'], JSON.stringify({ flows: [flow] })); // prettier-ignore
  while ((await why('/entries/192.0.2.6/why')).code !== 'nobody-found') await wait(100);

  const story = await why('/entries/192.0.2.6/why');

  expect(story.answer).toMatch(/^Nobody is known at 192\.0\.2\.6: it was asked about at .* and ClearPass knew nothing of the address \(no-record\)\. So it is invalid until /); // prettier-ignore
  expect(story).toMatchObject({
    state: 'invalid',
    asking: [{ who: 'ClearPass', code: 'asked', server: 'cppm' }, { code: 'query-disabled' }],
    policies: { evaluatedAs: 'unknown-user', matching: [], ifKnown: [{ policy: 'staff-web' }] },
    expiry: { timeoutMinutes: 30 },
  });
  expect(JSON.stringify(story)).not.toContain('the secret');
});

test('an address of which no entry is kept', async () => {
  await configure({ excludeAddresses: ['192.0.2.7'] });
  await post(entry('logon', '192.0.2.7', alice));

  expect(await why('/entries/192.0.2.7/why')).toMatchObject({
    code: 'address-excluded',
    filters: [{ setting: 'webApi.excludeAddresses', effect: 'keeps-out', by: '192.0.2.7' }],
  });
});

needs('clock')('somebody expired while nobody looked', async () => {
  await post(entry('logon', '192.0.2.8', alice.replace('alice', 'erin')));
  service.runtime.advanceClock(31 * 60_000);

  expect(await why('/entries/192.0.2.8/why')).toMatchObject({ code: 'expired' });
  expect(await why('/users/erin/why')).toMatchObject({ code: 'expired' });
});

test('nobody ever told of somebody: what to look at is said', async () => {
  const story = await why('/users/mallory/why');

  expect(story).toMatchObject({ code: 'never-heard-of', complete: true });
  expect(story).toMatchObject({ hints: expect.arrayContaining([expect.objectContaining({ code: 'see-receipts' })]) as unknown }); // prettier-ignore
});

test.each([
  ['GET /v1/entries/192.0.2.300/why', 'operator', 400, 'address-invalid'],
  ['GET /v1/entries/192.0.2.1/why?when=now', 'operator', 400, 'parameter-unknown'],
  ['GET /v1/entries/192.0.2.1/why?cursor=none', 'operator', 400, 'cursor-invalid'],
  ['GET /v1/users/%20/why', 'operator', 400, 'parameter-invalid'],
  ['GET /v1/users/alice/why?domain=', 'operator', 400, 'parameter-invalid'],
  ['GET /v1/users/alice/why', 'enforcement-point', 403, 'role-refused'],
  ['GET /v1/entries/192.0.2.1/why', 'web-api', 403, 'role-refused'],
] as const)('%s by %s is answered %d %s', async (request, role, status, code) => {
  expect(await call(service.url, request, service.authorizations.acme[role])).toMatchObject({ status, body: { code } });
});
