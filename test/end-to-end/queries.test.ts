/** Asking and deciding through the running service, with a ClearPass that behaves and one that does not. */
import { setTimeout as wait } from 'node:timers/promises';
import { type ClearPass, startClearPass } from '../simulators/clearpass.ts';
import { allNeed, needs, simulators } from './needs.ts';
import { call, type Resources, type Service, startService } from './service.ts';

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

/** Has ClearPass asked at the simulator. Timeouts of 0: what does not end by itself would last for ever. */
async function configure({ url, authorizations }: Service, clearPass: ClearPass, tenant: Tenant, delayQueryTime = 0) {
  const { address, port } = clearPass.server;
  const server = { name: 'cppm', address, port, connectMethod: 'http' };
  const secret = { clientId: `postern-${tenant}`, clientSecret: `the secret of ${tenant}` };
  const userQuery = { enabled: true, server, ...secret, delayQueryTime };
  const configuration = { clearpass: { entryTimeout: 0, invalidEntryTimeout: 0, userQuery }, policies: [staffOnly] };
  const { status, body } = await call(
    url,
    'PUT /v1/configuration',
    authorizations[tenant].operator,
    JSON.stringify(configuration),
  );
  if (status !== 200) throw new Error(JSON.stringify(body));
}

const flow = (sourceIp: string) => ({ sourceIp, destinationIp: '198.51.100.7', destinationPort: 443, protocol: 'tcp', application: 'https', fromZone: 'trust', toZone: 'untrust' }); // prettier-ignore

interface Decision {
  readonly action: string;
  readonly policy: string;
  readonly state: string;
  readonly user: string | null;
  readonly reason: string;
}

async function decide({ url, authorizations }: Service, tenant: Tenant, ...ips: string[]): Promise<Decision[]> {
  const flows = JSON.stringify({ flows: ips.map(flow) });
  const { status, body } = await call(url, 'POST /v1/decisions', authorizations[tenant]['enforcement-point'], flows);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.decisions as Decision[];
}

const entryAt = async ({ url, authorizations }: Service, tenant: Tenant, ip: string) => {
  const { body } = await call(url, `GET /v1/entries/${ip}`, authorizations[tenant].operator);
  return (body.entry ?? { state: 'absent', user: null, reason: null }) as {
    state: string;
    user: string | null;
    reason: string | null;
  };
};

/** Until something holds; a hang is ended by the test's own time. */
async function until(holds: () => Promise<boolean>) {
  while (!(await holds())) await wait(100);
}

allNeed('simulators')('a ClearPass that behaves', () => {
  let service: Service;
  let clearPass: ClearPass;
  beforeAll(async () => {
    [service, clearPass] = await Promise.all([startService(), startClearPass({ address: simulators })]);
    await configure(service, clearPass, 'acme');
    await configure(service, clearPass, 'globex');
  });
  afterAll(async () => Promise.all([service.stop(), clearPass.stop()]));

  const post = async (entries: string) =>
    call(
      service.url,
      'POST /api/userfw/v1/post-entry',
      service.authorizations.acme['web-api'],
      `<userfw-entries>${entries}</userfw-entries>`,
    );
  const logon = (ip: string, device: string) =>
    `<userfw-entry><operation>logon</operation><IP>${ip}</IP><user>abe</user><role-list><role>staff</role></role-list><end-user-attribute><device-category>${device}</device-category></end-user-attribute></userfw-entry>`; // prettier-ignore

  test('the vendor’s first story: one user with a smartphone, a laptop on the wire and a tablet, then one whom nobody posted', async () => {
    await post(logon('192.0.2.1', 'smartphone') + logon('192.0.2.2', 'laptop') + logon('2001:db8::3', 'tablet'));

    const known = await decide(service, 'acme', '192.0.2.1', '192.0.2.2', '2001:db8::3');

    expect(known).toMatchObject(
      [1, 2, 3].map(() => ({ action: 'permit', policy: 'staff-web', state: 'valid', user: 'abe', groups: ['staff'] })),
    );
    clearPass.setEndpoint('192.0.2.4', { ip: '192.0.2.4', user: 'John', roles: ['staff'], is_online: true });
    const [missed] = await decide(service, 'acme', '192.0.2.4');
    expect(missed).toMatchObject({ action: 'deny', policy: 'default-policy', user: null });
    await until(async () => (await entryAt(service, 'acme', '192.0.2.4')).state === 'valid');
    expect(await decide(service, 'acme', '192.0.2.4')).toMatchObject([{ action: 'permit', user: 'john' }]);
  });

  test('nobody there is said with its reason, and is not asked again until somebody wants to know', async () => {
    await decide(service, 'acme', '192.0.2.9');
    await until(async () => (await entryAt(service, 'acme', '192.0.2.9')).state === 'invalid');
    const asked = clearPass.statistics().queries;

    expect(await entryAt(service, 'acme', '192.0.2.9')).toMatchObject({
      state: 'invalid',
      user: null,
      reason: 'no-record',
    });
    expect(await decide(service, 'acme', '192.0.2.9')).toMatchObject([{ action: 'deny', state: 'invalid' }]);
    expect(clearPass.statistics().queries).toBe(asked);

    clearPass.setEndpoint('192.0.2.9', { ip: '192.0.2.9', user: 'late', roles: [] });
    const forced = await call(
      service.url,
      'POST /v1/queries',
      service.authorizations.acme.operator,
      JSON.stringify({ ip: '192.0.2.9' }),
    );
    expect(forced).toMatchObject({ status: 202, body: { outcome: 'asked', state: 'init' } });
    await until(async () => (await entryAt(service, 'acme', '192.0.2.9')).user === 'late');
  });

  test('a flow that no policy could permit to anybody asks nothing', async () => {
    const asked = clearPass.statistics().queries;
    const { url, authorizations } = service;
    const flows = [{ ...flow('192.0.2.77'), destinationIp: '203.0.113.1' }];

    const { body } = await call(
      url,
      'POST /v1/decisions',
      authorizations.acme['enforcement-point'],
      JSON.stringify({ flows, explain: true }),
    );

    expect(body.decisions).toMatchObject([
      { state: 'none', reason: 'no-policy-matched', explanation: expect.anything() as unknown },
    ]);
    expect(clearPass.statistics().queries).toBe(asked);
  });

  needs('pace')('two tenants that name one server share its sockets, and never a token', async () => {
    const ips = Array.from({ length: 40 }, (_, index) => `10.9.0.${index}`);
    await Promise.all([decide(service, 'acme', ...ips), decide(service, 'globex', ...ips)]);
    for (const tenant of ['acme', 'globex'] as const) {
      await until(async () => {
        const { body } = await call(service.url, 'GET /v1/entries?state=invalid&limit=1000', service.authorizations[tenant].operator); // prettier-ignore
        const found = (body.items as { ip: string }[]).filter(({ ip }) => ips.includes(ip));
        return found.length === ips.length;
      });
    }

    // One that a busy machine was too slow for is asked again.
    const clients = (ip: string) => [...new Set(clearPass.questions().filter((each) => each.ip === ip).map(({ clientId }) => clientId))].sort(); // prettier-ignore
    for (const ip of ips) expect(clients(ip)).toEqual(['postern-acme', 'postern-globex']);
    expect(clearPass.statistics().tokens).toBeLessThanOrEqual(4); // one each, and another where a machine is so busy that a lease ends first
    expect(clearPass.statistics().maxOpenSockets).toBeLessThanOrEqual(20);
  });

  needs('pace')('the status tells how the asking goes, and nothing of another tenant', async () => {
    const { body } = await call(service.url, 'GET /v1/queries/status', service.authorizations.globex.operator);

    const [{ queries, errors }] = body.servers as [{ queries: number; errors: number }];
    expect(body).toMatchObject({ enabled: true, servers: [{ state: 'online', responses: 40 }] });
    expect(queries - errors).toBe(40); // what a busy machine was too slow for was asked again
    expect(JSON.stringify(body)).not.toContain('secret');
  });
});

allNeed(
  'template',
  'workers',
  'simulators',
)('a burst of 2,000 misses at a ClearPass that hangs, resets, fails, while workers are killed', () => {
  const ips = Array.from({ length: 1_000 }, (_, index) => `10.${index % 4}.${Math.floor(index / 250)}.${index % 250}`);
  const behaviour = { jitterMs: 100, hang: 0.005, resetRate: 0.02, errorRate: 0.05 };

  /** Workers live shorter here than on AWS, so that what a killed one leaves behind comes back within the test. */
  const shortLives = (resources: Resources) => {
    for (const { Type, Properties } of Object.values(resources)) {
      if (Type === 'AWS::SQS::Queue') Properties.VisibilityTimeout = 15;
      if (Type === 'AWS::Lambda::Function' && Properties.Timeout === 30) Properties.Timeout = 10;
    }
  };
  const withConcurrency = (concurrency: number) => (resources: Resources) => {
    shortLives(resources);
    const ofCells = Object.entries(resources).filter(([name]) => name.startsWith('QueryCell')).map(([, resource]) => resource); // prettier-ignore
    const mappings = ofCells.filter(({ Type, Properties: { BatchSize } }) => Type === 'AWS::Lambda::EventSourceMapping' && BatchSize === 1); // prettier-ignore
    expect(mappings.map(({ Properties: { ScalingConfig } }) => ScalingConfig)).toEqual([{ MaximumConcurrency: 20 }]);
    for (const { Properties } of mappings) Properties.ScalingConfig = { MaximumConcurrency: concurrency };
  };

  async function burst(
    edit: (resources: Resources) => void,
    { kills, misses, latencyMs }: { kills: number; misses: readonly string[]; latencyMs: number },
  ) {
    const service = await startService(edit);
    const clearPass = await startClearPass({ seed: 7 });
    try {
      for (const ip of ips.filter((_, index) => index % 2 === 0)) {
        clearPass.setEndpoint(ip, { ip, user: `user-${ip}`, roles: ['staff'] });
      }
      clearPass.behave({ ...behaviour, latencyMs });
      await Promise.all([configure(service, clearPass, 'acme'), configure(service, clearPass, 'globex')]);
      for (let start = 0; start < misses.length; start += 100) {
        const some = misses.slice(start, start + 100);
        await Promise.all([decide(service, 'acme', ...some), decide(service, 'globex', ...some)]);
      }
      for (let killed = 0; killed < kills; killed += 1) {
        await wait(500);
        await service.runtime.killOneWorker('QueryClearPass');
      }
      for (const tenant of ['acme', 'globex'] as const) {
        await until(async () => (await unsettled(service, tenant, misses)) === 0);
        for (const { user, reason, state } of await settled(service, tenant)) {
          expect(state === 'valid' ? user : reason).toEqual(expect.any(String));
        }
      }
      await clearPass.deserted();
      return clearPass.statistics();
    } finally {
      await Promise.all([service.stop(), clearPass.stop()]);
    }
  }

  const asked = async ({ url, authorizations }: Service, tenant: Tenant, path: `/${string}`) =>
    (await call(url, `GET ${path}`, authorizations[tenant].operator)).body;

  /**
   * How many are neither known nor given up. Nothing waits for a question that could not be sent, so a flow that comes again
   * asks again, as a firewall does: on a machine that others keep busy some sends take too long.
   */
  async function unsettled(service: Service, tenant: Tenant, misses: readonly string[]): Promise<number> {
    await wait(1_000);
    const states = new Map((await settled(service, tenant)).map(({ ip, state }) => [ip, state]));
    const unknown = misses.filter((ip) => !states.has(ip)).slice(0, 100);
    if (unknown.length > 0) await decide(service, tenant, ...unknown);
    return misses.filter((ip) => !['valid', 'invalid'].includes(states.get(ip) ?? 'absent')).length;
  }

  async function settled(service: Service, tenant: Tenant) {
    const { items } = await asked(service, tenant, '/v1/entries?limit=1000');
    return items as { ip: string; state: string; user: string | null; reason: string | null }[];
  }

  test('never opens more than 20 sockets, uses at least 18, and settles every address with a user or a reason', async () => {
    const { maxOpenSockets, openSockets } = await burst(withConcurrency(20), {
      kills: 10,
      misses: ips,
      latencyMs: 600,
    });

    expect(maxOpenSockets).toBeLessThanOrEqual(20);
    expect(maxOpenSockets).toBeGreaterThanOrEqual(18);
    expect(openSockets).toBe(0);
  }, 1_500_000); // on a machine that others keep busy

  test('opens more than 20 once the template says 40: what bounds it is that number', async () => {
    // So long that it is no matter of the machine how many are open at once.
    const { maxOpenSockets } = await burst(withConcurrency(40), { kills: 0, misses: ips.slice(0, 200), latencyMs: 2_000 }); // prettier-ignore

    expect(maxOpenSockets).toBeGreaterThan(20);
  }, 900_000);
});
