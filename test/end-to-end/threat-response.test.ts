/** The loop of threat response through the running service: from a threat action to a quarantined port, and free again. */
import { minutes } from '../support/observations.ts';
import { needs } from './needs.ts';
import { type Service, startService } from './service.ts';
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

const travel = (ms: number) => {
  service.runtime.advanceClock(ms);
};
const all = { filter: 'PERMIT-ALL' };
const quarantined = { filter: 'PERMIT-PULSE-ONLY' };

let devices = 0;
/** Another device for each story, with an address of its own. */
const aDevice = (user = 'alice', of = site) => {
  devices += 1;
  const hex = devices.toString(16).padStart(2, '0');
  return { ...of.device(`00:11:22:33:ca:${hex}`, user), ip: `10.1.0.${devices}` };
};

test('the five steps: a login, a download, a feed, a quarantine across new logins, and a clear', async () => {
  const laptop = aDevice();
  expect(await laptop.joins('desk', { ip: laptop.ip })).toEqual(all);
  expect((await site.operator(`GET /v1/entries/${laptop.ip}`)).body).toMatchObject({ entry: { user: 'alice', origin: 'unified-access-control' } }); // prettier-ignore

  const sent = await site.threat('quarantine-endpoint', laptop.ip, { severity: 'high', threatName: 'W32', eventId: 'five-1' }); // prettier-ignore
  expect(sent).toMatchObject({ status: 200, body: { state: 'applied', endpoint: { mac: laptop.mac, ip: laptop.ip } } });
  expect(sent.body.operations).toHaveLength(1);
  expect(await laptop.looked()).toMatchObject({ status: 'quarantined', enforcement: { state: 'pending' } });

  expect(await site.switchesAreTold()).toEqual([laptop.mac]);
  await laptop.leaves();
  expect(await laptop.joins('desk', { ip: laptop.ip })).toEqual(quarantined);
  expect(await laptop.looked()).toMatchObject({ status: 'quarantined', role: 'quarantine', enforcement: { state: 'acknowledged' } }); // prettier-ignore
  expect(await laptop.why()).toMatchObject({ code: 'quarantined', answer: expect.stringMatching(/"policy-enforcer" sent quarantine-endpoint .*"W32".*"quarantine-infected"/) as string, events: [{ eventId: 'five-1', state: 'applied' }] }); // prettier-ignore
  await laptop.leaves();
  expect(await laptop.joins('hall', { ip: laptop.ip, port: 'ge-0/0/9' })).toEqual(quarantined);
  await laptop.leaves();
  expect(await laptop.joins('wifi', { ip: laptop.ip, port: 'wlan', ssid: 'guests' })).toEqual({ vlan: '666' });

  const cleared = await site.threat('clear-quarantine-endpoint', laptop.ip);
  expect(cleared.body).toMatchObject({ state: 'applied', endpoint: { mac: laptop.mac } });
  expect(await site.switchesAreTold()).toEqual([laptop.mac]);
  await laptop.leaves();
  expect(await laptop.joins('desk', { ip: laptop.ip })).toEqual(all);
  expect(await laptop.why()).toMatchObject({ code: 'cleared', answer: expect.stringContaining('the client "policy-enforcer" cleared it') as string }); // prettier-ignore
});

test('another tenant’s device with the same MAC and address is not touched', async () => {
  const laptop = aDevice();
  const twin = { ...other.device(laptop.mac, 'bob'), ip: laptop.ip };
  await laptop.joins('desk', { ip: laptop.ip });
  await twin.joins('desk', { ip: twin.ip });

  await site.threat('block-endpoint', laptop.ip);

  expect(await laptop.looked()).toMatchObject({ status: 'blocked' });
  expect(await twin.looked()).toMatchObject({ status: 'free' });
  expect(await other.switchesAreTold()).toEqual([]);
  expect(await site.switchesAreTold()).toEqual([laptop.mac]);
  expect((await other.operator(`GET /v1/endpoints/${laptop.mac}/why`)).body).toMatchObject({ code: 'never-held', events: [] }); // prettier-ignore
});

test('of two reasons one is cleared, and it is still held; the second is closed, and it is free', async () => {
  const laptop = aDevice();
  await laptop.joins('desk', { ip: laptop.ip });
  await site.threat('quarantine-endpoint', laptop.ip, { severity: 'high' });
  await laptop.act('quarantine', { role: 'quarantine', note: 'ticket 7' });

  await site.threat('clear-quarantine-endpoint', laptop.ip);
  expect(await laptop.looked()).toMatchObject({ status: 'quarantined', reasons: [{ sender: { kind: 'operator' } }] });
  expect(await laptop.joins('hall')).toEqual(quarantined);

  expect(await laptop.act('clear', { hold: 'quarantined' })).toMatchObject({ outcome: 'cleared' });
  expect(await laptop.looked()).toMatchObject({ status: 'free', reasons: [] });
  expect(await laptop.joins('desk')).toEqual(all);
});

test('a block that is lifted leaves a quarantine, and a quarantine that is cleared lifts no block', async () => {
  const laptop = aDevice();
  await laptop.joins('desk', { ip: laptop.ip });
  await site.threat('quarantine-endpoint', laptop.ip, { severity: 'high' });
  await site.threat('block-endpoint', laptop.ip);
  expect(await laptop.joins('desk')).toBe('rejected');

  await site.threat('clear-quarantine-endpoint', laptop.ip);
  expect(await laptop.looked()).toMatchObject({ status: 'blocked' });
  await site.threat('quarantine-endpoint', laptop.ip, { endpointMac: laptop.mac, severity: 'high' });
  await site.threat('clear-blocked-endpoint', laptop.ip);

  expect(await laptop.looked()).toMatchObject({ status: 'quarantined' });
  expect(await laptop.joins('desk')).toEqual(quarantined);
});

needs('clock')(
  'a lease that moves between event and clear: the clear frees whom the event held, not who has the address now',
  async () => {
    const [laptop, phone] = [aDevice(), aDevice('bob')];
    await laptop.joins('desk', { ip: laptop.ip });
    await site.threat('quarantine-endpoint', laptop.ip, { severity: 'high' });
    await site.switchesAreTold();
    await laptop.leaves();
    travel(minutes(10));
    await phone.joins('hall', { ip: laptop.ip });
    await phone.act('quarantine', { role: 'quarantine' });

    const { body } = await site.threat('clear-quarantine-endpoint', laptop.ip);

    expect(body).toMatchObject({ state: 'applied', endpoint: { mac: laptop.mac } });
    expect(await laptop.looked()).toMatchObject({ status: 'free' });
    expect(await phone.looked()).toMatchObject({ status: 'quarantined' });
  },
);

test('a quarantine VLAN gives a new address: the clear by the old one frees the device', async () => {
  const laptop = aDevice();
  await laptop.joins('wifi', { ip: laptop.ip, port: 'wlan' });
  await site.threat('quarantine-endpoint', laptop.ip, { severity: 'high' });
  await site.switchesAreTold();
  await laptop.leaves();
  expect(await laptop.joins('wifi', { ip: '10.66.0.7', port: 'wlan' })).toEqual({ vlan: '666' });
  expect(await laptop.looked()).toMatchObject({ address: '10.66.0.7' });

  const { body } = await site.threat('clear-quarantine-endpoint', laptop.ip);

  expect(body).toMatchObject({ state: 'applied', endpoint: { mac: laptop.mac } });
  expect(await laptop.joins('wifi', { port: 'wlan' })).toEqual(all);
});

test('a block survives a new login, port and SSID, and an operator’s clear ends it', async () => {
  const laptop = aDevice();
  await laptop.joins('desk', { ip: laptop.ip });
  await site.threat('block-endpoint', laptop.ip);
  await site.switchesAreTold();
  await laptop.leaves();

  expect(await laptop.joins('desk')).toBe('rejected');
  expect(await laptop.joins('hall', { port: 'ge-0/0/7' })).toBe('rejected');
  expect(await laptop.joins('wifi', { port: 'wlan', ssid: 'guests' })).toBe('rejected');

  await laptop.act('clear', { hold: 'all' });
  expect(await laptop.joins('desk')).toEqual(all);
});

needs('clock')('a block has no end', async () => {
  const laptop = aDevice();
  await laptop.joins('desk', { ip: laptop.ip });
  await site.threat('block-endpoint', laptop.ip);
  await site.switchesAreTold();
  travel(minutes(60 * 24 * 3));

  expect(await laptop.joins('desk')).toBe('rejected');
});

needs('clock')('a quarantine for the session goes on over our own disconnect, and ends with the session', async () => {
  const laptop = aDevice();
  await laptop.joins('desk', { ip: laptop.ip });
  await site.threat('quarantine-endpoint', laptop.ip, { severity: 'low' });
  expect(await site.switchesAreTold()).toEqual([laptop.mac]);
  await laptop.leaves();
  expect(await laptop.joins('desk', { ip: laptop.ip })).toEqual(quarantined);

  travel(minutes(30));
  await laptop.leaves();
  travel(minutes(3));

  expect(await laptop.joins('desk', { ip: laptop.ip })).toEqual(all);
  expect(await laptop.looked()).toMatchObject({ status: 'free' });
});

needs('clock', 'schedules')(
  'an operator’s quarantine for a time is released by itself, its switch is told, and the log says so',
  async () => {
    const laptop = aDevice();
    await laptop.joins('desk', { ip: laptop.ip });
    await laptop.act('quarantine', { role: 'quarantine', minutes: 30 });
    await site.switchesAreTold();
    await laptop.leaves();
    expect(await laptop.joins('desk', { ip: laptop.ip })).toEqual(quarantined);

    travel(minutes(31));
    await service.runtime.tick('EveryMinute');

    expect(await laptop.looked()).toMatchObject({ status: 'free' });
    expect(await site.switchesAreTold()).toEqual([laptop.mac]);
    expect(await laptop.why()).toMatchObject({ code: 'released', events: [{ state: 'released' }, {}] });
    await laptop.leaves();
    expect(await laptop.joins('desk')).toEqual(all);
  },
);

test('an event that comes before the address is known waits for whoever had it then', async () => {
  const laptop = aDevice();
  await laptop.joins('desk');
  expect(await laptop.looked()).toMatchObject({ address: 'address unknown' });
  const sent = await site.threat('quarantine-endpoint', laptop.ip, { severity: 'high' });
  expect(sent.body).toMatchObject({ state: 'pending', endpoint: { mac: null, ip: laptop.ip } });

  await laptop.tells(laptop.ip);

  expect(await laptop.looked()).toMatchObject({ status: 'quarantined', address: laptop.ip });
  expect(await site.switchesAreTold()).toEqual([laptop.mac]);
});

needs('clock')('an event that names a MAC waits for its login, without end', async () => {
  const laptop = aDevice();
  const sent = await site.threat('block-endpoint', laptop.ip, { endpointMac: laptop.mac });
  expect(sent.body.state).toMatch(/applied|pending/);
  travel(minutes(60 * 24 * 2));

  expect(await laptop.joins('hall')).toBe('rejected');
});

needs('clock', 'schedules')('an event that nobody ever had the address of ends as a line of the log', async () => {
  await site.threat('quarantine-endpoint', '10.9.9.9', { severity: 'high' });
  travel(minutes(11));
  await service.runtime.tick('EveryMinute');

  const { body } = await site.operator('GET /v1/events?ip=10.9.9.9');
  expect(body.items).toMatchObject([{ state: 'expired-unmatched' }, { state: 'pending' }]);
});

test('two devices that had one address at one time: an operator says who is meant', async () => {
  const [laptop, phone] = [aDevice(), aDevice('bob')];
  await laptop.joins('desk', { ip: laptop.ip });
  await phone.joins('hall', { ip: laptop.ip });
  const sent = await site.threat('quarantine-endpoint', laptop.ip, { severity: 'high', threatName: 'ambiguous' });
  expect(sent.body).toMatchObject({ state: 'held-for-approval' });
  expect(await laptop.why()).toMatchObject({ code: 'held-for-approval' });

  const { items } = (await site.operator('GET /v1/approvals?state=open')).body as { items: { id: string; macs: string[] }[] }; // prettier-ignore
  expect(items[0]?.macs.toSorted()).toEqual([laptop.mac, phone.mac]);
  const approved = await site.operator(`POST /v1/approvals/${items[0]?.id ?? ''}/approve`, { mac: phone.mac });

  expect(approved.body).toMatchObject({ state: 'applied', approval: { mac: phone.mac } });
  expect([await laptop.looked(), await phone.looked()]).toMatchObject([{ status: 'free' }, { status: 'quarantined' }]);
  expect((await other.operator('GET /v1/approvals')).body.items).toEqual([]);
});

test('a switch that sends no addresses: a logon post that names the MAC tells it, and the event finds the device', async () => {
  const laptop = aDevice();
  await laptop.joins('desk');
  await site.post(laptop.ip, 'alice', laptop.mac);
  expect(await laptop.looked()).toMatchObject({ address: laptop.ip, addresses: [{ source: 'post' }] });

  const sent = await site.threat('block-endpoint', laptop.ip);

  expect(sent.body).toMatchObject({ state: 'applied', endpoint: { mac: laptop.mac } });
  expect((await site.operator(`GET /v1/entries/${laptop.ip}/why`)).body).toMatchObject({ holds: [{ mac: laptop.mac, hold: 'blocked' }] }); // prettier-ignore
});

test('a post that names MACs makes no endpoint of them', async () => {
  await site.post('10.2.0.1', 'carol', '00:11:22:33:cb:01');

  expect((await site.operator('GET /v1/endpoints/00:11:22:33:cb:01')).status).toBe(404);
});

test('the allow list stops what is automatic, and no operator', async () => {
  const laptop = aDevice('root');
  await laptop.joins('desk', { ip: laptop.ip });
  await site.setUp({ allowList: { addresses: [], macs: [], users: ['root'], roles: [] } });

  const sent = await site.threat('block-endpoint', laptop.ip);
  expect(sent.body).toMatchObject({ state: 'ignored', code: 'allow-list' });
  expect(await laptop.why()).toMatchObject({ code: 'not-applied' });

  expect(await laptop.act('block', {})).toMatchObject({ outcome: 'applied', warnings: [{ code: 'allow-list' }] });
  expect(await laptop.joins('desk')).toBe('rejected');
  await site.setUp();
});

needs('clock')('a switch that refuses is shown as a failure, with its Error-Cause, and asked again', async () => {
  const laptop = aDevice();
  await laptop.joins('desk', { ip: laptop.ip });
  await site.threat('block-endpoint', laptop.ip);

  await site.switchesAreTold({ result: 'nak', errorCause: 501, roundTripMs: 3 });

  expect(await laptop.looked()).toMatchObject({
    enforcement: { state: 'failed', reason: expect.stringContaining('Error-Cause 501') as string },
    changes: [{ state: 'refused', errorCause: 501, roundTripMs: 3, attempts: 1 }],
  });
  travel(minutes(1));
  expect(await site.switchesAreTold()).toContain(laptop.mac);
  expect(await laptop.looked()).toMatchObject({ enforcement: { state: 'acknowledged' } });
});
