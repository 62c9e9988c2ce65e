/**
 * Systems behind connectors in everyday trouble. A hold that somebody takes away there is found and set again, and what is
 * let go of is free there. One ClearPass is asked who is where, and told of infected hosts, by two tenants at once: it never sees more than twenty
 * connections. And one that is dead is let alone, so that the questions beside it in its query cell are answered.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type ClearPass, startClearPass } from '../simulators/clearpass.ts';
import { type Ise, startIse } from '../simulators/ise.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../simulators/webhook-receiver.ts';
import { minutes } from '../support/observations.ts';
import { signs } from '../support/connectors.ts';
import { allNeed, needs, simulators } from './needs.ts';
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
  let ise: Ise;
  let moved = 0; // the service's clock, and so that of the receiver, which looks at times of signatures
  let receiver: WebhookReceiver;
  beforeAll(async () => {
    const start = async () => startClearPass({ address: simulators });
    [service, clearPass, dead, ise, receiver] = await Promise.all([
      startService(),
      start(),
      start(),
      startIse({ address: simulators }),
      startWebhookReceiver({ address: simulators, secret: signs, now: () => Date.now() + moved }),
    ]);
    for (const ip of [...asking, ...infected]) {
      clearPass.setEndpoint(ip, { ip, user: `user-${ip}`, roles: ['staff'], mac: macOf(ip) });
    }
    for (const tenant of tenants) await configure(tenant, clearPass);
  });
  afterAll(async () => Promise.all([service.stop(), clearPass.stop(), dead.stop(), ise.stop(), receiver.stop()]));

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
  /** In the end: who is taken for nobody as the machine stalled while ClearPass was asked is asked about again. */
  async function allAreKnown(tenant: Tenant) {
    await until(async () => {
      const { items } = (await send(tenant, 'GET /v1/entries?state=invalid&limit=1000')).body;
      for (const { ip } of items as readonly { ip: string }[]) await send(tenant, 'POST /v1/queries', { ip });
      return (await answered(tenant)).length === asking.length;
    });
  }
  const operations = async (tenant: Tenant, state: string) =>
    (await send(tenant, `GET /v1/operations?state=${state}&limit=200`)).body.items as readonly unknown[];

  const ofHosts = async (state: string) =>
    ((await operations('acme', state)) as readonly Record<string, unknown>[]).filter(({ ip }) =>
      /^10\.2[123]/.test(String(ip)),
    );

  test('sees at most twenty connections at once, and all that is asked and told is done', async () => {
    clearPass.behave({ latencyMs: 600, jitterMs: 200 });

    await Promise.all(tenants.flatMap((tenant) => [tell(tenant, infected), ask(tenant)]));
    for (const tenant of tenants) {
      await allAreKnown(tenant);
      await until(async () => (await operations(tenant, 'acknowledged')).length === infected.length);
    }

    expect(infected.filter((ip) => clearPass.attributesOf(macOf(ip))?.sdsnEpStatus !== 'quarantine')).toEqual([]);
    const { maxOpenSockets } = clearPass.statistics();
    expect(maxOpenSockets).toBeLessThanOrEqual(20);
    expect(maxOpenSockets).toBeGreaterThan(10); // both did compete
    await clearPass.deserted();
    clearPass.behave({});
  });

  test('is answered from beside a dead one that is to be told of many hosts, which is soon let alone', async () => {
    const hosts = Array.from({ length: 60 }, (_, index) => `10.8.1.${index + 1}`);
    dead.behave({ tokenErrorRate: 1, tokenLatencyMs: 1_000 });
    await configure('acme', dead);
    expect(await send('acme', 'DELETE /v1/entries?domain=GLOBAL')).toMatchObject({ status: 200 });

    await tell('acme', hosts);
    await until(async () => (await operations('acme', 'failed')).length > 0);
    await ask('acme');
    await allAreKnown('acme');
    await until(async () => (await operations('acme', 'failed')).length === hosts.length);

    // Those under way when the fifth failed, and a probe now and then.
    expect(dead.statistics().tokens).toBeLessThan(hosts.length / 2 + 5);
    expect(clearPass.statistics().maxOpenSockets).toBeLessThanOrEqual(20);
  });

  needs(
    'clock',
    'schedules',
    'simulators',
  )(
    'is looked at like a Cisco ISE and a webhook: what somebody took away there is set again, and all is free once it is cleared',
    async () => {
      const reach = { connectMethod: 'http', username: 'postern', password: 'the secret of acme' };
      const connectors = [
        { ...reach, name: 'cppm', type: 'clearpass', ...clearPass.server, subnets: ['10.21.0.0/16'] },
        { ...reach, name: 'ise', type: 'cisco-ise', ...ise.server, subnets: ['10.22.0.0/16'], settings: { quarantinePolicy: 'Quarantine', blockPolicy: 'Block' } }, // prettier-ignore
        { name: 'hook', type: 'webhook', connectMethod: 'http', password: signs, ...receiver.server, subnets: ['10.23.0.0/16'] }, // prettier-ignore
      ];
      clearPass.behave({});
      expect(await send('acme', 'PUT /v1/connectors', { items: connectors })).toMatchObject({ status: 200 });
      const hosts = {
        '10.21.0.1': '00:11:22:33:a2:01',
        '10.22.0.1': '00:11:22:33:a2:02',
        '10.23.0.1': '00:11:22:33:a2:03',
      };
      for (const [ip, mac] of Object.entries(hosts)) {
        expect(await send('acme', `PUT /v1/endpoints/${mac}`, { ip })).toMatchObject({ status: 200 });
      }
      const atClearPass = () => clearPass.attributesOf(hosts['10.21.0.1'])?.sdsnEpStatus;
      // Each check of it is an event as well, about which nothing is to be done.
      const ofHost = () => receiver.deliveries().filter(({ event }) => event.type !== 'connector.test');
      const heard = () => ofHost().map(({ signature, event }) => `${signature} ${String(event.type)}`);
      const asIse = hosts['10.22.0.1'].toUpperCase();

      await tell('acme', Object.keys(hosts));
      await until(async () => Promise.resolve(atClearPass() === 'quarantine' && ise.applied()[asIse] === 'Quarantine' && heard().length > 0)); // prettier-ignore
      await until(async () => (await ofHosts('acknowledged')).length === 3);

      clearPass.addEndpoint(hosts['10.21.0.1'], { sdsnEpStatus: 'healthy' });
      ise.apply(asIse, null);
      let looks = 0;
      await until(async () => {
        // A check goes on where the one before had to end, and whoever is before that has his turn in the next one.
        if (looks % 50 === 0) {
          service.runtime.advanceClock(minutes(5));
          moved += minutes(5);
        }
        looks += 1;
        await service.runtime.tick('EveryMinute');
        return atClearPass() === 'quarantine' && ise.applied()[asIse] === 'Quarantine';
      });
      const drifted = (lines: readonly Record<string, unknown>[]) => new Set(lines.filter(({ why }) => why === 'drift').map(({ ip }) => ip)); // prettier-ignore
      await until(async () => drifted(await ofHosts('acknowledged')).size === 2);
      const { items } = (await send('acme', 'GET /v1/events?limit=200')).body as { items: readonly Record<string, unknown>[] }; // prettier-ignore
      // A check that was under way when the clock went on tells of it as well as the next one.
      const repaired = new Set(items.filter(({ code }) => code === 'drift-repaired').map(({ ip }) => ip));
      expect([...repaired].toSorted()).toEqual(['10.21.0.1', '10.22.0.1']);

      expect(await send('acme', 'POST /v1/infected-hosts', { hosts: Object.keys(hosts).map((ip) => ({ ip, level: 0 })) })).toMatchObject({ status: 200 }); // prettier-ignore
      await until(async () => Promise.resolve(atClearPass() === 'healthy' && ise.applied()[asIse] === undefined && heard().length > 1)); // prettier-ignore
      expect(heard()).toEqual(['good host.quarantined', 'good host.freed']);
      expect((await send('globex', 'GET /v1/operations?limit=200')).body.items).not.toContainEqual(expect.objectContaining({ connector: 'ise' })); // prettier-ignore
    },
  );
});
