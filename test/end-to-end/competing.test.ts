/**
 * One ClearPass is asked who is where, and told of infected hosts, by two tenants at once: it never sees more than twenty
 * connections. And one that is dead is let alone, so that the questions beside it in its query cell are answered.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type ClearPass, startClearPass } from '../simulators/clearpass.ts';
import { allNeed, simulators } from './needs.ts';
import { call, type Service, startService } from './service.ts';

type Tenant = 'acme' | 'globex';
const tenants = ['acme', 'globex'] as const;

const asking = Array.from({ length: 24 }, (_, index) => `10.9.0.${index + 1}`);
const infected = Array.from({ length: 24 }, (_, index) => `10.8.0.${index + 1}`);
const macOf = (ip: string) => `00112233${ip.split('.').slice(2).map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`; // prettier-ignore

const anybody = { name: 'all', fromZone: 'trust', toZone: 'untrust', source: ['any'], destination: ['any'], applications: ['https'], sourceIdentity: ['GLOBAL\\staff'], action: 'permit', log: true }; // prettier-ignore
const flow = (sourceIp: string) => ({ sourceIp, destinationIp: '198.51.100.7', destinationPort: 443, protocol: 'tcp', application: 'https', fromZone: 'trust', toZone: 'untrust' }); // prettier-ignore

/** A hang is ended by the test's own time. */
async function until(holds: () => Promise<boolean>) {
  while (!(await holds())) await wait(200);
}

allNeed('pace', 'simulators')('a ClearPass that is asked and told', () => {
  let service: Service;
  let clearPass: ClearPass;
  let dead: ClearPass;
  beforeAll(async () => {
    const start = async () => startClearPass({ address: simulators });
    [service, clearPass, dead] = await Promise.all([startService(), start(), start()]);
    for (const ip of [...asking, ...infected]) {
      clearPass.setEndpoint(ip, { ip, user: `user-${ip}`, roles: ['staff'], mac: macOf(ip) });
    }
    for (const tenant of tenants) await configure(tenant, clearPass);
  });
  afterAll(async () => Promise.all([service.stop(), clearPass.stop(), dead.stop()]));

  const send = async (tenant: Tenant, request: `${string} /${string}`, body?: unknown) =>
    call(service.url, request, service.authorizations[tenant].operator, body === undefined ? undefined : JSON.stringify(body)); // prettier-ignore

  async function configure(tenant: Tenant, told: ClearPass) {
    const secret = `the secret of ${tenant}`;
    const { address, port } = clearPass.server;
    const server = { name: 'cppm', address, port, connectMethod: 'http' };
    const userQuery = { enabled: true, server, clientId: `postern-${tenant}`, clientSecret: secret, delayQueryTime: 0 };
    const connector = { name: 'cppm', type: 'clearpass', address: told.server.address, port: told.server.port, connectMethod: 'http', username: `postern-${tenant}`, password: secret, subnets: ['10.8.0.0/16'] }; // prettier-ignore
    const threatResponse = { connectors: [connector], guards: { mostActions: 0 } };
    const document = { clearpass: { entryTimeout: 0, invalidEntryTimeout: 0, userQuery }, policies: [anybody], threatResponse }; // prettier-ignore
    expect(await send(tenant, 'PUT /v1/configuration', document)).toMatchObject({ status: 200 });
  }

  const ask = async (tenant: Tenant) => send(tenant, 'POST /v1/decisions', { flows: asking.map(flow) });
  /** In pieces, as a slow machine would not be done with all at once in time. */
  async function tell(tenant: Tenant, hosts: readonly string[]) {
    for (let start = 0; start < hosts.length; start += 8) {
      const some = hosts.slice(start, start + 8).map((ip) => ({ ip, level: 8 }));
      expect(await send(tenant, 'POST /v1/infected-hosts', { hosts: some })).toMatchObject({ status: 200 });
    }
  }
  const answered = async (tenant: Tenant) => (await send(tenant, 'GET /v1/entries?state=valid&limit=1000')).body.items as readonly unknown[]; // prettier-ignore
  const operations = async (tenant: Tenant, state: string) =>
    (await send(tenant, `GET /v1/operations?state=${state}&limit=200`)).body.items as readonly unknown[];

  test('sees at most twenty connections at once, and all that is asked and told is done', async () => {
    clearPass.behave({ latencyMs: 600, jitterMs: 200 });

    await Promise.all(tenants.flatMap((tenant) => [tell(tenant, infected), ask(tenant)]));
    for (const tenant of tenants) {
      await until(async () => (await answered(tenant)).length === asking.length);
      await until(async () => (await operations(tenant, 'acknowledged')).length === infected.length);
    }

    expect(infected.filter((ip) => clearPass.attributesOf(macOf(ip))?.sdsnEpStatus !== 'quarantine')).toEqual([]);
    const { maxOpenSockets } = clearPass.statistics();
    expect(maxOpenSockets).toBeLessThanOrEqual(20);
    expect(maxOpenSockets).toBeGreaterThan(10); // both did compete
    await clearPass.deserted();
  });

  test('is answered from beside a dead one that is to be told of many hosts, which is soon let alone', async () => {
    const hosts = Array.from({ length: 60 }, (_, index) => `10.8.1.${index + 1}`);
    dead.behave({ tokenErrorRate: 1, tokenLatencyMs: 1_000 });
    await configure('acme', dead);
    expect(await send('acme', 'DELETE /v1/entries?domain=GLOBAL')).toMatchObject({ status: 200 });

    await tell('acme', hosts);
    await until(async () => (await operations('acme', 'failed')).length > 0);
    await ask('acme');
    await until(async () => (await answered('acme')).length === asking.length);
    await until(async () => (await operations('acme', 'failed')).length === hosts.length);

    // Those under way when the fifth failed, and a probe now and then.
    expect(dead.statistics().tokens).toBeLessThan(hosts.length / 2 + 5);
    expect(clearPass.statistics().maxOpenSockets).toBeLessThanOrEqual(20);
  });
});
