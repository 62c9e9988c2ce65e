import type { ConnectorType } from '../../shared/configuration/threat-response.ts';
import type { Answer, Enforcement, OpenConnector } from '../../shared/connectors/enforcer.ts';
import type { KeptConnector } from '../../shared/connectors/open-connector.ts';
import type { WorkPlace } from '../../shared/connectors/send-work.ts';
import { tellHost, type TellHost } from '../../shared/connectors/tell-host.ts';
import { advanceEndpoint } from '../../shared/endpoints/endpoint-table.ts';
import { ipAddress } from '../../shared/identity/address.ts';
import type { HostEvent } from '../../shared/infected-hosts/events.ts';
import { advanceHost } from '../../shared/infected-hosts/host-table.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { aConnector } from '../support/connectors.ts';
import { aLogin, aRecord, laptop } from '../support/endpoints.ts';
import { fakeEndpointTable } from '../support/fake-endpoint-store.ts';
import { fakeHostTable } from '../support/fake-host-store.ts';
import { fakeMeasure } from '../support/fake-measure.ts';
import { fakeSecrets } from '../support/fake-secrets.ts';
import { fakeWorkQueues } from '../support/fake-work-queues.ts';
import { acme, globex, noon } from '../support/observations.ts';

const host = ipAddress('10.1.0.50');
const yes: Answer = { outcome: 'acknowledged', detail: 'It is so.', roundTripMs: 3 };
const later: Answer = { outcome: 'failed', detail: 'Nobody answered.', roundTripMs: 5 };

const listed = (told: Partial<Extract<HostEvent, { kind: 'listed' }>> = {}): HostEvent =>
  ({ kind: 'listed', feed: 'atp-cloud', level: 8, threatName: 'W32.Example', wanted: 'quarantined', cause: 'poll-1', heldBy: null, ...told }); // prettier-ignore

/** A worker, and what the systems behind its connectors hear; they answer one after another what they are told to, at the end yes. */
async function worker(...answers: readonly Answer[]) {
  let at = noon;
  const [table, endpointTable, secrets, queues] = [fakeHostTable({ now: () => at }), fakeEndpointTable(), fakeSecrets(), fakeWorkQueues()]; // prettier-ignore
  const { measure, measured } = fakeMeasure();
  const password = await secrets.keep({ tenant: acme, name: 'connector/pps-1' }, 's3cret');
  let connectors: readonly KeptConnector[] = [aConnector({ password })];
  const told: { readonly connector: OpenConnector; readonly what: Enforcement }[] = [];
  const left = [...answers];
  let meanwhile = async () => Promise.resolve();
  const enforcer = {
    test: async () => Promise.resolve(yes),
    read: async () => Promise.resolve('unknown' as const),
    apply: async (connector: OpenConnector, what: Enforcement) => {
      told.push({ connector, what });
      await meanwhile();
      return left.shift() ?? yes;
    },
  };
  const everyType: readonly ConnectorType[] = ['pulse-policy-secure', 'clearpass', 'cisco-ise', 'webhook'];
  const deps: TellHost = {
    ...table,
    ...queues,
    endpoints: endpointTable.endpoints,
    secrets,
    measure,
    events: { tell: async () => Promise.resolve() },
    settingsOf: async () => Promise.resolve({ connectors }),
    enforcers: Object.fromEntries(everyType.map((type) => [type, enforcer])),
  };
  const follow = async (event: HostEvent, { tenant = acme }: { tenant?: TenantId } = {}) => advanceHost(table, tenant, host, event); // prettier-ignore
  const assign = async (connector: string | null, cause = 'poll-1') => follow({ kind: 'assigned', connector, cause, why: 'listed' }); // prettier-ignore
  return {
    deps,
    told,
    measured,
    sent: queues.sent,
    secrets,
    password,
    endpointTable,
    follow,
    assign,
    isListed: async () => {
      await follow(listed());
      await assign('pps-1');
    },
    set: (changed: readonly KeptConnector[]) => {
      connectors = changed;
    },
    meanwhile: (act: () => Promise<void>) => {
      meanwhile = act;
    },
    later: (ms: number) => {
      at += ms;
    },
    handle: async ({ tenant = acme, forMs = 60_000, place = 'connectors' }: { tenant?: TenantId; forMs?: number; place?: WorkPlace } = {}) =>
      tellHost(deps, { tenant, ip: host }, { place, deadlineAt: table.now() + forMs }), // prettier-ignore
    operations: async () => (await table.hosts.read(acme, host))?.host.operations,
  };
}

test('a connector is told at once, with its secret, of whom, how bad and why, and its answer is kept', async () => {
  const { isListed, handle, told, operations, sent } = await worker();
  await isListed();

  await handle();

  const [operation] = (await operations()) ?? [];
  expect(told).toMatchObject([
    {
      connector: { name: 'pps-1', password: 's3cret' },
      what: { id: operation?.id, ip: host, mac: null, wanted: 'quarantined', former: 'free', level: 8, threatName: 'W32.Example' }, // prettier-ignore
    },
  ]);
  expect(operation).toMatchObject({ state: 'acknowledged', attempts: 1, roundTripMs: 3, detail: 'It is so.' });
  expect(sent).toEqual([]);
});

test('the MAC that has the address is told where it is known', async () => {
  const { isListed, handle, told, endpointTable } = await worker();
  await advanceEndpoint(endpointTable, acme, laptop, { kind: 'authenticated', login: aLogin() });
  await advanceEndpoint(endpointTable, acme, laptop, { kind: 'accounted', record: aRecord({ ip: host }) });
  await isListed();

  await handle();

  expect(told).toMatchObject([{ what: { mac: laptop } }]);
});

test('who is told an address alone hears when it was listed, not when that was approved; a release is of its own time', async () => {
  const { follow, assign, handle, told, later } = await worker();
  await follow(listed({ heldBy: 'blast-radius' }));
  later(3_600_000);
  await follow({ kind: 'released', feed: 'atp-cloud' });
  await assign('pps-1');
  await handle();
  await follow({ kind: 'freed', feed: 'atp-cloud' });
  await assign('pps-1');
  await handle();

  expect(told.map(({ what: { wanted, occurredAt } }) => [wanted, occurredAt])).toEqual([['quarantined', noon], ['free', noon + 3_600_000]]); // prettier-ignore
});

test('one message more, or of another tenant, tells nobody', async () => {
  const { isListed, handle, told } = await worker();
  await isListed();

  await handle({ tenant: globex });
  expect(told).toEqual([]);
  await handle();
  await handle();
  expect(told).toHaveLength(1);
});

test('of several workers at once one tells', async () => {
  const { isListed, handle, told } = await worker();
  await isListed();

  await Promise.all([handle(), handle(), handle()]);

  expect(told).toHaveLength(1);
});

test('what is wanted meanwhile is told next in the same go, in order, even where the message for it comes in between', async () => {
  const { isListed, follow, assign, meanwhile, handle, told, operations } = await worker();
  await isListed();
  let once = async () => {
    once = async () => Promise.resolve();
    await follow(listed({ level: 10, wanted: 'blocked', cause: 'poll-2' }));
    await assign('pps-1', 'poll-2');
    await handle(); // another worker: it waits until the first has its answer
    expect(told).toHaveLength(1);
  };
  meanwhile(async () => once());

  await handle();

  expect(told.map(({ what }) => [what.former, what.wanted])).toEqual([['free', 'quarantined'], ['quarantined', 'blocked']]); // prettier-ignore
  expect((await operations())?.map(({ state }) => state)).toEqual(['acknowledged', 'superseded']);
});

test('a system that fails is told again ever later, each time by one message, with the same id', async () => {
  const { isListed, handle, later: wait, told, sent, operations } = await worker(later, later);
  await isListed();

  await handle();
  await handle(); // a second message has nothing to do, and leaves none
  wait(5_000);
  await handle();
  wait(10_000);
  await handle();

  expect(new Set(told.map(({ what }) => what.id)).size).toBe(1);
  expect(told.map(({ what }) => what.attempt)).toEqual([1, 2, 3]);
  expect(sent.map(({ delaySeconds }) => delaySeconds)).toEqual([5, 10]);
  expect(await operations()).toMatchObject([{ state: 'acknowledged', attempts: 3 }]);
});

test('a system that refuses is not told again by itself', async () => {
  const { isListed, handle, later: wait, told, sent, operations } = await worker({ ...later, outcome: 'refused' });
  await isListed();

  await handle();
  wait(3_600_000);
  await handle();

  expect(told).toHaveLength(1);
  expect(sent).toEqual([]);
  expect(await operations()).toMatchObject([{ state: 'refused', detail: 'Nobody answered.' }]);
});

test('what a worker was telling when it was killed is told again once its time is over, with the same id', async () => {
  const { isListed, deps, handle, later: wait, told, operations } = await worker();
  await isListed();
  const killed = async () => Promise.reject(new Error('The machine is gone.'));
  const dying = { 'pulse-policy-secure': { test: killed, read: killed, apply: killed } };
  const ends = tellHost({ ...deps, enforcers: dying }, { tenant: acme, ip: host }, { place: 'connectors', deadlineAt: deps.now() + 60_000 }); // prettier-ignore
  await expect(ends).rejects.toThrow('gone');
  const [before] = (await operations()) ?? [];

  wait(64_999);
  await handle();
  expect(told).toEqual([]);
  wait(1);
  await handle();

  expect(told).toMatchObject([{ what: { id: before?.id } }]);
  expect(await operations()).toMatchObject([{ state: 'acknowledged', attempts: 2 }]);
});

test('a worker that has no time left for a system leaves the host for the next', async () => {
  const { isListed, handle, told } = await worker();
  await isListed();

  await handle({ forMs: 23_000 });
  expect(told).toEqual([]);
  await handle();
  expect(told).toHaveLength(1);
});

test('a connector that is gone from the configuration ends its operation, which says so', async () => {
  const { isListed, handle, set, told, operations } = await worker();
  await isListed();
  set([]);

  await handle();

  expect(told).toEqual([]);
  expect(await operations()).toMatchObject([{ state: 'abandoned', detail: expect.stringContaining('was not told') as string }]); // prettier-ignore
});

test('a connector without a secret is not told, is tried again, and its operation says how to mend it', async () => {
  const { isListed, handle, set, told, operations, sent } = await worker();
  await isListed();
  set([aConnector()]);

  await handle();

  expect(told).toEqual([]);
  expect(await operations()).toMatchObject([{ state: 'failed', detail: expect.stringMatching(/^No secret .* PUT/) as string }]); // prettier-ignore
  expect(sent).toHaveLength(1);
});

test('a ClearPass is told from its query cell alone: from elsewhere the host is handed on, once', async () => {
  const { follow, assign, handle, set, told, sent, password } = await worker();
  set([aConnector({ name: 'pps-1', type: 'clearpass', password })]);
  await follow(listed());
  await assign('pps-1');

  await handle();
  expect(told).toEqual([]);
  expect(sent).toEqual([{ place: 3, message: { tenant: acme, work: 'tell', ip: host }, delaySeconds: 0 }]);
  await handle({ place: 3, forMs: 30_000 });
  expect(told).toHaveLength(1);
  expect(sent).toHaveLength(1);
  await handle();
  expect(sent).toHaveLength(1);
});

test('an address that moves to another connector is freed at the one and held by the other, each from its place', async () => {
  const { isListed, assign, handle, set, told, sent, secrets, password } = await worker();
  await isListed();
  await handle();
  const cppm = await secrets.keep({ tenant: acme, name: 'connector/cppm' }, 'another');
  set([aConnector({ password }), aConnector({ name: 'cppm', type: 'clearpass', password: cppm })]);
  await assign('cppm', 'moved-1');

  await handle();
  await handle({ place: 3 });

  expect(sent).toMatchObject([{ place: 3 }]);
  expect(told.slice(1).map(({ connector, what }) => [connector.name, what.former, what.wanted])).toEqual([
    ['pps-1', 'quarantined', 'free'],
    ['cppm', 'free', 'quarantined'],
  ]);
});

test('how long a host waited until its connector was first told is measured, and what it said each time', async () => {
  const { isListed, handle, later: wait, measured } = await worker(later);
  await isListed();
  wait(2_000);

  await handle();
  wait(5_000);
  await handle();

  expect(measured).toEqual([
    { tenant: acme, measured: { OperationsSent: 1, OperationSentAfter: 2_000 } },
    { tenant: acme, measured: { OperationsUnacknowledged: 1 } },
    { tenant: acme, measured: { OperationsSent: 1 } },
    { tenant: acme, measured: { OperationsAcknowledged: 1 } },
  ]);
});
