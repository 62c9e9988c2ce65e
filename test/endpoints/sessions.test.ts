import { addressesAt, hadAddress, openSessions } from '../../shared/endpoints/sessions.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { accessSwitch, aLogin, anAddress, aRecord, aSession, endpointInTime, quarantinedAs } from '../support/endpoints.ts'; // prettier-ignore
import { desk, hours, minutes, noon } from '../support/observations.ts';

const elsewhere = '192.0.2.51' as IpAddress;
const v6 = '2001:db8::1' as IpAddress;
const otherSwitch = '198.51.100.3' as IpAddress;

const keysAt = (endpoint: ReturnType<ReturnType<typeof endpointInTime>['is']>, now: number) =>
  openSessions(endpoint, now).map(({ key }) => key);
const ipsAt = (endpoint: ReturnType<ReturnType<typeof endpointInTime>['is']>, now: number) =>
  addressesAt(endpoint, now).map(({ ip }) => ip);
const accounted = (told: Parameters<typeof aRecord>[0]) => ({ kind: 'accounted', record: aRecord(told) }) as const;
const authenticated = (told: Parameters<typeof aLogin>[0] = {}) =>
  ({ kind: 'authenticated', login: aLogin(told) }) as const;
const at = (minute: number) => noon + minutes(minute);

describe('a login', () => {
  test('opens a session, and the accounting that follows it is of that one', () => {
    const { follow, is } = endpointInTime();
    expect(follow(authenticated()).outcome).toBe('opened');
    expect(keysAt(is(), noon)).toEqual([`${accessSwitch}/login:login-1`]);

    expect(follow(accounted({ instant: at(1) }), at(1)).outcome).toBe('opened');
    expect(is().sessions).toEqual([aSession({ instant: at(1), heardAt: at(1) })]);
    expect(ipsAt(is(), at(1))).toEqual([desk]);
  });

  test('is followed by the accounting that carries its Class, whatever the port is called by then', () => {
    const { follow, is } = endpointInTime();
    follow(authenticated({ port: 'ge-0/0/7' }));
    follow(accounted({ port: '536' }), at(1));

    expect(is().sessions).toHaveLength(1);
    expect(is().sessions[0]).toMatchObject({ realm: 'Wired', roles: ['Employees'] });
  });

  test('is followed by the accounting of its port where the switch sends no Class', () => {
    const { follow, is } = endpointInTime();
    follow(authenticated());
    follow(authenticated({ loginId: 'login-2', nas: otherSwitch }));
    follow(accounted({ loginId: null }), at(1));

    expect(is().sessions.find(({ nas }) => nas === accessSwitch)).toMatchObject({ acctSessionId: '8O2.1x81bb0a3c', loginId: 'login-1' }); // prettier-ignore
    expect(is().sessions).toHaveLength(2);
  });

  test('is not followed by the accounting of another login', () => {
    const { follow, is } = endpointInTime();
    follow(authenticated({ port: null }));
    follow(accounted({ loginId: 'login-0', port: null }), at(1));

    expect(openSessions(is(), at(1))).toHaveLength(2);
  });

  test('with the session’s own id opens the session of that id', () => {
    const { follow, is } = endpointInTime();
    follow(authenticated({ acctSessionId: '8O2.1x81bb0a3c' }));
    expect(keysAt(is(), noon)).toEqual([aSession().key]);
    expect(follow(accounted({ instant: at(1) }), at(1)).outcome).toBe('updated');
  });

  test('of the same user on the same port is the same session: its switch asks again', () => {
    const { follow, is } = endpointInTime();
    follow(authenticated());
    follow(accounted({ instant: at(1) }), at(1));

    const again = authenticated({ loginId: 'login-2', user: 'ALICE', roles: ['Guests'], granted: quarantinedAs() });
    expect(follow(again, at(60))).toMatchObject({ outcome: 'updated', session: aSession().key });
    expect(is().sessions).toEqual([
      aSession({ instant: at(1), heardAt: at(60), loginId: 'login-2', user: 'ALICE', roles: ['Guests'], granted: quarantinedAs() }), // prettier-ignore
    ]);
  });

  test('of another user on the same port takes the session’s place, and its address with it', () => {
    const { follow, is } = endpointInTime();
    follow(authenticated());
    follow(accounted({}), noon);
    follow(authenticated({ loginId: 'login-2', user: 'bob' }), at(5));

    expect(openSessions(is(), at(5)).map(({ user }) => user)).toEqual(['bob']);
    expect(is().sessions[1]).toMatchObject({ user: 'alice', endedAt: at(5), endedBy: 'replaced' });
    expect(ipsAt(is(), at(5))).toEqual([]);
  });

  test('elsewhere leaves the session here open until its switch says that it is over', () => {
    const { follow, is } = endpointInTime();
    follow(authenticated());
    follow(authenticated({ loginId: 'login-2', nas: otherSwitch }), at(5));

    expect(keysAt(is(), at(5))).toHaveLength(2);
  });
});

describe('accounting', () => {
  test('of a login that did not come to us opens a session that was granted what its switch grants', () => {
    const { follow, is } = endpointInTime();
    expect(follow(accounted({ loginId: null, instant: noon - minutes(1) })).outcome).toBe('opened');

    expect(is().sessions).toEqual([
      aSession({ realm: null, domain: '', roles: [], loginId: null, startedAt: noon - minutes(1), instant: noon - minutes(1) }), // prettier-ignore
    ]);
  });

  test('a session is heard of, and a word that comes late does not undo a newer one', () => {
    const { follow, is } = endpointInTime();
    follow(accounted({}));
    follow(accounted({ status: 'interim', instant: at(10), ip: elsewhere }), at(10));

    expect(follow(accounted({ status: 'interim', instant: at(5) }), at(11)).outcome).toBe('late');
    expect(ipsAt(is(), at(11))).toEqual([elsewhere]);
    expect(hadAddress(is(), desk, at(9))).toBeDefined();
    expect(hadAddress(is(), desk, at(10))).toBeUndefined();
    expect(hadAddress(is(), elsewhere, at(9))).toBeUndefined();
  });

  test('the same record again changes nothing but when it was heard', () => {
    const { follow, is } = endpointInTime();
    follow(accounted({}));
    const before = is();
    follow(accounted({}));

    expect(is()).toEqual(before);
  });

  test('a stop ends the session and its address; an interim record after it reopens nothing', () => {
    const { follow, is } = endpointInTime();
    follow(accounted({}));
    expect(follow(accounted({ status: 'stop', instant: at(10) }), at(10)).outcome).toBe('ended');
    expect(follow(accounted({ status: 'interim', instant: at(9) }), at(10)).outcome).toBe('late');
    expect(follow(accounted({ status: 'interim', instant: at(11) }), at(11)).outcome).toBe('late');
    expect(follow(accounted({ status: 'start', instant: noon }), at(12)).outcome).toBe('late');

    expect(keysAt(is(), at(12))).toEqual([]);
    expect(ipsAt(is(), at(12))).toEqual([]);
    expect(hadAddress(is(), desk, at(9))).toBeDefined();
  });

  test('a start that comes after its stop reopens nothing, and who had the address is known all the same', () => {
    const { follow, is } = endpointInTime();
    follow(accounted({ status: 'stop', instant: at(10), ip: null }), at(10));
    expect(follow(accounted({ instant: at(2) }), at(11)).outcome).toBe('late');

    expect(keysAt(is(), at(11))).toEqual([]);
    expect(hadAddress(is(), desk, at(10) - 1)).toBeDefined();
    expect(hadAddress(is(), desk, at(11))).toBeUndefined();
  });

  test('a stop that is older than a start of the same id ends nothing', () => {
    const { follow, is } = endpointInTime();
    follow(accounted({ instant: at(5) }), at(5));

    expect(follow(accounted({ status: 'stop', instant: at(1) }), at(6)).outcome).toBe('late');
    expect(keysAt(is(), at(6))).toEqual([aSession().key]);
  });

  test('an id that is used again is another session, and the first one’s address stays its own', () => {
    const { follow, is } = endpointInTime();
    follow(accounted({}));
    follow(accounted({ status: 'stop', instant: at(10) }), at(10));
    expect(follow(accounted({ instant: at(20), ip: elsewhere, user: 'bob' }), at(20)).outcome).toBe('opened');

    expect(openSessions(is(), at(20))).toMatchObject([{ user: 'bob', startedAt: at(20) }]);
    expect(is().sessions).toHaveLength(2);
    expect(hadAddress(is(), desk, at(9))).toBeDefined();
    expect(hadAddress(is(), elsewhere, at(19))).toBeUndefined();
  });

  test('the stop of an earlier session does not end the login that came meanwhile on its port', () => {
    const { follow, is } = endpointInTime();
    follow(authenticated({ loginId: 'login-2' }), at(10));
    follow(accounted({ status: 'stop', loginId: null, acctSessionId: 'before', instant: at(9) }), at(11));
    follow(accounted({ status: 'stop', loginId: 'login-1', acctSessionId: 'before that', instant: at(12) }), at(12));
    expect(keysAt(is(), at(12))).toEqual([`${accessSwitch}/login:login-2`]);

    follow(accounted({ status: 'stop', loginId: null, acctSessionId: 'its own', instant: at(13) }), at(13));
    expect(keysAt(is(), at(13))).toEqual([]);
  });

  test('a session whose stop got lost is over when another begins on its port', () => {
    const { follow, is } = endpointInTime();
    follow(accounted({}));
    follow(accounted({ acctSessionId: 'next', loginId: null, instant: at(9) }), at(9));

    expect(keysAt(is(), at(9))).toEqual([`${accessSwitch}/next`]);
    expect(is().sessions[1]).toMatchObject({ endedBy: 'replaced' });
  });

  test('a session of another login is over when one begins that accounting says to be on its port', () => {
    const { follow, is } = endpointInTime();
    follow(accounted({ acctSessionId: 'unannounced', loginId: null, port: '536' }));
    follow(authenticated({ user: 'bob' }), at(1));
    follow(accounted({ user: 'bob', port: '536', instant: at(2) }), at(2));

    expect(is().sessions.find(({ key }) => key.endsWith('unannounced'))).toMatchObject({ endedBy: 'replaced' });
    expect(openSessions(is(), at(2))).toMatchObject([{ user: 'bob', port: 'ge-0/0/7' }]);
  });

  test('a login that goes on under another id is as it was, and has what it was granted', () => {
    const { follow, is } = endpointInTime();
    follow(authenticated({ granted: quarantinedAs() }));
    follow(accounted({}));
    follow(accounted({ acctSessionId: 'next', port: 'ge-0/0/8', instant: at(9) }), at(9));

    expect(openSessions(is(), at(9))).toMatchObject([{ acctSessionId: 'next', granted: quarantinedAs(), roles: ['Employees'] }]); // prettier-ignore
  });

  test('a session of which nothing was heard for a day is lost, and heard of again it is back', () => {
    const { follow, is } = endpointInTime();
    follow(accounted({}));
    expect(keysAt(is(), noon + hours(24) - 1)).toHaveLength(1);
    expect(keysAt(is(), noon + hours(24))).toEqual([]);
    expect(ipsAt(is(), noon + hours(24))).toEqual([]);

    follow(accounted({ status: 'interim', instant: noon + hours(25) }), noon + hours(25));
    expect(keysAt(is(), noon + hours(25))).toHaveLength(1);
    expect(ipsAt(is(), noon + hours(25))).toEqual([desk]);
  });

  test('the address of a session that was lost is not its own any more when the session has been forgotten', () => {
    const { follow, is } = endpointInTime();
    follow(accounted({}));
    follow(accounted({ nas: otherSwitch, acctSessionId: 'x', ip: null, instant: noon + hours(50) }), noon + hours(50));

    expect(is().sessions).toHaveLength(1);
    expect(ipsAt(is(), noon + hours(50))).toEqual([]);
    expect(hadAddress(is(), desk, noon + hours(23))).toBeDefined();
  });

  test('of a switch whose clock is far off, ours is taken', () => {
    const { follow, is } = endpointInTime();
    follow(accounted({ instant: noon - hours(24 * 365 * 50) }));

    expect(is().addresses).toEqual([anAddress()]);
  });

  test('of a switch whose clock is ahead, no address is had before it is', () => {
    const { follow, is } = endpointInTime();
    follow(accounted({ instant: at(20) }));

    expect(hadAddress(is(), desk, noon)).toBeDefined();
  });
});

describe('a switch that began anew', () => {
  const restarted = (instant: number, nas = accessSwitch) => ({ kind: 'nas-restarted', nas, instant }) as const;

  test('has ended all that it had, and nothing of another', () => {
    const { follow, is } = endpointInTime();
    follow(accounted({}));
    follow(accounted({ nas: otherSwitch, acctSessionId: 'there', loginId: 'login-2' }));
    expect(follow(restarted(at(5)), at(5)).outcome).toBe('ended');

    expect(keysAt(is(), at(5))).toEqual([`${otherSwitch}/there`]);
    expect(follow(restarted(at(5)), at(6)).outcome).toBe('unchanged');
  });

  test('has not ended what began after it did, however late it says so', () => {
    const { follow, is } = endpointInTime();
    follow(authenticated(), at(6));
    follow(accounted({ acctSessionId: 'next', loginId: null, port: 'ge-0/0/9', instant: at(7) }), at(7));
    follow(restarted(at(5)), at(8));

    expect(keysAt(is(), at(8))).toHaveLength(2);
  });

  test('and then tells of a session as going on, has it still', () => {
    const { follow, is } = endpointInTime();
    follow(accounted({}));
    follow(restarted(at(5)), at(5));
    expect(follow(accounted({ status: 'interim', instant: at(10) }), at(10)).outcome).toBe('updated');

    expect(keysAt(is(), at(10))).toEqual([aSession().key]);
  });
});

describe('addresses', () => {
  test('the first one of a session has been its own since it began, although an interim record tells it first', () => {
    const { follow, is } = endpointInTime();
    follow(accounted({ ip: null }));
    follow(accounted({ status: 'interim', instant: at(5) }), at(5));

    expect(hadAddress(is(), desk, noon)).toMatchObject({ from: noon, confirmedAt: at(5) });
  });

  test('a session may have several of IPv6, beside one of IPv4', () => {
    const { follow, is } = endpointInTime();
    follow(accounted({}));
    for (const ip of [v6, '2001:db8::2' as IpAddress])
      follow(accounted({ status: 'interim', ip, instant: at(5) }), at(5));
    follow(accounted({ status: 'interim', ip: elsewhere, instant: at(6) }), at(6));

    expect(ipsAt(is(), at(6)).toSorted()).toEqual([elsewhere, v6, '2001:db8::2']);
  });

  test('one that comes from elsewhere is the newest session’s that has none, and stays when accounting confirms it', () => {
    const { follow, is } = endpointInTime();
    follow(accounted({ ip: null }));
    follow({ kind: 'addressed', ip: desk, source: 'post' }, at(1));
    expect(is().addresses).toEqual([anAddress({ source: 'post', from: at(1), confirmedAt: at(1) })]);

    follow(accounted({ status: 'stop', instant: at(5) }), at(5));
    expect(ipsAt(is(), at(5))).toEqual([]);
  });

  test('without any session it is the endpoint’s own: by an operator for good, by a post or a query for a day', () => {
    for (const [source, later] of [
      ['operator', [desk]],
      ['post', []],
      ['query', []],
    ] as const) {
      const { follow, is } = endpointInTime();
      follow({ kind: 'addressed', ip: desk, source });
      expect(is().addresses).toEqual([anAddress({ session: null, source })]);
      expect(ipsAt(is(), noon + hours(24))).toEqual(later);
    }
  });

  test('two operators’ words one after another are one address: the newest', () => {
    const { follow, is } = endpointInTime();
    follow({ kind: 'addressed', ip: desk, source: 'operator' });
    follow({ kind: 'addressed', ip: elsewhere, source: 'operator' }, at(1));

    expect(ipsAt(is(), at(1))).toEqual([elsewhere]);
  });
});

test('an endpoint does not outgrow its item, whatever is told of it', () => {
  const { follow, is } = endpointInTime();
  for (let index = 0; index < 2_000; index += 1) {
    const [now, byte] = [noon + index * 1_000, index % 250];
    const told = { acctSessionId: `session-${index}`, loginId: null, port: `port-${index}`, instant: now };
    follow(accounted({ ...told, nas: `198.51.100.${byte}` as IpAddress, ip: `192.0.2.${byte}` as IpAddress }), now);
    follow(accounted({ ...told, status: 'interim', ip: `2001:db8::${index.toString(16)}` as IpAddress }), now);
    if (index % 3 === 0) follow(accounted({ ...told, status: 'stop' }), now);
  }

  expect(JSON.stringify(is()).length).toBeLessThan(200_000);
});
