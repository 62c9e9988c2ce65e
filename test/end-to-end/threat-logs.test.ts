/** Logs of firewalls come in over HTTP, and those of threats go on to ClearPass: what counts is what it receives. */
import { gzipSync } from 'node:zlib';
import { startSyslogReceiver, type SyslogReceiver, type SyslogReceiverOptions } from '../simulators/syslog-receiver.ts';
import { certificateFor } from '../support/certificates.ts';
import { delivered } from './delivered.ts';
import { allItems } from './isolation/tables.ts';
import { needs, simulators } from './needs.ts';
import { call, type Service, startService } from './service.ts';

let service: Service;
let receiver: SyslogReceiver | undefined;
const told: string[] = [];
beforeAll(async () => {
  service = await startService(undefined, (line) => told.push(line));
});
afterEach(async () => {
  const stopping = receiver;
  receiver = undefined;
  if (stopping === undefined) return;
  await delivered(service, told);
  await stopping.stop();
});
afterAll(async () => service.stop());

type Tenant = 'acme' | 'globex';

const post = async (body: string | Uint8Array, tenant: Tenant = 'acme', headers: Record<string, string> = {}) =>
  call(
    service.url,
    'POST /v1/threat-logs',
    service.authorizations[tenant]['log-sender'],
    typeof body === 'string' ? body : new Uint8Array(body),
    headers,
  );
const get = async (path: string, tenant: Tenant = 'acme') =>
  call(service.url, `GET ${path}` as 'GET /', service.authorizations[tenant].operator);
const put = async (path: string, body: unknown, tenant: Tenant = 'acme') => {
  const { status, body: answer } = await call(service.url, `PUT ${path}` as 'PUT /', service.authorizations[tenant].operator, JSON.stringify(body)); // prettier-ignore
  if (status !== 200) throw new Error(JSON.stringify(answer));
};

async function sendsTo(
  options: SyslogReceiverOptions,
  more: Record<string, unknown> = {},
  tenant: Tenant = 'acme',
  caCertificate?: string,
) {
  receiver = await startSyslogReceiver({ ...options, address: simulators });
  const { body } = await get('/v1/configuration', tenant);
  const configuration = body as { readonly threatLogs: object };
  const destination = {
    address: simulators,
    port: receiver.port,
    transport: options.transport,
    caCertificate: caCertificate ?? null,
  };
  await put(
    '/v1/configuration',
    { ...configuration, threatLogs: { ...configuration.threatLogs, ...more, destination } },
    tenant,
  );
  return receiver;
}

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};

const line = (tag: string, params: string, firewall = 'fw-1') =>
  `<14>1 ${new Date().toISOString()} ${firewall} RT_IDP - ${tag} [junos@2636.1.1.1.2.86 ${params}]`;
const attack = (ip: string, n = 0) => line('IDP_ATTACK_LOG_EVENT', `source-address="${ip}" attack-name="HTTP:MISC" n="${n}" username="EXAMPLE\\alice"`); // prettier-ignore
const flow = line('RT_FLOW_SESSION_CLOSE', 'source-address="192.0.2.50"', 'fw-2');
const counted = (text: string) => `${Buffer.byteLength(text)} ${text}`;

needs('simulators')('threats go on as they came, and what else came is told', async () => {
  const clearPass = await sendsTo({ transport: 'tcp' });
  const [one, two] = [attack('192.0.2.50', 1), attack('192.0.2.50', 2)];

  const { status, body } = await post(`${one}\n${flow}\nnonsense\n${counted(two)}`);

  expect([status, body]).toEqual([200, { received: 4, accepted: 2, filtered: 1, rateLimited: 0, malformed: 1, errors: [{ line: 3, reason: 'no-header' }] }]); // prettier-ignore
  await until(() => clearPass.lines().length >= 2);
  expect(clearPass.lines()).toEqual([one, two]);
});

needs('simulators')('they go over UDP, and over TLS to whom the tenant trusts', async () => {
  const udp = await sendsTo({ transport: 'udp' });
  await post(attack('192.0.2.50'));
  await until(() => udp.lines().length >= 1);
  await delivered(service, told);
  await udp.stop();

  const certificate = await certificateFor(simulators, 'localhost');
  const tls = await sendsTo({ transport: 'tls', ...certificate }, {}, 'acme', certificate.cert);
  const sent = attack('192.0.2.51');
  await post(gzipSync(sent), 'acme', { 'Content-Encoding': 'gzip' });
  await until(() => tls.lines().length >= 1);

  expect(tls.lines()).toEqual([sent]);
});

needs('simulators')('who was there is in the event log, and the status tells what went on', async () => {
  const clearPass = await sendsTo({ transport: 'tcp' }, {}, 'globex');
  const logon = `<userfw-entries><userfw-entry><source>Aruba ClearPass</source><operation>logon</operation><IP>192.0.2.60</IP><domain>globex</domain><user>bob</user><role-list><role>staff</role></role-list></userfw-entry></userfw-entries>`; // prettier-ignore
  await call(service.url, 'POST /api/userfw/v1/post-entry', service.authorizations.globex['web-api'], logon);

  const ofGlobexAlone = line('RT_FLOW_SESSION_CLOSE', 'source-address="192.0.2.50"', 'fw-of-globex');
  await post(`${attack('192.0.2.60', 1)}\n${attack('192.0.2.60', 2)}\n${ofGlobexAlone}`, 'globex');
  await until(() => clearPass.lines().length >= 2);

  const events = await get('/v1/events?ip=192.0.2.60', 'globex');
  expect(events.body.items).toMatchObject([{ code: 'threat-log', event: 'IDP_ATTACK_LOG_EVENT', user: 'globex\\bob', threatName: 'HTTP:MISC' }]); // prettier-ignore
  const status = async () => (await get('/v1/threat-logs/status', 'globex')).body;
  const total = async () => ((await status()).total as { sent: number }).sent;
  while ((await total()) < 2) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await status()).toMatchObject({
    destination: { transport: 'tcp' },
    total: { received: 3, accepted: 2, filtered: 1, rateLimited: 0, sent: 2, waiting: 0 },
  });
  const { firewalls } = (await status()) as { firewalls: { firewall: string }[] };
  expect(firewalls.toSorted((one, other) => one.firewall.localeCompare(other.firewall))).toMatchObject([
    { firewall: 'fw-1', tags: [{ tag: 'IDP_ATTACK_LOG_EVENT', accepted: 2, sent: 2 }] },
    { firewall: 'fw-of-globex', silent: false, filtered: 1, tags: [] },
  ]);
  await post(flow);
  const ofAcme = (await get('/v1/threat-logs/status', 'acme')).body.firewalls as typeof firewalls;
  expect(ofAcme.map(({ firewall }) => firewall)).toContain('fw-2');
  expect(ofAcme.map(({ firewall }) => firewall)).not.toContain('fw-of-globex');
});

needs('simulators', 'tables')(
  'ten senders at once: the receiver never has more than the limit in a second, and all that the limit allows',
  async () => {
    const rateLimit = 200;
    const clearPass = await sendsTo({ transport: 'tcp' }, { rateLimit });
    const before = await grantedSeconds();
    let accepted = 0;
    let sent = 0;
    const sender = async (name: number) => {
      for (let turn = 0; turn < 12; turn += 1) {
        const length = turn === 0 ? 2 * rateLimit : 20; // the first is more than a second has, whenever it comes
        const lines = Array.from({ length }, () => attack(`192.0.2.${name}`, (sent += 1)));
        const { status, body } = await post(lines.join('\n'));
        expect(status).toBe(200);
        accepted += body.accepted as number;
        await new Promise((resolve) => setTimeout(resolve, 600)); // no more requests in a second than a tenant may send
      }
    };

    await Promise.all(Array.from({ length: 10 }, async (_, name) => sender(name)));
    await until(() => new Set(clearPass.lines()).size >= accepted);

    expect(accepted).toBeLessThan(sent);
    const after = await grantedSeconds();
    const of = (granted: typeof after, second: string) => Math.min(granted.get(second) ?? 0, rateLimit);
    const offered = [...after.keys()].map((second) => of(after, second) - of(before, second));
    expect(accepted).toBe(offered.reduce((sum, lines) => sum + lines, 0));
    // Those of a connection whose end is late are sent again.
    expect(new Set(clearPass.lines()).size).toBe(accepted);
    expect(clearPass.mostInASecond()).toBeLessThanOrEqual(rateLimit);
    expect(clearPass.statistics().maxOpenConnections).toBe(1);
  },
);

/** Of acme, by the second: how many lines asked to go on. */
async function grantedSeconds(): Promise<ReadonlyMap<string, number>> {
  const items = await allItems(service);
  const granted = [...items.values()].filter(({ partition, sort }) => partition === 'T#acme#THREATLOGS' && sort.startsWith('GRANTED#')); // prettier-ignore
  return new Map(granted.map(({ sort, text }) => [sort, Number(/"lines":\{"N":"(\d+)"/.exec(text)?.[1])]));
}

needs('simulators')('a receiver that hangs up is told of with the reason, and has all of it again', async () => {
  const clearPass = await sendsTo({ transport: 'tcp' });
  clearPass.behave({ resetsAfter: 2 });
  const lines = Array.from({ length: 5 }, (_, n) => attack('192.0.2.70', n));

  await post(lines.join('\n'));
  const failing = async () => (await get('/v1/threat-logs/status')).body.failing as { readonly reason: string } | null;
  let failure = await failing();
  for (; failure === null; failure = await failing()) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(failure.reason).toMatch(/^connection-/);
  clearPass.behave({});
  await until(() => clearPass.lines().length >= 7);
  await delivered(service, told);
  while ((await failing()) !== null) await new Promise((resolve) => setTimeout(resolve, 50));

  expect(clearPass.lines().slice(-5)).toEqual(lines);
});

/** The firewall fw-1 has a template that quarantines whom it names. */
async function actsOnThreats() {
  const pattern = '(?P<event>IDP_ATTACK_LOG_EVENT) .*source-address="(?P<endpointIp>[^"]+)"';
  const events = [{ name: 'IDP_ATTACK_LOG_EVENT', actions: ['quarantine'] }];
  await put('/v1/templates', { items: [{ name: 'srx', device: 'SRX', protocol: 'syslog', parse: { type: 'pattern', pattern }, events }] }); // prettier-ignore
  await put('/v1/clients', { items: [{ name: 'fw-1', address: service.callerAddress, template: 'srx' }] });
}

needs('simulators')('a threat log can be a threat action, through a template', async () => {
  await sendsTo({ transport: 'tcp' }, { threatActions: true });
  await actsOnThreats();

  expect((await post(attack('192.0.2.80'))).body).toMatchObject({ accepted: 1 });

  const { body } = await get('/v1/events?ip=192.0.2.80');
  expect(body.items).toContainEqual(expect.objectContaining({ code: 'threat-log' }));
  expect(body.items).toContainEqual(expect.objectContaining({ template: 'srx', event: 'IDP_ATTACK_LOG_EVENT' }));
});

needs('simulators', 'pace')(
  'a flood of made-up addresses goes on, although no request could act on all of them',
  async () => {
    const clearPass = await sendsTo({ transport: 'tcp' }, { threatActions: true, rateLimit: 2_000 });
    await actsOnThreats();
    const flood = Array.from({ length: 1_000 }, (_, n) => attack(`198.18.${n >> 8}.${n & 255}`, n));

    const { status, body } = await post(flood.join('\n'));

    expect([status, body]).toMatchObject([200, { received: 1_000, accepted: 1_000 }]);
    await until(() => new Set(clearPass.lines()).size >= 1_000);
    expect([...new Set(clearPass.lines())]).toEqual(flood);
    const { items } = (await get('/v1/events?state=noted&limit=1000')).body as { items: { code: string }[] };
    expect(items.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['threat-logs-unacted', 'threat-logs-untold']),
    );
  },
);

test.each([
  ['no gzip', 'x', { 'Content-Encoding': 'gzip' }, 400, 'encoding-invalid'],
  ['another encoding', 'x', { 'Content-Encoding': 'br' }, 415, 'encoding-unsupported'],
  ['a bomb', gzipSync(Buffer.alloc(50_000_000)), { 'Content-Encoding': 'gzip' }, 413, 'body-too-large'],
  ['three megabytes', 'x'.repeat(3_000_000), {}, 413, 'body-too-large'],
] as const)('%s is refused with what to do', async (_, body, headers, status, code) => {
  const answer = await post(body, 'acme', headers);

  expect([answer.status, answer.body.code]).toEqual([status, code]);
});

test('a tenant that has switched them off is told so; others’ credentials are of no use', async () => {
  const { body } = await get('/v1/configuration', 'globex');
  const configuration = body as { readonly threatLogs: object };
  await put('/v1/configuration', { ...configuration, threatLogs: { ...configuration.threatLogs, enabled: false } }, 'globex'); // prettier-ignore

  expect(await post(flow, 'globex')).toMatchObject({ status: 409, body: { code: 'threat-logs-off' } });
  expect((await post(flow)).status).toBe(200);
  expect((await call(service.url, 'POST /v1/threat-logs', service.authorizations.acme.operator, flow)).status).toBe(403); // prettier-ignore
});
