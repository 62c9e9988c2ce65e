/**
 * Both halves of the loop on one machine: ATP Cloud lists an address, a connector tells our own door for Policy Enforcers,
 * the device is put into quarantine at its switch, and is let go of again. A feed that flaps, and one that comes back empty.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type AtpCloud, startAtpCloud } from '../simulators/atp-cloud.ts';
import { minutes } from '../support/observations.ts';
import { allNeed } from './needs.ts';
import { call, type Service, startService } from './service.ts';
import { aSite } from './site.ts';

type Body = Record<string, unknown>;

/** A user and a password, as they stand behind `Basic`. */
function userOf(authorization: string) {
  const [user = '', password = ''] = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString().split(':');
  return { username: user, password };
}

allNeed(
  'clock',
  'schedules',
  'logs',
)('with a feed, a connector and a switch', () => {
  let service: Service;
  let cloud: AtpCloud;
  let acme: ReturnType<typeof aSite>;
  let globex: ReturnType<typeof aSite>;
  let polls = 0;
  beforeAll(async () => {
    service = await startService(undefined, (line) => {
      if (line.includes('"FeedPolls":')) polls += 1;
    });
    cloud = await startAtpCloud({ tokens: ['the token of acme'] });
    [acme, globex] = [aSite(service, 'acme'), aSite(service, 'globex')];
    const own = new URL(service.url);
    const { address, port } = cloud.server;
    const setUp = await acme.setUp({
      connectors: [
        {
          name: 'our-own-door',
          type: 'pulse-policy-secure',
          address: own.hostname,
          port: Number(own.port),
          connectMethod: 'http',
          ...userOf(service.authorizations.acme['threat-sender']),
          subnets: ['192.0.2.0/24'],
        },
      ],
      feeds: { atpCloud: { enabled: true, address, port, connectMethod: 'http', token: 'the token of acme', pollMinutes: 5 } }, // prettier-ignore
    });
    expect(setUp).toMatchObject({ status: 200 });
    expect((await globex.setUp()).status).toBe(200);
  });
  afterAll(async () => {
    await service.stop();
    await cloud.stop();
  });

  /**
   * So much later the feed is asked, and what follows from it has been done: a worker's line of the log comes last.
   * Nobody is being told anything when the clock goes on: a worker that seems to be dead by then has a successor.
   */
  async function polled(later = minutes(5)): Promise<void> {
    await until(async () => (await underWay()).length === 0);
    const before = polls;
    service.runtime.advanceClock(later);
    await until(async () => {
      await service.runtime.tick('EveryMinute');
      return polls > before;
    });
  }
  const status = async (device: ReturnType<typeof acme.device>) => (await device.looked()).status;
  const underWay = async () =>
    (await acme.operator('GET /v1/infected-hosts?connector=our-own-door&enforcement=pending')).body.items as readonly Body[]; // prettier-ignore
  /** What our own door was told by the connector, each once: where it answers late it is told again, which is a replay. */
  const toldAbout = async (ip: string) =>
    ((await acme.operator(`GET /v1/events?ip=${ip}&sender=policy-enforcer`)).body.items as readonly Body[]).filter(({ state }) => state !== 'replay').map(({ event, state }) => `${String(event)} ${String(state)}`); // prettier-ignore

  /** A hang is ended by the test's own time. */
  async function until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await wait(50);
  }

  test('one that is pushed is put into quarantine, told once however often it is pushed, and let go of at level 0', async () => {
    const tablet = acme.device('00:11:22:33:f1:00', 'erin');
    await tablet.joins('desk', { ip: '192.0.2.40' });
    const push = async (level: number) =>
      call(
        service.url,
        'POST /v1/infected-hosts',
        service.authorizations.acme['threat-sender'],
        JSON.stringify({ hosts: [{ ip: '192.0.2.40', level }] }),
      );
    expect((await push(8)).body.hosts).toMatchObject([{ wanted: 'quarantined', connector: 'our-own-door' }]);
    await until(async () => (await status(tablet)) === 'quarantined');
    await push(8);
    await until(async () => (await toldAbout('192.0.2.40')).length > 0);
    expect(await toldAbout('192.0.2.40')).toEqual(['quarantine-endpoint applied']);
    expect((await push(0)).body.hosts).toMatchObject([{ wanted: 'free' }]);
    await until(async () => (await status(tablet)) === 'free');
  });

  test('an infected host is put into quarantine, and let go of once an operator has resolved it', async () => {
    const laptop = acme.device('00:11:22:33:f1:01', 'alice');
    const theirs = globex.device('00:11:22:33:f1:01', 'alice');
    expect(await laptop.joins('desk', { ip: '192.0.2.10' })).toEqual({ filter: 'PERMIT-ALL' });
    await theirs.joins('desk', { ip: '192.0.2.10' });

    cloud.list({ '192.0.2.10': 8, '192.0.2.11': 3 });
    await polled();
    await until(async () => (await status(laptop)) === 'quarantined');
    await until(async () => (await toldAbout('192.0.2.10')).length > 0); // its line follows the hold
    expect(await toldAbout('192.0.2.10')).toEqual(['quarantine-endpoint applied']);
    expect(await acme.switchesAreTold()).toEqual([laptop.mac]);
    await laptop.leaves();
    expect(await laptop.joins('desk', { ip: '192.0.2.10' })).toEqual({ filter: 'PERMIT-PULSE-ONLY' });
    expect((await laptop.why()).code).toBe('quarantined');
    // The report has the endpoint that is held, and the host of the feed with its connector.
    const report = async () =>
      (await acme.operator('GET /v1/infected-hosts?ip=192.0.2.10')).body.items as readonly Body[];
    await until(async () =>
      (await report()).every(({ enforcement }) => (enforcement as Body).state === 'acknowledged'),
    );
    expect(await report()).toMatchObject([
      { mac: laptop.mac, status: 'quarantined', sender: { kind: 'client', name: 'policy-enforcer' }, connector: null },
      {
        ip: '192.0.2.10',
        feed: 'atp-cloud',
        level: 8,
        connector: 'our-own-door',
        enforcement: { state: 'acknowledged' },
      },
    ]);
    // The other tenant has the same address and the same MAC, and hears nothing of it.
    expect(await theirs.looked()).toMatchObject({ status: 'free' });
    expect((await globex.operator('GET /v1/infected-hosts')).body.items).toEqual([]);
    expect((await globex.operator('GET /v1/events')).body.items).toEqual([]);

    expect((await acme.operator('PUT /v1/infected-hosts/192.0.2.10', { investigation: 'resolved-fixed' })).status).toBe(
      200,
    );
    await until(async () => (await status(laptop)) === 'free');
    expect(await acme.switchesAreTold()).toEqual([laptop.mac]);
    await laptop.leaves();
    expect(await laptop.joins('desk', { ip: '192.0.2.10' })).toEqual({ filter: 'PERMIT-ALL' });
    // It is in the feed still, and nothing more is done about it.
    await polled();
    expect(await status(laptop)).toBe('free');
  });

  test('one that the feed has lost is let go of after two good polls that are five minutes apart', async () => {
    const phone = acme.device('00:11:22:33:f1:02', 'bob');
    await phone.joins('desk', { ip: '192.0.2.20' });
    cloud.list({ '192.0.2.20': 9 });
    await polled();
    await until(async () => (await status(phone)) === 'quarantined');

    cloud.list({});
    await polled();
    expect(await status(phone)).toBe('quarantined');
    await polled();
    await until(async () => (await status(phone)) === 'free');
    await phone.leaves();
    expect(await phone.joins('desk', { ip: '192.0.2.20' })).toEqual({ filter: 'PERMIT-ALL' });
  });

  test('a feed that flaps acts once: who is back before he was free is told nothing', async () => {
    const printer = acme.device('00:11:22:33:f1:03', 'carol');
    await printer.joins('desk', { ip: '192.0.2.30' });
    cloud.list({ '192.0.2.30': 8 });
    await polled();
    await until(async () => (await status(printer)) === 'quarantined');

    for (let turn = 0; turn < 3; turn += 1) {
      cloud.list({});
      await polled();
      cloud.list({ '192.0.2.30': 8 });
      await polled();
    }
    cloud.answerWith('{"data": {"count": 1');
    await polled();
    cloud.answerWith(null);
    await polled();
    expect(await status(printer)).toBe('quarantined');
    expect(await toldAbout('192.0.2.30')).toEqual(['quarantine-endpoint applied']);
  });

  test('a feed that comes back empty frees nobody before an operator has said that it is true', async () => {
    const hosts = Array.from({ length: 12 }, (_, index) => `192.0.2.${100 + index}`);
    const [first = ''] = hosts;
    const server = acme.device('00:11:22:33:f1:04', 'dave');
    await server.joins('desk', { ip: first });
    cloud.list(Object.fromEntries(hosts.map((ip) => [ip, 9])));
    await polled();
    await until(async () => (await status(server)) === 'quarantined');

    cloud.list({});
    for (let turn = 0; turn < 3; turn += 1) await polled();
    expect(await status(server)).toBe('quarantined');
    const open = (await acme.operator('GET /v1/approvals')).body.items as readonly Body[];
    const losses = open.filter(({ reason }) => reason === 'feed-loss');
    expect(losses).toHaveLength(1);
    expect((await globex.operator('GET /v1/approvals')).body.items).toEqual([]);

    // However the list grows meanwhile: those that it lost are still gone. Who rejects that may learn better.
    const decide = async (word: string) => (await acme.operator(`POST /v1/approvals/${String(losses[0]?.id)}/${word}`, {})).status; // prettier-ignore
    expect(await decide('reject')).toBe(200);
    cloud.list(Object.fromEntries(Array.from({ length: 13 }, (_, index) => [`198.51.100.${index + 1}`, 9])));
    for (let turn = 0; turn < 2; turn += 1) await polled();
    expect(await status(server)).toBe('quarantined');

    expect(await decide('approve')).toBe(200);
    await polled();
    await polled();
    await until(async () => (await status(server)) === 'free');
    const decided = (await acme.operator('GET /v1/approvals')).body.items as readonly Body[];
    expect(decided.filter(({ reason }) => reason === 'feed-loss')).toMatchObject([{ state: 'approved', lost: 12 }]);
  });
});
