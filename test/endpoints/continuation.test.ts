/** Quarantine for a session only: what ends it, and what does not. */
import type { Endpoint } from '../../shared/endpoints/endpoint.ts';
import type { EndpointEvent, LoginTold } from '../../shared/endpoints/events.ts';
import { accessForLogin, accessOf, nextLookAt, reasonsAt } from '../../shared/endpoints/holds.ts';
import { nextChange } from '../../shared/endpoints/changes.ts';
import { openSessions } from '../../shared/endpoints/sessions.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import {
  accessSwitch,
  aClear,
  aHold,
  aLogin,
  aRecord,
  aSession,
  endpointInTime,
  enforcer,
  fullAccess,
  operator,
  quarantinedAs,
} from '../support/endpoints.ts';
import { hours, noon } from '../support/observations.ts';

const seconds = (count: number) => noon + count * 1_000;
const accounted = (told: Parameters<typeof aRecord>[0]): EndpointEvent => ({
  kind: 'accounted',
  record: aRecord(told),
});
const stop = (at: number) => accounted({ status: 'stop', instant: at });
const otherSwitch = '198.51.100.3' as IpAddress;

/** Alice is logged in, and quarantined for this session, at noon. */
function quarantinedForSession(reason: Parameters<typeof aHold>[0] = {}) {
  const one = endpointInTime();
  one.follow({ kind: 'authenticated', login: aLogin() });
  one.follow(accounted({}));
  one.follow(aHold({ hold: 'quarantined', role: 'Quarantine', session: aSession().key, ...reason }));
  return one;
}

/** The change that is due is sent. */
function send({ follow, is }: ReturnType<typeof endpointInTime>, at: number) {
  const change = nextChange(is(), at);
  if (change === undefined) throw new Error('Nothing is to be sent.');
  follow({ kind: 'change-taken', changeId: change.id, leaseMs: 30_000, detail: '' }, at);
  return change;
}

const answer = (
  changeId: string,
  result: 'ack' | 'nak' | 'timeout',
  errorCause: number | null = null,
): EndpointEvent => ({
  kind: 'change-answered',
  changeId,
  answer: { result, errorCause, roundTripMs: null, detail: null },
});

/** What the login is granted, and lets in as that. */
function logIn({ follow, is }: ReturnType<typeof endpointInTime>, at: number, told: Partial<LoginTold> = {}) {
  const login = aLogin({ loginId: `login-${at}`, ...told });
  const granted = accessForLogin(is(), login, at);
  follow({ kind: 'authenticated', login: { ...login, granted } }, at);
  return granted;
}

const isHeld = (endpoint: Endpoint, at: number) => reasonsAt(endpoint, at).length > 0;

test('it holds the session, and no other of the endpoint', () => {
  const one = quarantinedForSession();

  expect(accessOf(one.is(), noon, aSession().key)).toEqual(quarantinedAs());
  expect(accessOf(one.is(), noon, `${otherSwitch}/x`)).toEqual(fullAccess);
  expect(accessForLogin(one.is(), aLogin({ nas: otherSwitch, loginId: 'x' }), noon)).toEqual(fullAccess);
  expect(one.is().changes).toMatchObject([{ session: aSession().key, wanted: quarantinedAs(), state: 'pending' }]);
});

test('the user’s own stop ends it, and the next login is free', () => {
  const one = quarantinedForSession();
  one.follow(stop(seconds(60)), seconds(60));

  expect(isHeld(one.is(), seconds(60))).toBe(false);
  expect(logIn(one, seconds(61))).toEqual(fullAccess);
  expect(one.is().changes.map(({ state }) => state)).toEqual(['session-over']);
});

describe('a stop that our own change caused does not end it', () => {
  test.each([0, 1, 119])('the same user who logs in %i s after it is in the session still', (after) => {
    const one = quarantinedForSession();
    const { id } = send(one, seconds(10));
    one.follow(answer(id, 'ack'), seconds(10));
    one.follow(stop(seconds(12)), seconds(12));

    expect(logIn(one, seconds(12 + after), { nas: otherSwitch })).toEqual(quarantinedAs());
    const [session] = one.is().sessions;
    expect(reasonsAt(one.is(), seconds(1_000))).toMatchObject([{ session: session?.key }]);
    expect(accessOf(one.is(), seconds(1_000), session?.key)).toEqual(quarantinedAs());
    expect(one.is().changes.every(({ state }) => state !== 'pending')).toBe(true);
  });

  test('after 120 s it has ended', () => {
    const one = quarantinedForSession();
    send(one, seconds(10));
    one.follow(stop(seconds(12)), seconds(12));

    expect(isHeld(one.is(), seconds(132) - 1)).toBe(true);
    expect(nextLookAt(one.is())).toBe(seconds(132));
    expect(isHeld(one.is(), seconds(132))).toBe(false);
    expect(logIn(one, seconds(132))).toEqual(fullAccess);
  });

  test('another user does not go on with it', () => {
    const one = quarantinedForSession();
    send(one, seconds(10));
    one.follow(stop(seconds(12)), seconds(12));

    expect(logIn(one, seconds(20), { user: 'bob' })).toEqual(fullAccess);
    expect(accessOf(one.is(), seconds(20), one.is().sessions[0]?.key)).toEqual(fullAccess);
    expect(logIn(one, seconds(30), { user: 'ALICE' })).toEqual(quarantinedAs());
  });

  test('the login may come before the stop, and the late stop ends nothing', () => {
    const one = quarantinedForSession();
    send(one, seconds(10));
    expect(logIn(one, seconds(12))).toEqual(quarantinedAs());
    one.follow(
      accounted({ acctSessionId: 'next', loginId: `login-${seconds(12)}`, instant: seconds(13) }),
      seconds(13),
    );
    one.follow(stop(seconds(11)), seconds(14));

    expect(accessOf(one.is(), seconds(5_000), `${accessSwitch}/next`)).toEqual(quarantinedAs());
    expect(one.is().changes.map(({ state }) => state)).toEqual(['session-over']);
  });

  test('nor does one that the switch answers with: there is no such session', () => {
    const one = quarantinedForSession();
    const { id } = send(one, seconds(10));
    one.follow(answer(id, 'nak', 503), seconds(11));

    expect(one.is().sessions).toMatchObject([{ endedBy: 'gone' }]);
    expect(logIn(one, seconds(15))).toEqual(quarantinedAs());
  });

  test('it goes on through a second change too', () => {
    const one = quarantinedForSession();
    send(one, seconds(10));
    one.follow(stop(seconds(12)), seconds(12));
    logIn(one, seconds(20));
    const { session } = one.follow(accounted({ acctSessionId: 'next', loginId: `login-${seconds(20)}`, instant: seconds(21) }), seconds(21)); // prettier-ignore
    one.follow({ kind: 'terminated', session: session ?? null }, seconds(60));
    send(one, seconds(60));
    one.follow(accounted({ status: 'stop', acctSessionId: 'next', instant: seconds(61) }), seconds(61));

    expect(logIn(one, seconds(100))).toEqual(quarantinedAs());
  });
});

test('a stop after a change that its switch has refused is the user’s own', () => {
  const one = quarantinedForSession();
  const { id } = send(one, seconds(10));
  one.follow(answer(id, 'nak', 501), seconds(10));
  one.follow(stop(seconds(12)), seconds(12));

  expect(isHeld(one.is(), seconds(12))).toBe(false);
});

test('a stop long after our change, that nobody followed, is the user’s own', () => {
  const one = quarantinedForSession();
  send(one, seconds(10));
  one.follow(stop(seconds(131)), seconds(131));

  expect(isHeld(one.is(), seconds(131))).toBe(false);
});

test('a switch that only asks again who it is leaves it as it is', () => {
  const one = quarantinedForSession();
  send(one, seconds(10));
  one.follow(stop(seconds(12)), seconds(12));
  logIn(one, seconds(20));
  const key = one.follow(accounted({ acctSessionId: 'next', loginId: `login-${seconds(20)}`, instant: seconds(21) }), seconds(21)).session; // prettier-ignore

  expect(logIn(one, seconds(3_600))).toEqual(quarantinedAs());
  expect(accessOf(one.is(), seconds(3_600), key)).toEqual(quarantinedAs());
  expect(one.is().changes.every(({ state }) => state === 'session-over')).toBe(true);
});

describe('a switch that only asks again who it is', () => {
  /** Alice’s session, of whose port the login and the accounting say this. */
  function toldOf(atLogin: string | null, inAccounting: string | null) {
    const one = endpointInTime();
    one.follow({ kind: 'authenticated', login: aLogin({ port: atLogin }) });
    one.follow(accounted({ port: inAccounting }));
    one.follow(aHold({ hold: 'quarantined', role: 'Quarantine', session: aSession().key }));
    return one;
  }
  const openAt = (one: ReturnType<typeof endpointInTime>, at: number) =>
    openSessions(one.is(), at).map(({ key }) => key);

  test.each([
    ['calls the port otherwise in accounting', 'ge-0/0/7', '536'],
    ['does not tell it in accounting', 'ge-0/0/7', null],
    ['tells it in accounting alone', null, '536'],
    ['tells it nowhere', null, null],
  ])('leaves it as it is where it %s', (_, atLogin, inAccounting) => {
    const one = toldOf(atLogin, inAccounting);
    one.follow(accounted({ status: 'interim', port: inAccounting, instant: seconds(600) }), seconds(600));

    expect(logIn(one, seconds(3_600), { port: atLogin })).toEqual(quarantinedAs());
    expect(logIn(one, seconds(7_200), { port: atLogin })).toEqual(quarantinedAs());
    expect(openAt(one, seconds(7_200))).toEqual([aSession().key]);
  });

  test.each([
    ['of another user', { user: 'bob' }],
    ['at another switch', { nas: otherSwitch }],
  ])('a login without a port %s is another session', (_, told) => {
    expect(logIn(toldOf(null, null), seconds(3_600), { port: null, ...told })).toEqual(fullAccess);
  });

  test('of two sessions none is meant where no port is told', () => {
    const one = toldOf('ge-0/0/7', null);
    logIn(one, seconds(60), { port: 'ge-0/0/8' });

    expect(logIn(one, seconds(3_600), { port: null })).toEqual(fullAccess);
  });
});

test('its time ends it, also while it might go on', () => {
  const one = quarantinedForSession({ until: seconds(30) });
  send(one, seconds(10));
  one.follow(stop(seconds(12)), seconds(12));

  expect(nextLookAt(one.is())).toBe(seconds(30));
  expect(logIn(one, seconds(29))).toEqual(quarantinedAs());
  expect(accessOf(one.is(), seconds(30))).toEqual(fullAccess);
});

test.each([
  ['its sender', enforcer],
  ['an operator', operator],
])('%s ends it, also while it might go on', (_, sender) => {
  const one = quarantinedForSession();
  send(one, seconds(10));
  one.follow(stop(seconds(12)), seconds(12));

  expect(one.follow(aClear({ hold: 'quarantined', sender }), seconds(20)).outcome).toBe('cleared');
  expect(logIn(one, seconds(21))).toEqual(fullAccess);
});

test('it ends with a session that is lost, and is looked at then', () => {
  const one = quarantinedForSession();

  expect(nextLookAt(one.is())).toBe(noon + hours(24));
  expect(isHeld(one.is(), noon + hours(24) - 1)).toBe(true);
  expect(isHeld(one.is(), noon + hours(24))).toBe(false);
});

test('a new session that uses the old one’s id is not held by it', () => {
  const one = quarantinedForSession();
  one.follow(stop(seconds(60)), seconds(60));
  one.follow(accounted({ instant: seconds(70), user: 'bob', loginId: null }), seconds(70));

  expect(accessOf(one.is(), seconds(70), aSession().key)).toEqual(fullAccess);
});

test('a permanent one holds whoever logs in wherever, through stops and restarts', () => {
  const one = quarantinedForSession({ session: null });
  one.follow(stop(seconds(10)), seconds(10));
  one.follow({ kind: 'nas-restarted', nas: accessSwitch, instant: seconds(20) }, seconds(20));

  expect(logIn(one, noon + hours(9_999), { user: 'bob', nas: otherSwitch })).toEqual(quarantinedAs());
  expect(nextLookAt(one.is())).toBeUndefined();
});

test('one for the session and one for good are two words: the longer one covers the other', () => {
  const one = quarantinedForSession();
  expect(one.follow(aHold({ hold: 'quarantined', role: 'Quarantine' })).outcome).toBe('extended');
  expect(one.is().reasons).toHaveLength(1);
  expect(one.follow(aHold({ hold: 'quarantined', role: 'Quarantine', session: aSession().key })).outcome).toBe(
    'repeated',
  );
  one.follow(stop(seconds(60)), seconds(60));

  expect(isHeld(one.is(), noon + hours(99))).toBe(true);
});
