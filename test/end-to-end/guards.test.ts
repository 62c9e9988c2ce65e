/** Guards through the running service: the cap of automatic actions, many decided in one call, and one event undone. */
import { setTimeout as wait } from 'node:timers/promises';
import { startPps } from '../simulators/pps.ts';
import { minutes } from '../support/observations.ts';
import { needs, simulators } from './needs.ts';
import { type Service, startService } from './service.ts';
import { aSite } from './site.ts';

let service: Service;
let site: ReturnType<typeof aSite>;
let other: ReturnType<typeof aSite>;
beforeAll(async () => {
  service = await startService();
  site = aSite(service, 'acme');
  other = aSite(service, 'globex');
  for (const each of [site, other]) {
    expect((await each.setUp({ guards: { mostActions: 100, sharedAddresses: ['10.9.0.0/16'] } })).status).toBe(200);
  }
});
afterAll(async () => service.stop());

type Body = Record<string, unknown>;
const hex = (index: number) => index.toString(16).padStart(2, '0');
const macOf = (index: number) => `00:11:22:44:00:${hex(index)}`;
const ipOf = (index: number) => `10.4.0.${index + 1}`;
const counting = <Value>(count: number, each: (index: number) => Value) => Array.from({ length: count }, (_, index) => each(index)); // prettier-ignore

/** Until there is nothing more to tell them: whom they let go of. */
async function allAreTold(): Promise<readonly string[]> {
  const told: string[] = [];
  for (;;) {
    const handed = await site.switchesAreTold();
    if (handed.length === 0) return told;
    told.push(...handed);
  }
}

/** So many at a time as a sender has connections. */
async function inTens<Value>(count: number, act: (index: number) => Promise<Value>): Promise<Value[]> {
  const came: Value[] = [];
  for (let from = 0; from < count; from += 10) {
    came.push(...(await Promise.all(counting(Math.min(10, count - from), async (index) => act(from + index)))));
  }
  return came;
}
const stateOf = ({ body }: { readonly body: Body }) => body.state;
const held = async (of = site) => (await of.operator('GET /v1/endpoints?status=held&limit=1000')).body.items as { mac: string }[]; // prettier-ignore
const open = async (of = site) => (await of.operator('GET /v1/approvals?state=open&limit=1000')).body.items as Body[];

test('of 160 events 100 are done, 60 wait, and these are rejected in one call; another tenant has a cap of its own', async () => {
  await inTens(160, async (index) => site.operator(`PUT /v1/endpoints/${macOf(index)}`, { ip: ipOf(index) }));
  await other.operator(`PUT /v1/endpoints/${macOf(0)}`, { ip: ipOf(0) });
  const send = async (index: number, of = site) => of.threat('block-endpoint', ipOf(index), { severity: 'high', eventId: `burst-${index}` }); // prettier-ignore

  const states = (await inTens(160, send)).map(stateOf);
  expect(states.filter((state) => state === 'applied')).toHaveLength(100);
  expect(states.filter((state) => state === 'held-for-approval')).toHaveLength(60);
  expect(await held()).toHaveLength(100);
  expect((await inTens(160, send)).every(({ body }) => body.state === 'replay')).toBe(true);
  expect(await open()).toHaveLength(60);
  expect(stateOf(await send(0, other))).toBe('applied');

  const rejected = await site.operator('POST /v1/approvals', { decision: 'reject', filter: { reason: 'blast-radius', client: 'policy-enforcer' } }); // prettier-ignore
  expect(rejected).toMatchObject({ status: 200, body: { counts: { decided: 60 }, left: 'none' } });
  expect([await open(), (await held()).length, (await held(other)).length]).toEqual([[], 100, 1]);
  const lines = (await site.operator('GET /v1/events?event=operator-reject&limit=1000')).body.items as Body[];
  expect(lines).toHaveLength(60);
}, 600_000); // on a machine that others keep busy

test('an act on 25 devices is undone in one call: their switches are told, and nothing else is changed', async () => {
  const devices = counting(25, (index) => ({ ...site.device(`00:11:22:55:00:${hex(index)}`, `user-${index}`), ip: `10.5.0.${index + 1}` })); // prettier-ignore
  for (const device of devices) expect(await device.joins('desk', { ip: device.ip })).toEqual({ filter: 'PERMIT-ALL' });
  const [first, second] = devices;
  expect(await first?.act('quarantine', { role: 'quarantine', note: 'of old' })).toMatchObject({ outcome: 'applied' });
  expect(await allAreTold()).toEqual([first?.mac]);
  const before = (await held()).map(({ mac }) => mac);

  const key = { macs: devices.map(({ mac }) => mac), act: 'block', note: 'ticket 4711' };
  const acted = await site.operator('POST /v1/endpoints', key);
  const eventId = String(acted.body.eventId);
  expect(acted.body).toMatchObject({ counts: { applied: 25 }, left: 'none' });
  expect((await allAreTold()).toSorted()).toEqual(devices.map(({ mac }) => mac));
  expect(await second?.looked()).toMatchObject({ status: 'blocked', reasons: [{ eventId, note: 'ticket 4711' }] });
  expect((await site.operator('GET /v1/events?event=operator-block&limit=1000')).body.items).toHaveLength(25);

  expect((await other.operator(`POST /v1/events/${eventId}/undo`, {})).status).toBe(404);
  const undone = await site.operator(`POST /v1/events/${eventId}/undo`, { note: 'the wrong list' });
  expect(undone.body).toMatchObject({ counts: { undone: 25 }, notUndone: [], left: 'none' });
  expect((await held()).map(({ mac }) => mac)).toEqual(before);
  expect(await first?.looked()).toMatchObject({ status: 'quarantined', reasons: [{ note: 'of old' }] });
  expect(await second?.why()).toMatchObject({ code: 'undone' });
  // The switches of the others have let go of them already: they log in again, with all that is theirs.
  expect(await allAreTold()).toEqual([first?.mac]);
  expect(await first?.joins('desk', { ip: first.ip })).toEqual({ filter: 'PERMIT-PULSE-ONLY' });
  expect(await second?.joins('desk', { ip: second.ip })).toEqual({ filter: 'PERMIT-ALL' });
  expect((await site.operator(`POST /v1/events/${eventId}/undo`, {})).body).toMatchObject({ counts: { gone: 25 } });
});

test('what a client’s event did is undone by its id, and a shared address accuses nobody', async () => {
  const laptop = { ...site.device('00:11:22:66:00:01', 'alice'), ip: '10.9.0.1' };
  await laptop.joins('desk', { ip: laptop.ip });
  expect(stateOf(await site.threat('quarantine-endpoint', laptop.ip, { severity: 'high', eventId: 'shared-1' }))).toBe('held-for-approval'); // prettier-ignore
  const [waiting] = await open();
  expect(waiting).toMatchObject({ reason: 'shared-address', ip: laptop.ip, macs: [laptop.mac], eventId: 'shared-1' });

  const undone = await site.operator('POST /v1/events/shared-1/undo', { client: 'policy-enforcer' });
  expect(undone.body).toMatchObject({ undone: [{ what: 'approval' }] });
  expect(await open()).toEqual([]);
  expect((await site.operator(`POST /v1/approvals/${String(waiting?.id)}/approve`, {})).status).toBe(409);
  expect((await laptop.looked()).status).toBe('free');
});

needs('simulators', 'clock', 'schedules')(
  'a connector that is added under 150 hosts is told of no more than the cap in ten minutes, and of the others once they are approved',
  async () => {
    const pps = await startPps({ address: simulators, users: { enforcer: 'the password' } });
    const guards = { mostActions: 100, sharedAddresses: [] };
    const connectors = [{ name: 'pps', type: 'pulse-policy-secure', ...pps.server, connectMethod: 'http', username: 'enforcer', password: 'the password', settings: {}, subnets: ['10.7.0.0/16'] }]; // prettier-ignore
    const push = async (net: number) => other.operator('POST /v1/infected-hosts', { hosts: counting(75, (index) => ({ ip: `10.7.${net}.${index + 1}`, level: 8 })) }); // prettier-ignore
    const holds = () => Object.keys(pps.holds()).length;
    /** A hang is ended by the test's own time. */
    const until = async (isSo: () => Promise<boolean>) => {
      while (!(await isSo())) await wait(200);
    };
    try {
      service.runtime.advanceClock(minutes(10));
      expect((await push(1)).status).toBe(200);
      service.runtime.advanceClock(minutes(10));
      expect((await push(2)).status).toBe(200);
      const listed = (await other.operator('GET /v1/infected-hosts?connector=unmanaged&limit=1000')).body
        .items as Body[];
      expect(listed).toHaveLength(150);

      expect((await other.setUp({ guards, connectors })).status).toBe(200);
      await service.runtime.tick('EveryMinute');
      await until(async () => (await open(other)).length === 50);
      await until(async () => Promise.resolve(holds() === 100));
      expect((await other.operator('GET /v1/events?event=infected-host-moved&state=held-for-approval&limit=1000')).body.items).toHaveLength(50); // prettier-ignore

      const approved = await other.operator('POST /v1/approvals', { decision: 'approve', filter: { reason: 'blast-radius', feed: 'api' } }); // prettier-ignore
      expect(approved.body).toMatchObject({ counts: { decided: 50 }, left: 'none' });
      await until(async () => Promise.resolve(holds() === 150));
      expect(await open()).toEqual([]);
    } finally {
      await pps.stop();
    }
  },
  600_000, // on a machine that others keep busy
);
