import { announceChanges } from '../../shared/endpoints/announce-changes.ts';
import { changeNotifier } from '../../shared/endpoints/change-notifier.ts';
import type { ChangeAnswer } from '../../shared/endpoints/events.ts';
import { sendChanges, type SendChanges, type ToldSwitch } from '../../shared/endpoints/send-changes.ts';
import { formerSecretMs, type SecretReference } from '../../shared/outbound/secrets.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { aSwitch, changesOf } from '../support/changes.ts';
import { accessSwitch, aClear, aHold, aLogin, aRecord, laptop, operator } from '../support/endpoints.ts';
import { fakeChangeQueue } from '../support/fake-change-queue.ts';
import { fakeSecrets } from '../support/fake-secrets.ts';
import { acme, globex, minutes } from '../support/observations.ts';

const yes: ChangeAnswer = { result: 'ack', errorCause: null, roundTripMs: 3, detail: null };
const no = (errorCause: number): ChangeAnswer => ({ ...yes, result: 'nak', errorCause });
const silence: ChangeAnswer = { result: 'timeout', errorCause: null, roundTripMs: null, detail: null };

/** A worker, and what its switches hear; they answer one after another what they are told to, at the end yes. */
async function worker(...answers: readonly ChangeAnswer[]) {
  const [site, queue, secrets] = [changesOf(), fakeChangeQueue(), fakeSecrets()];
  const told: ToldSwitch[] = [];
  const left = [...answers];
  const secret = await secrets.keep({ tenant: acme, name: 'radius-client/access-1' }, 's3cret');
  let settings: Awaited<ReturnType<SendChanges['settingsOf']>> = {
    changeOfAuthorization: 'direct',
    radiusClients: [{ ...aSwitch(), secret }],
  };
  const deps: SendChanges = {
    ...site.table,
    debug: site.debug,
    measure: site.measure,
    settingsOf: async () => Promise.resolve(settings),
    secrets,
    queue,
    switches: {
      tell: async (asked) => {
        told.push(asked);
        site.later(5);
        return Promise.resolve(left.shift() ?? yes);
      },
    },
  };
  return {
    ...site,
    queue,
    told,
    deps,
    secrets,
    announce: async (tenant: TenantId) => {
      const notifier = changeNotifier({ ...deps, unsent: (_, error) => { throw error; } }); // prettier-ignore
      await announceChanges({ ...deps, notifier }, tenant);
    },
    set: (changed: Partial<typeof settings>) => {
      settings = { ...settings, ...changed };
    },
    handle: async ({ tenant = acme, forMs = 30_000 }: { tenant?: TenantId; forMs?: number } = {}) =>
      sendChanges(deps, { tenant, mac: laptop }, site.table.now() + forMs),
    changes: async () => (await site.endpoint())?.changes,
    blocked: async () => {
      await site.follow({ kind: 'authenticated', login: aLogin() });
      await site.follow({ kind: 'accounted', record: aRecord() });
      await site.follow(aHold());
    },
  };
}

test('a switch is told at once, with the secret that was kept for it, and its answer is kept', async () => {
  const { blocked, handle, told, changes, queue } = await worker();
  await blocked();

  await handle();

  expect(told).toMatchObject([{ server: { address: accessSwitch, port: 3799 }, secrets: ['s3cret'], request: { kind: 'disconnect' } }]); // prettier-ignore
  expect(await changes()).toMatchObject([{ state: 'acknowledged', attempts: 1, roundTripMs: 3, detail: `${accessSwitch}:3799` }]); // prettier-ignore
  expect(queue.sent).toEqual([]);
});

test('a secret that was replaced within a day is told along with the new one, and later no more', async () => {
  const { blocked, handle, told, set, deps, later, secrets } = await worker(silence);
  const purpose = { tenant: acme, name: 'radius-client/access-1' };
  const former = { reference: await secrets.keep(purpose, 'old'), untilAt: deps.now() + formerSecretMs };
  set({ radiusClients: [{ ...aSwitch(), secret: await secrets.keep(purpose, 'new', former) }] });
  await blocked();

  await handle();
  later(formerSecretMs);
  await handle();

  expect(told.map((each) => each.secrets)).toEqual([['new', 'old'], ['new']]);
});

test('one message more, or of another tenant, sends nothing', async () => {
  const { blocked, handle, told } = await worker();
  await blocked();

  await handle({ tenant: globex });
  expect(told).toEqual([]);
  await handle();
  await handle();
  expect(told).toHaveLength(1);
});

test('of several workers at once one sends', async () => {
  const { blocked, handle, told } = await worker();
  await blocked();

  await Promise.all([handle(), handle(), handle()]);

  expect(told).toHaveLength(1);
});

test('a switch that is silent is told again ever later, each time by one message', async () => {
  const { blocked, handle, later, told, queue, changes } = await worker(silence, silence);
  await blocked();

  await handle();
  await handle(); // a second message has nothing to do, and leaves none
  later(5_000);
  await handle();
  later(10_000);
  await handle();

  expect(told).toHaveLength(3);
  expect(queue.sent.map(({ delaySeconds }) => delaySeconds)).toEqual([5, 10]);
  expect(await changes()).toMatchObject([{ state: 'acknowledged', attempts: 3 }]);
});

test('a session that is gone at the switch is followed by the newer one in the same go', async () => {
  const { blocked, follow, handle, told, changes } = await worker(no(503));
  await blocked();
  await follow({ kind: 'accounted', record: aRecord({ acctSessionId: 'newer', loginId: null, port: 'ge-0/0/8' }) });

  await handle();

  expect(told.map(({ request }) => request.attributes.find(({ name }) => name === 'Acct-Session-Id')?.value)).toEqual([
    '8O2.1x81bb0a3c',
    'newer',
  ]);
  expect((await changes())?.map(({ state }) => state)).toEqual(['acknowledged', 'session-over']);
});

test('what is not wanted any more is not sent', async () => {
  const { blocked, follow, handle, told } = await worker();
  await blocked();
  await follow(aClear({ sender: operator }));

  await handle();

  expect(told).toEqual([]);
});

test('a worker that has no time left for a switch leaves the change for the next', async () => {
  const { blocked, handle, told } = await worker();
  await blocked();

  await handle({ forMs: 6_000 });
  expect(told).toEqual([]);
  await handle();
  expect(told).toHaveLength(1);
});

test('what a worker was sending when it ended is sent again when its lease is over', async () => {
  const { blocked, deps, handle, later, told, changes } = await worker();
  await blocked();
  const ends = { ...deps, switches: { tell: async () => Promise.reject(new Error('The machine is gone.')) } };
  await expect(sendChanges(ends, { tenant: acme, mac: laptop }, Infinity)).rejects.toThrow('gone');

  later(14_999);
  await handle();
  expect(told).toEqual([]);
  later(1);
  await handle();
  expect(told).toHaveLength(1);
  expect(await changes()).toMatchObject([{ state: 'acknowledged', attempts: 2 }]);
});

test('where the site tells the switches, a message that comes late sends nothing', async () => {
  const { blocked, handle, set, told } = await worker();
  set({ changeOfAuthorization: 'site' });
  await blocked();

  await handle();

  expect(told).toEqual([]);
});

test.each([
  ['was never given', null],
  ['has been forgotten', 'radius-client/access-1#99' as SecretReference],
])('a switch whose secret %s is not told, and the change says why', async (_, secret) => {
  const { blocked, handle, set, told, changes } = await worker();
  set({ radiusClients: [{ ...aSwitch(), secret }] });
  await blocked();

  await handle();

  expect(told).toEqual([]);
  expect(await changes()).toMatchObject([{ state: 'timed-out', detail: 'no-secret' }]);
});

describe('the look that finds what was lost', () => {
  test('names the endpoints with something to send since a minute, where we send it', async () => {
    const { blocked, announce, later, queue } = await worker();
    await blocked();
    await announce(acme);
    later(minutes(1));

    await announce(globex);
    expect(queue.sent).toEqual([]);
    await announce(acme);
    expect(queue.sent).toEqual([{ message: { tenant: acme, mac: laptop }, delaySeconds: 0 }]);
  });

  test('names none where the site sends it, or where it is not time yet', async () => {
    const { blocked, announce, handle, set, later, queue } = await worker(silence);
    await blocked();
    set({ changeOfAuthorization: 'site' });
    later(minutes(1));
    await announce(acme);
    set({ changeOfAuthorization: 'direct' });
    await handle();
    await announce(acme);
    expect(queue.sent).toHaveLength(1); // the message that the worker left itself
    later(5_000 + minutes(1));
    await announce(acme);
    expect(queue.sent).toHaveLength(2);
  });

  test('takes endpoints that have nothing left from the list', async () => {
    const { blocked, announce, deps, handle } = await worker();
    await blocked();
    await handle();
    expect(await deps.endpoints.withChanges(acme)).toEqual([laptop]);

    await announce(acme);

    expect(await deps.endpoints.withChanges(acme)).toEqual([]);
  });
});

test('the debug log is told what went to which switch and what it said, and no secret', async () => {
  const { blocked, handle, debug } = await worker();
  await blocked();
  await handle();

  expect(debug.said).toMatchObject([
    { tenant: acme, part: 'changes', mac: laptop, message: expect.stringContaining('goes to the switch "') as string },
    { tenant: acme, part: 'changes', message: expect.stringMatching(/^The switch answered .*: ack\.$/) as string },
  ]);
  expect(JSON.stringify(debug.said)).not.toMatch(/secret/i);
});

test('how long a change waited until it was first sent is measured, and what its switch said each time', async () => {
  const { blocked, handle, later, measured } = await worker(silence, yes);
  await blocked();
  later(6_000);

  await handle();
  later(5_000);
  await handle();

  expect(measured).toEqual([
    { tenant: acme, measured: { ChangesSent: 1, ChangeSentAfter: 6_000 } },
    { tenant: acme, measured: { ChangesUnacknowledged: 1 } },
    { tenant: acme, measured: { ChangesSent: 1 } },
    { tenant: acme, measured: { ChangesAcknowledged: 1 } },
  ]);
});
