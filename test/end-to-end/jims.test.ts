/** ClearPass and JIMS beside each other, through the running service. */
import { setTimeout as wait } from 'node:timers/promises';
import { type ClearPass, startClearPass } from '../simulators/clearpass.ts';
import { type Jims, startJims } from '../simulators/jims.ts';
import { allNeed, needs, simulators } from './needs.ts';
import { call, type Service, startService } from './service.ts';

type Tenant = 'acme' | 'globex';

const staffOnly = {
  name: 'staff-web',
  fromZone: 'trust',
  toZone: 'untrust',
  source: ['any'],
  destination: ['198.51.100.0/24'],
  applications: ['https'],
  sourceIdentity: ['acme\\staff', 'GLOBAL\\staff'],
  action: 'permit',
  log: true,
};

let service: Service;
let clearPass: ClearPass;
let [jims, jims2]: Jims[] = [];
beforeAll(async () => {
  [service, clearPass, jims] = await Promise.all([
    startService(),
    startClearPass({ address: simulators }),
    startJims({ address: simulators }),
  ]);
  // The port is the same for both servers.
  jims2 = await startJims({ address: '127.0.0.2', tlsPort: jims.tlsServer.port });
});
afterAll(async () => Promise.all([service.stop(), clearPass.stop(), jims?.stop(), jims2?.stop()]));

const serverAt = (server: Jims | undefined, tenant: Tenant) => ({
  address: server?.tlsServer.address,
  clientId: `postern-${tenant}`,
  clientSecret: 'a secret',
  caCertificate: server?.caCertificate,
});

/** Has both asked at their simulators, without a delay. */
async function configure(tenant: Tenant, { userQuery = {}, identityManagement = {} }: Record<string, object> = {}) {
  const server = { name: 'cppm', ...clearPass.server, connectMethod: 'http' };
  const document = {
    clearpass: {
      userQuery: {
        enabled: true,
        server,
        clientId: 'postern',
        clientSecret: 'a secret',
        delayQueryTime: 0,
        ...userQuery,
      },
    },
    identityManagement: {
      enabled: true,
      primary: serverAt(jims, tenant),
      port: jims?.tlsServer.port,
      ipQuery: { queryDelayTime: 0 },
      ...identityManagement,
    },
    policies: [staffOnly],
  };
  const { status, body } = await call(
    service.url,
    'PUT /v1/configuration',
    service.authorizations[tenant].operator,
    JSON.stringify(document),
  );
  if (status !== 200) throw new Error(JSON.stringify(body));
}

const get = async (tenant: Tenant, path: `/${string}`) =>
  (await call(service.url, `GET ${path}`, service.authorizations[tenant].operator)).body;

async function decide(tenant: Tenant, sourceIp: string) {
  const flow = { sourceIp, destinationIp: '198.51.100.7', application: 'https', fromZone: 'trust', toZone: 'untrust' };
  const { status, body } = await call(
    service.url,
    'POST /v1/decisions',
    service.authorizations[tenant]['enforcement-point'],
    JSON.stringify({ flows: [flow] }),
  );
  if (status !== 200) throw new Error(JSON.stringify(body));
  const [decision] = body.decisions as { action: string; user: string | null; state: string }[];
  return decision;
}

const entryAt = async (tenant: Tenant, ip: string) => {
  const { entry } = await get(tenant, `/v1/entries/${ip}`);
  return (entry ?? { state: 'absent' }) as { state: string; user?: string; source?: string; reason?: string };
};

/** Until somebody asked has answered, or nobody has; a hang is ended by the test's own time. */
async function settled(tenant: Tenant, ip: string) {
  for (;;) {
    const entry = await entryAt(tenant, ip);
    if (entry.state === 'valid' || entry.state === 'invalid') return entry;
    await wait(100);
  }
}

const seconds = (before = 0) => Math.floor(Date.now() / 1_000) - before;
const entry = (ip: string, user: string, told: object = {}) => ({ 'ip-address': ip, 'user-name': user, roles: ['staff'], timestamp: seconds(60), activity: 'login', ...told }); // prettier-ignore

allNeed('simulators')('the vendor’s scenarios', () => {
  beforeAll(async () => {
    await configure('acme');
    await configure('globex', { identityManagement: { enabled: false } });
  });
  afterEach(() => clearPass.behave({}));

  test('1. JIMS answers when ClearPass does not respond', async () => {
    clearPass.behave({ errorRate: 1 });
    jims?.setEndpoint('192.0.2.1', entry('192.0.2.1', 'John'));

    expect(await decide('acme', '192.0.2.1')).toMatchObject({ action: 'deny', state: 'init' });
    expect(await settled('acme', '192.0.2.1')).toMatchObject({ state: 'valid', user: 'john' });

    expect(await decide('acme', '192.0.2.1')).toMatchObject({ action: 'permit', user: 'john' });
    expect(clearPass.questions().filter(({ ip }) => ip === '192.0.2.1')).toHaveLength(2);
    expect(await get('acme', '/v1/queries/status')).toMatchObject({ openQuestions: 0 });
  });

  test('2. JIMS answers when ClearPass responds without a mapping', async () => {
    clearPass.setEndpoint('192.0.2.2', { ip: '192.0.2.2', mac: '00-11-22-33-44-55', is_online: true });
    jims?.setEndpoint('192.0.2.2', entry('192.0.2.2', 'Abe'));

    await decide('acme', '192.0.2.2');

    expect(await settled('acme', '192.0.2.2')).toMatchObject({
      state: 'valid',
      user: 'abe',
      source: 'Juniper Identity Management Service',
    });
    expect(clearPass.questions().filter(({ ip }) => ip === '192.0.2.2')).toHaveLength(1);
  });

  test('with both, the latest overwrites', async () => {
    jims?.setEndpoint('192.0.2.3', entry('192.0.2.3', 'abe', { timestamp: seconds(600) }));
    await decide('acme', '192.0.2.3');
    expect(await settled('acme', '192.0.2.3')).toMatchObject({ user: 'abe' });
    const post = async (user: string, before: number) =>
      call(
        service.url,
        'POST /api/userfw/v1/post-entry',
        service.authorizations.acme['web-api'],
        `<userfw-entries><userfw-entry><timestamp>${new Date(seconds(before) * 1_000).toISOString()}</timestamp><operation>logon</operation><IP>192.0.2.3</IP><user>${user}</user></userfw-entry></userfw-entries>`,
      );

    await post('older', 1_200);
    expect(await entryAt('acme', '192.0.2.3')).toMatchObject({ user: 'abe' });
    await post('newer', 300);
    expect(await entryAt('acme', '192.0.2.3')).toMatchObject({ user: 'newer' });
  });

  test('where nobody knows who is there, the reason tells both; where only ClearPass is asked, as ever', async () => {
    await decide('acme', '192.0.2.9');
    await decide('globex', '192.0.2.9');

    expect(await settled('acme', '192.0.2.9')).toMatchObject({ reason: 'clearpass: no-record, jims: no-record' });
    expect(await settled('globex', '192.0.2.9')).toMatchObject({ state: 'invalid', reason: 'no-record' });
  });

  test('the status tells of JIMS too, and no secret', async () => {
    const status = await get('acme', '/v1/queries/status');

    expect(status).toMatchObject({
      enabled: true,
      servers: [{ name: 'cppm' }],
      identityManagement: { enabled: true, ipQuery: true, servers: [{ name: 'primary', state: 'online' }] },
    });
    expect(JSON.stringify(status)).not.toContain('secret');
    expect(await get('globex', '/v1/queries/status')).toMatchObject({
      identityManagement: { enabled: false, servers: [{ queries: 0 }] },
    });
  });
});

needs('simulators')('with ClearPass switched off JIMS alone is asked', async () => {
  await configure('globex', { userQuery: { enabled: false } });
  jims?.setEndpoint('192.0.2.4', entry('192.0.2.4', 'ann'));
  const before = clearPass.statistics().queries;

  await decide('globex', '192.0.2.4');

  expect(await settled('globex', '192.0.2.4')).toMatchObject({ state: 'valid', user: 'ann' });
  expect(clearPass.statistics().queries).toBe(before);
});

allNeed(
  'simulators',
  'clock',
  'schedules',
  'workers',
)('batch query', () => {
  const known = (count: number, user: string) =>
    Array.from({ length: count }, (_, index) => entry(`10.7.${index >> 8}.${index & 255}`, user));
  const batch = async () =>
    ((await get('acme', '/v1/queries/status')).identityManagement as { batch: { records: number } }).batch;
  /** The numbers of a batch are written once its entries are there. */
  const until = async (holds: () => Promise<boolean>) => {
    while (!(await holds())) await wait(200);
  };
  const knows = async (ip: string, user: string) => {
    while ((await entryAt('acme', ip)).user !== user) await wait(200);
  };
  const interval = { batchQuery: { itemsPerBatch: 100, queryInterval: 1 } };

  test('brings all that JIMS knows, batch after batch, once the schedule has begun it, and goes on by itself', async () => {
    jims?.report(...known(250, 'early'));
    await configure('acme', { identityManagement: interval });
    await service.runtime.tick('EveryMinute');
    await knows('10.7.0.249', 'early');

    jims?.report(entry('10.7.9.9', 'late'));
    await knows('10.7.9.9', 'late');

    const asked = jims?.questions().flatMap((each) => ('count' in each && each.clientId === 'postern-acme' ? [each] : [])) ?? []; // prettier-ignore
    const cookies = asked.filter(({ count }) => count === 100).map(({ cookie }) => cookie);
    const first = cookies.indexOf('after-100');
    expect(cookies.slice(first, first + 3)).toEqual(['after-100', 'after-200', 'after-250']);
    await until(async () => (await batch()).records >= 251);
    expect(await batch()).toMatchObject({ records: 251, changed: 251, cookie: 'present', error: null });
    expect((await get('globex', '/v1/entries')).items).not.toContainEqual(expect.objectContaining({ user: 'late' }));
  });

  test('goes to the secondary while the primary fails, and returns', async () => {
    await configure('acme', { identityManagement: { ...interval, secondary: serverAt(jims2, 'acme') } });
    jims?.behave({ errorRate: 1 });
    jims2?.report(entry('10.7.8.1', 'second'));
    await knows('10.7.8.1', 'second');
    jims2?.setEndpoint('192.0.2.5', entry('192.0.2.5', 'ann'));
    await decide('acme', '192.0.2.5');
    expect(await settled('acme', '192.0.2.5')).toMatchObject({ state: 'valid', user: 'ann' });
    const { servers } = (await get('acme', '/v1/queries/status')).identityManagement as { servers: unknown };
    expect(servers).toMatchObject([{ name: 'primary' }, { name: 'secondary', state: 'online' }]);

    jims?.behave({});
    jims?.report(entry('10.7.8.2', 'back'));
    service.runtime.advanceClock(60_000); // an offline primary is tried every half minute
    await service.runtime.tick('EveryMinute');
    await knows('10.7.8.2', 'back');
  });

  test('goes on after a kill where it was, once its minute has come', async () => {
    jims?.behave({ latencyMs: 2_000 });
    while ((await service.runtime.killOneWorker('QueryClearPass')) === 'none-busy') await wait(50);
    const before = (await batch()).records;
    jims?.behave({});
    jims?.report(entry('10.7.7.7', 'after'));
    service.runtime.advanceClock(120_000);
    await service.runtime.tick('EveryMinute');

    await knows('10.7.7.7', 'after');

    await until(async () => (await batch()).records > before);
  });
});
