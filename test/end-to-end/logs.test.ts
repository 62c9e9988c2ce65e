/** The logs and reports of threat response through the running service, as pages and as files. */
import { needs } from './needs.ts';
import { basic, call, type Service, startService } from './service.ts';
import { aSite } from './site.ts';

let service: Service;
let site: ReturnType<typeof aSite>;
let other: ReturnType<typeof aSite>;
beforeAll(async () => {
  service = await startService();
  site = aSite(service, 'acme');
  other = aSite(service, 'globex');
  for (const each of [site, other]) expect((await each.setUp()).status).toBe(200);
});
afterAll(async () => service.stop());

interface Listed {
  readonly items: readonly Record<string, unknown>[];
  readonly next: string | null;
}

const read = async (path: string, of = site) => (await of.operator(`GET ${path}` as 'GET /v1/events')).body as unknown as Listed; // prettier-ignore

const file = async (path: string) =>
  fetch(service.url + path, { headers: { Authorization: service.authorizations.acme.auditor, Accept: 'text/csv' } });

test('a login, a threat action, an infected host and its enforcement are found in their logs, and not by others', async () => {
  const laptop = { ...site.device('00:11:22:33:ca:01', 'alice'), ip: '10.1.0.1' };
  await laptop.joins('desk', { ip: laptop.ip });
  await site.threat('quarantine-endpoint', laptop.ip, { severity: 'high', threatName: '=W32', eventId: 'logs-1' });

  const logins = await read('/v1/user-access?user=ALICE&result=accepted&realm=users');
  const login = { code: 'accepted', user: 'alice', realm: 'users', roles: ['employee'], mac: laptop.mac };
  expect(logins.items).toContainEqual(expect.objectContaining(login));
  for (const query of [`mac=${laptop.mac}`, `ip=${laptop.ip}`, 'sender=policy-enforcer', 'state=applied']) {
    expect((await read(`/v1/events?${query}`)).items).toMatchObject([{ eventId: 'logs-1', threatName: '=W32' }]);
  }
  expect((await read('/v1/infected-hosts?status=quarantined&user=alice')).items).toMatchObject([
    {
      mac: laptop.mac,
      ip: laptop.ip,
      user: 'alice',
      sender: { kind: 'client', name: 'policy-enforcer' },
      severity: 'high',
      investigation: 'open',
      enforcement: { state: 'pending' },
    },
  ]);
  expect((await read('/v1/infected-hosts?enforcement=acknowledged')).items).toEqual([]);
  await site.switchesAreTold();
  expect((await read('/v1/infected-hosts?enforcement=acknowledged')).items).toHaveLength(1);

  const answer = await file('/v1/events');
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="events-\d{4}-\d\d-\d\d\.csv"$/);
  expect(await answer.text()).toContain(`,'=W32,`);
  for (const path of ['/v1/events', '/v1/user-access', '/v1/infected-hosts']) {
    expect((await read(path, other)).items).toEqual([]);
  }

  await site.threat('clear-quarantine-endpoint', laptop.ip);
  expect((await read('/v1/infected-hosts')).items).toEqual([]);
});

test('what was refused is in the event log too, and a file that is full says where it goes on', async () => {
  const sender = service.authorizations.acme['threat-sender'];
  for (const body of ['{', '{"event":"explode","endpointIp":"10.1.0.9"}', '{"event":"block-endpoint"}']) {
    await call(service.url, 'POST /api/v1/admission-control/events', sender, body);
  }

  const refused = await read('/v1/events?state=refused');
  expect(refused.items.map(({ code }) => code)).toEqual(['endpoint-ip-invalid', 'event-unknown', 'json-invalid']);

  const rows: string[] = [];
  let path: string | undefined = '/v1/events?state=refused&format=csv&limit=2';
  while (path !== undefined) {
    const answer = await file(path);
    rows.push(...(await answer.text()).split('\r\n').slice(1, -1));
    path = /^<(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  expect(rows).toHaveLength(3);
});

needs('clock')('the debug log is on for a time, of one tenant, and off by itself', async () => {
  const on = await call(service.url, 'PUT /v1/debug-log', service.authorizations.acme.operator, '{"minutes":10}');
  expect(on.body.until).toMatch(/Z$/);
  expect((await site.operator('GET /v1/debug-log')).body.until).toBe(on.body.until);
  expect((await other.operator('GET /v1/debug-log')).body.until).toBeNull();

  service.runtime.advanceClock(10 * 60_000);
  expect((await site.operator('GET /v1/debug-log')).body.until).toBeNull();
});

needs('clock')(
  'while the debug log is on it tells what was seen and done, without passwords, and to its tenant only',
  async () => {
    await call(service.url, 'PUT /v1/debug-log', service.authorizations.acme.operator, '{"minutes":60}');
    service.runtime.advanceClock(11_000);
    const phone = { ...site.device('00:11:22:33:ca:02', 'bob'), ip: '10.1.0.2' };
    await phone.joins('hall', { ip: phone.ip });
    await site.threat('block-endpoint', phone.ip);
    await site.switchesAreTold();
    const packet = { 'User-Name': 'eve', 'User-Password': 'hunter2', 'Calling-Station-Id': '00-11-22-33-CA-03', 'NAS-IP-Address': '198.51.100.2' }; // prettier-ignore
    const members = Object.entries(packet).map(([name, value]) => [name, { type: 'string', value: [value] }]);
    await call(service.url, 'POST /v1/radius/authorize', service.authorizations.acme.radius, JSON.stringify(Object.fromEntries(members))); // prettier-ignore

    const { items } = await read('/v1/debug-log?limit=100');
    const parts = new Set(items.map(({ part }) => part));
    expect(parts).toEqual(new Set(['admission', 'radius', 'changes']));
    expect(JSON.stringify(items)).toContain('The policy \\"block-infected\\" matched.');
    expect(JSON.stringify(items)).not.toContain('hunter2');
    expect((await read('/v1/debug-log', other)).items).toEqual([]);
  },
);

test('the logs are for who reads: nobody else, and nobody unknown', async () => {
  const { auditor, radius } = service.authorizations.acme;

  expect((await call(service.url, 'GET /v1/events', auditor)).status).toBe(200);
  expect((await call(service.url, 'GET /v1/events', radius)).status).toBe(403);
  expect((await call(service.url, 'GET /v1/events', basic('acme-nobody', 'x'))).status).toBe(401);
  expect((await call(service.url, 'PUT /v1/debug-log', auditor, '{"minutes":1}')).status).toBe(403);
});
