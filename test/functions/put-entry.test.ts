import { doors } from '../../functions/put-entry/handler.ts';
import { roles } from '../../shared/contract.ts';
import { http } from '../../shared/edge/http.ts';
import type { AuthenticationTable, Revision } from '../../shared/identity/authentication-table.ts';
import { changeOne } from '../../shared/identity/authentication-table.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { acme, aLogon, desk, minutes, noon, told } from '../support/observations.ts';
import { aCaller, aContext, anApiEvent } from '../support/requests.ts';

let now: number;
let table: AuthenticationTable;
let enabled: boolean;
let heard: string[];
beforeEach(() => {
  [now, enabled, heard] = [noon, true, []];
  let writes = 0;
  table = { entries: fakeEntryStore(), now: () => now, newRevision: () => `revision-${(writes += 1)}` as Revision };
});

interface Told {
  readonly ip?: string;
  readonly tenant?: string;
  readonly role?: (typeof roles)[number];
}

async function put(body: unknown, { ip = desk, tenant = 'acme', role = 'operator' }: Told = {}) {
  const deps = {
    table,
    hear: async (of: TenantId, source: string) => Promise.resolve(void heard.push(`${of} ${source}`)),
    settingsOf: async () =>
      Promise.resolve({
        activeDirectory: { enabled },
        excludeAddresses: ['10.9.0.0/16'],
        interested: (_: string, group: string) => group === 'staff',
      }),
  };
  const event = anApiEvent({
    route: 'PUT /v1/entries/{ip}',
    caller: aCaller(role, { tenant }),
    parameters: { ip },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const answer = await http(() => deps, doors, { now: () => now })(event, aContext());
  return { status: answer.statusCode, body: JSON.parse(answer.body) as Record<string, unknown> };
}

const lou = { source: 'local', user: 'Lou' };
const adam = { source: 'active-directory', user: 'adam' };

test('a local user is stored for ever, folded as in a post, and shown as an entry', async () => {
  const { status, body } = await put({
    ...lou,
    domain: 'ACME',
    groups: [' Staff ', 'staff', '', 'IT'],
    posture: 'healthy',
    device: {
      identity: 'Lou-Laptop',
      groups: ['Laptops'],
      osVersion: '11',
      custom: { 'MAC-Address': '00-00-5E-00-53-01' },
    },
    instant: '2026-03-01T13:00:00+01:00',
  });

  expect(status).toBe(200);
  expect(body).toEqual({ outcome: 'stored', entry: expect.any(Object) as object, remarks: [] });
  expect(body.entry).toMatchObject({
    ip: desk,
    state: 'valid',
    domain: 'acme',
    user: 'lou',
    groups: ['posture-healthy', 'staff', 'it'],
    referencedGroups: ['staff'],
    posture: 'HEALTHY',
    source: null,
    origin: 'local',
    device: {
      identity: 'lou-laptop',
      groups: ['laptops'],
      osVersion: '11',
      custom: { 'MAC-Address': '00-00-5e-00-53-01' },
    },
    instant: '2026-03-01T12:00:00Z',
    timeoutMinutes: 0,
    expiresAt: null,
  });
  expect((await table.entries.at(acme, desk)).map(({ slot }) => slot)).toEqual(['local']);
});

test('an entry of Active Directory lasts thirty minutes unless it says otherwise, in the common slot', async () => {
  expect((await put(adam)).body.entry).toMatchObject({
    timeoutMinutes: 30,
    origin: 'active-directory',
    domain: 'GLOBAL',
  });
  now += 1;
  expect((await put({ ...adam, timeoutMinutes: 10 })).body.entry).toMatchObject({ timeoutMinutes: 10 });
  expect((await table.entries.at(acme, desk)).map(({ slot }) => slot)).toEqual(['userid']);
});

test('without an instant a repeat refreshes, with one it is a replay, and an older one is stale', async () => {
  const dated = { ...lou, instant: '2026-03-01T12:00:00Z' };

  expect((await put(lou)).body).toMatchObject({ outcome: 'stored' });
  now += 1_000;
  expect((await put(lou)).body).toMatchObject({
    outcome: 'stored',
    entry: { firstSeen: new Date(noon).toISOString() },
  });
  expect((await put(dated)).body).toMatchObject({ outcome: 'stale', remarks: [{ code: 'stale' }] });
  expect((await put(dated, { ip: '10.0.0.1' })).body).toMatchObject({ outcome: 'stored' });
  expect((await put(dated, { ip: '10.0.0.1' })).body).toMatchObject({ outcome: 'replayed' });
});

test('what Active Directory tells of an address that ClearPass has told of is outranked, and the answer shows who stands', async () => {
  await changeOne(table, acme, { key: { ip: desk, slot: 'userid' }, events: [told(aLogon())] });

  expect((await put(adam)).body).toMatchObject({
    outcome: 'outranked',
    entry: { user: 'alice', origin: 'aruba-clearpass' },
    remarks: [{ code: 'outranked' }],
  });
  expect((await put({ source: 'active-directory', operation: 'logoff' })).body).toMatchObject({
    outcome: 'other-source',
    entry: { user: 'alice' },
  });
  expect((await put(adam, { tenant: 'globex' })).body).toMatchObject({ outcome: 'stored' });
  now += minutes(30);
  expect((await put(adam)).body).toMatchObject({ outcome: 'stored', entry: { user: 'adam' } });
});

test('a logoff ends the entry of its source, and nobody is there', async () => {
  await put(adam);
  await put(lou);
  now += 1;

  expect((await put({ source: 'active-directory', operation: 'logoff', user: 'ADAM' })).body).toEqual({
    outcome: 'ended',
    entry: null,
    remarks: [],
  });
  expect((await put({ source: 'local', operation: 'logoff', user: 'somebody' })).body).toMatchObject({
    outcome: 'other-user',
    entry: { user: 'lou' },
  });
});

test('Active Directory is heard with each of its words, a local table is nobody to wait for', async () => {
  await put(lou);
  expect(heard).toEqual([]);
  await put(adam, { tenant: 'globex' });
  await put({ source: 'active-directory', operation: 'logoff' });
  expect(heard).toEqual(['globex active-directory', 'acme active-directory']);
});

test('what was left out is told', async () => {
  const { body } = await put({ ...lou, posture: 'ill', groups: ['g'.repeat(256)], instant: '2030-01-01T00:00:00Z' });

  expect((body.remarks as { code: string }[]).map(({ code }) => code)).toEqual([
    'timestamp-in-future',
    'posture-unknown',
    'group-too-long',
  ]);
});

describe('refused', () => {
  const refusals: [what: string, body: unknown, pointer: string][] = [
    ['a list', [], ''],
    ['null', null, ''],
    ['a text', '"local"', ''],
    ['no source', { user: 'lou' }, '/source'],
    ['ClearPass, which posts', { ...lou, source: 'aruba-clearpass' }, '/source'],
    ['JIMS, which is asked', { ...lou, source: 'identity-management' }, '/source'],
    ['a source in capitals', { ...lou, source: 'LOCAL' }, '/source'],
    ['no user', { source: 'local' }, '/user'],
    ['an empty user', { ...lou, user: '' }, '/user'],
    ['a user of blanks', { ...lou, user: '  ' }, '/user'],
    ['a user that is a number', { ...lou, user: 7 }, '/user'],
    ['a user of null', { ...lou, user: null }, '/user'],
    ['a user of 256 bytes', { ...lou, user: 'ü'.repeat(128) }, '/user'],
    ['a user that grows by folding', { ...lou, user: 'İ'.repeat(127) }, '/user'],
    ['a user with a line end', { ...lou, user: 'lou\nroot' }, '/user'],
    ['a user with half a character', { ...lou, user: '\ud800' }, '/user'],
    ['a domain of 254 bytes', { ...lou, domain: 'd'.repeat(254) }, '/domain'],
    ['groups in one text', { ...lou, groups: 'staff,it' }, '/groups'],
    ['a group that is a number', { ...lou, groups: ['staff', 1] }, '/groups/1'],
    ['a posture in a list', { ...lou, posture: ['HEALTHY'] }, '/posture'],
    ['a device that is a text', { ...lou, device: 'laptop' }, '/device'],
    ['a device with an unknown name', { ...lou, device: { mac: '00' } }, '/device/mac'],
    ['custom attributes in a list', { ...lou, device: { custom: ['a'] } }, '/device/custom'],
    ['a custom attribute that is a number', { ...lou, device: { custom: { floor: 3 } } }, '/device/custom/floor'],
    [
      'a custom attribute that nobody can have',
      '{"source":"local","user":"lou","device":{"custom":{"__proto__":"x"}}}',
      '/device/custom',
    ],
    ['a timeout of nine minutes', { ...lou, timeoutMinutes: 9 }, '/timeoutMinutes'],
    ['a timeout of more than a day', { ...lou, timeoutMinutes: 1_441 }, '/timeoutMinutes'],
    ['a timeout in quotes', { ...lou, timeoutMinutes: '30' }, '/timeoutMinutes'],
    ['half a minute', { ...lou, timeoutMinutes: 10.5 }, '/timeoutMinutes'],
    ['an instant that is none', { ...lou, instant: 'yesterday' }, '/instant'],
    ['an instant before 1970', { ...lou, instant: '1969-12-31T23:59:59Z' }, '/instant'],
    ['an instant in milliseconds', { ...lou, instant: noon }, '/instant'],
    ['an unknown operation', { ...lou, operation: 'delete' }, '/operation'],
    ['a name that is misspelt', { ...lou, timeout: 30 }, '/timeout'],
    ['an address in the body', { ...lou, ip: desk }, '/ip'],
    ['a logoff with groups', { source: 'local', operation: 'logoff', groups: [] }, '/groups'],
    ['a logoff with a timeout', { source: 'local', operation: 'logoff', timeoutMinutes: 30 }, '/timeoutMinutes'],
  ];

  test.each(refusals)('%s, with its place in the document', async (_, body, pointer) => {
    const answer = await put(body);

    expect([answer.status, answer.body.code]).toEqual([400, 'body-invalid']);
    expect((answer.body.violations as { pointer: string }[]).map((each) => each.pointer)).toContain(pointer);
    expect(await table.entries.at(acme, desk)).toEqual([]);
  });

  test('everything wrong at once', async () => {
    const { body } = await put({ source: 'ldap', groups: 1, timeoutMinutes: -1, what: true });

    expect((body.violations as unknown[]).length).toBe(5);
  });

  test.each<[string, unknown, Told, number, string]>([
    ['what is not JSON', '{source: local}', {}, 400, 'json-invalid'],
    ['nothing', '', {}, 400, 'json-invalid'],
    ['an address in no known form', lou, { ip: '10.1' }, 400, 'address-invalid'],
    ['a loopback address', lou, { ip: '127.0.0.1' }, 400, 'address-invalid'],
    ['an address that no entry is kept of', lou, { ip: '10.9.1.1' }, 409, 'address-excluded'],
    ...roles
      .filter((role) => role !== 'operator')
      .map((role): [string, unknown, Told, number, string] => [`the role ${role}`, lou, { role }, 403, 'role-refused']),
  ])('%s', async (_, body, at, status, code) => {
    const answer = await put(body, at);

    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test('Active Directory while it is switched off, logons and logoffs, but not the local table', async () => {
    enabled = false;

    expect(await put(adam)).toMatchObject({ status: 409, body: { code: 'source-disabled' } });
    expect(await put({ source: 'active-directory', operation: 'logoff' })).toMatchObject({ status: 409 });
    expect(await put(lou)).toMatchObject({ status: 200 });
  });
});
