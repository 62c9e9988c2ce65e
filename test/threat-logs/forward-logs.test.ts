import {
  type ForwardLogs,
  type ForwardSettings,
  forwardLogs,
  ForwardFailed,
} from '../../shared/threat-logs/forward-logs.ts';
import { logBatch, messagesOf } from '../../shared/threat-logs/log-message.ts';
import type { LogBatch } from '../../shared/threat-logs/log-table.ts';
import { tenantId } from '../../shared/tenancy/tenant.ts';
import { fakeLogCounts, fakeLogPace } from '../support/fake-threat-logs.ts';
import { minutes, noon } from '../support/observations.ts';

const [t1, t10] = [tenantId('t1'), tenantId('t10')];
const destination = { host: '192.0.2.1', port: 514, transport: 'tcp', caCertificate: null } as const;

/** A receiver that takes so many lines and then fails, and a clock that goes on only while somebody waits. */
function aWorld(settings: Partial<ForwardSettings> = {}) {
  const came: { readonly line: string; readonly at: number }[] = [];
  const failures: unknown[] = [];
  const dead: LogBatch[] = [];
  const measures: unknown[] = [];
  let now = noon;
  let takes = Infinity;
  let refused: string | null = null;
  let reach: 'reached' | 'unreachable' = 'reached';
  let [opened, closed] = [0, 0];
  const deps: ForwardLogs = {
    settingsOf: async () => Promise.resolve({ enabled: true, rateLimit: 100, destination, ...settings }),
    pace: fakeLogPace(),
    counts: fakeLogCounts(),
    receivers: {
      async open() {
        opened += 1;
        if (reach === 'unreachable') throw new ForwardFailed('connection-failed');
        return Promise.resolve({
          longestLine: 200,
          async send(lines: readonly Uint8Array[]) {
            if (lines.length > takes || lines.some((line) => refused !== null && Buffer.from(line).includes(refused)))
              throw new ForwardFailed('connection-reset');
            takes -= lines.length;
            came.push(...lines.map((line) => ({ line: Buffer.from(line).toString(), at: now })));
            return Promise.resolve();
          },
          async close() {
            closed += 1;
            return Promise.resolve();
          },
        });
      },
    },
    now: () => now,
    async wait(ms) {
      now += Math.max(1, ms);
      return Promise.resolve();
    },
    measure: (tenant, _at, measured) => void measures.push([tenant, measured]),
    deadLetters: { send: async (batch) => Promise.resolve(void dead.push(batch)) },
    tell: (what, { tenant, reason, lines }) => void failures.push([what, tenant, reason, lines]),
  };
  return {
    deps,
    failures,
    measures,
    dead: () => dead.map(({ id, lines }) => [id.split('!')[0], lines.length]),
    buried: (): readonly LogBatch[] => dead,
    advance: (ms: number) => (now += ms),
    came: () => came.map(({ line }) => line),
    times: () => came.map(({ at }) => at),
    takes: (lines: number) => (takes = lines),
    refuses: (text: string) => (refused = text),
    is: (word: typeof reach) => (reach = word),
    connections: () => [opened, closed],
    forward: async (batches: LogBatch | readonly [LogBatch, ...LogBatch[]], ms = 60_000) =>
      forwardLogs(deps, 'tenant' in batches ? [batches] : batches, { deadlineAt: now + ms }),
  };
}

const lineOf = (text: string) => `<14>1 - fw-1 RT_IDP - IDP_ATTACK_LOG_EVENT [junos@2636 n="${text}"]`;
const aBatch = (id: string, lines: readonly string[], tenant = t1): LogBatch => ({
  tenant,
  id,
  receivedAt: noon,
  lines: lines.map((line) => Buffer.from(line)),
});
const numbered = (id: string, count: number, tenant = t1) =>
  aBatch(
    id,
    Array.from({ length: count }, (_, index) => lineOf(`${id}${index}`)),
    tenant,
  );
const textsOf = (...batches: readonly LogBatch[]) =>
  batches.flatMap(({ lines }) => lines.map((line) => Buffer.from(line).toString()));

const done = { done: 1, againAfterSeconds: 0 };

test('a batch goes out in its order over one connection, no faster than the limit', async () => {
  const world = aWorld();
  const batch = numbered('a', 250);

  expect(await world.forward(batch)).toEqual(done);

  expect(world.came()).toEqual(textsOf(batch));
  expect(world.connections()).toEqual([1, 1]);
  const times = world.times();
  for (const [index, at] of times.entries()) expect(at - (times[index - 100] ?? -Infinity)).toBeGreaterThan(1_000);
  expect(await world.deps.counts.since(t1, noon)).toEqual([{ firewall: 'fw-1', heardAt: null, counts: [{ became: 'sent', tag: 'IDP_ATTACK_LOG_EVENT', lines: 250 }] }]); // prettier-ignore
});

test('who goes on keeps to what another has sent in this second; a tenant’s pace is its own', async () => {
  const world = aWorld();
  await world.forward(numbered('a', 100));
  const [last = 0] = world.times().slice(-1);

  await world.forward(numbered('x', 1, t10));
  await world.forward(numbered('b', 1));

  const [ofOther = 0, ofSame = 0] = world.times().slice(-2);
  expect(ofOther).toBe(last);
  expect(ofSame - (world.times()[0] ?? 0)).toBeGreaterThan(1_000);
});

test('what fails comes again whole', async () => {
  const world = aWorld();
  world.takes(20);
  const batch = numbered('a', 30);

  expect(await world.forward(batch)).toEqual({ done: 0, againAfterSeconds: 15 });
  expect(world.failures).toEqual([['logs-not-sent', t1, 'connection-reset', 30]]);
  expect(world.measures).toEqual([[t1, { ThreatLogsUnsent: 30 }]]);
  expect(world.connections()).toEqual([1, 1]);
  expect(await world.deps.counts.since(t1, noon)).toEqual([]);

  world.takes(Infinity);
  world.advance(15_000);
  expect(await world.forward(batch)).toEqual(done);
  expect(world.came().slice(-30)).toEqual(textsOf(batch));
});

test('a receiver that cannot be connected to is told of, and left alone for a quarter of a minute', async () => {
  const world = aWorld();
  world.is('unreachable');
  const batch = numbered('a', 1);

  expect(await world.forward(batch)).toEqual({ done: 0, againAfterSeconds: 15 });
  world.advance(5_000);
  expect(await world.forward(batch)).toEqual({ done: 0, againAfterSeconds: 10 });
  expect(await world.forward(numbered('x', 1, t10))).toEqual({ done: 0, againAfterSeconds: 15 });

  expect(world.failures).toEqual([
    ['logs-not-sent', t1, 'connection-failed', 1],
    ['logs-not-sent', t10, 'connection-failed', 1],
  ]);
});

test('while a receiver has failed for five minutes, what is an hour old is given up without another try, and nothing else is', async () => {
  const world = aWorld();
  world.is('unreachable');
  const batches = [numbered('a', 2), numbered('b', 3), { ...numbered('c', 4), receivedAt: noon + minutes(6) }] as const;
  world.advance(minutes(60));
  expect(await world.forward(batches)).toEqual({ done: 0, againAfterSeconds: 15 });
  world.advance(minutes(5));

  expect(await world.forward(batches)).toEqual({ done: 2, againAfterSeconds: 15 });

  expect(world.connections()).toEqual([2, 0]);
  expect((await world.deps.pace.read(t1)).failure).toEqual({ since: noon + minutes(60), at: noon + minutes(65), reason: 'connection-failed' }); // prettier-ignore
  expect(world.dead()).toEqual([
    ['a', 2],
    ['b', 3],
  ]);
  expect(world.failures.slice(2)).toEqual([
    ['logs-given-up', t1, 'connection-failed', 2],
    ['logs-given-up', t1, 'connection-failed', 3],
  ]);
  expect((await world.deps.counts.since(t1, noon))[0]?.counts).toMatchObject([{ became: 'given-up', lines: 5 }]);
});

test('what is behind one that was refused is tried before it is given up, however old it is', async () => {
  const world = aWorld();
  world.refuses('"a0"');
  world.advance(minutes(60));
  const batches = [numbered('a', 1), numbered('b', 1)] as const;

  let told = await world.forward(batches);
  for (let tries = 1; told.done === 0 && tries < 30; tries += 1) {
    world.advance(15_000);
    told = await world.forward(batches);
  }

  expect(told).toEqual({ done: 2, againAfterSeconds: 0 });
  expect(world.dead()).toEqual([['a', 1]]);
  expect(world.came()).toEqual(textsOf(numbered('b', 1)));
});

test('a receiver that takes connections and nothing else holds up nobody: what is an hour old is given up as with one that is down', async () => {
  const world = aWorld();
  world.refuses('junos');
  world.advance(minutes(60));
  let left = ['a', 'b', 'c', 'd'].map((id) => numbered(id, 1));

  let rounds = 0;
  for (; left.length > 0 && rounds < 30; rounds += 1) {
    const [head, ...rest] = left;
    if (head) left = left.slice((await world.forward([head, ...rest])).done);
    world.advance(15_000);
  }

  expect(world.dead()).toEqual([['a', 1], ['b', 1], ['c', 1], ['d', 1]]); // prettier-ignore
  expect(rounds).toBeLessThanOrEqual(22);
});

test('one failure of a receiver that is well gives nothing up, however old it is', async () => {
  const world = aWorld();
  const batches = [numbered('a', 2), numbered('b', 3)] as const;
  world.advance(minutes(70));
  world.takes(1);
  expect(await world.forward(batches)).toEqual({ done: 0, againAfterSeconds: 15 });

  world.takes(Infinity);
  world.advance(15_000);
  expect(await world.forward(batches)).toEqual({ done: 2, againAfterSeconds: 0 });

  expect(world.dead()).toEqual([]);
  expect((await world.deps.pace.read(t1)).failure).toBeNull();
});

test('over UDP nobody knows whether a receiver refuses: nothing is given up before it is an hour old', async () => {
  const world = aWorld({ destination: { ...destination, transport: 'udp' } });
  world.refuses('"a1"');

  for (let tries = 0; tries < 30; tries += 1) {
    expect((await world.forward(numbered('a', 3))).done).toBe(0);
    world.advance(15_000);
  }

  expect(world.dead()).toEqual([]);
});

test('where one cannot be given up, those before it are over; it is the same dead letter when it is laid there again', async () => {
  const world = aWorld();
  world.is('unreachable');
  const batches = [numbered('a', 2), numbered('b', 3), numbered('c', 1)] as const;
  let tries = 0;
  const deadLetters: ForwardLogs['deadLetters'] = {
    async send(batch) {
      await world.deps.deadLetters.send(batch);
      tries += 1;
      if (tries === 2) throw new Error('its answer was lost');
    },
  };
  const forward = async (some: readonly [LogBatch, ...LogBatch[]]) => forwardLogs({ ...world.deps, deadLetters }, some, { deadlineAt: Infinity }); // prettier-ignore
  world.advance(minutes(60));
  await forward(batches);
  world.advance(minutes(5));

  expect(await forward(batches)).toMatchObject({ done: 1 });
  const [, ...left] = batches;
  expect(await forward(left)).toMatchObject({ done: 2 });

  expect(world.buried().map(({ id }) => id)).toEqual(['a!1', 'b!1', 'b!1', 'c!1']);
  expect((await world.deps.counts.since(t1, noon))[0]?.counts).toMatchObject([{ became: 'given-up', lines: 6 }]);
});

test('of batches that fail together each has its own connection then; the one that is refused is given up after twenty tries, and no other', async () => {
  const world = aWorld();
  world.refuses('"b1"');
  const batches = [numbered('a', 3), numbered('b', 3), numbered('c', 3)];
  let rounds = 0;

  for (let left = batches; left.length > 0; rounds += 1) {
    const [head, ...rest] = left;
    if (head) left = left.slice((await world.forward([head, ...rest])).done);
    world.advance(15_000);
  }

  expect(world.dead()).toEqual([['b', 3]]);
  expect(new Set(world.came())).toEqual(new Set(textsOf(numbered('a', 3), numbered('c', 3))));
  expect(rounds).toBeLessThanOrEqual(25);
  expect((await world.deps.counts.since(t1, noon))[0]?.counts).toEqual([
    { became: 'given-up', tag: 'IDP_ATTACK_LOG_EVENT', lines: 3 },
    { became: 'sent', tag: 'IDP_ATTACK_LOG_EVENT', lines: 6 }, // the last of them after the other was given up
  ]);
});

test('what was given up goes out whole when it is sent again, and is counted so; given up again it is another dead letter', async () => {
  const world = aWorld();
  const batch = numbered('a', 300);
  await world.forward(batch, 13_500);
  const before = world.came().length;
  expect(before).toBeGreaterThan(0);
  world.is('unreachable');
  world.advance(minutes(60));
  await world.forward(batch);
  world.advance(minutes(5));
  expect(await world.forward(batch)).toEqual({ done: 1, againAfterSeconds: 15 });
  const [first] = world.buried();
  world.advance(15_000);
  if (first) await world.forward(logBatch(messagesOf(first)[0]?.body ?? ''));

  const [, second] = world.buried();
  expect(new Set(['a', first?.id, second?.id]).size).toBe(3);
  expect((await world.deps.counts.since(t1, noon))[0]?.counts).toMatchObject([
    { became: 'sent', lines: before },
    { became: 'given-up', lines: 300 - before },
  ]);

  world.is('reached');
  world.advance(15_000);
  expect(second && (await world.forward(second))).toEqual(done);
  expect(world.came()).toEqual(textsOf(batch));
  expect((await world.deps.counts.since(t1, noon))[0]?.counts.map(({ became, lines }) => [became, lines]).toSorted()).toEqual([
    ['given-up', 0],
    ['sent', 300],
  ]); // prettier-ignore
});

test('what was sent is not sent again because it cannot be counted', async () => {
  const world = aWorld();
  const counts = { ...world.deps.counts, add: async () => Promise.reject(new Error('throttled')) };

  const batches = [numbered('a', 3)] as const;
  expect(await forwardLogs({ ...world.deps, counts }, batches, { deadlineAt: noon + 60_000 })).toEqual(done);

  expect(world.failures).toEqual([['logs-not-counted', t1, 'Error', 3]]);
});

test('what was sent is not sent again because nobody can be told how it went out; the next keeps to the limit all the same', async () => {
  const world = aWorld();
  const pace = { ...world.deps.pace, write: async () => Promise.reject(new Error('throttled')) };
  const forward = async (batch: LogBatch) => forwardLogs({ ...world.deps, pace }, [batch], { deadlineAt: Infinity });

  expect(await forward(numbered('a', 100))).toEqual(done);
  expect(await forward(numbered('b', 1))).toEqual(done);

  const [last = 0, next = 0] = world.times().slice(-2);
  expect(next - last).toBeGreaterThan(1_000);
  expect(world.failures).toEqual([['logs-not-noted', t1, 'Error', 0], ['logs-not-noted', t1, 'Error', 0]]); // prettier-ignore
});

test('a batch whose progress cannot be kept takes none of those before it with it', async () => {
  const world = aWorld();
  const pace = { ...world.deps.pace, keepProgress: async () => Promise.reject(new Error('throttled')) };
  const batches = [numbered('a', 3), numbered('b', 300)] as const;

  const told = await forwardLogs({ ...world.deps, pace }, batches, { deadlineAt: noon + 13_500 });

  expect(told).toEqual({ done: 1, againAfterSeconds: 0 });
  expect(world.failures).toEqual([['logs-not-noted', t1, 'Error', 300]]);
});

test('where time runs out the rest goes on from there, at once', async () => {
  const world = aWorld();
  const batch = numbered('b', 300);

  expect(await world.forward(batch, 13_500)).toEqual({ done: 0, againAfterSeconds: 0 });
  const before = world.came().length;
  expect(await world.forward(batch)).toEqual(done);

  expect(before).toBeGreaterThan(50);
  expect(before).toBeLessThan(300);
  expect(world.came()).toEqual(textsOf(batch));
});

test('batches that came together go out over one connection; those that time leaves come again from where they stopped', async () => {
  const world = aWorld();
  const batches = [numbered('a', 40), numbered('b', 300), numbered('c', 10)] as const;

  expect(await world.forward(batches, 13_500)).toEqual({ done: 1, againAfterSeconds: 0 });
  expect(world.connections()).toEqual([1, 1]);
  expect(await world.forward([batches[1], batches[2]])).toEqual({ done: 2, againAfterSeconds: 0 });

  expect(world.came()).toEqual(textsOf(...batches));
  const [hour] = await world.deps.counts.since(t1, noon);
  expect(hour?.counts).toEqual([{ became: 'sent', tag: 'IDP_ATTACK_LOG_EVENT', lines: 350 }]);
});

test('of batches over a connection that fails all come again, in their order', async () => {
  const world = aWorld();
  world.takes(35);
  const batches = [numbered('a', 30), numbered('b', 30)] as const;

  expect(await world.forward(batches)).toEqual({ done: 0, againAfterSeconds: 15 });
  world.takes(Infinity);
  world.advance(15_000);
  expect(await world.forward(batches)).toEqual({ done: 2, againAfterSeconds: 0 });

  expect(world.came().slice(-60)).toEqual(textsOf(...batches));
});

test('a line that no datagram holds is counted, and its neighbours go on', async () => {
  const world = aWorld();
  const batch = aBatch('a', [lineOf('1'), lineOf('x'.repeat(300)), lineOf('2')]);

  expect(await world.forward(batch)).toEqual(done);

  expect(world.came()).toEqual([lineOf('1'), lineOf('2')]);
  const [hour] = await world.deps.counts.since(t1, noon);
  expect(hour?.counts).toEqual([
    { became: 'sent', tag: 'IDP_ATTACK_LOG_EVENT', lines: 2 },
    { became: 'undeliverable', tag: 'IDP_ATTACK_LOG_EVENT', lines: 1 },
  ]);
});

test.each([{ enabled: false }, { destination: null }])(
  'with %j there is nowhere to send to, and that is counted',
  async (settings) => {
    const world = aWorld(settings);

    expect(await world.forward(numbered('a', 3))).toEqual(done);

    expect(world.connections()).toEqual([0, 0]);
    expect((await world.deps.counts.since(t1, noon))[0]?.counts).toMatchObject([{ became: 'undeliverable', lines: 3 }]);
  },
);
