/** Stories of connectors through the running service: tried, stored, checked, and told in the vendor's words. */
import { type ClearPass, startClearPass } from '../simulators/clearpass.ts';
import { type Pps, startPps } from '../simulators/pps.ts';
import { needs, simulators } from './needs.ts';
import { call, type Service, startService } from './service.ts';

let service: Service;
let pps: Pps;
let clearPass: ClearPass;
beforeAll(async () => {
  [service, pps, clearPass] = await Promise.all([
    startService(),
    startPps({ address: simulators, users: { enforcer: 's3cret' } }),
    startClearPass({ address: simulators }),
  ]);
});
afterAll(async () => Promise.all([service.stop(), pps.stop(), clearPass.stop()]));

type Tenant = 'acme' | 'globex';
type Role = 'operator' | 'threat-sender';

const send = async (request: `${string} /${string}`, body?: unknown, tenant: Tenant = 'acme', role: Role = 'operator') =>
  call(service.url, request, service.authorizations[tenant][role], body === undefined ? undefined : JSON.stringify(body)); // prettier-ignore

const campus = (told = {}) => ({
  name: 'campus',
  type: 'pulse-policy-secure',
  address: pps.server.address,
  port: pps.server.port,
  connectMethod: 'http',
  username: 'enforcer',
  password: 's3cret',
  subnets: ['203.0.113.0/24'],
  ...told,
});

const connectionOf = async (body: unknown, tenant?: Tenant) =>
  (await send('POST /v1/connectors/test', body, tenant)).body.connection as { outcome: string; detail: string };

needs('simulators')('a draft is tried where it would be used, before anybody saves it', async () => {
  expect(await connectionOf({ connector: campus() })).toMatchObject({ outcome: 'acknowledged' });
  expect(await connectionOf({ connector: campus({ password: 'wrong' }) })).toMatchObject({ outcome: 'refused' });
  expect((await send('GET /v1/connectors')).body.items).toEqual([]);
});

needs('simulators')('a ClearPass is tried from its query cell', async () => {
  const { address, port } = clearPass.server;
  const draft = { ...campus(), name: 'cellar', type: 'clearpass', address, port, username: 'postern' };

  expect(await connectionOf({ connector: draft })).toMatchObject({ outcome: 'acknowledged' });
});

needs('simulators')(
  'what was stored is tried by its name, by its own tenant alone, and shown without its secret',
  async () => {
    const { status, body } = await send('PUT /v1/connectors', { items: [campus()] });

    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toContain('s3cret');
    expect(await connectionOf({ name: 'campus' })).toMatchObject({ outcome: 'acknowledged' });
    expect((await send('POST /v1/connectors/test', { name: 'campus' }, 'globex')).body.code).toBe('connector-absent');
    const instances = (await send('GET /api/v2/connector/instances', undefined, 'acme', 'threat-sender')).body
      .instances;
    expect(instances).toMatchObject([{ id: 'campus', type: 'Pulse Policy Secure' }]);
  },
);
