/** The doors of a site's FreeRADIUS: who is let in and as what, which sessions there are, and that two tenants never meet. */
import { doors } from '../../functions/serve-radius/handler.ts';
import type { Role, RouteKey } from '../../shared/contract.ts';
import { http } from '../../shared/edge/http.ts';
import { advanceEndpoint } from '../../shared/endpoints/endpoint-table.ts';
import type { EndpointEvent } from '../../shared/endpoints/events.ts';
import { withoutSecrets } from '../../shared/journal/debug.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { aClear, aHold, aMessage, laptop } from '../support/endpoints.ts';
import { acme, desk, globex, hours, minutes, noon } from '../support/observations.ts';
import { aLoginPacket, aPacket, aRadiusService, aRecordPacket, wired, wireless } from '../support/radius.ts';
import { aCaller, aContext, anApiEvent } from '../support/requests.ts';

let service: ReturnType<typeof aRadiusService>;
beforeEach(() => {
  service = aRadiusService();
});

type Body = Record<string, unknown>;

interface Sending {
  readonly tenant?: string;
  readonly role?: Role;
  readonly query?: Record<string, string[]>;
}

async function send(route: RouteKey, body: unknown, { tenant = 'acme', role = 'radius', query = {} }: Sending = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const event = anApiEvent({ route, caller: aCaller(role, { tenant }), query, body: text });
  const answer = await http(() => service.deps, doors, { now: service.deps.now })(event, aContext());
  const told = answer.body === '' ? {} : (JSON.parse(answer.body) as Body);
  return { status: answer.statusCode, body: told, said: saidIn(told) };
}

/** Each attribute with its first value. */
const saidIn = (body: Body) =>
  Object.fromEntries(Object.entries(body).map(([name, told]) => [name, (told as { value?: string[] }).value?.[0]]));

const authorize = async (packet: unknown, told = {}) => send('POST /v1/radius/authorize', packet, told);
const postAuth = async (packet: unknown, told = {}) => send('POST /v1/radius/post-auth', packet, told);
const account = async (packet: unknown, told = {}) => send('POST /v1/radius/accounting', packet, told);
const happens = async (event: EndpointEvent, tenant = acme) => advanceEndpoint(service.deps, tenant, laptop, event);
const quarantine = (role = 'Quarantine') => aHold({ hold: 'quarantined', role });
const endpoint = async (tenant = acme) => (await service.deps.endpoints.read(tenant, [laptop]))[0]?.endpoint;
const lines = (tenant = acme) => service.deps.accessLog.all(tenant);
async function whoIsAt(ip: string = desk, tenant = acme) {
  const [stored] = await service.deps.table.entries.read(tenant, [{ ip: ip as IpAddress, slot: 'uac' }]);
  return stored?.item.state === 'valid' ? stored.item.entry : undefined;
}

describe('authorize', () => {
  test('lets a local user in whose password is right', async () => {
    const { status, said } = await authorize(aLoginPacket({ 'User-Password': 'wonderland' }));

    expect([status, said]).toEqual([200, { 'control:Auth-Type': 'Accept' }]);
    expect(lines()).toEqual([]); // post-auth tells of the login
  });

  test.each([
    ['a wrong password', { 'User-Password': 'underland' }],
    ['no such user', { 'User-Name': 'mallory', 'User-Password': 'wonderland' }],
  ])('rejects %s, with a line in the access log and one message for both', async (_, told) => {
    const { status, said } = await authorize(aLoginPacket(told));

    expect(status).toBe(401);
    expect(said).toMatchObject({ 'control:Auth-Type': 'Reject', 'control:Tmp-String-0': 'credentials-wrong' });
    expect(lines()).toMatchObject([{ result: 'rejected', code: 'credentials-wrong', realm: 'Wired', mac: laptop }]);
    expect(JSON.stringify(lines())).not.toContain('underland');
  });

  test('says nothing of a user without a password here, nor of one whom the site authenticates', async () => {
    expect((await authorize(aLoginPacket())).status).toBe(204);
    const delegated = aLoginPacket({ 'NAS-IP-Address': wireless, 'User-Name': 'bob', 'User-Password': 'x' });
    expect((await authorize(delegated)).status).toBe(204);
  });

  test('rejects a blocked device whatever its password, and no other tenant’s', async () => {
    await happens(aHold());

    const packet = aLoginPacket({ 'User-Password': 'wonderland' });
    expect((await authorize(packet)).said).toMatchObject({ 'control:Tmp-String-0': 'endpoint-blocked' });
    expect((await authorize(packet, { tenant: 'globex' })).status).toBe(200);
    await happens(aClear());
    expect((await authorize(packet)).status).toBe(200);
    expect(lines().map(({ code }) => code)).toEqual(['endpoint-blocked']);
    expect(lines(globex)).toEqual([]);
  });

  test.each([
    ['a switch that the tenant does not know', { 'NAS-IP-Address': '198.51.100.250' }, 'nas-unknown'],
    ['a switch that does not say who it is', { 'NAS-IP-Address': '' }, 'nas-unknown'],
    ['a login without a MAC', { 'Calling-Station-Id': '' }, 'mac-missing'],
    ['a MAC that no device has', { 'Calling-Station-Id': '01-00-5E-00-00-01' }, 'mac-missing'],
    ['a caller that is an address', { 'Calling-Station-Id': '192.0.2.7' }, 'mac-missing'],
  ])('rejects %s, and tells it in the access log', async (_, told, code) => {
    const { status, said } = await authorize(aLoginPacket(told));

    expect([status, said['control:Tmp-String-0']]).toEqual([401, code]);
    expect(lines()).toMatchObject([{ result: 'rejected', code }]);
  });

  test('knows a switch by where its packets come from, where it calls itself something else', async () => {
    const told = { 'NAS-IP-Address': '10.0.0.1', 'Packet-Src-IP-Address': wired, 'User-Password': 'wonderland' };

    expect((await authorize(aLoginPacket(told))).status).toBe(200);
  });

  test('knows users without regard to case', async () => {
    expect((await authorize(aLoginPacket({ 'User-Name': 'ALICE', 'User-Password': 'wonderland' }))).status).toBe(200);
  });
});

describe('post-auth', () => {
  test('grants what the mapped roles are told, with the user and a Class, and opens the session', async () => {
    const { status, said, body } = await postAuth(aLoginPacket());

    expect(status).toBe(200);
    expect(said).toEqual({
      'reply:Tunnel-Type': 'VLAN',
      'reply:Tunnel-Medium-Type': 'IEEE-802',
      'reply:Tunnel-Private-Group-Id': '10',
      'reply:User-Name': 'alice',
      'reply:Class': 'postern:id-1',
    });
    expect(Object.values(body)).toEqual(
      Object.values(said).map((value) => ({ op: ':=', do_xlat: false, value: [value] })),
    );
    expect((await endpoint())?.sessions).toMatchObject([
      { nas: wired, port: 'ge-0/0/7', user: 'alice', realm: 'Wired', domain: 'acme', roles: ['Employee'], granted: { access: 'full' } }, // prettier-ignore
    ]);
    expect(lines()).toMatchObject([
      { result: 'accepted', code: 'accepted', user: 'alice', realm: 'Wired', roles: ['Employee'], returnAttributes: 'VLAN 10' }, // prettier-ignore
    ]);
    expect(await endpoint(globex)).toBeUndefined();
  });

  test('rejects a device that was blocked since it was authorized, and opens nothing', async () => {
    await happens(aHold());

    expect((await postAuth(aLoginPacket())).said).toMatchObject({ 'control:Auth-Type': 'Reject', 'control:Tmp-String-0': 'endpoint-blocked' }); // prettier-ignore
    expect((await endpoint())?.sessions).toEqual([]);
    expect(lines()).toMatchObject([{ result: 'rejected', code: 'endpoint-blocked', roles: ['Employee'] }]);
  });

  test('tells a quarantined device its quarantine role’s VLAN or filter, and keeps the mapped roles', async () => {
    await happens(quarantine());
    expect((await postAuth(aLoginPacket())).said).toMatchObject({ 'reply:Tunnel-Private-Group-Id': '666' });
    expect(lines()).toMatchObject([{ code: 'accepted-in-quarantine', roles: ['Employee'], quarantineRole: 'Quarantine', returnAttributes: 'VLAN 666' }]); // prettier-ignore
    expect((await endpoint())?.sessions[0]).toMatchObject({ roles: ['Employee'], granted: { access: 'quarantined', role: 'Quarantine' } }); // prettier-ignore

    await happens(aClear({ hold: 'quarantined' }));
    await happens(quarantine('Limited'));
    expect((await postAuth(aLoginPacket())).said).toMatchObject({ 'reply:Filter-Id': 'PERMIT-PULSE-ONLY' });
  });

  test.each([
    ['no policy is of its role', 'Nowhere', {}],
    ['its policy is of another place', 'Quarantine', { 'NAS-IP-Address': wireless }],
    ['its policy opens the port', 'Open', {}],
  ])('rejects a quarantined device where %s', async (_, role, told) => {
    await happens(quarantine(role));

    const { status, said } = await postAuth(aLoginPacket(told));
    expect([status, said['control:Tmp-String-0']]).toEqual([401, 'quarantine-without-attributes']);
    expect(lines()).toMatchObject([{ result: 'rejected', quarantineRole: role }]);
  });

  test('rejects whom a local realm does not list, and takes whom the site has authenticated', async () => {
    expect((await postAuth(aLoginPacket({ 'User-Name': 'bob' }))).said).toMatchObject({ 'control:Tmp-String-0': 'user-unknown' }); // prettier-ignore

    const packet = aLoginPacket({ 'User-Name': 'bob', 'NAS-IP-Address': wireless, 'LDAP-Group': 'CN=Staff,OU=x' });
    const { said } = await postAuth(packet);
    expect(said).toMatchObject({ 'reply:Tunnel-Private-Group-Id': '10', 'reply:User-Name': 'bob' });
    expect((await endpoint())?.sessions[0]).toMatchObject({ domain: 'air', roles: ['Employee'], ssid: null });
  });

  test('lets a login in that no rule maps a role to, with no attributes, and says so in its line', async () => {
    const { said } = await postAuth(aLoginPacket({ 'User-Name': 'guest', 'NAS-IP-Address': wireless }));

    expect(Object.keys(said)).toEqual(['reply:User-Name', 'reply:Class']);
    expect(lines()).toMatchObject([{ result: 'accepted', code: 'accepted-without-roles', roles: [], returnAttributes: null }]); // prettier-ignore
  });

  test('lets a MAC log in by itself as nobody, with the roles of its MAC', async () => {
    const packet = aLoginPacket({ 'User-Name': '00112233cafe', 'Calling-Station-Id': '', 'NAS-IP-Address': wireless });
    const { said } = await postAuth(packet);

    expect(said).not.toHaveProperty('reply:User-Name');
    expect((await endpoint())?.sessions[0]).toMatchObject({ user: null, roles: ['Printer'] });
  });

  test('asks what waits for a login with these roles before it decides', async () => {
    service.deps.settleWaiting = async (_, mac, roles) => {
      expect([mac, roles]).toEqual([laptop, ['Employee']]);
      await happens(aHold());
    };

    expect((await postAuth(aLoginPacket())).said).toMatchObject({ 'control:Tmp-String-0': 'endpoint-blocked' });
  });

  test('decides by what the endpoint is when the session is written, not when it was read', async () => {
    const { replace } = service.deps.endpoints;
    let raced = false;
    const endpoints = {
      ...service.deps.endpoints,
      replace: async (...args: Parameters<typeof replace>) => {
        if (!raced) {
          raced = true;
          await advanceEndpoint({ ...service.deps, endpoints: { ...service.deps.endpoints, replace } }, acme, laptop, aHold()); // prettier-ignore
        }
        return replace(...args);
      },
    };
    service.deps = { ...service.deps, endpoints };

    expect((await postAuth(aLoginPacket())).said).toMatchObject({ 'control:Tmp-String-0': 'endpoint-blocked' });
    expect((await endpoint())?.sessions).toEqual([]);
  });

  test('grants nothing that comes too late for the switch to hear of, and what comes just in time', async () => {
    const after = (ms: number) => async () => {
      service.clock.now += ms;
      return Promise.resolve();
    };
    service.deps.settleWaiting = after(2_501);
    expect(await postAuth(aLoginPacket())).toMatchObject({ status: 503, body: { code: 'busy' } });
    expect([await endpoint(), lines()]).toEqual([undefined, []]);

    service.deps.settleWaiting = after(2_500);
    expect((await postAuth(aLoginPacket(), { tenant: 'globex' })).status).toBe(200);
    expect([(await endpoint(globex))?.sessions.length, await endpoint()]).toEqual([1, undefined]);
  });

  test('says who is at the address that a login already has', async () => {
    await postAuth(aLoginPacket({ 'Framed-IP-Address': '192.0.2.50' }));

    expect(await whoIsAt()).toMatchObject({ user: 'alice', domain: 'acme', groups: ['employee'] });
  });

  test('never has the site’s server evaluate a name', async () => {
    const packet = aLoginPacket({ 'User-Name': '%{exec:/bin/sh}', 'NAS-IP-Address': wireless });

    expect((await postAuth(packet)).body['reply:User-Name']).toEqual({ op: ':=', do_xlat: false, value: ['%{exec:/bin/sh}'] }); // prettier-ignore
  });
});

const second = 1_000;
const at = (ms: number) => Math.floor((noon + ms) / second);

describe('accounting', () => {
  test('that shows a session alive whose end its switch acknowledged has the switch told again, measured and in the event log', async () => {
    await postAuth(aLoginPacket());
    await account(aRecordPacket());
    await happens(quarantine());
    const [change] = (await endpoint())?.changes ?? [];
    const changeId = change?.id ?? '';
    await happens({ kind: 'change-taken', changeId, leaseMs: 1, detail: 'here' });
    await happens({ kind: 'change-answered', changeId, answer: { result: 'ack', errorCause: null, roundTripMs: 1, detail: null } }); // prettier-ignore
    service.clock.now += minutes(1);
    for (let record = 0; record < 2; record += 1)
      await account(aRecordPacket({ 'Acct-Status-Type': 'Interim-Update' }));

    expect((await endpoint())?.changes).toMatchObject([{ state: 'pending', repairs: 1 }, { state: 'acknowledged' }]);
    expect(service.measured).toMatchObject([{ tenant: acme, measured: { DriftFound: 1 } }]);
    expect(service.deps.events.all(acme)).toMatchObject([{ code: 'drift-repaired', mac: laptop }]);
    expect(service.deps.events.all(globex)).toEqual([]);
  });

  const login = async () => (await postAuth(aLoginPacket())).said['reply:Class'] ?? '';
  const hex = (text: string) => `0x${Buffer.from(text).toString('hex')}`;

  test('goes on with the login whose Class it carries, and tells who is at its address', async () => {
    const loginClass = await login();
    const { status } = await account(
      aRecordPacket({ Class: ['0x0102', hex(loginClass)], 'User-Name': 'anonymous@acme' }),
    );

    expect(status).toBe(204);
    expect((await endpoint())?.sessions).toMatchObject([{ key: `${wired}/s1`, user: 'alice', roles: ['Employee'] }]);
    expect((await endpoint())?.addresses).toMatchObject([{ ip: desk, source: 'accounting', until: null }]);
    expect(await whoIsAt()).toMatchObject({
      user: 'alice',
      domain: 'acme',
      groups: ['employee'],
      timeoutMinutes: 1_440,
    });
    expect(await whoIsAt(desk, globex)).toBeUndefined();
    expect(lines()[0]).toMatchObject({ code: 'address-learned', ip: desk, user: 'alice', roles: ['Employee'] });
    expect(service.settled).toContainEqual([acme, laptop, desk]);
  });

  test('decides what waits for a session that it alone tells of, also without an address, and not at its stop', async () => {
    await happens({ kind: 'awaited', waiting: { message: aMessage(), client: 'enforcer', template: 'json', receivedAt: noon } }); // prettier-ignore
    const withoutAddress = { 'Framed-IP-Address': '', 'Event-Timestamp': at(0) };
    await account(aRecordPacket({ ...withoutAddress, 'Acct-Session-Id': 's0', 'Acct-Status-Type': 'Stop' }));
    await account(aRecordPacket(withoutAddress), { tenant: 'globex' });
    expect(service.settled).toEqual([]);

    await account(aRecordPacket(withoutAddress));
    expect(service.settled).toEqual([[acme, laptop]]);
  });

  test('writes no entry for an interim record that tells nothing new, until half of its time is over', async () => {
    await login();
    await account(aRecordPacket({ 'Event-Timestamp': at(0) }));
    const before = await whoIsAt();
    service.clock.now = noon + hours(6);
    await account(aRecordPacket({ 'Acct-Status-Type': 'Interim-Update', 'Event-Timestamp': at(hours(6)) }));
    expect(await whoIsAt()).toEqual(before);

    service.clock.now = noon + hours(13);
    await account(aRecordPacket({ 'Acct-Status-Type': 'Interim-Update', 'Event-Timestamp': at(hours(13)) }));
    expect(await whoIsAt()).toMatchObject({ user: 'alice', storedAt: noon + hours(13) });
  });

  test('learns the address from an interim record, and a new one takes the old one’s place', async () => {
    await login();
    await account(aRecordPacket({ 'Framed-IP-Address': '0.0.0.0', 'Event-Timestamp': at(0) }));
    expect(await whoIsAt()).toBeUndefined();
    service.clock.now += minutes(1);
    await account(aRecordPacket({ 'Acct-Status-Type': 'Alive', 'Event-Timestamp': at(minutes(1)) }));
    expect(await whoIsAt()).toMatchObject({ user: 'alice' });
    service.clock.now += minutes(1);
    const moved = { 'Acct-Status-Type': 3, 'Framed-IP-Address': '192.0.2.77', 'Event-Timestamp': at(minutes(2)) };
    await account(aRecordPacket(moved));

    expect(await whoIsAt()).toBeUndefined();
    expect(await whoIsAt('192.0.2.77')).toMatchObject({ user: 'alice' });
  });

  test('logs off at a stop, also one that comes again; an interim that comes late brings nobody back', async () => {
    await login();
    await account(aRecordPacket({ 'Event-Timestamp': at(0) }));
    service.clock.now += minutes(5);
    const stop = aRecordPacket({
      'Acct-Status-Type': 'Stop',
      'Event-Timestamp': at(minutes(5)),
      'Framed-IP-Address': '',
    });
    await account(stop);
    expect(await whoIsAt()).toBeUndefined();
    expect((await account(stop)).status).toBe(204);
    await account(aRecordPacket({ 'Acct-Status-Type': 'Interim-Update', 'Event-Timestamp': at(minutes(4)) }));

    expect(await whoIsAt()).toBeUndefined();
    expect((await endpoint())?.sessions).toMatchObject([{ endedBy: 'stop' }]);
  });

  test('keeps whoever comes back in the second in which the last session stopped', async () => {
    await login();
    await account(aRecordPacket({ 'Event-Timestamp': at(0) }));
    service.clock.now += minutes(1);
    await account(aRecordPacket({ 'Acct-Status-Type': 'Stop', 'Event-Timestamp': at(minutes(1)) }));
    await account(aRecordPacket({ 'Acct-Session-Id': 's2', 'Event-Timestamp': at(minutes(1)) }));

    expect(await whoIsAt()).toMatchObject({ user: 'alice' });
  });

  test('logs whoever stops in the second of the start off', async () => {
    await account(aRecordPacket({ 'Event-Timestamp': at(0) }));
    await account(aRecordPacket({ 'Acct-Status-Type': 'Stop', 'Event-Timestamp': at(0) }));

    expect(await whoIsAt()).toBeUndefined();
  });

  test('logs somebody off whose place on the port another one takes', async () => {
    await account(aRecordPacket({ 'User-Name': 'bob', 'Event-Timestamp': at(0) }));
    service.clock.now += minutes(1);
    await postAuth(aLoginPacket({ 'Acct-Session-Id': 's2' }));
    expect(await whoIsAt()).toBeUndefined();
    await account(aRecordPacket({ 'Acct-Session-Id': 's2', 'Event-Timestamp': at(minutes(1)) }));

    expect(await whoIsAt()).toMatchObject({ user: 'alice' });
    expect(await whoIsAt(desk, globex)).toBeUndefined();
  });

  test('writes the entry that was lost between two writes with the next record', async () => {
    await login();
    const { entries } = service.deps.table;
    service.deps.table.entries = { ...entries, replace: async () => Promise.reject(new Error('gone')) };
    expect((await account(aRecordPacket({ 'Event-Timestamp': at(0) }))).status).toBe(503);
    service.deps.table.entries = entries;
    expect((await account(aRecordPacket({ 'Event-Timestamp': at(0) }))).status).toBe(204);

    expect(await whoIsAt()).toMatchObject({ user: 'alice' });
  });

  test('orders by the switch’s clock with its delay taken off', async () => {
    await login();
    await account(aRecordPacket({ 'Event-Timestamp': 'Mar  1 2026 12:00:00 UTC' }));
    service.clock.now += minutes(10);
    const stop = { 'Acct-Status-Type': 'Stop', 'Event-Timestamp': at(minutes(10)), 'Acct-Delay-Time': 300 };
    await account(aRecordPacket(stop));

    expect((await endpoint())?.sessions).toMatchObject([{ instant: noon + minutes(5), endedBy: 'stop' }]);
  });

  test('takes the seconds that our configuration of a site sends beside a date in a zone that only the site knows', async () => {
    const told = { 'Event-Timestamp': 'Mar  1 2026 12:55:00 CET', 'Tmp-Integer-0': at(-minutes(5)) };
    await account(aRecordPacket(told));

    expect((await endpoint())?.sessions).toMatchObject([{ instant: noon - minutes(5) }]);
  });

  test.each(['Accounting-On', 'Accounting-Off', 7, 8])(
    'ends all sessions of a switch at %s, and logs their users off',
    async (status) => {
      // prettier-ignore
      await login();
      await account(aRecordPacket({ 'Event-Timestamp': at(0) }));
      await account(aRecordPacket({ 'Event-Timestamp': at(0) }), { tenant: 'globex' });
      service.clock.now += minutes(5);
      const packet = aPacket({
        'Acct-Status-Type': status,
        'NAS-IP-Address': wired,
        'Event-Timestamp': at(minutes(5)),
      });

      expect((await account(packet)).status).toBe(204);
      expect((await endpoint())?.sessions).toMatchObject([{ endedBy: 'nas-restart' }]);
      expect(await whoIsAt()).toBeUndefined();
      expect((await endpoint(globex))?.sessions).toMatchObject([{ endedBy: null }]);
      expect(await whoIsAt(desk, globex)).toMatchObject({ user: 'alice' });
    },
  );

  test.each([
    ['the MAC itself', { 'User-Name': '00-11-22-33-ca-fe' }],
    ['the outer name of a tunnel', { 'User-Name': 'anonymous' }],
    ['a device that logged in by itself', { 'User-Name': 'host/pc1.acme.example' }],
    ['nobody at all', { 'User-Name': '' }],
  ])('maps nobody to an address by %s', async (_, told) => {
    await account(aRecordPacket(told));

    expect(await whoIsAt()).toBeUndefined();
    expect((await endpoint())?.addresses).toMatchObject([{ ip: desk }]);
  });

  test('knows a user whose login did not come to us, in the domain of the realm', async () => {
    await account(aRecordPacket({ 'User-Name': 'Bob', 'Framed-IPv6-Address': '2001:db8::5' }));

    expect(await whoIsAt()).toMatchObject({ user: 'bob', domain: 'acme', groups: [] });
    expect(await whoIsAt('2001:db8::5')).toMatchObject({ user: 'bob' });
  });

  test.each(['169.254.7.7', '0.0.0.0', '255.255.255.255', 'none'])('takes %s for no address', async (ip) => {
    expect((await account(aRecordPacket({ 'Framed-IP-Address': ip, 'Framed-IPv6-Address': 'fe80::1' }))).status).toBe(
      204,
    );
    expect((await endpoint())?.addresses).toEqual([]);
  });

  test('keeps no entry of an address that the tenant excludes', async () => {
    service.excluded.push('192.0.2.0/24');
    await account(aRecordPacket());

    expect(await whoIsAt()).toBeUndefined();
  });

  test('leaves changes of authorization that a session makes necessary to whoever tells switches', async () => {
    await happens(aHold());
    await account(aRecordPacket());

    expect(service.deps.notifier.told).toEqual([{ tenant: acme, mac: laptop }]);
  });

  test.each([
    ['a switch that nobody knows', { 'NAS-IP-Address': '198.51.100.250' }, 'nas-unknown'],
    ['a status of something else', { 'Acct-Status-Type': 'Tunnel-Start' }, 'status-passed-over'],
    ['no status', { 'Acct-Status-Type': '' }, 'status-passed-over'],
    ['no session', { 'Acct-Session-Id': '' }, 'session-id-missing'],
    ['no MAC', { 'Calling-Station-Id': '' }, 'mac-missing'],
  ])('answers a record with %s, so that it is not repeated, and says why it was of no use', async (_, told, code) => {
    const { status, said } = await account(aRecordPacket(told));

    expect([status, said]).toEqual([200, { 'control:Tmp-String-0': code }]);
    expect(service.passed).toEqual([code]);
    expect(await endpoint()).toBeUndefined();
  });
});

describe('every door', () => {
  const all = ['POST /v1/radius/authorize', 'POST /v1/radius/post-auth', 'POST /v1/radius/accounting'] as const;
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;

  test.each([
    ['nothing', '', 'json-invalid'],
    ['no JSON', '{"User-Name":', 'json-invalid'],
    ['XML', '<packet/>', 'json-invalid'],
    ['a list', '[]', 'body-invalid'],
    ['null', 'null', 'body-invalid'],
    ['a text', '"alice"', 'body-invalid'],
    ['an attribute that is null', '{"User-Name":null}', 'body-invalid'],
    ['an attribute that is only its value', '{"User-Name":"alice"}', 'body-invalid'],
    ['a member that rlm_rest does not send', '{"User-Name":{"value":["alice"],"vlaue":[]}}', 'body-invalid'],
    ['an attribute without a value', '{"User-Name":{"type":"string"}}', 'body-invalid'],
    ['an object for a value', '{"User-Name":{"value":[{"a":1}]}}', 'body-invalid'],
    ['lists in lists', `{"User-Name":${deep}}`, 'body-invalid'],
    ['too many values', JSON.stringify({ Class: { value: Array<string>(201).fill('a') } }), 'body-invalid'],
    ['too many attributes', JSON.stringify(Object.fromEntries(Array.from({ length: 401 }, (_, index) => [`a${index}`, 'x']))), 'body-invalid'], // prettier-ignore
    ['a value too long', JSON.stringify({ 'User-Name': 'a'.repeat(4_097) }), 'body-invalid'],
    ['the name of a language', '{"__proto__":{"value":["x"]}}', 'body-invalid'],
    ['too much', JSON.stringify({ Class: { value: Array<string>(100).fill('a'.repeat(3_000)) } }), 'body-too-large'],
  ])('refuses %s, and nothing comes of it', async (_, body, code) => {
    for (const route of all) expect((await send(route, body)).body.code).toBe(code);
    expect(await endpoint()).toBeUndefined();
  });

  test.each(['operator', 'auditor', 'web-api', 'threat-sender', 'enforcement-point', 'log-sender'] as const)(
    'is closed to a credential of role %s',
    async (role) => {
      // prettier-ignore
      for (const route of all) expect(await send(route, aLoginPacket(), { role })).toMatchObject({ status: 403, body: { code: 'role-refused' } }); // prettier-ignore
    },
  );

  test('takes no query', async () => {
    for (const route of all) {
      expect((await send(route, aLoginPacket(), { query: { tenant: ['globex'] } })).body.code).toBe(
        'parameter-unknown',
      );
    }
  });

  test('answers our own faults 503, which a site takes for no answer', async () => {
    const broken = { ...service.deps, settingsOf: async () => Promise.reject(new Error('the table is gone')) };
    service.deps = broken;
    for (const route of all) {
      expect(await send(route, aRecordPacket())).toMatchObject({ status: 503, body: { code: 'internal-error' } });
    }
  });

  test('takes names in any case, values with and without types, lists and single ones', async () => {
    const packet = {
      'user-name': { value: 'alice' },
      'NAS-IP-Address': { attr_num: 4, type: 'ipaddr', value: [wired] },
      'calling-station-id': { value: ['0011.2233.cafe:corp'] },
    };

    expect((await postAuth(packet)).status).toBe(200);
    expect((await endpoint())?.sessions).toMatchObject([{ ssid: 'corp' }]);
  });
});

describe('the debug log', () => {
  const said = () => service.deps.debug.said;

  test('is told what was asked, what was answered and why, and no password', async () => {
    await authorize(aLoginPacket({ 'User-Password': 'underland' }));
    await postAuth(aLoginPacket(), { tenant: globex });

    expect(said()).toMatchObject([
      { tenant: acme, part: 'radius', message: expect.stringMatching(/^authorize of .*: rejected\. /) as string },
      { tenant: globex, part: 'radius', message: expect.stringMatching(/^post-auth of .*: accepted\.$/) as string },
    ]);
    const kept = said().map(({ details = {} }) => withoutSecrets(details));
    expect(kept[0]).toContain('credentials-wrong');
    expect(kept.join()).not.toContain('underland');
  });

  test('is told of records that were passed over', async () => {
    await account(aRecordPacket({ 'Acct-Status-Type': 'Failed' }));

    expect(said()).toMatchObject([{ message: expect.stringMatching(/^accounting of .*: passed over\. /) as string }]);
  });
});
