import {
  type ForwardLogs,
  type ForwardSettings,
  forwardLogs,
  ForwardFailed,
} from '../../shared/threat-logs/forward-logs.ts';
import type { LogBatch } from '../../shared/threat-logs/log-table.ts';
import { tenantId } from '../../shared/tenancy/tenant.ts';
import { fakeLogCounts, fakeLogPace } from '../support/fake-threat-logs.ts';
import { noon } from '../support/observations.ts';

const [t1, t10] = [tenantId('t1'), tenantId('t10')];
const destination = { host: '192.0.2.1', port: 514, transport: 'tcp', caCertificate: null } as const;

/** A receiver that takes so many lines and then fails, and a clock that goes on only while somebody waits. */
function aWorld(settings: Partial<ForwardSettings> = {}) {
  const came: { readonly line: string; readonly at: number }[] = [];
  const failures: unknown[] = [];
  const measures: unknown[] = [];
  let now = noon;
  let takes = Infinity;
  let [opened, closed] = [0, 0];
  const deps: ForwardLogs = {
    settingsOf: async () => Promise.resolve({ enabled: true, rateLimit: 100, destination, ...settings }),
    pace: fakeLogPace(),
    counts: fakeLogCounts(),
    receivers: {
      async open() {
        opened += 1;
        return Promise.resolve({
          longestLine: 200,
          async send(lines: readonly Uint8Array[]) {
            if (lines.length > takes) throw new ForwardFailed('connection-reset');
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
    failed: (tenant, reason, lines) => failures.push([tenant, reason, lines]),
  };
  return {
    deps,
    failures,
    measures,
    came: () => came.map(({ line }) => line),
    times: () => came.map(({ at }) => at),
    takes: (lines: number) => (takes = lines),
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
  expect(world.failures).toEqual([[t1, 'connection-reset', 30]]);
  expect(world.measures).toEqual([
    [t1, { ThreatLogsUnsent: 30 }],
    [t1, {}],
  ]);
  expect(world.connections()).toEqual([1, 1]);
  expect(await world.deps.counts.since(t1, noon)).toEqual([]);

  world.takes(Infinity);
  expect(await world.forward(batch)).toEqual(done);
  expect(world.came().slice(-30)).toEqual(textsOf(batch));
});

test('a receiver that cannot be connected to is told of, and nothing is done', async () => {
  const world = aWorld();
  const deps = {
    ...world.deps,
    receivers: { open: async () => Promise.reject(new ForwardFailed('connection-failed')) },
  };

  expect(await forwardLogs(deps, [numbered('a', 1)], { deadlineAt: noon + 60_000 })).toEqual({
    done: 0,
    againAfterSeconds: 15,
  });
  expect(world.failures).toEqual([[t1, 'connection-failed', 1]]);
});

test('where time runs out the rest goes on from there, at once', async () => {
  const world = aWorld();
  const batch = numbered('b', 300);

  expect(await world.forward(batch, 6_500)).toEqual({ done: 0, againAfterSeconds: 0 });
  const before = world.came().length;
  expect(await world.forward(batch)).toEqual(done);

  expect(before).toBeGreaterThan(50);
  expect(before).toBeLessThan(300);
  expect(world.came()).toEqual(textsOf(batch));
});

test('batches that came together go out over one connection; those that time leaves come again from where they stopped', async () => {
  const world = aWorld();
  const batches = [numbered('a', 40), numbered('b', 300), numbered('c', 10)] as const;

  expect(await world.forward(batches, 6_500)).toEqual({ done: 1, againAfterSeconds: 0 });
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
