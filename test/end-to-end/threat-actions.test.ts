/** Threat actions through the running service: what waits, what comes twice or late, lines of syslog, and what is refused. */
import { sensorTemplate } from '../support/admission.ts';
import { minutes } from '../support/observations.ts';
import { needs } from './needs.ts';
import { call, type Service, startService } from './service.ts';
import { aSite, theSetUp } from './site.ts';

type Body = Record<string, unknown>;

let service: Service;
let site: ReturnType<typeof aSite>;
let other: ReturnType<typeof aSite>;

const forGuests = { roles: 'selected', names: ['guest'] };
const ofSensor = (told: Body) => ({ severity: 'any', role: null, assignment: 'permanent', releaseAfterMinutes: null, scope: { roles: 'all', names: [] }, logOnly: false, template: 'sensor', ...told }); // prettier-ignore
const setUp = (usual: ReturnType<typeof theSetUp>) => ({
  templates: [sensorTemplate],
  clients: [
    ...usual.clients,
    { name: 'sensor-1', description: '', address: '198.51.100.7', template: 'sensor', relays: ['threat-sender'] },
    { name: 'sensor-2', description: '', address: '198.51.100.8', template: 'sensor', relays: ['another relay'] },
  ],
  roles: [...usual.roles, { name: 'guest', description: '', quarantine: false }],
  admissionPolicies: [
    { ...usual.admissionPolicies[1], name: 'guests', severity: 'medium', scope: forGuests },
    ...usual.admissionPolicies,
    ofSensor({ name: 'infected', event: 'infected', action: 'quarantine', role: 'quarantine' }),
    ofSensor({ name: 'clean', event: 'clean', action: 'clear-quarantine' }),
  ],
});

beforeAll(async () => {
  service = await startService();
  site = aSite(service, 'acme');
  other = aSite(service, 'globex');
  for (const each of [site, other])
    expect(await each.setUp(setUp(theSetUp(service.callerAddress)))).toMatchObject({ status: 200 });
});
afterAll(async () => service.stop());

let devices = 0;
/** Another device for each story, with an address of its own. */
const aDevice = (of = site) => {
  devices += 1;
  return { ...of.device(`00:11:22:33:cb:${devices.toString(16).padStart(2, '0')}`, 'alice'), ip: `10.2.0.${devices}` };
};
const lines = async (ip: string, of = site) =>
  ((await of.operator(`GET /v1/events?ip=${ip}`)).body.items as Body[]).map(({ state, code }) => `${String(state)} ${String(code)}`); // prettier-ignore
let travelled = 0;
const travel = (ms: number) => {
  travelled += ms;
  service.runtime.advanceClock(ms);
};
const iso = (msAgo: number) => new Date(Date.now() + travelled - msAgo).toISOString();
const syslog = async (body: string, tenant: 'acme' | 'globex' = 'acme') =>
  call(service.url, 'POST /api/v1/admission-control/syslog', service.authorizations[tenant]['threat-sender'], body);

test('an event that is ahead of the accounting record with the address waits for it, and another tenant’s record is none', async () => {
  const [laptop, stranger] = [aDevice(), aDevice(other)];
  await laptop.joins('desk');
  await stranger.joins('desk');
  const sent = await site.threat('quarantine-endpoint', laptop.ip, { severity: 'high' });
  expect(sent).toMatchObject({ status: 200, body: { state: 'pending', code: 'waiting-for-address', endpoint: { mac: null } } }); // prettier-ignore

  await stranger.tells(laptop.ip);
  expect(await stranger.looked()).toMatchObject({ status: 'free' });
  await laptop.tells(laptop.ip);

  expect(await laptop.looked()).toMatchObject({ status: 'quarantined' });
  expect(await site.switchesAreTold()).toEqual([laptop.mac]);
  expect(await lines(laptop.ip)).toEqual(['applied quarantined', 'pending waiting-for-address']);
  expect(await lines(laptop.ip, other)).toEqual([]);
});

test('an event that names the MAC, and whose policy depends on roles, waits for the login', async () => {
  const laptop = aDevice();
  const sent = await site.threat('quarantine-endpoint', laptop.ip, { endpointMac: laptop.mac, severity: 'medium' });
  expect(sent.body).toMatchObject({ state: 'pending', code: 'waiting-for-login', endpoint: { mac: laptop.mac } });

  expect(await laptop.joins('desk', { ip: laptop.ip })).toEqual({ filter: 'PERMIT-PULSE-ONLY' });
  expect(await lines(laptop.ip)).toEqual(['applied quarantined', 'pending waiting-for-login']);
});

test('a repeat has the same answer and no second effect, and each is a line', async () => {
  const laptop = aDevice();
  await laptop.joins('desk', { ip: laptop.ip });
  const send = async () => site.threat('quarantine-endpoint', laptop.ip, { severity: 'high', eventId: `twice-${laptop.ip}` }); // prettier-ignore
  const first = (await send()).body;
  await site.threat('clear-quarantine-endpoint', laptop.ip);
  const again = (await send()).body;

  expect(again).toMatchObject({ state: 'replay', eventId: first.eventId, operations: first.operations });
  expect(await laptop.looked()).toMatchObject({ status: 'free' });
  expect(await lines(laptop.ip)).toEqual(['replay quarantined', 'applied cleared', 'applied quarantined']);
});

needs('clock')('events in the wrong order end as in the right one', async () => {
  const laptop = aDevice();
  await laptop.joins('desk', { ip: laptop.ip });
  travel(minutes(10));
  await site.threat('clear-quarantine-endpoint', laptop.ip, { occurredAt: iso(minutes(1)) });
  const late = await site.threat('quarantine-endpoint', laptop.ip, { severity: 'high', occurredAt: iso(minutes(2)) });

  expect(late.body).toMatchObject({ state: 'ignored', code: 'stale' });
  expect(await laptop.looked()).toMatchObject({ status: 'free' });
  expect(await lines(laptop.ip)).toEqual(['stale stale', 'ignored nothing-to-clear']);
});

test('lines of syslog, by the host that they name and by a relay that may speak for it', async () => {
  const laptop = aDevice();
  await laptop.joins('desk', { ip: laptop.ip });
  const infected = await syslog(
    `<13>Mar  1 12:00:00 198.51.100.7 ids[7]: trojan host=${laptop.ip} prio=1 name="W32"\n`,
  );
  expect(infected).toMatchObject({ status: 200, body: { received: 1, results: [{ state: 'applied', endpoint: { mac: laptop.mac } }] } }); // prettier-ignore
  expect(await laptop.looked()).toMatchObject({ status: 'quarantined', reasons: [{ threatName: 'W32', sender: { name: 'sensor-1' } }] }); // prettier-ignore

  const rawmsg = `<13>Mar  1 12:00:00 box ids[7]: clean host=${laptop.ip}`;
  const clean = await syslog(JSON.stringify({ 'fromhost-ip': '198.51.100.7', rawmsg }));
  expect(clean.body).toMatchObject({ results: [{ state: 'applied', code: 'cleared' }] });
  expect(await laptop.looked()).toMatchObject({ status: 'free' });

  const refused = await syslog(`<13>Mar  1 12:00:00 sensor-2 ids[7]: trojan host=${laptop.ip}`);
  expect(refused).toMatchObject({ status: 403, body: { results: [{ code: 'admission-client-unknown' }] } });
});

test('who may not send is told so, and what is refused is found in the log', async () => {
  const url = 'POST /api/v1/admission-control/events' as const;
  const { operator, 'threat-sender': sender } = service.authorizations.acme;
  const body = JSON.stringify({ event: 'quarantine-endpoint', endpointIp: '10.2.9.9' });

  expect((await call(service.url, url, undefined, body)).status).toBe(401);
  expect(await call(service.url, url, operator, body)).toMatchObject({ status: 403, body: { code: 'role-refused' } });
  expect(await call(service.url, url, sender, '{"event":')).toMatchObject({ status: 400, body: { code: 'json-invalid', result: { warnings: [{}] } } }); // prettier-ignore
  expect(await call(service.url, url, sender, '{"event":"x","endpointIp":"10.2.9.9"}')).toMatchObject({ status: 422, body: { code: 'event-unknown' } }); // prettier-ignore
  const { items } = (await site.operator('GET /v1/events?state=refused')).body as { items: Body[] };
  expect(items.map(({ code }) => code)).toEqual(expect.arrayContaining(['role-refused', 'json-invalid', 'event-unknown', 'admission-client-unknown'])); // prettier-ignore
});
