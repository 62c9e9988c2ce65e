import fc from 'fast-check';
import type { IpAddress } from '../../shared/identity/address.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { receiveLogs } from '../../shared/threat-logs/receive-logs.ts';
import type { ThreatArrival } from '../../shared/threat-logs/tell-threats.ts';
import { tenantId } from '../../shared/tenancy/tenant.ts';
import { advance } from '../../shared/identity/advance.ts';
import type { Item } from '../../shared/identity/entry.ts';
import { fakeThreatLogs } from '../support/fake-threat-logs.ts';
import { aLogon, instant, itemAfter, minutes, noon, told } from '../support/observations.ts';

const [t1, t10] = [tenantId('t1'), tenantId('t10')];

const line = (tag: string, firewall = 'fw-1', params = 'source-address="192.0.2.20"') =>
  `<14>1 2026-03-01T12:00:00Z ${firewall} RT_IDP - ${tag} [junos@2636.1.1.1.2.86 ${params}]`;
const attack = line('IDP_ATTACK_LOG_EVENT');
const flow = line('RT_FLOW_SESSION_CLOSE');

const anArrival = (requestId: string): ThreatArrival => ({
  credentialName: 'relay',
  clientAddress: '203.0.113.7',
  requestId,
  actId: `logs-${requestId}`,
  receivedAt: noon,
  deadlineAt: noon + 29_000,
});

const cameAt = (item: Item, heldSince: number): Item =>
  item.entry ? { ...item, entry: { ...item.entry, heldSince } } : item;

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

test('of a second no more than 25 requests with threats are taken, and none of the others goes on', async () => {
  const world = fakeThreatLogs();

  for (let request = 1; request <= 25; request += 1) await receive(world, attack);
  const fully = { code: 'tenant-limit', details: { retryAfterSeconds: 2 } };
  await expect(receive(world, attack)).rejects.toMatchObject(fully);
  expect(await receive(world, flow)).toMatchObject({ filtered: 1 });
  expect(await receive(world, attack, t10)).toMatchObject({ accepted: 1 });
  expect(world.linesTo()).toHaveLength(25);

  world.advance(1_000);
  expect(await receive(world, attack)).toMatchObject({ accepted: 1 });
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
  const alice = itemAfter(told(aLogon({ ip: '192.0.2.20' as IpAddress })));
  const virus = line(
    'AV_VIRUS_DETECTED_MT',
    'fw-1',
    'source-address="198.51.100.9" source-port="80" destination-address="192.0.2.20" name="EICAR"',
  );

  test('tells who was at the address, with groups and device, once for what is the same', async () => {
    const world = fakeThreatLogs();
    world.lies(t1, '192.0.2.20', alice);

    await receive(world, [attack, attack, virus, flow].join('\n'));

    expect(world.told).toMatchObject([
      { code: 'threat-log', state: 'noted', event: 'IDP_ATTACK_LOG_EVENT', sender: { kind: 'client', name: 'fw-1' }, ip: '192.0.2.20', user: 'acme\\alice', occurredAt: noon, message: 'fw-1 tells of a threat (IDP_ATTACK_LOG_EVENT, 2 times). Groups: posture-healthy, staff. Device: alice-laptop, windows 10.' }, // prettier-ignore
      { event: 'AV_VIRUS_DETECTED_MT', ip: '192.0.2.20', user: 'acme\\alice', threatName: 'EICAR' },
    ]);
  });

  test('names nobody who came later, and nobody of another tenant', async () => {
    const world = fakeThreatLogs();
    world.lies(t1, '192.0.2.20', cameAt(alice, noon + minutes(5)));

    await receive(world, attack);
    await receive(world, attack, t10);

    expect(world.told).toMatchObject([
      { user: null, message: expect.stringContaining('came later') as string },
      { user: null, message: expect.stringContaining('Nobody is known there') as string },
    ]);
  });

  test('names whom the firewall names where nobody is known, as its word', async () => {
    const world = fakeThreatLogs();

    await receive(world, line('IDP_ATTACK_LOG_EVENT', 'fw-1', 'source-address="192.0.2.20" username="EXAMPLE\\\\bob"'));

    const message = expect.stringContaining('Nobody is known there. The firewall names EXAMPLE\\bob.') as string;
    expect(world.told).toMatchObject([{ user: null, message }]);
  });

  test('tells of a hundred apart, and of the others together', async () => {
    const world = fakeThreatLogs();
    const lines = Array.from({ length: 130 }, (_, index) => line('RT_SCREEN_TCP', 'fw-1', `attack-name="a${index}"`));

    await receive(world, lines.join('\n'));

    expect(world.told).toHaveLength(101);
    expect(world.told.find(({ code }) => code === 'threat-logs-untold')?.message).toBe('30 more threat logs came with these, of 30 other kinds or addresses. They are told apart nowhere here.'); // prettier-ignore
  });

  test('has at most ten lines of a request heard by whoever listens, what is summed up among them', async () => {
    const world = fakeThreatLogs();
    const lines = Array.from({ length: 130 }, (_, index) => line('RT_SCREEN_TCP', 'fw-1', `attack-name="a${index}"`));

    await receive(world, lines.join('\n'));

    expect(world.heard).toHaveLength(10);
    expect(world.heard.map(({ code }) => code)).toContain('threat-logs-untold');
  });

  test('says what did not go on', async () => {
    const world = fakeThreatLogs({ rateLimit: 2 });
    const lines = Array.from({ length: 110 }, (_, index) => line('RT_SCREEN_TCP', 'fw-1', `attack-name="a${index}"`));

    await receive(world, [attack, ...lines, attack, attack].join('\n'));

    const messageOf = (start: string) => world.told.find(({ message }) => message.startsWith(start))?.message;
    expect(messageOf('fw-1 tells of a threat')).toContain('3 times). 2 of them were beyond the limit and did not go on.'); // prettier-ignore
    expect(messageOf('fw-1 tells of a0')).not.toContain('limit');
    expect(messageOf('fw-1 tells of a1 ')).toContain('It was beyond the limit and did not go on.');
    expect(messageOf('11 more threat logs')).toContain('11 of them were beyond the limit and did not go on.');
  });

  test.each([
    ['severity', 'attack-name="a" threat-severity="INFO"', 'attack-name="a" threat-severity="CRITICAL"'],
    ['action', 'attack-name="a" action="NONE"', 'attack-name="a" action="DROP"'],
    ['destination, where there is no source', 'destination-address="192.0.2.7"', 'destination-address="192.0.2.8"'],
  ])('tells apart what differs in its %s, and each is acted on', async (_, one, other) => {
    const world = fakeThreatLogs({ threatActions: true });
    const lines = [one, other].map((params) => line('IDP_ATTACK_LOG_EVENT', 'fw-1', params));

    await receive(world, [...lines, ...lines].join('\n'));

    expect(world.told).toHaveLength(2);
    expect(world.acts).toEqual(lines);
  });

  test('names whom it meets where nobody else is named', async () => {
    const world = fakeThreatLogs();

    await receive(
      world,
      line('RT_SCREEN_TCP_DST_IP', 'fw-1', 'attack-name="SYN flood" destination-address="192.0.2.7"'),
    );

    expect(world.told).toMatchObject([{ ip: null, message: 'fw-1 tells of SYN flood against 192.0.2.7 (RT_SCREEN_TCP_DST_IP).' }]); // prettier-ignore
  });

  test('says where a line has no time, and it is who is there now', async () => {
    const world = fakeThreatLogs();
    world.lies(t1, '192.0.2.20', cameAt(alice, noon + minutes(5)));

    await receive(world, attack.replace('2026-03-01T12:00:00Z', '2026-03-01T12:00:00'));

    expect(world.told).toMatchObject([{ user: 'acme\\alice', occurredAt: null, message: expect.stringContaining('When it was cannot be told') as string }]); // prettier-ignore
  });

  test('names who was there then, although he is gone', async () => {
    const world = fakeThreatLogs();
    const { item } = advance(alice, told(aLogon({ ip: '192.0.2.20' as IpAddress, user: 'bob', instant: instant(60_000_000) })), noon + minutes(5)); // prettier-ignore
    world.lies(t1, '192.0.2.20', item ?? alice);
    world.advance(minutes(10));

    await receive(world, attack);

    expect(world.told).toMatchObject([{ user: 'acme\\alice', message: expect.stringContaining('That is over by now') as string }]); // prettier-ignore
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

test('a request that is to be sent again has used up nothing of its second', async () => {
  const world = fakeThreatLogs({ threatActions: true, rateLimit: 1 });
  const deps = { ...world.deps, act: async () => Promise.reject(new ServiceError('busy', 'Send it again.')) };
  await expect(receiveLogs(deps, t1, anArrival('r'), Buffer.from(attack))).rejects.toMatchObject({ code: 'busy' });

  expect(await receive(world, attack)).toMatchObject({ accepted: 1, rateLimited: 0 });
});

test('what a request has no room or time to act on goes on all the same, and is told and measured', async () => {
  const world = fakeThreatLogs({ threatActions: true });
  const deps = { ...world.deps, act: async () => Promise.resolve(1) };
  const screen = line('RT_SCREEN_TCP');

  const answer = await receiveLogs(deps, t1, anArrival('r'), Buffer.from([attack, screen, screen].join('\n')));

  expect(answer).toMatchObject({ accepted: 3 });
  expect(world.linesTo()).toEqual([attack, screen, screen]);
  expect(world.told.find(({ code }) => code === 'threat-logs-unacted')?.message).toContain('2 threat logs, of 1 kinds'); // prettier-ignore
  expect(world.measured).toContainEqual({ ThreatLogsAccepted: 3, ThreatLogsUnacted: 2 });
});

describe('once lines are on their way', () => {
  const away = async () => Promise.reject(new Error('The table is away.'));

  test.each([
    ['counts', { add: away }, {}, ['counts']],
    ['the event log', {}, { events: { tell: away } }, ['events']],
    ['who is there', {}, { slotsAt: away }, ['events']],
    ['all of these', { add: away }, { slotsAt: away }, ['counts', 'events']],
  ])('what fails of %s fails no answer, and is told', async (_, counts, failing, what) => {
    const world = fakeThreatLogs();
    const deps = { ...world.deps, ...failing, counts: { ...world.deps.counts, ...counts } };

    expect(await receiveLogs(deps, t1, anArrival('r'), Buffer.from(attack))).toMatchObject({ accepted: 1 });

    const causeOf = (error: unknown) => (error instanceof Error && error.cause instanceof Error ? error.cause : error);
    const why = world.unwritten.map((each) => [each.tenant, each.what, (causeOf(each.error) as Error).message]);
    expect(why).toEqual(what.map((each) => [t1, each, 'The table is away.']));
    expect(world.measured).toEqual([{ ThreatLogsAccepted: 1, ThreatLogsUnwritten: what.length }]);
    expect(world.linesTo()).toEqual([attack]);
  });

  test('what was seen is told, although who was there cannot be read', async () => {
    const world = fakeThreatLogs();

    await receiveLogs({ ...world.deps, slotsAt: away }, t1, anArrival('r'), Buffer.from(attack));

    expect(world.told).toMatchObject([{ code: 'threat-log', ip: '192.0.2.20', user: null, message: expect.stringContaining('Who was there could not be read') as string }]); // prettier-ignore
  });

  test('what takes too long is not waited for beyond what an answer needs', async () => {
    const world = fakeThreatLogs();
    const waits: number[] = [];
    const deps = { ...world.deps, within: async (untilAt: number) => (waits.push(untilAt), away()) };

    expect(await receiveLogs(deps, t1, anArrival('r'), Buffer.from(attack))).toMatchObject({ accepted: 1 });

    expect(waits).toEqual([noon + 27_000, noon + 27_000]);
    expect(world.unwritten).toHaveLength(2);
  });

  test('a repeat by the same key is the same batch, unless more or less of it may go on', async () => {
    const world = fakeThreatLogs({ rateLimit: 3 });
    const three = Buffer.from(['1', '2', '3'].map((n) => line('RT_SCREEN_UDP', 'fw-1', `n="${n}"`)).join('\n'));
    const again = async (requestId: string) => receiveLogs(world.deps, t1, { ...anArrival(requestId), actId: 'logs-key' }, three); // prettier-ignore

    await again('r-1');
    world.advance(1_000);
    await again('r-2');
    expect(world.linesTo()).toHaveLength(3);

    world.advance(1_000);
    await receive(world, attack);
    await again('r-3');
    expect(world.batches.map(({ lines }) => lines.length)).toEqual([3, 1, 2]);
  });
});

test('without a destination nothing is queued, and that is counted', async () => {
  const world = fakeThreatLogs({ destination: { address: '', port: 514, transport: 'udp', caCertificate: null } });

  expect(await receive(world, attack)).toMatchObject({ accepted: 1 });

  expect(world.batches).toEqual([]);
  expect(world.countsOf().map(({ became, lines }) => [became, lines])).toEqual([['accepted', 1], ['undeliverable', 1]]); // prettier-ignore
});
