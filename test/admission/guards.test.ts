/** What guards automatic actions: the cap, and addresses that many devices share. */
import { openHostApproval, openLossApproval } from '../../shared/admission/approval.ts';
import { approve, reject } from '../../shared/admission/decide-approval.ts';
import { isListedShared, isShared } from '../../shared/admission/shared-address.ts';
import { threatResponseDefaults } from '../../shared/configuration/threat-response.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { admissionInTime, aPolicy } from '../support/admission.ts';
import { aLogin, aRecord, laptop, phone } from '../support/endpoints.ts';
import { acme, desk, globex, minutes, noon } from '../support/observations.ts';

const by = { credentialName: 'soc', clientAddress: '198.51.100.9', requestId: 'r', receivedAt: noon };
const guards = (told: Partial<(typeof threatResponseDefaults)['guards']>) => ({ guards: { ...threatResponseDefaults.guards, ...told } }); // prettier-ignore

const macOf = (index: number) => `00:11:22:33:44:${index.toString(16).padStart(2, '0')}` as Mac;
const ipOf = (index: number) => `192.0.2.${index + 1}` as IpAddress;

/** So many devices, each with an address, for two tenants. */
async function office(count: number, told: Parameters<typeof admissionInTime>[0]) {
  const at = admissionInTime(told);
  for (const tenant of [acme, globex]) {
    for (let index = 0; index < count; index += 1) {
      const session = { loginId: `l-${index}`, port: `ge-0/0/${index}`, user: `user-${index}` };
      await at.happens(macOf(index), { kind: 'authenticated', login: aLogin(session) }, tenant);
      await at.happens(macOf(index), { kind: 'accounted', record: aRecord({ ...session, acctSessionId: `${index}`, ip: ipOf(index) }) }, tenant); // prettier-ignore
    }
  }
  const send = async (event: string, index: number, more: Readonly<Record<string, unknown>> = {}) =>
    (await at.send({ event, endpointIp: ipOf(index), severity: 'high', eventId: `${event} ${index}`, ...more })).answer;
  const held = async () => (await at.deps.approvals.list(acme, { limit: 100 })).approvals.filter(({ state }) => state === 'open'); // prettier-ignore
  return { ...at, at, send, held };
}

describe('the blast-radius cap', () => {
  test('does so many, holds the rest with its reason, and a later clear of the sender withdraws what was held', async () => {
    const at = await office(4, guards({ mostActions: 2 }));
    const told = [];
    for (const index of [0, 1, 2, 3]) told.push(await at.send('quarantine-endpoint', index));

    expect(told.map((each) => each?.state)).toEqual(['applied', 'applied', 'held-for-approval', 'held-for-approval']);
    expect(told[2]).toMatchObject({ code: 'blast-radius', mac: macOf(2), operations: [] });
    expect(at.lines()[0]).toMatchObject({ state: 'held-for-approval', code: 'blast-radius', flags: ['blast-radius'], policy: 'quarantine-infected' }); // prettier-ignore
    expect(await Promise.all([0, 1, 2, 3].map(async (index) => at.access(macOf(index))))).toEqual(['quarantined', 'quarantined', 'full', 'full']); // prettier-ignore
    expect(await at.held()).toMatchObject([{ reason: 'blast-radius' }, { reason: 'blast-radius' }]);

    expect(await at.send('clear-quarantine-endpoint', 3)).toMatchObject({ state: 'applied', code: 'cleared' });
    expect(await at.held()).toHaveLength(1);
    // By its MAC also through an address that the question does not name, and never about another device.
    const named = { endpointIp: '203.0.113.9', eventId: 'by MAC' };
    await at.send('clear-quarantine-endpoint', 3, { ...named, endpointMac: macOf(1) });
    expect(await at.held()).toHaveLength(1);
    expect(await at.send('clear-quarantine-endpoint', 3, { ...named, endpointMac: macOf(2), eventId: 'by its MAC' })).toMatchObject({ code: 'cleared' }); // prettier-ignore
    expect(await at.held()).toEqual([]);
    expect((await at.deps.approvals.list(globex, { limit: 10 })).approvals).toEqual([]);
  });

  test('is not asked again by who approves', async () => {
    const at = await office(2, guards({ mostActions: 1 }));
    await at.send('quarantine-endpoint', 0);
    await at.send('quarantine-endpoint', 1);
    const [first] = await at.held();

    expect(await approve(at.deps, acme, first?.id ?? '', by, 'likeliest')).toMatchObject({ told: { state: 'applied', mac: macOf(1) } }); // prettier-ignore
    expect(await at.access(macOf(1))).toBe('quarantined');
    expect(await at.access(macOf(1), globex)).toBe('full');
  });

  test('costs nothing for a replay, for what is held already, for clears and for what holds nobody', async () => {
    const at = await office(3, guards({ mostActions: 2 }));
    await at.send('quarantine-endpoint', 0);
    for (let repeat = 0; repeat < 3; repeat += 1) {
      await at.send('quarantine-endpoint', 0);
      await at.send('quarantine-endpoint', 0, { eventId: `again-${repeat}` });
      await at.send('clear-blocked-endpoint', 0, { eventId: `clear-${repeat}` });
      await at.send('quarantine-endpoint', 0, { endpointIp: '203.0.113.77', eventId: `nobody-${repeat}` });
    }

    expect(await at.send('block-endpoint', 1)).toMatchObject({ state: 'applied' });
    expect(await at.send('block-endpoint', 2)).toMatchObject({ state: 'held-for-approval' });
    at.moveTo(noon + minutes(10));
    expect(await at.send('block-endpoint', 2, { eventId: 'later' })).toMatchObject({ state: 'applied' });
  });

  test('costs nothing for a timed quarantine that is only held for longer, and each of these is undone by itself', async () => {
    const timed = aPolicy({ releaseAfterMinutes: 60 });
    const at = await office(2, { ...guards({ mostActions: 2 }), admissionPolicies: [timed, aPolicy({ name: 'block', event: 'block-endpoint', action: 'block', role: null })] }); // prettier-ignore
    for (let turn = 0; turn < 5; turn += 1) {
      at.moveTo(noon + minutes(turn));
      expect(await at.send('quarantine-endpoint', 0, { eventId: `turn-${turn}` })).toMatchObject({ code: turn === 0 ? 'quarantined' : 'hold-extended' }); // prettier-ignore
    }
    const traces = await at.deps.traces.of(acme, { client: 'policy-enforcer', id: 'turn-4' }, { limit: 9 });
    expect(traces.traces).toEqual([{ kind: 'endpoint', mac: macOf(0) }]);
    expect(await at.send('block-endpoint', 0)).toMatchObject({ state: 'applied', code: 'blocked' });
    expect(await at.send('block-endpoint', 1)).toMatchObject({ state: 'held-for-approval' });
    expect(await at.access(macOf(1), globex)).toBe('full');
  });

  test('is each tenant’s own, and off at 0', async () => {
    const capped = await office(2, guards({ mostActions: 1 }));
    await capped.send('quarantine-endpoint', 0);
    const sent = { event: 'quarantine-endpoint', endpointIp: ipOf(1), severity: 'high' };
    expect((await capped.at.send(sent, { tenant: globex })).answer).toMatchObject({ state: 'applied' });

    const off = await office(3, guards({ mostActions: 0 }));
    for (const index of [0, 1, 2]) expect(await off.send('block-endpoint', index)).toMatchObject({ state: 'applied' });
  });

  test('is never exceeded by ten senders at once', async () => {
    const at = await office(40, guards({ mostActions: 15 }));
    const senders = Array.from({ length: 10 }, async (_, sender) => {
      for (let turn = 0; turn < 4; turn += 1) await at.send('quarantine-endpoint', sender * 4 + turn);
    });
    await Promise.all(senders);

    const access = await Promise.all(Array.from({ length: 40 }, async (_, index) => at.access(macOf(index))));
    expect(access.filter((each) => each === 'quarantined')).toHaveLength(15);
    expect(await at.held()).toHaveLength(25);
  });
});

describe('a shared address', () => {
  test('accuses nobody by itself; who names the MAC is not held', async () => {
    const at = await office(2, guards({ sharedAddresses: ['192.0.2.0/24'] }));

    expect(await at.send('quarantine-endpoint', 0)).toMatchObject({ state: 'held-for-approval', code: 'shared-address', mac: macOf(0) }); // prettier-ignore
    expect(at.lines()[0]).toMatchObject({ flags: ['shared-address'] });
    expect(await at.access(macOf(0))).toBe('full');
    expect(await at.send('block-endpoint', 1, { endpointMac: macOf(1) })).toMatchObject({ state: 'applied' });

    const [first] = await at.held();
    expect(await approve(at.deps, acme, first?.id ?? '', by, 'likeliest')).toMatchObject({
      told: { state: 'applied' },
    });
    expect(await at.access(macOf(0))).toBe('quarantined');
    expect(await at.access(macOf(0), globex)).toBe('full');
  });

  test('is one of the list, or of several endpoints at this moment', async () => {
    const at = admissionInTime();
    const shared = async (ip = desk, tenant = acme) => isShared(at.deps, tenant, { sharedAddresses: ['198.51.100.0/24'] }, ip); // prettier-ignore
    expect(await shared('198.51.100.7' as IpAddress)).toBe(true);
    await at.happens(laptop, { kind: 'accounted', record: aRecord() });
    expect(await shared()).toBe(false);
    await at.happens(phone, { kind: 'accounted', record: aRecord({ acctSessionId: '2', loginId: null, port: 'ge-0/0/8' }) }); // prettier-ignore
    expect([await shared(), await shared(desk, globex)]).toEqual([true, false]);
    await at.happens(phone, { kind: 'accounted', record: aRecord({ status: 'stop', acctSessionId: '2', loginId: null, port: 'ge-0/0/8', instant: noon + 1 }) }); // prettier-ignore
    expect(await shared()).toBe(false);
    expect(isListedShared({ sharedAddresses: [] }, desk)).toBe(false);
  });
});

test('what a feed says is decided as a message is: a host is let go or acted on, a loss is believed or not', async () => {
  const at = await office(0, {});
  const host = openHostApproval(
    { ip: desk, feed: 'atp-cloud', wanted: 'blocked', level: 9, cause: 'poll-7' },
    'blast-radius',
    noon,
  );
  const loss = openLossApproval({ feed: 'atp-cloud', pollId: 'poll-7', lost: 12 }, noon);
  await at.deps.approvals.open(acme, host);
  await at.deps.approvals.open(acme, loss);

  expect(await approve(at.deps, globex, host.id, by, 'only')).toBe('absent');
  expect(await approve(at.deps, acme, host.id, by, 'only')).toMatchObject({ told: { state: 'applied' }, approval: { state: 'approved', mac: null } }); // prettier-ignore
  expect(await reject(at.deps, acme, loss.id, by)).toMatchObject({ told: { state: 'ignored', code: 'approval-rejected' } }); // prettier-ignore
  expect(await approve(at.deps, acme, host.id, by, 'only')).toMatchObject({ told: { state: 'ignored', code: 'repeated' }, approval: { state: 'approved' } }); // prettier-ignore
  expect(at.hostsTold).toEqual(['acme releases 192.0.2.50 of atp-cloud by soc', 'acme doubts poll-7 of atp-cloud by soc']); // prettier-ignore
  expect(at.lines().map(({ event, ip, eventId }) => [event, ip, eventId]).sort()).toEqual([['operator-approve', desk, null], ['operator-reject', null, 'poll-7']]); // prettier-ignore
});

test('a decision that was not seen to the end is made whole by the same again, once', async () => {
  const at = await office(0, {});
  const host = openHostApproval({ ip: desk, feed: 'atp-cloud', wanted: 'blocked', level: 9, cause: 'poll-7' }, 'blast-radius', noon); // prettier-ignore
  for (const tenant of [acme, globex]) await at.deps.approvals.open(tenant, host);
  const settle = async () => Promise.reject(new Error('killed'));
  const killed = { ...at.deps, approvals: { ...at.deps.approvals, settle } };

  await expect(approve(killed, acme, host.id, by, 'only')).rejects.toThrow('killed');
  expect(await approve(at.deps, acme, host.id, by, 'only')).toMatchObject({ told: { state: 'applied' } });
  expect(await approve(at.deps, acme, host.id, by, 'only')).toMatchObject({ told: { code: 'repeated' } });
  expect(at.hostsTold).toHaveLength(2);
  expect((await at.deps.approvals.read(globex, host.id))?.state).toBe('open');
});
