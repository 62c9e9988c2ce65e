import { provePassword } from '../../shared/radius/password.ts';
import { radiusSecretName } from '../../shared/configuration/configuration-secrets.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { setUpDoors } from '../support/set-up-doors.ts';
import { aThreatResponse } from '../support/threat-response.ts';

const acme = 'acme' as TenantId;
let doors: ReturnType<typeof setUpDoors>;
beforeEach(() => {
  doors = setUpDoors();
});

/** In the order in which each can be put: what is named is there. */
const inOrder = [
  ['authentication-servers', 'authenticationServers'],
  ['roles', 'roles'],
  ['radius-clients', 'radiusClients'],
  ['realms', 'realms'],
  ['templates', 'templates'],
  ['clients', 'clients'],
  ['admission-policies', 'admissionPolicies'],
  ['return-attributes', 'returnAttributes'],
] as const;

const putAll = async (tenant = 'acme') => {
  for (const [path, list] of inOrder) {
    const { status } = await doors.send(`PUT /v1/${path}`, { body: { items: aThreatResponse[list] }, tenant });
    expect(status).toBe(200);
  }
};

const violationsIn = (body: Record<string, unknown>) =>
  (body.violations as { pointer: string; rule: string }[]).map(({ pointer, rule }) => [pointer, rule]);

test('what was put list by list is a set-up, and each list can be read and sent back as it is', async () => {
  await putAll();

  for (const [path] of inOrder) {
    const read = await doors.send(`GET /v1/${path}`);
    const sent = await doors.send(`PUT /v1/${path}`, { body: read.body, ifMatch: read.etag });
    expect([path, sent.status, sent.body]).toEqual([path, 200, read.body]);
  }
  const { configuration } = await doors.deps.configurations.current(acme);
  expect(configuration.threatResponse.admissionPolicies).toEqual(aThreatResponse.admissionPolicies);
});

test('a list changes nothing else, and nothing of another tenant', async () => {
  await putAll();
  await putAll('globex');

  await doors.send('PUT /v1/return-attributes', { body: { items: [] } });

  expect((await doors.send('GET /v1/roles')).body.items).toEqual(aThreatResponse.roles);
  expect((await doors.send('GET /v1/return-attributes', { tenant: 'globex' })).body.items).toHaveLength(3);
});

test('a list is replaced over the version that was read only, where that is asked', async () => {
  const { etag } = await doors.send('GET /v1/roles');
  await doors.send('PUT /v1/roles', { body: { items: [{ name: 'staff' }] } });

  const late = await doors.send('PUT /v1/roles', { body: { items: [] }, ifMatch: etag });

  expect([late.status, late.body.code]).toEqual([412, 'version-changed']);
});

test('what is wrong is told where it stands in what was sent, and what it breaks elsewhere in the configuration', async () => {
  await putAll();

  const wrong = await doors.send('PUT /v1/roles', { body: { items: [{ name: 'staff' }, { name: 'STAFF' }] } });

  expect(wrong.status).toBe(400);
  expect(violationsIn(wrong.body)).toEqual([
    ['/items/1/name', 'unique'],
    ['/threatResponse/admissionPolicies/1/role', 'known'],
    ['/threatResponse/returnAttributes/0/roles/0', 'known'],
  ]);
});

test('a commit check of a list tells the same, and warnings, and stores nothing', async () => {
  await putAll();
  const check = async (items: unknown) =>
    (await doors.send('PUT /v1/return-attributes', { body: { items }, query: { check: 'only' } })).body;

  expect(await check([{ name: 'x', roles: ['boss'], return: { type: 'open-port' } }])).toMatchObject({
    valid: false,
    violations: [{ pointer: '/items/0/roles/0', rule: 'known' }],
  });
  expect(await check([])).toMatchObject({ valid: true, warnings: [{ rule: 'no-return-attributes' }] });
  expect((await doors.send('GET /v1/return-attributes')).body.items).toHaveLength(3);
});

test.each([
  ['no list', {}, 400, 'configuration-invalid'],
  ['a list of its own', [], 400, 'configuration-invalid'],
  ['items that are none', { items: 7 }, 400, 'configuration-invalid'],
  ['more than the items', { items: [], next: null }, 400, 'configuration-invalid'],
  ['items of another kind', { items: [7] }, 400, 'configuration-invalid'],
  ['no JSON', '{"items":', 400, 'json-invalid'],
  ['more than is taken', `{"items":["${'x'.repeat(4_194_304)}"]}`, 413, 'body-too-large'],
])('%s is refused', async (_, body, status, code) => {
  const answer = await doors.send('PUT /v1/roles', { body });

  expect([answer.status, answer.body.code]).toEqual([status, code]);
});

test('an auditor reads and tries, and changes nothing', async () => {
  const messages = { templateName: 'Juniper Networks Policy Enforcer', messages: ['x'] };

  expect((await doors.send('GET /v1/roles', { role: 'auditor' })).status).toBe(200);
  expect((await doors.send('POST /v1/templates/try', { role: 'auditor', body: messages })).status).toBe(200);
  expect((await doors.send('PUT /v1/roles', { role: 'auditor', body: { items: [] } })).body.code).toBe('role-refused');
  expect((await doors.send('GET /v1/roles', { role: 'radius' })).body.code).toBe('role-refused');
});

describe('secrets and passwords', () => {
  test('are in no answer, and passwords in no store', async () => {
    await putAll();
    const { configuration } = await doors.deps.configurations.current(acme);
    const texts = await Promise.all(inOrder.map(async ([path]) => (await doors.send(`GET /v1/${path}`)).text));

    expect(texts.join()).not.toMatch(/never read back|scrypt|radius-client/);
    expect(texts.join()).toContain('"passwordSet":true');
    expect(texts.join()).toContain('"secretSet":true');
    expect(JSON.stringify(configuration)).not.toContain('never read back');
  });

  const passwordOf = async (name: string) => {
    const { configuration } = await doors.deps.configurations.current(acme);
    const [server] = configuration.threatResponse.authenticationServers;
    return server?.type === 'local' ? (server.users.find((user) => user.name === name)?.password ?? null) : null;
  };
  const users = (...all: object[]) => ({ items: [{ name: 'local-users', type: 'local', users: all }] });
  const put = async (...all: object[]) => doors.send('PUT /v1/authentication-servers', { body: users(...all) });

  test('a password stays where nothing is said of it, for the user whose it was', async () => {
    await put({ name: 'ann', password: 'one' });
    await put({ name: 'bob', password: 'two' }, { name: 'Ann' });
    const [ann, bob] = [await passwordOf('Ann'), await passwordOf('bob')];

    expect(ann && (await provePassword('one', ann))).toBe('right');
    expect(bob && (await provePassword('two', bob))).toBe('right');
    expect(bob && (await provePassword('one', bob))).toBe('wrong');
    expect(violationsIn((await put({ name: 'cid' })).body)).toEqual([['/items/0/users/0/password', 'required']]);
  });

  test('a password is removed where that is said, and then is none that stays', async () => {
    await put({ name: 'ann', password: 'one' });
    await put({ name: 'ann', password: null });
    const again = await put({ name: 'ann' });

    expect(again.status).toBe(200);
    expect(await passwordOf('ann')).toBeNull();
  });

  test('a secret stays with the name and the address that it was given for', async () => {
    const client = { name: 'core-1', address: '192.0.2.10', locationGroup: 'a' };
    const secretOf = async (radiusClient: object) => {
      const answer = await doors.send('PUT /v1/radius-clients', { body: { items: [radiusClient] } });
      if (answer.status !== 200) return violationsIn(answer.body);
      const { configuration } = await doors.deps.configurations.current(acme);
      const { name = '', secret } = configuration.threatResponse.radiusClients[0] ?? {};
      return secret && doors.deps.secrets.open({ tenant: acme, name: radiusSecretName(name) }, secret);
    };

    expect(await secretOf({ ...client, secret: 's3cret' })).toEqual({ text: 's3cret' });
    expect(await secretOf({ ...client, name: 'CORE-1', changePort: 1_700 })).toEqual({ text: 's3cret' });
    expect(await secretOf({ ...client, address: '203.0.113.9' })).toEqual([['/items/0/secret', 'secret-again']]);
    expect(await secretOf({ ...client, name: 'core-2' })).toBeNull();
  });
});

describe('templates', () => {
  const shipped = 'JuniperNetworks-Policy Enforcer-HTTP-JSON';
  const names = async () => (await doors.send('GET /v1/templates')).body.items as { name: string; shipped: boolean }[];

  test('the shipped ones are listed behind the own, with device, protocol and all their names', async () => {
    await putAll();
    const items = await names();

    expect(items.map(({ name, shipped: isShipped }) => [name, isShipped])).toEqual([
      ['acme-ids', false],
      ['acme-edr', false],
      [shipped, true],
    ]);
    expect(items.at(-1)).toMatchObject({
      device: 'Juniper Networks Policy Enforcer',
      protocol: 'http-json',
      aliases: ['JuniperNerworks-Policy Enforcer-HTTP-JSON', 'Juniper Networks Policy Enforcer'],
    });
  });

  test('a shipped one cannot be changed, and that is told where it stands', async () => {
    const items = await names();

    const changed = await doors.send('PUT /v1/templates', {
      body: { items: [...items, { ...items[0], device: 'mine' }, { name: 8 }] },
    });

    expect(violationsIn(changed.body)).toEqual(
      expect.arrayContaining([
        ['/items/1/shipped', 'unknown-key'],
        ['/items/1/name', 'reserved'],
        ['/items/2/name', 'type'],
      ]),
    );
  });

  const tried = async (body: unknown) => (await doors.send('POST /v1/templates/try', { body })).body;

  test('one is tried by its name, in whichever spelling', async () => {
    const messages = ['{"event":"events-block-endpoint","endpointIp":"10.0.0.9","severity":9}', '{}'];

    expect(await tried({ templateName: 'JuniperNerworks-Policy Enforcer-HTTP-JSON', messages })).toEqual({
      template: shipped,
      results: [
        { fields: { event: 'block-endpoint', endpointIp: '10.0.0.9', severity: 'high' }, problem: null },
        { fields: null, problem: { code: 'event-unknown', message: expect.any(String) as string } },
      ],
    });
  });

  test('one is tried with up to 40,000 characters', async () => {
    const messages = Array.from({ length: 10 }, () => 'x'.repeat(4_000));

    expect((await tried({ templateName: shipped, messages })).results).toHaveLength(10);
  });

  test('one that is nowhere yet is tried, with whatever its own samples give', async () => {
    const [template] = aThreatResponse.templates;
    const wrongSample = { ...template, samples: [{ message: 'x', expect: { event: 'infected' } }] };
    const message = 'ids: malware 2001:0db8::9 level=high';

    expect(await tried({ template: wrongSample, messages: [message] })).toEqual({
      template: 'acme-ids',
      results: [{ fields: { event: 'infected', endpointIp: '2001:db8::9', severity: 'high' }, problem: null }],
    });
    expect((await names()).map(({ name }) => name)).toEqual([shipped]);
  });

  test.each([
    ['neither', { messages: ['x'] }, [['', 'required']]],
    ['both', { template: aThreatResponse.templates[0], templateName: shipped, messages: ['x'] }, [['', 'required']]],
    ['no message', { templateName: shipped, messages: [] }, [['/messages', 'count']]],
    ['more than can be tried', { templateName: shipped, messages: [...Array.from({ length: 10 }, () => 'x'.repeat(4_000)), 'x'] }, [['/messages', 'length']]],
    ['an unknown name', { templateName: 'acme-ids', messages: ['x'] }, [['/templateName', 'known']]],
    ['a pattern of no kind', { template: { ...aThreatResponse.templates[0], parse: { type: 'pattern', pattern: '(' } }, messages: ['x'] }, [['/template/parse/pattern', 'form']]],
  ] as const)('%s is refused', async (_, body, wrong) => {
    const answer = await tried(body);

    expect([answer.code, violationsIn(answer)]).toEqual(['body-invalid', wrong]);
  }); // prettier-ignore
});
