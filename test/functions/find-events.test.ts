/** The logs and reports of threat response, through their doors. */
import { doors } from '../../functions/find-events/handler.ts';
import { type Role, roles } from '../../shared/contract.ts';
import { http } from '../../shared/edge/http.ts';
import type { Endpoint } from '../../shared/endpoints/endpoint.ts';
import { macAddress } from '../../shared/endpoints/mac.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { aChange, anAddress, anEndpoint, aQuarantine, aReason, aSession } from '../support/endpoints.ts';
import { fakeEndpointStore } from '../support/fake-endpoint-store.ts';
import { fakeHostStore } from '../support/fake-host-store.ts';
import { fakeAccessLog, fakeDebugLog, fakeDebugSwitch, fakeEventLog } from '../support/fake-logs.ts';
import { aHost, aListing, anOperation } from '../support/hosts.ts';
import { aDebugLine, anAccessLine, anEventLine, laptop, printer } from '../support/log-lines.ts';
import { acme, desk, globex, hours, minutes, noon } from '../support/observations.ts';
import { aCaller, aContext, anApiEvent } from '../support/requests.ts';

const now = () => noon;
const services = () => ({
  events: fakeEventLog(now),
  accesses: fakeAccessLog(now),
  debugLog: fakeDebugLog(now),
  debugSwitch: fakeDebugSwitch(),
  endpoints: fakeEndpointStore(),
  hosts: fakeHostStore(),
  now,
});
let service: ReturnType<typeof services>;
beforeEach(() => {
  service = services();
});

interface Told {
  readonly query?: Record<string, string>;
  readonly tenant?: TenantId;
  readonly role?: Role;
  readonly body?: string;
  readonly accept?: string;
}

async function call(route: string, { query = {}, tenant = acme, role = 'operator', body, accept }: Told = {}) {
  const event = anApiEvent({
    route: route as `${string} /${string}`,
    caller: aCaller(role, { tenant }),
    query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
    ...(accept !== undefined && { headers: { Accept: accept } }),
    ...(body !== undefined && { body }),
  });
  const answer = await http(() => service, doors, { now })(event, aContext());
  const isJson =
    answer.headers?.['Content-Type'] !== undefined && /[/+]json$/.test(String(answer.headers['Content-Type']));
  return {
    status: answer.statusCode,
    headers: answer.headers ?? {},
    text: answer.body,
    body: (isJson ? JSON.parse(answer.body) : {}) as Body,
  };
}

interface Body {
  readonly items: readonly Record<string, unknown>[];
  readonly next: string | null;
  readonly until?: string | null;
  readonly code?: string;
}

const idsOf = async (route: string, query: Record<string, string>, tenant = acme) =>
  (await call(route, { query, tenant })).body.items.map(({ id }) => id);
const keep = async (endpoint: Endpoint, tenant: TenantId = acme) =>
  service.endpoints.replace(tenant, endpoint, undefined);

const reports = ['GET /v1/events', 'GET /v1/user-access', 'GET /v1/infected-hosts', 'GET /v1/debug-log'] as const;

test.each([{}, { format: 'csv' }])('a search with %j is to end in time to write its answer', async (query) => {
  const ends: (number | undefined)[] = [];
  const log = { ...service.events };
  service.events.find = async (tenant, filter, page) => {
    ends.push(page.untilAt);
    return log.find(tenant, filter, page);
  };
  await call('GET /v1/events', { query });

  expect(ends).toEqual([noon + aContext().getRemainingTimeInMillis() - 5_000]);
});

describe('the event log', () => {
  test('tells a line as it was logged, its instants as ISO 8601', async () => {
    await service.events.tell(acme, [anEventLine()]);

    const { status, body } = await call('GET /v1/events');

    const instants = { at: '2026-03-01T12:00:00.000Z', occurredAt: '2026-03-01T11:59:59.000Z' };
    expect({ status, body }).toEqual({
      status: 200,
      body: { items: [{ ...anEventLine(), ...instants, cause: null, undo: null }], next: null },
    });
  });

  test('goes on where a page ends, and each line is told once', async () => {
    const lines = [0, 1, 2].map((age) => anEventLine({ id: `line-${age}`, at: noon - minutes(age) }));
    await service.events.tell(acme, lines);

    const first = await call('GET /v1/events', { query: { limit: '2' } });
    expect(first.body.items.map(({ id }) => id)).toEqual(['line-0', 'line-1']);
    expect(await idsOf('GET /v1/events', { limit: '2', cursor: first.body.next ?? '' })).toEqual(['line-2']);
  });

  test.each<Record<string, string>>([
    { mac: '0011.2233.CAFE' },
    { ip: '192.0.2.50' },
    { user: 'Alice' },
    { state: 'applied' },
    { event: 'quarantine-endpoint' },
    { sender: 'policy-enforcer' },
    { from: '2026-03-01T12:00:00Z' },
    { from: '2026-03-01T13:00:00+01:00', to: '2026-03-01T12:00:00Z' },
  ])('is found by %j', async (query) => {
    const other = {
      mac: printer,
      ip: null,
      user: 'bob',
      state: 'refused',
      event: null,
      sender: { kind: 'operator', name: 'soc' },
      credentialName: 'soc',
      at: noon - hours(1),
    } as const;
    await service.events.tell(acme, [anEventLine(), anEventLine({ id: 'other', ...other })]);

    expect(await idsOf('GET /v1/events', query)).toEqual(['line-1']);
    expect(await idsOf('GET /v1/events', query, globex)).toEqual([]);
  });

  test('is taken away as a file, and what a sender wrote is no formula in it', async () => {
    await service.events.tell(acme, [anEventLine({ threatName: '=cmd|calc', message: 'He said "no", and went.' })]);

    const { headers, text } = await call('GET /v1/events', { accept: 'text/csv' });
    const [head, row, end] = text.split('\r\n');

    expect(headers).toMatchObject({ 'Content-Disposition': 'attachment; filename="events-2026-03-01.csv"' });
    expect(head).toContain('time,state,code,message,event,sender kind,sender,');
    expect(row).toContain(`"He said ""no"", and went."`);
    expect(row).toContain(`,'=cmd|calc,`);
    expect(row).toContain(',client,policy-enforcer,');
    expect(end).toBe('');
  });
});

describe('the user access log', () => {
  test('tells a login as it was logged, and is found by what it is about', async () => {
    const other = anAccessLine({ id: 'other', result: 'rejected', realm: null, user: 'bob', mac: null });
    await service.accesses.tell(acme, [anAccessLine(), other]);

    const { body } = await call('GET /v1/user-access', { query: { result: 'accepted' } });
    expect(body).toEqual({ items: [{ ...anAccessLine(), at: '2026-03-01T12:00:00.000Z' }], next: null });
    for (const query of [{ realm: 'Users' }, { user: 'ALICE' }, { mac: laptop }]) {
      expect(await idsOf('GET /v1/user-access', query)).toEqual(['login-1']);
      expect(await idsOf('GET /v1/user-access', query, globex)).toEqual([]);
    }
    expect(await idsOf('GET /v1/user-access', { result: 'rejected' })).toEqual(['other']);
  });

  test('is taken away line by line', async () => {
    await service.accesses.tell(acme, [anAccessLine({ id: 'a' }), anAccessLine({ id: 'b' })]);

    const { text } = await call('GET /v1/user-access', { query: { format: 'ndjson' } });

    expect(text.trim().split('\n').map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['b', 'a']); // prettier-ignore
  });
});

describe('infected hosts', () => {
  const held = anEndpoint({
    sessions: [aSession({ granted: { access: 'full' } })],
    addresses: [anAddress()],
    reasons: [
      aQuarantine({ since: noon - hours(2) }),
      aReason({ since: noon - hours(1), ip: '192.0.2.77' as IpAddress }),
    ],
    changes: [aChange({ state: 'timed-out', attempts: 3 })],
    changedAt: noon - minutes(5),
    investigation: 'in-progress',
  });

  test('a host is told with its user, why it is held, and how far its switch is', async () => {
    await keep(held);
    await keep(anEndpoint({ mac: printer }));

    const { body } = await call('GET /v1/infected-hosts');

    expect(body).toEqual({
      items: [
        {
          mac: laptop,
          randomised: false,
          ip: '192.0.2.50',
          eventIp: '192.0.2.77',
          status: 'blocked',
          role: null,
          user: 'alice',
          sender: { kind: 'client', name: 'policy-enforcer' },
          event: 'block-endpoint',
          severity: 'high',
          threatName: null,
          policy: 'block on malware',
          reasons: 2,
          since: '2026-03-01T10:00:00.000Z',
          lastChangeAt: '2026-03-01T11:55:00.000Z',
          investigation: 'in-progress',
          enforcement: { state: 'failed', reason: expect.stringContaining('did not answer, sent 3 times') as string },
          connector: null,
          feed: null,
          level: null,
          heldBy: null,
          silencedAt: null,
        },
      ],
      next: null,
    });
  });

  const listed = aHost({
    ip: '192.0.2.50' as IpAddress,
    listings: { 'atp-cloud': aListing({ level: 9, threatName: 'W32' }), api: aListing({ level: 2, wanted: 'free' }) },
    operations: [anOperation({ state: 'failed', attempts: 1, detail: 'timed out' })],
    investigation: 'in-progress',
  });
  const unmanaged = aHost({ ip: '192.0.2.99' as IpAddress, listings: { api: aListing({ level: 5 }) } });
  const waiting = aHost({
    ip: '2001:db8::7' as IpAddress,
    listings: { 'atp-cloud': aListing({ heldBy: 'blast-radius' }) },
  });
  const keepHosts = async () => {
    for (const host of [waiting, unmanaged, listed]) await service.hosts.replace(acme, host.ip, host, undefined);
    await service.hosts.replace(globex, desk, aHost({ ip: desk }), undefined);
  };

  test('a host of a feed is told with the device that has its address, its connector, and what that said', async () => {
    await keep(anEndpoint({ sessions: [aSession()], addresses: [anAddress()] }));
    await keepHosts();

    const { body } = await call('GET /v1/infected-hosts');

    expect(body.items).toMatchObject([
      {
        mac: laptop,
        user: 'alice',
        ip: '192.0.2.50',
        status: 'quarantined',
        sender: { kind: 'feed', name: 'atp-cloud' },
        severity: 'high',
        threatName: 'W32',
        reasons: 2,
        since: '2026-03-01T12:00:00.000Z',
        investigation: 'in-progress',
        enforcement: { state: 'failed', reason: 'pps (quarantined): timed out' },
        connector: 'pps',
        feed: 'atp-cloud',
        level: 9,
        heldBy: null,
      },
      { mac: null, ip: '192.0.2.99', connector: 'unmanaged', feed: 'api', enforcement: { state: 'not-applicable' } },
      { mac: null, ip: '2001:db8::7', status: 'free', connector: null, heldBy: 'blast-radius' },
    ]);
  });

  test.each<[Record<string, string>, string[]]>([
    [{ connector: 'unmanaged' }, ['192.0.2.99']],
    [{ connector: 'pps' }, ['192.0.2.50']],
    [{ feed: 'atp-cloud' }, ['192.0.2.50', '2001:db8::7']],
    [{ feed: 'api' }, ['192.0.2.50', '192.0.2.99']],
    [{ investigation: 'in-progress' }, ['192.0.2.50']],
    [{ enforcement: 'failed' }, ['192.0.2.50']],
    [{ severity: 'medium' }, ['192.0.2.99']],
    [{ sender: 'feed' }, ['192.0.2.50', '192.0.2.99', '2001:db8::7']],
    [{ ip: '192.0.2.99' }, ['192.0.2.99']],
    [{ mac: laptop }, ['192.0.2.50']],
    [{ user: 'ALICE' }, ['192.0.2.50']],
    [{ status: 'blocked' }, []],
  ])('of feeds are found by %j', async (query, ips) => {
    await keep(anEndpoint({ sessions: [aSession()], addresses: [anAddress()] }));
    await keepHosts();

    expect((await call('GET /v1/infected-hosts', { query })).body.items.map(({ ip }) => ip)).toEqual(ips);
  });

  test('a row tells what keeps a host and who let it go, and a host that left its feed is told until its connector has let it go', async () => {
    const letGo = aListing({ silencedAt: noon, level: 9 });
    const freed = (state: 'refused' | 'acknowledged') => anOperation({ wanted: 'free', state, attempts: 1, answeredAt: noon }); // prettier-ignore
    const hosts = [
      aHost({ ip: '192.0.2.1' as IpAddress, listings: { 'atp-cloud': letGo } }),
      aHost({ ip: '192.0.2.2' as IpAddress, listings: { 'atp-cloud': letGo, api: aListing({ heldBy: 'blast-radius' }) } }), // prettier-ignore
      aHost({ ip: '192.0.2.3' as IpAddress, listings: {}, accused: null, operations: [freed('refused')] }),
      aHost({ ip: '192.0.2.4' as IpAddress, listings: {}, accused: null, operations: [freed('acknowledged')] }),
    ];
    for (const host of hosts) await service.hosts.replace(acme, host.ip, host, undefined);

    expect((await call('GET /v1/infected-hosts')).body.items).toMatchObject([
      { ip: '192.0.2.1', status: 'free', silencedAt: new Date(noon).toISOString(), heldBy: null },
      { ip: '192.0.2.2', feed: 'api', silencedAt: null, heldBy: 'blast-radius' },
      { ip: '192.0.2.3', feed: null, status: 'free', enforcement: { state: 'refused' }, connector: 'pps' },
    ]);
  });

  test('endpoints and hosts of feeds are one list, each once, whatever a page holds', async () => {
    await keep(held);
    await keep(anEndpoint({ mac: printer, reasons: [aReason()] }));
    await keepHosts();

    for (const limit of [1, 2, 3, 4, 5]) {
      const told: unknown[] = [];
      let cursor: string | null = null;
      do {
        const query: Record<string, string> = { limit: String(limit), ...(cursor !== null && { cursor }) };
        const { body } = await call('GET /v1/infected-hosts', { query });
        told.push(...body.items.map(({ mac, feed, ip }) => (feed === null ? mac : ip)));
        cursor = body.next;
      } while (cursor !== null);
      expect(told).toEqual([...[laptop, printer].sort(), '192.0.2.50', '192.0.2.99', '2001:db8::7']);
    }
    const { text } = await call('GET /v1/infected-hosts', { query: { format: 'csv' } });
    expect(text.split('\r\n')).toHaveLength(1 + 5 + 1);
    expect(text).toContain('connector,feed,threat level,held by');
  });

  test.each<Record<string, string>>([
    { status: 'blocked' },
    { user: 'ALICE' },
    { ip: '192.0.2.50' },
    { ip: '192.0.2.77' },
    { mac: '00-11-22-33-CA-FE' },
    { sender: 'policy-enforcer' },
    { severity: 'high' },
    { enforcement: 'failed' },
  ])('are found by %j', async (query) => {
    await keep(held);
    await keep(
      anEndpoint({
        mac: printer,
        reasons: [aQuarantine({ sender: { kind: 'operator', name: 'soc' }, severity: 'low', ip: null })],
      }),
    );
    await keep(held, globex);

    expect((await call('GET /v1/infected-hosts', { query })).body.items.map(({ mac }) => mac)).toEqual([laptop]);
  });

  test('hold no endpoint whose reason has ended, and none that another tenant holds', async () => {
    await keep(anEndpoint({ reasons: [aReason({ until: noon })] }));
    await keep(held, globex);

    expect((await call('GET /v1/infected-hosts')).body).toEqual({ items: [], next: null });
  });

  test('among thousands of endpoints each is told once, page by page, and all of them in a file', async () => {
    for (let index = 0; index < 1_300; index += 1) {
      const reasons = index % 100 === 0 ? [aReason()] : [];
      await keep(anEndpoint({ mac: macAddress(`0011${String(index).padStart(8, '0')}`), reasons }));
    }

    const told: unknown[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = { limit: '3', ...(cursor !== null && { cursor }) };
      const { body } = await call('GET /v1/infected-hosts', { query });
      told.push(...body.items.map(({ mac }) => mac));
      cursor = body.next;
    } while (cursor !== null);
    const { text, headers } = await call('GET /v1/infected-hosts', { query: { format: 'csv' } });

    expect(new Set(told).size).toBe(13);
    expect(told).toHaveLength(13);
    expect(text.split('\r\n')).toHaveLength(1 + 13 + 1);
    expect(headers).not.toHaveProperty('Link');
    expect(text).toMatch(/^MAC address,IP address,device status,role,user,/);
  });
});

describe('the debug log', () => {
  test('is off at first, on for the minutes that are set, and off again', async () => {
    expect((await call('GET /v1/debug-log')).body).toEqual({ items: [], next: null, until: null });

    const on = await call('PUT /v1/debug-log', { body: '{"minutes":30}' });
    expect(on).toMatchObject({ status: 200, body: { until: '2026-03-01T12:30:00.000Z' } });
    expect((await call('GET /v1/debug-log')).body.until).toBe('2026-03-01T12:30:00.000Z');
    expect((await call('GET /v1/debug-log', { tenant: globex })).body.until).toBeNull();

    expect((await call('PUT /v1/debug-log', { body: '{"minutes":0}' })).body).toEqual({ until: null });
  });

  test('tells its lines, and is found by the part that told them', async () => {
    await service.debugLog.tell(acme, [aDebugLine(), aDebugLine({ id: 'other', part: 'changes', mac: null })]);

    const { body } = await call('GET /v1/debug-log', { query: { part: 'radius' } });
    expect(body).toEqual({ items: [{ ...aDebugLine(), at: '2026-03-01T12:00:00.000Z' }], next: null, until: null });
    expect(await idsOf('GET /v1/debug-log', { mac: laptop })).toEqual(['line-1']);
    expect(await idsOf('GET /v1/debug-log', {}, globex)).toEqual([]);
  });

  test.each([
    ['', 'json-invalid'],
    ['30', 'body-invalid'],
    ['{}', 'body-invalid'],
    ['{"minutes":-1}', 'body-invalid'],
    ['{"minutes":1441}', 'body-invalid'],
    ['{"minutes":1.5}', 'body-invalid'],
    ['{"minutes":"30"}', 'body-invalid'],
    ['{"minutes":null}', 'body-invalid'],
    ['{"minutes":30,"level":"all"}', 'body-invalid'],
    ['{"minute":30}', 'body-invalid'],
  ])('is not switched by %j', async (body, code) => {
    expect(await call('PUT /v1/debug-log', { body })).toMatchObject({ status: 400, body: { code } });
    expect(await service.debugSwitch.until(acme)).toBe(0);
  });
});

const bad: readonly (readonly [Record<string, string>, string])[] = [
  [{ limit: '0' }, 'parameter-invalid'],
  [{ limit: '1001' }, 'parameter-invalid'],
  [{ format: 'pdf' }, 'parameter-invalid'],
  [{ cursor: 'xyz' }, 'cursor-invalid'],
  [{ cursor: Buffer.from('{}').toString('base64url') }, 'cursor-invalid'],
  [{ mac: '00:11:22' }, 'mac-invalid'],
  [{ mac: '' }, 'mac-invalid'],
  [{ ip: '10.0.0' }, 'address-invalid'],
  [{ ip: '' }, 'address-invalid'],
  [{ colour: 'red' }, 'parameter-unknown'],
];
const badOf: Readonly<Record<string, readonly Record<string, string>[]>> = {
  'GET /v1/events': [
    { from: 'yesterday' },
    { from: '2026-03-01' },
    { to: '2026-02-30T00:00:00' },
    { from: '2026-03-02T00:00:00Z', to: '2026-03-01T00:00:00Z' },
    { state: 'done' },
    { user: '' },
    { event: '' },
    { sender: 'x'.repeat(256) },
  ],
  'GET /v1/user-access': [{ result: 'yes' }, { realm: '' }, { user: 'ä'.repeat(128) }, { to: '' }],
  'GET /v1/infected-hosts': [
    { status: 'free' },
    { feed: 'rumour' },
    { investigation: 'done' },
    { connector: '' },
    { enforcement: 'none' },
    { severity: '' },
    { sender: '' },
  ],
  'GET /v1/debug-log': [{ part: 'all' }, { from: 'now' }],
};

describe.each(reports)('%s', (route) => {
  test.each([...bad, ...(badOf[route] ?? []).map((query) => [query, 'parameter-invalid'] as const)])(
    'refuses %j',
    async (query, code) => {
      expect(await call(route, { query })).toMatchObject({ status: 400, body: { code } });
    },
  );

  test('is for who reads, and for nobody else', async () => {
    const may = await Promise.all(roles.map(async (role) => [role, (await call(route, { role })).status] as const));

    expect(may.filter(([, status]) => status === 200).map(([role]) => role)).toEqual(['operator', 'auditor']);
  });
});

test('only an operator switches the debug log', async () => {
  expect(await call('PUT /v1/debug-log', { role: 'auditor', body: '{"minutes":1}' })).toMatchObject({ status: 403 });
});
