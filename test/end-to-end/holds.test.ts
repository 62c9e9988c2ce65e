/** Holds through the running service: what a firewall is told of a held endpoint's address, and what time ends. */
import { minutes } from '../support/observations.ts';
import { aThreatResponse } from '../support/threat-response.ts';
import { needs } from './needs.ts';
import { call, type Service, startService } from './service.ts';

const policy = (name: string, sourceIdentity: string) => ({
  name,
  fromZone: 'trust',
  toZone: 'untrust',
  source: ['any'],
  destination: ['any'],
  applications: ['https'],
  sourceIdentity: [sourceIdentity],
  action: 'permit',
  log: false,
});

let service: Service;
beforeAll(async () => {
  service = await startService();
  for (const tenant of ['acme', 'globex'] as const) await configure(tenant, {});
});
afterAll(async () => service.stop());

type Tenant = 'acme' | 'globex';
const api = async (request: `${string} /${string}`, body?: object, tenant: Tenant = 'acme') =>
  call(service.url, request, service.authorizations[tenant].operator, body && JSON.stringify(body));

const configure = async (tenant: Tenant, change: object) => {
  const policies = [policy('remedy', 'acme\\quarantine'), policy('everybody', 'acme\\staff')];
  const configuration = { policies, threatResponse: { ...aThreatResponse, ...change } };
  expect((await api('PUT /v1/configuration', configuration, tenant)).status).toBe(200);
};

const decide = async (sourceIp: string, tenant: Tenant = 'acme') => {
  const flow = { sourceIp, destinationIp: '198.51.100.7', application: 'https', fromZone: 'trust', toZone: 'untrust' };
  const { status, body } = await api('POST /v1/decisions', { flows: [flow], explain: true }, tenant);
  expect(status).toBe(200);
  return (body.decisions as Record<string, unknown>[])[0];
};

/** Alice is behind the address, by an entry; and the device has it, by an operator's word. */
async function known(mac: string, ip: string) {
  for (const tenant of ['acme', 'globex'] as const) {
    expect((await api(`PUT /v1/entries/${ip}`, { source: 'local', domain: 'acme', user: 'alice', groups: ['staff'] }, tenant)).status).toBe(200); // prettier-ignore
  }
  expect((await api(`PUT /v1/endpoints/${mac}`, { ip })).status).toBe(200);
}

test('a blocked endpoint is denied before all policies, for its own tenant, until it is cleared', async () => {
  const [mac, ip] = ['00:11:22:33:ca:11', '192.0.2.111'];
  await known(mac, ip);
  expect(await decide(ip)).toMatchObject({ action: 'permit', policy: 'everybody', explanation: { hold: null } });

  await api(`POST /v1/endpoints/${mac}/block`, {});
  expect(await decide(ip)).toMatchObject({
    action: 'deny',
    policy: 'endpoint-hold',
    reason: 'endpoint-blocked',
    user: 'alice',
    explanation: { hold: { hold: 'blocked', mac, role: null, through: 'has-the-address' } },
  });
  expect(await decide(ip, 'globex')).toMatchObject({ action: 'permit', policy: 'everybody' });

  await api(`POST /v1/endpoints/${mac}/clear`, { hold: 'blocked' });
  expect(await decide(ip)).toMatchObject({ action: 'permit', policy: 'everybody' });
});

needs('clock', 'schedules')(
  'one in quarantine is of its quarantine role alone, until time ends that; and that it has is told once',
  async () => {
    const [mac, ip] = ['00:11:22:33:ca:12', '192.0.2.112'];
    await known(mac, ip);
    await api(`POST /v1/endpoints/${mac}/quarantine`, { role: 'quarantine', minutes: 5 });
    expect(await decide(ip)).toMatchObject({ action: 'permit', policy: 'remedy', groups: ['quarantine'] });

    service.runtime.advanceClock(minutes(5));
    expect(await decide(ip)).toMatchObject({ policy: 'everybody', groups: ['staff'] });
    for (let minute = 0; minute < 2; minute += 1) await service.runtime.tick('EveryMinute');

    const { events } = (await api(`GET /v1/endpoints/${mac}/why`)).body as {
      events: { state: string; code: string }[];
    };
    expect(events.filter(({ state }) => state === 'released')).toMatchObject([{ code: 'released-by-time' }]);
  },
);

test('decisions know nothing of holds where a tenant wants them not to', async () => {
  const [mac, ip] = ['00:11:22:33:ca:13', '192.0.2.113'];
  await known(mac, ip);
  await api(`POST /v1/endpoints/${mac}/block`, {});
  await configure('acme', { applyHoldsToDecisions: false });
  expect(await decide(ip)).toMatchObject({ action: 'permit', policy: 'everybody' });

  await configure('acme', {});
  expect(await decide(ip)).toMatchObject({ reason: 'endpoint-blocked' });
});
