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
    failed: (tenant, reason, lines) => failures.push([tenant, reason, lines]),
  };
  return {
    deps,
    failures,
    came: () => came.map(({ line }) => line),
    times: () => came.map(({ at }) => at),
    takes: (lines: number) => (takes = lines),
    connections: () => [opened, closed],
    forward: async (batches: readonly LogBatch[], { tenant = t1, ms = 60_000 } = {}) =>
      forwardLogs(deps, tenant, batches, { deadlineAt: now + ms }),
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

test('batches go out in their order over one connection, no faster than the limit', async () => {
  const world = aWorld();
  const [first, second] = [numbered('a', 150), numbered('b', 100)];

  expect(await world.forward([first, second])).toEqual(['done', 'done']);

  expect(world.came()).toEqual(textsOf(first, second));
  expect(world.connections()).toEqual([1, 1]);
  const times = world.times();
  for (const [index, at] of times.entries()) expect(at - (times[index - 100] ?? -Infinity)).toBeGreaterThan(1_000);
  expect(await world.deps.counts.since(t1, noon)).toEqual([{ firewall: 'fw-1', heardAt: null, counts: [{ became: 'sent', tag: 'IDP_ATTACK_LOG_EVENT', lines: 250 }] }]); // prettier-ignore
});

test('who goes on keeps to what another has sent in this second; a tenant’s pace is its own', async () => {
  const world = aWorld();
  await world.forward([numbered('a', 100)]);
  const [last = 0] = world.times().slice(-1);

  await world.forward([numbered('x', 1, t10)], { tenant: t10 });
  await world.forward([numbered('b', 1)]);

  const [ofOther = 0, ofSame = 0] = world.times().slice(-2);
  expect(ofOther).toBe(last);
  expect(ofSame - (world.times()[0] ?? 0)).toBeGreaterThan(1_000);
});

test('what fails comes again whole, and what is behind it stays behind', async () => {
  const world = aWorld();
  world.takes(20);
  const batches = [numbered('a', 10), numbered('b', 20)];

  expect(await world.forward(batches)).toEqual(['again', 'again']);
  expect(world.failures).toEqual([[t1, 'connection-reset', 30]]);
  expect(world.connections()).toEqual([1, 1]);

  world.takes(Infinity);
  expect(await world.forward(batches)).toEqual(['done', 'done']);
  expect(world.came().slice(-30)).toEqual(textsOf(...batches));
});

test('a receiver that cannot be connected to is told of, and nothing is done', async () => {
  const world = aWorld();
  const deps = {
    ...world.deps,
    receivers: { open: async () => Promise.reject(new ForwardFailed('connection-failed')) },
  };

  expect(await forwardLogs(deps, t1, [numbered('a', 1)], { deadlineAt: noon + 60_000 })).toEqual(['again']);
  expect(world.failures).toEqual([[t1, 'connection-failed', 1]]);
});

test('where time runs out the rest goes on from there', async () => {
  const world = aWorld();
  const batches = [numbered('a', 50), numbered('b', 200), numbered('c', 5)];

  expect(await world.forward(batches, { ms: 6_500 })).toEqual(['done', 'again', 'again']);
  const before = world.came().length;
  expect(await world.forward(batches.slice(1))).toEqual(['done', 'done']);

  expect(before).toBeGreaterThan(50);
  expect(world.came()).toEqual(textsOf(...batches));
});

test('a line that no datagram holds is counted, and its neighbours go on', async () => {
  const world = aWorld();
  const batch = aBatch('a', [lineOf('1'), lineOf('x'.repeat(300)), lineOf('2')]);

  expect(await world.forward([batch])).toEqual(['done']);

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

    expect(await world.forward([numbered('a', 3)])).toEqual(['done']);

    expect(world.connections()).toEqual([0, 0]);
    expect((await world.deps.counts.since(t1, noon))[0]?.counts).toMatchObject([{ became: 'undeliverable', lines: 3 }]);
  },
);
