import { connectorKey } from '../../shared/connectors/connector-state.ts';
import { connectorDoors } from '../support/connector-doors.ts';
import { sentConnectors } from '../support/connectors.ts';
import { acme, noon } from '../support/observations.ts';
import { aState } from '../connectors/connector-stores.contract.ts';

const { pulse, clearpass, ise } = sentConnectors;
let doors: ReturnType<typeof connectorDoors>;
beforeEach(() => {
  doors = connectorDoors();
});

const put = async (items: unknown, told = {}) => doors.send('PUT /v1/connectors', { body: { items }, ...told });
const tried = async (body: unknown, told = {}) => doors.send('POST /v1/connectors/test', { body, ...told });
const itemsOf = (body: Record<string, unknown>) => body.items as Record<string, unknown>[];

describe('the list', () => {
  test('shows what was put, how it is, and of passwords only that there are some', async () => {
    const stored = await put([pulse, ise]);
    await doors.deps.states.replace(acme, connectorKey('campus'), aState({ state: 'inactive', error: 'silent' }), undefined); // prettier-ignore
    const { text, body, headers } = await doors.send('GET /v1/connectors', { role: 'auditor' });

    expect(stored.status).toBe(200);
    expect(text).not.toContain('never read back');
    expect(headers.ETag).toBe(stored.headers.ETag);
    const { password: _, ...shown } = pulse;
    expect(itemsOf(body)).toMatchObject([
      { ...shown, port: 443, passwordSet: true, status: { state: 'inactive', error: 'silent', since: new Date(noon).toISOString() } },
      { name: 'branch-1', passwordSet: true, status: { state: 'unknown', checkedAt: null, error: null } },
    ]); // prettier-ignore
  });

  test('is sent back as it is, over the version that was read only where that is asked, and each tenant has its own', async () => {
    await put([pulse, ise]);
    const read = await doors.send('GET /v1/connectors');
    const etag = String(read.headers.ETag);

    expect((await doors.send('PUT /v1/connectors', { body: read.body, headers: { 'if-match': etag } })).status).toBe(200); // prettier-ignore
    expect((await doors.send('PUT /v1/connectors', { body: read.body, headers: { 'if-match': etag } })).status).toBe(412); // prettier-ignore
    expect((await doors.send('GET /v1/connectors')).body).toEqual(read.body);
    expect(itemsOf((await doors.send('GET /v1/connectors', { tenant: 'globex' })).body)).toEqual([]);
  });

  test('tells what is wrong where it stands, and a check stores nothing', async () => {
    const wrong = await put([pulse, { ...pulse, type: 'forescout' }]);
    const checked = await put([{ ...pulse, subnets: [] }], { query: { check: 'only' } });

    expect(wrong.status).toBe(400);
    expect(wrong.body.violations).toMatchObject([
      { pointer: '/items/1/type', rule: 'type-not-available' },
      { pointer: '/items/1/name', rule: 'unique' },
      { pointer: '/items/1/subnets/0', rule: 'unique' },
      { pointer: '/items/1/subnets/1', rule: 'unique' },
    ]);
    expect(checked.body).toMatchObject({ valid: true, warnings: [{ pointer: '/items/0/subnets', rule: 'takes-nothing' }] }); // prettier-ignore
    expect(itemsOf((await doors.send('GET /v1/connectors')).body)).toEqual([]);
  });

  test('is changed by operators only', async () => {
    expect((await put([pulse], { role: 'auditor' })).status).toBe(403);
    expect((await put([pulse], { role: 'threat-sender' })).status).toBe(403);
  });
});

describe('a test', () => {
  const none = { general: [], networkDetails: [], configuration: [] };

  test('of a draft has a worker try it, and stores nothing in the configuration', async () => {
    const { body } = await tried({ connector: pulse });

    expect(body).toEqual({ steps: none, connection: { outcome: 'acknowledged', detail: '200', roundTripMs: 3 } });
    expect(doors.tried).toMatchObject([{ name: 'campus', port: 443, password: { sent: pulse.password } }]);
    expect(itemsOf((await doors.send('GET /v1/connectors')).body)).toEqual([]);
    expect(doors.deps.secrets.count()).toBe(0);
  });

  test('tells by its steps what is wrong, and then tries nothing', async () => {
    await put([pulse]);
    const draft = { ...ise, name: 'head office', subnets: ['10.1.0.0/16', 'x'], settings: { realm: 'x' } };
    const { body } = await tried({ connector: draft });

    expect(body).toMatchObject({
      steps: {
        general: [{ pointer: '/name', rule: 'form' }],
        networkDetails: [
          { pointer: '/subnets/1', rule: 'form' },
          { pointer: '/subnets/0', rule: 'unique' },
        ],
        configuration: [
          { pointer: '/settings/realm', rule: 'unknown-key' },
          { pointer: '/settings/quarantinePolicy', rule: 'required' },
          { pointer: '/settings/blockPolicy', rule: 'required' },
        ],
      },
      connection: { outcome: 'not-tried', roundTripMs: null },
    });
    expect(doors.queues.sent).toEqual([]);
  });

  test('of one that is stored, or of a draft in its place, uses the secret that is kept, at its own host only', async () => {
    await put([pulse]);
    const { password: _, ...draft } = { ...pulse, name: 'CAMPUS', settings: {} };

    expect((await tried({ name: 'campus' })).body).toMatchObject({ connection: { outcome: 'acknowledged' } });
    expect((await tried({ connector: draft })).body).toMatchObject({ connection: { outcome: 'acknowledged' } });
    expect(doors.tried).toMatchObject([
      { settings: pulse.settings, password: { kept: expect.any(String) as string } },
      { settings: {}, password: { kept: expect.any(String) as string } },
    ]);
    for (const elsewhere of [{ address: 'evil.example.net' }, { port: 8_443 }, { connectMethod: 'http' }]) {
      expect((await tried({ connector: { ...draft, ...elsewhere } })).body).toMatchObject({
        steps: { general: [{ pointer: '/password', rule: 'secret-again' }] },
        connection: { outcome: 'not-tried' },
      });
    }
  });

  test('of a name that another tenant has, of nothing, and of both at once is refused', async () => {
    await put([pulse], { tenant: 'globex' });

    expect(await tried({ name: 'campus' })).toMatchObject({ status: 404, body: { code: 'connector-absent' } });
    expect(await tried({})).toMatchObject({ status: 400, body: { code: 'body-invalid' } });
    expect(await tried({ name: 'campus', connector: pulse })).toMatchObject({ status: 400 });
    expect((await tried({ connector: pulse }, { role: 'auditor' })).status).toBe(403);
  });

  test('of what is no object is told, and so is a system that says nothing', async () => {
    doors.worker.answer = undefined;

    expect((await tried({ connector: 'campus' })).body).toMatchObject({ steps: { general: [{ pointer: '', rule: 'type' }] } }); // prettier-ignore
    expect((await tried({ connector: clearpass })).body).toMatchObject({
      connection: { outcome: 'failed', detail: expect.stringContaining('no answer within') as string },
    });
    expect(doors.queues.sent).toMatchObject([{ place: 3 }]); // the cell of its server
  });
});

describe('the vendor’s Connector API', () => {
  const instance = {
    name: 'campus',
    type: 'Pulse Policy Secure',
    ipAddress: 'pps.example.net',
    userName: 'enforcer',
    password: 'written, never read back',
    subnets: ['10.1.0.0/16'],
    additionalSettings: [{ name: 'realm', value: 'REST users' }],
  };
  const add = async (body: unknown, told = {}) => doors.send('POST /api/v2/connector/instances', { body, ...told });
  const read = async (id: string, told = {}) =>
    doors.send('GET /api/v2/connector/instances/{id}', { id, role: 'threat-sender', ...told });

  test('describes the type as the vendor does', async () => {
    expect((await doors.send('GET /api/v2/connector', { role: 'threat-sender' })).body).toEqual({
      type: 'Pulse Policy Secure',
      controllerContexts: false,
      additionalSettings: [
        { description: expect.any(String) as string, name: 'realm', required: false, type: 'string' },
      ],
      capabilities: [
        { name: 'INFECTED_HOST_BLOCK' },
        { name: 'INFECTED_HOST_QUARANTINE' },
        { name: 'ENFORCEMENT_SUBNET_INFO' },
      ],
    });
  });

  test('adds a connector, which is one of ours from then on', async () => {
    const added = await add(instance);

    expect(added.status).toBe(201);
    expect(added.headers.Location).toBe('/api/v2/connector/instances/campus');
    const { password: _, ...shown } = instance;
    expect(added.body).toEqual({ ...shown, id: 'campus', description: '', port: 443, status: 'unknown' });
    expect((await read('campus')).body).toEqual(added.body);
    expect((await doors.send('GET /api/v2/connector/instances')).body).toEqual({ instances: [added.body] });
    expect(itemsOf((await doors.send('GET /v1/connectors')).body)).toMatchObject([
      { name: 'campus', type: 'pulse-policy-secure', settings: { realm: 'REST users' }, passwordSet: true },
    ]);
    expect((await read('campus', { tenant: 'globex' })).status).toBe(404);
  });

  test('tells what is wrong in the vendor’s envelope and words', async () => {
    await add(instance);
    const again = await add({ ...instance, ipAddress: 'a b', type: 'ForeScout' });

    expect(again.status).toBe(422);
    expect(again.body.code).toBe('configuration-invalid');
    expect(again.text).toContain('/ipAddress: ');
    expect(again.text).toContain('/type: There is no connector of this type.');
    expect(again.text).toContain('/name: /threatResponse/connectors/0 has this name already.');
    expect(again.text).not.toContain('never read back');
    expect((await add('{')).body).toMatchObject({ result: { warnings: [{}] }, code: 'json-invalid' });
    expect((await add({ ...instance, colour: 'red' })).status).toBe(422);
    expect((await read('gone')).body).toMatchObject({ result: { warnings: [{}] }, code: 'connector-absent' });
  });

  test('reads the environment of a connector, keeps nothing of it, and says so of each member', async () => {
    const take = async (body: unknown) => doors.send('PUT /api/v2/connector/env', { body, role: 'threat-sender' });
    const told = await take({ proxy: 's3cret', 'a/b': 1 });

    const unused = (pointer: string) => ({ message: expect.stringMatching(`^${pointer}: Nothing is done with it.`) as string }); // prettier-ignore
    expect(told).toMatchObject({ status: 200, body: { result: { info: [{}], warnings: [unused('/proxy'), unused('/a~1b')] } } }); // prettier-ignore
    expect(told.text).not.toContain('s3cret');
    expect((await take({})).body).toEqual({ result: { info: [{ message: expect.any(String) as string }] } });
    const many = await take(Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`${index}`.padStart(200, 'x'), 1]))); // prettier-ignore
    expect(many.text.length).toBeLessThan(3_000);
    expect((await take('{')).body.code).toBe('json-invalid');
  });

  test('adds over the version that was read only, and for nobody who may only read', async () => {
    expect((await add(instance, { headers: { 'if-match': '"00000009-00000000"' } })).status).toBe(412);
    expect((await add(instance, { role: 'auditor' })).status).toBe(403);
    expect((await add(instance, { role: 'enforcement-point' })).status).toBe(403);
  });
});
