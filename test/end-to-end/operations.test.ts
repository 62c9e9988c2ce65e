/** What connectors are told, through the running service: a system that fails is told until it has acknowledged, and `GET /v1/operations` tells all of it. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Pps, startPps } from '../simulators/pps.ts';
import { allNeed, simulators } from './needs.ts';
import { call, type Service, startService } from './service.ts';

type Tenant = 'acme' | 'globex';
type Told = Readonly<Record<string, unknown>>;

allNeed('simulators')('operations of connectors', () => {
  let service: Service;
  let pps: Pps;
  beforeAll(async () => {
    const users = { enforcer: 'the password' };
    [service, pps] = await Promise.all([startService(), startPps({ address: simulators, users })]);
    const own = { connectMethod: 'http', username: 'enforcer', password: 'the password', settings: {} };
    const connectors = [{ ...own, name: 'pps', type: 'pulse-policy-secure', ...pps.server, subnets: ['10.1.0.0/16'] }];
    for (const tenant of ['acme', 'globex'] as const) {
      const document = { threatResponse: { connectors, guards: { mostActions: 0 } } };
      expect(await asked(tenant, 'PUT /v1/configuration', document)).toMatchObject({ status: 200 });
    }
  });
  afterAll(async () => Promise.all([service.stop(), pps.stop()]));

  const asked = async (tenant: Tenant, request: `${string} /${string}`, body?: unknown) =>
    call(service.url, request, service.authorizations[tenant].operator, body === undefined ? undefined : JSON.stringify(body)); // prettier-ignore
  const push = async (tenant: Tenant, ...ips: readonly string[]) =>
    asked(tenant, 'POST /v1/infected-hosts', { hosts: ips.map((ip) => ({ ip, level: 8 })) });
  const operations = async (tenant: Tenant, query = '') =>
    (await asked(tenant, `GET /v1/operations${query}`)).body.items as readonly Told[];
  /** A hang is ended by the test's own time. */
  async function until(holds: () => Promise<boolean>) {
    while (!(await holds())) await wait(100);
  }

  test('a system that fails is told again, and no other tenant sees anything of it', async () => {
    pps.behave({ errorRate: 1 });
    await push('acme', '10.1.0.1');
    let told: readonly Told[] = []; // once more, and it may be on its way again
    await until(async () => (told = await operations('acme', '?state=failed&ip=10.1.0.1')).length === 1);
    const [failed] = told;
    expect(failed).toMatchObject({ kind: 'connector', connector: 'pps', wanted: 'quarantined', why: 'listed', mend: expect.stringContaining('sent again') as string }); // prettier-ignore
    expect(await operations('globex')).toEqual([]);

    pps.behave({});
    await until(async () => (await operations('acme', '?state=acknowledged')).length === 1);

    expect(await operations('acme', `?id=${String(failed?.id)}&ip=${String(failed?.ip)}`)).toMatchObject([
      { state: 'acknowledged', mend: null },
    ]);
    expect(pps.holds()).toEqual({ '10.1.0.1': ['quarantined'] });
    expect(await asked('acme', 'GET /v1/operations?state=never')).toMatchObject({ status: 400, body: { code: 'parameter-invalid' } }); // prettier-ignore
  });
});
