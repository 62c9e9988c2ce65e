import { clearedThrough, holderOf, sessionMeant } from '../../shared/admission/who-is-meant.ts';
import { ipAddress } from '../../shared/identity/address.ts';
import { seated } from '../support/admission.ts';
import { accessSwitch, anAddress, aQuarantine, aReason, aSession, laptop, phone } from '../support/endpoints.ts';
import { desk, minutes, noon } from '../support/observations.ts';

const asked = { ip: desk, user: null, at: noon };
const other = ipAddress('192.0.2.99');

/** Another endpoint with a session of its own. */
const second = (address: Parameters<typeof anAddress>[0], user = 'bob') => {
  const session = aSession({ key: `${accessSwitch}/2`, acctSessionId: '2', user });
  return seated({ mac: phone, sessions: [session], addresses: [anAddress({ session: session.key, ...address })] });
};

test('nobody is meant where nobody had the address', () => {
  expect(holderOf([], asked)).toEqual({ who: 'nobody' });
  expect(holderOf([seated()], { ...asked, ip: other })).toEqual({ who: 'nobody' });
});

test('who has the address is meant, with the session that has it', () => {
  expect(holderOf([seated()], asked)).toMatchObject({
    who: 'endpoint',
    endpoint: { mac: laptop },
    session: { user: 'alice' },
  });
});

test('who had the address when the event occurred is meant, whoever has it when the event arrives', () => {
  const before = seated({ addresses: [anAddress({ until: noon + minutes(60) })] });
  const now = second({ from: noon + minutes(60), confirmedAt: noon + minutes(60) });

  expect(holderOf([before, now], { ...asked, at: noon + minutes(59) })).toMatchObject({ endpoint: { mac: laptop } });
  expect(holderOf([before, now], { ...asked, at: noon + minutes(60) })).toMatchObject({ endpoint: { mac: phone } });
  expect(holderOf([before, now], { ...asked, at: noon - 1 })).toEqual({ who: 'nobody' });
});

test('of two who have one address, the one that was confirmed last is meant', () => {
  const late = second({ confirmedAt: noon + minutes(6) });

  expect(holderOf([seated(), late], { ...asked, at: noon + minutes(10) })).toMatchObject({
    endpoint: { mac: phone },
  });
});

test('two who were confirmed within five minutes cannot be told apart', () => {
  const late = second({ confirmedAt: noon + minutes(5) - 1 });
  const at = noon + minutes(10);

  expect(holderOf([seated(), late], { ...asked, at })).toEqual({ who: 'ambiguous', macs: [phone, laptop] });
  expect(holderOf([seated(), second({ confirmedAt: noon + minutes(5) })], { ...asked, at })).toMatchObject({
    endpoint: { mac: phone },
  });
});

test('what was confirmed after the event says nothing about the time of the event', () => {
  const late = second({ confirmedAt: noon + minutes(60) });

  expect(holderOf([seated(), late], { ...asked, at: noon + minutes(1) })).toMatchObject({ who: 'ambiguous' });
});

test.each(['bob', 'BOB', 'ACME\\bob', 'bob@acme.example'])(
  'the name of the user, like %s, tells two holders apart',
  (user) => {
    expect(holderOf([seated(), second({})], { ...asked, user })).toMatchObject({ endpoint: { mac: phone } });
  },
);

test('a user whom no holder knows decides nothing', () => {
  expect(holderOf([seated()], { ...asked, user: 'carol' })).toMatchObject({ endpoint: { mac: laptop } });
  expect(holderOf([seated(), second({})], { ...asked, user: 'carol' })).toMatchObject({ who: 'ambiguous' });
});

test('of an endpoint that is named by its MAC the session with the address is meant, else the newest that is open', () => {
  const wired = aSession({ key: `${accessSwitch}/2`, acctSessionId: '2' });
  const endpoint = seated({ sessions: [wired, aSession()] });

  expect(sessionMeant(endpoint, asked, noon)).toMatchObject({ key: aSession().key });
  expect(sessionMeant(endpoint, { ...asked, ip: other }, noon)).toMatchObject({ key: wired.key });
  expect(sessionMeant(seated({ sessions: [], addresses: [] }), asked, noon)).toBeUndefined();
});

describe('a clear by address', () => {
  const clear = { client: 'policy-enforcer', hold: 'quarantined' as const, ip: desk };

  test('goes where the reason was opened through the address, whoever has it now', () => {
    const held = seated({ reasons: [aQuarantine()], addresses: [anAddress({ ip: other })] });

    expect(clearedThrough([held, second({})], clear, noon)).toEqual([laptop]);
  });

  test.each([
    ['of another client', aQuarantine({ sender: { kind: 'client', name: 'sensor' } })],
    ['of an operator', aQuarantine({ sender: { kind: 'operator', name: 'policy-enforcer' } })],
    ['of the other kind', aReason({ hold: 'blocked', role: null })],
    ['opened through another address', aQuarantine({ ip: other })],
    ['that has ended', aQuarantine({ until: noon })],
  ])('passes by a reason %s', (_, reason) => {
    expect(clearedThrough([seated({ reasons: [reason] })], clear, noon)).toEqual([]);
  });
});
