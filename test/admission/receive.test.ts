import { type Approval, macsOf } from '../../shared/admission/approval.ts';
import { approve, reject } from '../../shared/admission/decide-approval.ts';
import { receiveEvent } from '../../shared/admission/receive.ts';
import { settleLoggedIn, settlePending, settleWaiting } from '../../shared/admission/settle.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { aClient, admissionInTime, aPolicy, plainPolicies } from '../support/admission.ts';
import { aLogin, aRecord, laptop, phone } from '../support/endpoints.ts';
import { acme, desk, globex, minutes, noon } from '../support/observations.ts';

type Told = Readonly<Record<string, unknown>>;
const event = (name: string, told: Told = {}) => ({ event: name, endpointIp: desk, severity: 'high', ...told });
const quarantine = (told: Told = {}) => event('quarantine-endpoint', told);
const block = (told: Told = {}) => event('block-endpoint', told);
const free = (told: Told = {}) => event('clear-quarantine-endpoint', told);
const unblock = (told: Told = {}) => event('clear-blocked-endpoint', told);
const messageIn = ({ subject }: Approval) => {
  if (subject.kind !== 'message') throw new Error(`It is a ${subject.kind}.`);
  return subject.received.message;
};
const iso = (at: number) => new Date(at).toISOString();

/** The laptop is logged in and has the address of the desk, for both tenants. */
async function office(told: Parameters<typeof admissionInTime>[0] = {}) {
  const at = admissionInTime(told);
  for (const tenant of [acme, globex]) {
    await at.happens(laptop, { kind: 'authenticated', login: aLogin() }, tenant);
    await at.happens(laptop, { kind: 'accounted', record: aRecord() }, tenant);
  }
  return at;
}

/** Another device gets the address, the laptop another one. */
async function leaseMoves(at: Awaited<ReturnType<typeof office>>, to: Mac = phone) {
  await at.happens(laptop, { kind: 'accounted', record: aRecord({ status: 'interim', ip: '192.0.2.77' as IpAddress, instant: noon + minutes(30) }) }); // prettier-ignore
  await at.happens(to, { kind: 'accounted', record: aRecord({ acctSessionId: '2', loginId: null, port: 'ge-0/0/8', user: 'bob', instant: noon + minutes(30) }) }); // prettier-ignore
}

describe('what each event does', () => {
  test('quarantine puts the endpoint that has the address into the role, says so, and has its switch told', async () => {
    const at = await office();
    const { answer } = await at.send(quarantine({ eventId: 'e-1', threatName: 'EICAR' }));

    expect(answer).toMatchObject({ state: 'applied', code: 'quarantined', mac: laptop, ip: desk });
    expect(answer?.operations).toHaveLength(1);
    expect(at.notified).toEqual([`acme ${laptop}`]);
    expect(await at.access(laptop)).toBe('quarantined');
    expect(await at.access(laptop, globex)).toBe('full');
    expect((await at.endpoint(laptop))?.reasons).toMatchObject([
      { role: 'quarantine', session: null, until: null, threatName: 'EICAR', eventId: 'e-1', policy: 'quarantine-infected' }, // prettier-ignore
    ]);
    expect(at.lines()).toMatchObject([
      { state: 'applied', event: 'quarantine-endpoint', mac: laptop, user: 'alice', policy: 'quarantine-infected', role: 'quarantine', sender: { kind: 'client', name: 'policy-enforcer' } }, // prettier-ignore
    ]);
    expect(at.lines(globex)).toEqual([]);
  });

  test('block, clear of either kind, and a clear of the other kind', async () => {
    const at = await office();
    await at.send(block());
    await at.send(quarantine());
    expect(await at.access(laptop)).toBe('blocked');
    await at.send(free());
    expect(await at.access(laptop)).toBe('blocked');
    await at.send(quarantine());
    await at.send(unblock());
    expect(await at.access(laptop)).toBe('quarantined');
    await at.send(free());
    expect(await at.access(laptop)).toBe('full');
    expect(at.lines()).toHaveLength(6);
  });

  test('of two reasons one is cleared, and it is still held; the second is cleared, and it is free', async () => {
    const other = aClient({ name: 'second', address: '198.51.100.21' });
    const at = await office({ clients: [aClient(), other] });
    await at.send(quarantine());
    await at.send(quarantine(), { address: other.address });

    expect((await at.send(free())).answer).toMatchObject({ state: 'applied', code: 'cleared' });
    expect(await at.access(laptop)).toBe('quarantined');
    await at.send(free(), { address: other.address });
    expect(await at.access(laptop)).toBe('full');
  });

  test('the same again changes nothing, and is one line more', async () => {
    const at = await office();
    await at.send(quarantine());
    const { answer } = await at.send(quarantine());

    expect(answer).toMatchObject({ state: 'applied', code: 'already-held', operations: [] });
    expect(at.lines()).toHaveLength(2);
  });

  test('a hold with a time says until when, and is over then', async () => {
    const at = await office({ admissionPolicies: [aPolicy({ releaseAfterMinutes: 30 })] });
    const { answer } = await at.send(quarantine());

    expect(answer?.message).toContain(iso(noon + minutes(30)));
    at.moveTo(noon + minutes(30));
    expect(await at.access(laptop)).toBe('full');
  });

  test('a session may be ended, where there is one', async () => {
    const at = await office({ admissionPolicies: [aPolicy({ action: 'terminate-session', role: null })] });

    expect((await at.send(quarantine())).answer).toMatchObject({ state: 'applied', code: 'session-terminated' });
    expect((await at.endpoint(laptop))?.changes).toMatchObject([{ state: 'pending' }]);
    expect((await at.send(quarantine({ endpointMac: phone }))).answer).toMatchObject({ code: 'no-session' });
  });

  test('what no policy is for, what is to be ignored, and what is only to be logged, is only logged', async () => {
    const at = await office({
      admissionPolicies: [
        aPolicy({ action: 'ignore', role: null, severity: 'low' }),
        aPolicy({ logOnly: true, severity: 'medium' }),
        aPolicy({ logOnly: true, event: 'clear-blocked-endpoint', action: 'clear-block', role: null }),
      ],
    });

    expect((await at.send(quarantine())).answer).toMatchObject({ state: 'ignored', code: 'no-policy' });
    expect((await at.send(quarantine({ severity: 'low' }))).answer).toMatchObject({ code: 'policy-ignores' });
    expect((await at.send(quarantine({ severity: 'medium' }))).answer).toMatchObject({ code: 'log-only', mac: laptop });
    expect((await at.send(unblock())).answer).toMatchObject({ code: 'log-only' });
    expect(await at.access(laptop)).toBe('full');
    expect(at.lines()).toMatchObject([{ flags: ['log-only'] }, { flags: ['log-only'], mac: laptop }, {}, {}]);
  });
});

describe('who is meant', () => {
  test('a DHCP lease that moves between the event and the clear: who was held is freed, whoever has the address', async () => {
    const at = await office();
    await at.send(quarantine());
    await leaseMoves(at);
    at.moveTo(noon + minutes(40));

    expect((await at.send(free())).answer).toMatchObject({ state: 'applied', mac: laptop });
    expect(await at.access(laptop)).toBe('full');
    expect((await at.endpoint(phone))?.reasons).toEqual([]);
  });

  test('what was said again of a device that has moved is cleared by either address, and by no other', async () => {
    for (const [ip, expected] of [
      [desk, 'full'],
      ['192.0.2.77', 'full'],
      ['192.0.2.78', 'quarantined'],
    ] as const) {
      const at = await office();
      await at.send(quarantine());
      at.moveTo(noon + minutes(40));
      await leaseMoves(at);
      expect((await at.send(quarantine({ endpointIp: '192.0.2.77' }))).answer).toMatchObject({ code: 'already-held', mac: laptop }); // prettier-ignore
      await at.send(free({ endpointIp: ip }));

      expect(await at.access(laptop)).toBe(expected);
    }
  });

  test('an event that comes late means who had the address when it occurred', async () => {
    const at = await office();
    at.moveTo(noon + minutes(40));
    await leaseMoves(at);
    await at.send(quarantine({ occurredAt: iso(noon + minutes(10)) }));

    expect([await at.access(laptop), await at.access(phone)]).toEqual(['quarantined', 'full']);
  });

  test('with a MAC the MAC is meant, known or not, whoever has the address', async () => {
    const at = await office();
    const { answer } = await at.send(block({ endpointMac: '0011.2233.CAFF' }));

    expect(answer).toMatchObject({ state: 'applied', mac: phone });
    expect([await at.access(laptop), await at.access(phone)]).toEqual(['full', 'blocked']);
    await at.send(unblock({ endpointMac: phone, endpointIp: '192.0.2.99' }));
    expect(await at.access(phone)).toBe('full');
  });

  test('a clear for whom nobody knows is a line, and makes no endpoint', async () => {
    const at = await office();

    expect((await at.send(free({ endpointMac: phone }))).answer).toMatchObject({ state: 'ignored', code: 'nothing-to-clear' }); // prettier-ignore
    expect((await at.send(free({ endpointIp: '192.0.2.99' }))).answer).toMatchObject({ code: 'nothing-to-clear' });
    expect(await at.endpoint(phone)).toBeUndefined();
  });

  test('two who have the address, confirmed at nearly the same time: an operator decides, once', async () => {
    const at = await office();
    await at.happens(phone, { kind: 'accounted', record: aRecord({ acctSessionId: '2', loginId: null, port: 'ge-0/0/8' }) }); // prettier-ignore
    const { answer } = await at.send(quarantine({ eventId: 'e-1' }));
    await at.send(quarantine({ eventId: 'e-2' }));
    const { approvals } = await at.deps.approvals.list(acme, { limit: 10 });
    const by = { credentialName: 'desk', clientAddress: '198.51.100.9', requestId: 'r', receivedAt: noon };
    const id = approvals[0]?.id ?? '';

    expect(answer).toMatchObject({ state: 'held-for-approval', mac: null });
    expect(at.lines()[0]).toMatchObject({ flags: ['ambiguous-address'] });
    expect(approvals).toHaveLength(1);
    expect([await at.access(laptop), await at.access(phone)]).toEqual(['full', 'full']);
    expect(await approve(at.deps, globex, id, by, phone)).toBe('absent');
    expect(await approve(at.deps, acme, id, by, phone)).toMatchObject({ told: { state: 'applied' }, approval: { mac: phone, decidedBy: 'desk' } }); // prettier-ignore
    expect([await at.access(laptop), await at.access(phone)]).toEqual(['full', 'quarantined']);
    expect(await approve(at.deps, acme, id, by, phone)).toMatchObject({ told: { state: 'ignored', code: 'repeated' }, approval: { mac: phone } }); // prettier-ignore
    expect(await approve(at.deps, acme, id, by, laptop)).toBe('decided-already');
    expect(await reject(at.deps, acme, id, by)).toBe('decided-already');
  });

  test('of what an operator has to decide nothing is lost: what is worse or may mean others is asked too, and what is said again is asked as it was said last', async () => {
    const at = await office();
    const joins = async (mac: Mac, port: string) =>
      at.happens(mac, { kind: 'accounted', record: aRecord({ acctSessionId: port, loginId: null, port }) });
    const asked = async () => (await at.deps.approvals.list(acme, { limit: 10 })).approvals;
    await joins(phone, 'ge-0/0/8');
    await at.send(quarantine({ severity: 'low', eventId: 'e-1' }));
    await at.send(quarantine({ eventId: 'e-2' }));
    expect((await asked()).map((each) => messageIn(each).severity).sort()).toEqual(['high', 'low']);

    await joins('00:11:22:33:44:99' as Mac, 'ge-0/0/9');
    await at.send(quarantine({ eventId: 'e-3' }));
    expect((await asked()).map((each) => macsOf(each).length).sort()).toEqual([2, 2, 3]);

    await at.send(quarantine({ eventId: 'e-4' }));
    expect((await asked()).map((each) => messageIn(each).eventId).sort()).toEqual(['e-1', 'e-2', 'e-4']);
    expect((await at.deps.approvals.list(globex, { limit: 10 })).approvals).toEqual([]);
  });

  test('what is held for approval is withdrawn by a clear, and what is rejected does nothing', async () => {
    const at = await office();
    await at.happens(phone, { kind: 'accounted', record: aRecord({ acctSessionId: '2', loginId: null, port: 'ge-0/0/8' }) }); // prettier-ignore
    const by = { credentialName: 'desk', clientAddress: '198.51.100.9', requestId: 'r', receivedAt: noon };
    await at.send(quarantine());
    await at.send(free());
    const [first] = (await at.deps.approvals.list(acme, { limit: 10 })).approvals;
    expect(first).toMatchObject({ state: 'withdrawn', decidedBy: 'policy-enforcer' });

    await at.send(quarantine());
    expect(await reject(at.deps, acme, first?.id ?? '', by)).toMatchObject({ approval: { state: 'rejected' } });
    expect([await at.access(laptop), await at.access(phone)]).toEqual(['full', 'full']);
    expect(at.lines().map(({ event: name }) => name)).toContain('operator-reject');
  });

  test('a clear that names a MAC withdraws only what may mean that device', async () => {
    const at = await office();
    await at.happens(phone, { kind: 'accounted', record: aRecord({ acctSessionId: '2', loginId: null, port: 'ge-0/0/8' }) }); // prettier-ignore
    await at.send(quarantine());
    const states = async () => (await at.deps.approvals.list(acme, { limit: 10 })).approvals.map(({ state }) => state);

    expect((await at.send(free({ endpointMac: '00:11:22:33:44:99' }))).answer?.code).toBe('nothing-to-clear');
    expect(await states()).toEqual(['open']);
    expect((await at.send(free({ endpointMac: phone }))).answer?.code).toBe('cleared');
    expect(await states()).toEqual(['withdrawn']);
  });

  test('a MAC that the device made up, and an address outside of the networks, are flagged', async () => {
    const at = await office({ networks: ['10.0.0.0/8'] });
    const { answer } = await at.send(block({ endpointMac: '02:11:22:33:44:55' }));

    expect(answer?.message).toContain('does not follow the device');
    expect(at.lines()[0]?.flags).toEqual(['outside-networks', 'mac-randomised']);
    expect(answer?.state).toBe('applied');
  });
});

describe('guards', () => {
  test.each([
    ['address', { addresses: ['192.0.2.0/24'] }],
    ['MAC', { macs: [laptop] }],
    ['user', { users: ['ALICE'] }],
    ['user with its domain', { users: ['acme\\alice'] }],
    ['role', { roles: ['Employees'] }],
  ])('whom the allow list names by %s is left alone, and clears pass', async (_, list) => {
    const allowList = { addresses: [], macs: [], users: [], roles: [], ...list };
    const at = await office({ allowList });

    expect((await at.send(quarantine())).answer).toMatchObject({ state: 'ignored', code: 'allow-list' });
    expect(at.lines()[0]?.flags).toEqual(['allow-list']);
    expect((await at.send(free())).answer).toMatchObject({ code: 'nothing-to-clear' });
    expect(await at.access(laptop)).toBe('full');
  });
});

describe('order', () => {
  test('the same id again is answered as before, has no second effect, and is one line', async () => {
    const at = await office();
    const first = await at.send(quarantine({ eventId: 'e-1' }));
    await at.send(free());
    const again = await at.send(quarantine({ eventId: 'e-1' }));

    expect(again.answer).toMatchObject({ state: 'replay', was: 'applied', code: 'quarantined', mac: laptop, operations: first.answer?.operations }); // prettier-ignore
    expect(await at.access(laptop)).toBe('full');
    expect(at.lines()[0]).toMatchObject({ state: 'replay', eventId: 'e-1' });
    expect(at.lines()).toHaveLength(3);
  });

  test('an id is its client’s: another client may use it, and one that means something else is flagged', async () => {
    const other = aClient({ name: 'second', address: '198.51.100.21' });
    const at = await office({ clients: [aClient(), other] });
    await at.send(quarantine({ eventId: 'e-1' }));

    expect((await at.send(block({ eventId: 'e-1' }), { address: other.address })).answer?.state).toBe('applied');
    expect((await at.send(free({ eventId: 'e-1' }))).answer?.message).toContain('an id of its own');
    expect(at.lines()[0]?.flags).toEqual(['event-id-reused']);
  });

  test('what is killed between its effect and its answer is made whole by its repeat', async () => {
    const at = await office();
    let isDown = true;
    const remember: typeof at.deps.memory.remember = async (...told) => {
      if (isDown) throw new Error('killed');
      return at.deps.memory.remember(...told);
    };
    const memory = { ...at.deps.memory, remember };
    const broken = { ...at.deps, memory };
    const arrival = { credentialName: 'sender', clientAddress: '198.51.100.20', requestId: 'r-1', receivedAt: noon };
    const send = async () => receiveEvent(broken, acme, arrival, Buffer.from(JSON.stringify(quarantine({ eventId: 'e-1' })))); // prettier-ignore

    await expect(send()).rejects.toThrow('killed');
    isDown = false;
    expect((await send()).answer).toMatchObject({ state: 'applied', code: 'already-held' });
    expect((await send()).answer).toMatchObject({ state: 'replay' });
    expect((await at.endpoint(laptop))?.reasons).toHaveLength(1);
  });

  test.each([
    ['by address', {}],
    ['by MAC', { endpointMac: laptop }],
    ['by the MAC of one that nobody knows', { endpointMac: phone }],
  ])('a hold that is older than its clear, and comes after it, is stale: %s', async (_, who) => {
    const at = await office();
    at.moveTo(noon + minutes(10));
    await at.send(free({ ...who, occurredAt: iso(noon + minutes(2)) }));
    const { answer } = await at.send(quarantine({ ...who, occurredAt: iso(noon + minutes(1)) }));

    expect(answer?.state).toBe('stale');
    expect([await at.access(laptop), await at.access(phone)]).toEqual(['full', 'full']);
    expect(at.lines()[0]).toMatchObject({ state: 'stale' });
  });

  test('a clear that names a MAC makes nothing stale that is about another device of the same address', async () => {
    const at = await office();
    at.moveTo(noon + minutes(10));
    await at.send(free({ endpointMac: laptop, occurredAt: iso(noon + minutes(2)) }));
    const { answer } = await at.send(quarantine({ endpointMac: phone, occurredAt: iso(noon + minutes(1)) }));

    expect(answer).toMatchObject({ state: 'applied', mac: phone });
  });

  test('a clear that is older than the hold, and comes after it, is stale', async () => {
    const at = await office();
    at.moveTo(noon + minutes(10));
    await at.send(quarantine({ occurredAt: iso(noon + minutes(2)) }));

    expect((await at.send(free({ occurredAt: iso(noon + minutes(1)) }))).answer?.state).toBe('stale');
    expect(await at.access(laptop)).toBe('quarantined');
  });

  test('a clock that is far ahead is not believed, so that it makes nothing stale that comes later', async () => {
    const at = await office();
    await at.send(quarantine({ occurredAt: '2036-01-01T00:00:00Z' }));
    at.moveTo(noon + minutes(1));

    expect(at.lines()[0]).toMatchObject({ state: 'applied', flags: ['clock-ahead'], occurredAt: noon });
    expect((await at.send(free({ occurredAt: iso(noon + minutes(1)) }))).answer).toMatchObject({ code: 'cleared' });
    expect(await at.access(laptop)).toBe('full');
  });
});

describe('what waits', () => {
  const later = (ip = desk) => aRecord({ acctSessionId: '2', loginId: null, port: 'ge-0/0/8', user: 'bob', ip, instant: noon }); // prettier-ignore
  const elsewhere = '192.0.2.60' as IpAddress;

  test('an event for an address that nobody is known to have waits for whoever had it', async () => {
    const at = await office();
    const { answer } = await at.send(quarantine({ endpointIp: elsewhere }));
    await at.happens(phone, { kind: 'accounted', record: later(elsewhere) });
    await settlePending(at.deps, globex, phone, elsewhere);
    expect(await at.access(phone)).toBe('full');
    await settlePending(at.deps, acme, phone, elsewhere);

    expect(answer).toMatchObject({ state: 'pending', code: 'waiting-for-address', mac: null });
    expect(await at.access(phone)).toBe('quarantined');
    expect(at.lines().map(({ state }) => state)).toEqual(expect.arrayContaining(['pending', 'applied']));
    expect((await at.deps.endpoints.at(acme, elsewhere)).pending).toEqual([]);
  });

  test('who gets the address after the event is not meant, nor is anybody after its time', async () => {
    const at = await office();
    await at.send(quarantine({ endpointIp: elsewhere }));
    at.moveTo(noon + minutes(5));
    await at.happens(phone, {
      kind: 'accounted',
      record: aRecord({ ...later(elsewhere), instant: noon + minutes(5) }),
    });
    await settlePending(at.deps, acme, phone, elsewhere);
    expect(await at.access(phone)).toBe('full');
    expect((await at.deps.endpoints.at(acme, elsewhere)).pending).toHaveLength(1);

    at.moveTo(noon + minutes(10));
    await at.happens(laptop, { kind: 'addressed', ip: elsewhere, source: 'operator' });
    await settlePending(at.deps, acme, laptop, elsewhere);
    expect(await at.access(laptop)).toBe('full');
  });

  test('a clear takes away what waits, unless that is newer', async () => {
    const at = await office();
    at.moveTo(noon + minutes(2));
    await at.send(quarantine({ endpointIp: elsewhere, occurredAt: iso(noon + minutes(1)) }));
    expect((await at.send(free({ endpointIp: elsewhere, occurredAt: iso(noon) }))).answer?.code).toBe('nothing-to-clear'); // prettier-ignore
    expect((await at.send(unblock({ endpointIp: elsewhere }))).answer?.code).toBe('nothing-to-clear');
    const ofAnother = await at.send(free({ endpointIp: elsewhere, endpointMac: laptop }));
    expect(ofAnother.answer?.code).toBe('nothing-to-clear');
    expect((await at.deps.endpoints.at(acme, elsewhere)).pending).toHaveLength(1);
    expect((await at.send(free({ endpointIp: elsewhere }))).answer).toMatchObject({
      state: 'applied',
      code: 'cleared',
    });
    expect((await at.deps.endpoints.at(acme, elsewhere)).pending).toEqual([]);
  });
});

describe('roles', () => {
  const guests = aPolicy({ name: 'guests', scope: { roles: 'selected', names: ['Guests'] } });
  const others = aPolicy({ name: 'others', action: 'block', role: null, scope: { roles: 'other-than', names: ['Guests'] } }); // prettier-ignore

  test('the mapped roles of the session decide which policy is for it', async () => {
    const at = await office({ admissionPolicies: [guests, others, ...plainPolicies] });
    await at.send(quarantine());

    expect(await at.access(laptop)).toBe('blocked');
    expect(at.lines()[0]).toMatchObject({ policy: 'others' });
  });

  test('where nobody is logged in on the MAC, the next login decides', async () => {
    const at = await office({ admissionPolicies: [guests, others, ...plainPolicies] });
    const { answer } = await at.send(quarantine({ endpointMac: phone }));
    expect(answer).toMatchObject({ state: 'pending', code: 'waiting-for-login', mac: phone });
    expect(await at.access(phone)).toBe('full');

    await settleWaiting(at.deps, acme, phone, ['Guests']);
    expect(await at.access(phone)).toBe('quarantined');
    expect(at.lines().map(({ state, policy }) => [state, policy])).toContainEqual(['applied', 'guests']);
    expect((await at.endpoint(phone))?.waiting).toEqual([]);
  });

  test('one for the session only waits until that is there, and ends with it', async () => {
    const at = await office({ admissionPolicies: [aPolicy({ assignment: 'session' })] });
    await at.send(quarantine({ endpointMac: phone }));
    await settleWaiting(at.deps, acme, phone, ['Employees']);
    expect((await at.endpoint(phone))?.waiting).toHaveLength(1);

    const login = aLogin({ loginId: 'login-9', port: 'ge-0/0/9', acctSessionId: '9' });
    await at.happens(phone, { kind: 'authenticated', login });
    await settleLoggedIn(at.deps, acme, phone);
    expect((await at.endpoint(phone))?.reasons).toMatchObject([{ session: `${login.nas}/9` }]);

    await at.happens(phone, { kind: 'accounted', record: aRecord({ status: 'stop', acctSessionId: '9', loginId: 'login-9', port: 'ge-0/0/9', instant: noon + 1 }) }); // prettier-ignore
    expect(await at.access(phone)).toBe('full');
  });

  test('a clear takes away what waits for a login', async () => {
    const at = await office({ admissionPolicies: [guests, ...plainPolicies] });
    await at.send(quarantine({ endpointMac: phone }));
    await at.send(unblock({ endpointMac: phone }));
    expect((await at.endpoint(phone))?.waiting).toHaveLength(1);
    expect((await at.send(free())).answer).toMatchObject({ state: 'applied', mac: phone });
    expect((await at.endpoint(phone))?.waiting).toEqual([]);
  });
});

test('the debug log is told how each message was read, what became of it and why', async () => {
  const at = await office();
  await at.send(quarantine({ eventId: 'e-1' }));
  await at.send(event('explode'), { tenant: globex });
  await at.send(quarantine(), { address: '203.0.113.99' });

  const admission = { part: 'admission' };
  const like = (form: RegExp) => expect.stringMatching(form) as string;
  expect(at.said).toMatchObject([
    {
      ...admission,
      tenant: acme,
      message: like(/from the client "policy-enforcer" and is read by the template "Juniper/),
    },
    {
      ...admission,
      tenant: acme,
      message: like(/^The policy "quarantine-infected" matched\. /),
      mac: laptop,
      ip: desk,
    },
    { ...admission, tenant: globex, message: like(/^A message came from the client/) },
    { ...admission, tenant: globex, message: like(/^It is refused: /) },
    { ...admission, tenant: acme, message: like(/^A message came from 203\.0\.113\.99 and is read by nobody: /) },
    { ...admission, tenant: acme, message: like(/^It is refused: /) },
  ]);
});
