/**
 * Changes of authorization on their way, through the running service, to a switch on this machine that takes them: sent
 * by us, handed over to a site, and by the script that ships for the site's FreeRADIUS.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isHere, untried } from '../support/programs.ts';
import { startSwitch, type Switch } from '../simulators/switch.ts';
import { needs, simulators } from './needs.ts';
import { call, type Service, startService } from './service.ts';
import { aSite } from './site.ts';

let service: Service;
let device: Switch;
let ours: ReturnType<typeof aSite>;
let theirs: ReturnType<typeof aSite>;
beforeAll(async () => {
  [service, device] = [await startService(), await startSwitch({ address: simulators })];
  [ours, theirs] = [aSite(service, 'acme'), aSite(service, 'globex')];
  const here = { name: 'here', address: simulators, make: 'juniper-ex', secret: device.secret, locationGroup: 'office', changePort: device.port }; // prettier-ignore
  const radiusClients = [here, { ...here, name: 'wifi', address: '198.51.100.4', locationGroup: 'wireless' }];
  const direct = await ours.setUp({ changeOfAuthorization: 'direct', radiusClients });
  const site = await theirs.setUp({ radiusClients });
  expect([direct, site].map(({ status, body }) => [status, body.violations])).toEqual([[200, undefined], [200, undefined]]); // prettier-ignore
});
afterAll(async () => {
  await service.stop();
  await device.stop();
});

type Laptop = ReturnType<(typeof ours)['device']>;
type Looked = { readonly changes: readonly Record<string, unknown>[]; readonly [member: string]: unknown };

let macs = 0;
/** Logged in on the switch, which knows the session. */
async function aLaptop(of: typeof ours): Promise<Laptop & { readonly ip: string }> {
  macs += 1;
  const mac = `00:11:22:33:ca:0${macs}`;
  const [laptop, ip] = [of.device(mac, 'alice'), `10.1.0.${macs}`];
  expect(await laptop.joins('here', { ip, port: `ge-0/0/${macs}` })).toEqual({ filter: 'PERMIT-ALL' });
  const { sessions } = (await laptop.looked()) as { sessions: { acctSessionId: string }[] };
  device.login({ station: mac.replaceAll(':', '-').toUpperCase(), id: sessions[0]?.acctSessionId ?? '' });
  return { ...laptop, ip };
}

const knows = ({ mac }: Laptop) => device.sessions().some(({ station }) => station === mac.replaceAll(':', '-').toUpperCase()); // prettier-ignore

/** The newest change of an endpoint, once it is in one of these states; a hang is ended by the test's own time. */
async function comesTo(laptop: Laptop, ...states: readonly string[]) {
  for (;;) {
    const { changes } = (await laptop.looked()) as Looked;
    if (states.includes(String(changes[0]?.state))) return changes[0];
    await wait(50);
  }
}

const poll = async (seconds: number, of: 'acme' | 'globex' = 'globex') =>
  call(service.url, `GET /v1/radius/changes?wait=${seconds}`, service.authorizations[of].radius);

needs('simulators')(
  'a threat action reaches the switch over UDP at the first attempt, and what it said is on the endpoint',
  async () => {
    const laptop = await aLaptop(ours);

    expect(knows(laptop)).toBe(true);
    await ours.threat('quarantine-endpoint', laptop.ip, { severity: 'high' });
    const change = await comesTo(laptop, 'acknowledged');

    expect(change).toMatchObject({ attempts: 1, errorCause: null, detail: `${simulators}:${device.port}` });
    expect(knows(laptop)).toBe(false);
    expect(await laptop.looked()).toMatchObject({ status: 'quarantined', enforcement: { state: 'acknowledged' } });
    await laptop.leaves();
    expect(await laptop.joins('here', { ip: laptop.ip })).toEqual({ filter: 'PERMIT-PULSE-ONLY' });
  },
);

needs('simulators')('a switch that says nothing is told again until it answers', async () => {
  const laptop = await aLaptop(ours);
  device.behave({ deaf: 3 });

  await laptop.act('block', {});

  expect(await comesTo(laptop, 'timed-out')).toMatchObject({ attempts: 1, roundTripMs: null });
  expect(await comesTo(laptop, 'acknowledged')).toMatchObject({ attempts: 2 });
  expect(knows(laptop)).toBe(false);
});

needs('simulators')('a session that the switch knows no more is over here too', async () => {
  const laptop = await aLaptop(ours);
  device.login({ station: 'other', id: 'other' });
  device.behave({ refuses: 503 });

  await laptop.act('block', {});
  const change = await comesTo(laptop, 'session-over');
  device.behave({ refuses: null });

  expect(change).toMatchObject({ errorCause: 503 });
  expect(await laptop.looked()).toMatchObject({ status: 'blocked', sessions: [{ endedBy: 'gone' }] });
});

test('a site that waits is handed a change that comes meanwhile, and nobody else is', async () => {
  const laptop = await aLaptop(theirs);
  const waiting = poll(20);
  await laptop.act('block', {});
  const { body } = await waiting;
  const [handed] = body.items as { id: string; server: object; kind: string }[];

  expect(body).toMatchObject({ items: [{ mac: laptop.mac, client: 'here', server: { address: simulators, port: device.port }, kind: 'disconnect' }], next: null }); // prettier-ignore
  expect(await poll(0, 'acme')).toMatchObject({ status: 409, body: { code: 'changes-sent-directly' } });
  const answer = { result: 'nak', errorCause: 503, roundTripMs: 4 };
  const tell = async (as: 'acme' | 'globex') =>
    call(service.url, `POST /v1/radius/changes/${handed?.id ?? ''}/result`, service.authorizations[as].radius, JSON.stringify(answer)); // prettier-ignore
  expect(await tell('acme')).toMatchObject({ status: 404, body: { code: 'change-absent' } });
  expect(await tell('globex')).toMatchObject({ status: 200, body: { state: 'session-over', attempts: 1 } });
  expect(await comesTo(laptop, 'session-over')).toMatchObject({ errorCause: 503, roundTripMs: 4 });
});

const script = fileURLToPath(new URL('../../docs/freeradius/postern-changes', import.meta.url));
const programs = ['perl', 'curl', 'radclient'];
const lacking = untried('The script for FreeRADIUS is not tried', programs.filter((name) => !isHere(name)), 'Install them, radclient with freeradius-utils.'); // prettier-ignore

(lacking === undefined ? describe : describe.skip)('the script for the site’s FreeRADIUS', () => {
  const secrets = mkdtempSync(join(tmpdir(), 'postern-secrets-'));
  let written = '';
  let running: ChildProcess;
  beforeAll(() => {
    writeFileSync(join(secrets, simulators), `${device.secret}\n`);
    const token = service.authorizations.globex.radius.replace(/^Bearer /, '');
    running = spawn(script, { env: { ...process.env, POSTERN_URL: service.url, POSTERN_TOKEN: token, POSTERN_SECRETS: secrets } }); // prettier-ignore
    running.stderr?.on('data', (chunk: Buffer) => (written += chunk.toString()));
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => running.once('close', resolve));
    running.kill();
    await ended;
    rmSync(secrets, { recursive: true });
  });

  test('tells the switch with radclient, at the first attempt, and what it said is on the endpoint', async () => {
    const laptop = await aLaptop(theirs);
    await laptop.act('quarantine', { role: 'quarantine' });
    const change = await comesTo(laptop, 'acknowledged', 'timed-out');

    expect(change).toMatchObject({ state: 'acknowledged', attempts: 1, roundTripMs: expect.any(Number) as number });
    expect(knows(laptop)).toBe(false);
  });

  test('tells why a switch refuses, and that one says nothing', async () => {
    const [refused, unheard] = [await aLaptop(theirs), await aLaptop(theirs)];
    device.behave({ refuses: 506 });
    await refused.act('block', {});
    expect(await comesTo(refused, 'refused')).toMatchObject({ errorCause: 506, attempts: 1 });
    device.behave({ refuses: null, deaf: Infinity }); // whoever was refused may be told again meanwhile
    await unheard.act('block', {});

    expect(await comesTo(unheard, 'timed-out')).toMatchObject({ errorCause: null, roundTripMs: null, attempts: 1 });
    device.behave({ deaf: 0 });
    expect(written).not.toContain(device.secret);
  });

  test('tells a switch that has not been given its new secret yet with the one in the file of the day before', async () => {
    writeFileSync(join(secrets, simulators), 'a new one\n');
    writeFileSync(join(secrets, `${simulators}.old`), `${device.secret}\n`);
    const laptop = await aLaptop(theirs);
    await laptop.act('block', {});

    expect(await comesTo(laptop, 'acknowledged', 'timed-out')).toMatchObject({ state: 'acknowledged', attempts: 1 });
  });
});
