import fc from 'fast-check';
import type { IpAddress } from '../../shared/identity/address.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { receiveLogs } from '../../shared/threat-logs/receive-logs.ts';
import type { ThreatArrival } from '../../shared/threat-logs/tell-threats.ts';
import { tenantId } from '../../shared/tenancy/tenant.ts';
import { entryIn } from '../../shared/identity/entry.ts';
import { fakeThreatLogs } from '../support/fake-threat-logs.ts';
import { aLogon, itemAfter, minutes, noon, told } from '../support/observations.ts';

const [t1, t10] = [tenantId('t1'), tenantId('t10')];

const line = (tag: string, firewall = 'fw-1', params = 'source-address="192.0.2.20"') =>
  `<14>1 2026-03-01T12:00:00Z ${firewall} RT_IDP - ${tag} [junos@2636.1.1.1.2.86 ${params}]`;
const attack = line('IDP_ATTACK_LOG_EVENT');
const flow = line('RT_FLOW_SESSION_CLOSE');

const anArrival = (requestId: string): ThreatArrival => ({
  credentialName: 'relay',
  clientAddress: '203.0.113.7',
  requestId,
  receivedAt: noon,
  deadlineAt: noon + 29_000,
});

let requests = 0;
const receive = async (world: ReturnType<typeof fakeThreatLogs>, body: string, tenant = t1) =>
  receiveLogs(world.deps, tenant, anArrival(`r${(requests += 1)}`), Buffer.from(body));

test('threats go on, in their order and as they came; all else is counted', async () => {
  const world = fakeThreatLogs();
  const screen = line('RT_SCREEN_TCP_LS', 'fw-2');

  const told = await receive(world, [attack, flow, 'nonsense', screen, flow, attack].join('\n'));

  expect(told).toEqual({ received: 6, accepted: 3, filtered: 2, rateLimited: 0, malformed: 1, errors: [{ line: 3, reason: 'no-header' }] }); // prettier-ignore
  expect(world.linesTo()).toEqual([attack, screen, attack]);
  expect(world.countsOf()).toEqual([
    { firewall: 'fw-1', tag: 'IDP_ATTACK_LOG_EVENT', became: 'accepted', lines: 2 },
    { firewall: 'fw-1', tag: null, became: 'filtered', lines: 2 },
    { firewall: 'fw-2', tag: 'RT_SCREEN_TCP', became: 'accepted', lines: 1 },
    { firewall: null, tag: null, became: 'malformed', fault: 'no-header', lines: 1 },
  ]);
});

test('what cannot be read is counted of its firewall and tag, if so much can be, and by what is wrong with it', async () => {
  const world = fakeThreatLogs();
  const [cutOff, bare] = [line('RT_SCREEN_TCP_LS', 'fw-2').slice(0, -1), attack.slice(0, attack.indexOf(' ['))];

  await receive(world, [cutOff, bare, 'nonsense', line('RT_SCREEN_UDP', '-').slice(0, -1), cutOff].join('\n'));
  await receive(world, bare, t10);

  const malformed = { became: 'malformed', lines: 1 } as const;
  expect(world.countsOf()).toEqual([
    { ...malformed, firewall: 'fw-2', tag: 'RT_SCREEN_TCP', fault: 'structured-data-cut-off', lines: 2 },
    { ...malformed, firewall: 'fw-1', tag: 'IDP_ATTACK_LOG_EVENT', fault: 'no-structured-data' },
    { ...malformed, firewall: null, tag: null, fault: 'no-header' },
    { ...malformed, firewall: null, tag: 'RT_SCREEN_UDP', fault: 'structured-data-cut-off' },
  ]);
  expect(world.countsOf(t10)).toEqual([
    { ...malformed, firewall: 'fw-1', tag: 'IDP_ATTACK_LOG_EVENT', fault: 'no-structured-data' },
  ]);
});

test('of a second no more than the limit goes on, whoever sends it, and the rest is dropped', async () => {
  const world = fakeThreatLogs({ rateLimit: 5 });
  const three = Array.from({ length: 3 }, (_, index) => line('IDP_ATTACK_LOG_EVENT', 'fw-1', `n="${index}"`)).join(
    '\n',
  );

  const told = await Promise.all([
    receive(world, three),
    receive(world, three),
    receive(world, three),
    receive(world, three, t10),
  ]);
  expect(told.map(({ accepted, rateLimited }) => [accepted, rateLimited])).toEqual([[3, 0], [2, 1], [0, 3], [3, 0]]); // prettier-ignore

  world.advance(1_000);
  expect(await receive(world, three)).toMatchObject({ accepted: 3, rateLimited: 0 });
  expect(world.countsOf()).toContainEqual({
    firewall: 'fw-1',
    tag: 'IDP_ATTACK_LOG_EVENT',
    became: 'rate-limited',
    lines: 3,
  });
});

test('the first ten faults are named, and all are counted', async () => {
  const world = fakeThreatLogs();
  const cutOff = attack.slice(0, -1);

  const told = await receive(world, [...Array<string>(12).fill('x'), cutOff, attack].join('\n'));

  expect(told).toMatchObject({ received: 14, accepted: 1, malformed: 13 });
  expect(told.errors).toHaveLength(10);
  expect((await receive(world, cutOff)).errors).toEqual([{ line: 1, reason: 'structured-data-cut-off' }]);
});

test('nothing is nothing', async () => {
  const world = fakeThreatLogs();

  expect(await receive(world, '\n')).toEqual({ received: 0, accepted: 0, filtered: 0, rateLimited: 0, malformed: 0, errors: [] }); // prettier-ignore
  expect([world.batches, world.countsOf()]).toEqual([[], []]);
});

test('a tenant that has switched them off is told so', async () => {
  await expect(receive(fakeThreatLogs({ enabled: false }), attack)).rejects.toMatchObject({ code: 'threat-logs-off' });
});

test('many lines go on in messages that a queue takes, in their order', async () => {
  const world = fakeThreatLogs({ rateLimit: 65_535 });
  const lines = Array.from({ length: 12_000 }, (_, index) => line('RT_SCREEN_UDP', 'fw-1', `n="${index}" x="${'y'.repeat(index % 200)}"`)); // prettier-ignore

  await receive(world, lines.join('\n'));

  expect(world.linesTo()).toEqual(lines);
  for (const batch of world.batches) {
    expect(batch.lines.length).toBeLessThanOrEqual(5_000);
    expect(batch.lines.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(1_000_000);
  }
  expect(new Set(world.batches.map(({ id }) => id)).size).toBe(world.batches.length);
});

test.each(['RT_FLOW_SESSION_CLOSE', 'RT_SCREEN_TCP'])(
  'of a thousand names of firewalls in %s two hundred are counted by their names',
  async (tag) => {
    const world = fakeThreatLogs();
    const lines = Array.from({ length: 1_000 }, (_, index) => line(tag, `fw-${index}`));

    await receive(world, lines.join('\n'));

    const counts = world.countsOf();
    expect(new Set(counts.map(({ firewall }) => firewall)).size).toBe(201);
    expect(counts.reduce((sum, each) => sum + each.lines, 0)).toBe(1_000);
  },
);

test('no body throws, and every line of it became something', async () => {
  const lines = fc.array(fc.oneof(fc.constantFrom(attack, flow, attack.slice(0, 60)), fc.string({ maxLength: 80 })), {
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(lines, fc.constantFrom('\n', '\r\n'), async (sent, end) => {
      const { received, accepted, filtered, rateLimited, malformed } = await receive(fakeThreatLogs({ rateLimit: 2 }), sent.join(end)); // prettier-ignore
      expect(accepted + filtered + rateLimited + malformed).toBe(received);
    }),
  );
});

describe('the event log', () => {
  const alice = entryIn(itemAfter(told(aLogon({ ip: '192.0.2.20' as IpAddress }))));
  if (alice === undefined) throw new Error('A logon leaves an entry.');
  const virus = line(
    'AV_VIRUS_DETECTED_MT',
    'fw-1',
    'source-address="198.51.100.9" source-port="80" destination-address="192.0.2.20" name="EICAR"',
  );

  test('tells who was at the address, with groups and device, once for what is the same', async () => {
    const world = fakeThreatLogs();
    world.isAt(t1, '192.0.2.20', alice);

    await receive(world, [attack, attack, virus, flow].join('\n'));

    expect(world.told).toMatchObject([
      { code: 'threat-log', state: 'noted', event: 'IDP_ATTACK_LOG_EVENT', sender: { kind: 'client', name: 'fw-1' }, ip: '192.0.2.20', user: 'acme\\alice', occurredAt: noon, message: 'fw-1 tells of a threat (IDP_ATTACK_LOG_EVENT, 2 times). Groups: posture-healthy, staff. Device: alice-laptop, windows 10.' }, // prettier-ignore
      { event: 'AV_VIRUS_DETECTED_MT', ip: '192.0.2.20', user: 'acme\\alice', threatName: 'EICAR' },
    ]);
  });

  test('names nobody who came later, and nobody of another tenant', async () => {
    const world = fakeThreatLogs();
    world.isAt(t1, '192.0.2.20', { ...alice, heldSince: noon + minutes(5) });

    await receive(world, attack);
    await receive(world, attack, t10);

    expect(world.told).toMatchObject([
      { user: null, message: expect.stringContaining('came later') as string },
      { user: null, message: expect.stringContaining('Nobody is known there') as string },
    ]);
  });

  test('tells of a hundred apart, and of the others together', async () => {
    const world = fakeThreatLogs();
    const lines = Array.from({ length: 130 }, (_, index) => line('RT_SCREEN_TCP', 'fw-1', `attack-name="a${index}"`));

    await receive(world, lines.join('\n'));

    expect(world.told).toHaveLength(101);
    expect(world.told.at(-1)?.message).toContain('30 more threat logs');
  });
});

test('where the tenant wants it, threat logs are threat actions, each kind once, beyond the limit too', async () => {
  const world = fakeThreatLogs({ rateLimit: 1, threatActions: true });
  const screen = line('RT_SCREEN_TCP');

  await receive(world, [attack, attack, flow, screen].join('\n'));

  expect(world.acts).toEqual([attack, screen]);
  const unwilling = fakeThreatLogs();
  await receive(unwilling, attack);
  expect(unwilling.acts).toEqual([]);
});

test('what has to be sent again as a threat action has not gone on yet', async () => {
  const world = fakeThreatLogs({ threatActions: true });
  const deps = { ...world.deps, act: async () => Promise.reject(new ServiceError('busy', 'Send it again.')) };

  await expect(receiveLogs(deps, t1, anArrival('r'), Buffer.from(attack))).rejects.toMatchObject({ code: 'busy' });

  expect([world.batches, world.told]).toEqual([[], []]);
});

test('without a destination nothing is queued, and that is counted', async () => {
  const world = fakeThreatLogs({ destination: { address: '', port: 514, transport: 'udp', caCertificate: null } });

  expect(await receive(world, attack)).toMatchObject({ accepted: 1 });

  expect(world.batches).toEqual([]);
  expect(world.countsOf().map(({ became, lines }) => [became, lines])).toEqual([['accepted', 1], ['undeliverable', 1]]); // prettier-ignore
});
