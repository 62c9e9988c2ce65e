/** Laws of an endpoint, played with everything that may happen to it, in whatever order. */
import fc from 'fast-check';
import { advance, type Advanced } from '../../shared/endpoints/advance.ts';
import { isUnsettled, passingMs } from '../../shared/endpoints/changes.ts';
import type { Change, Endpoint, Reason, Sender } from '../../shared/endpoints/endpoint.ts';
import type { EndpointEvent } from '../../shared/endpoints/events.ts';
import { accessForLogin, accessOf, isSameAccess, nextLookAt, reasonsAt } from '../../shared/endpoints/holds.ts';
import { placesOf, placesToWrite } from '../../shared/endpoints/places.ts';
import { addressesAt, openSessions } from '../../shared/endpoints/sessions.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { aClear, aHold, aLogin, anEndpoint, aRecord, enforcer, laptop, operator } from '../support/endpoints.ts';
import { hours, minutes, noon } from '../support/observations.ts';

interface Step {
  readonly afterMs: number;
  /** What is to happen, in the light of what there is. */
  readonly happens: (endpoint: Endpoint, now: number) => EndpointEvent;
}

const scanner: Sender = { kind: 'client', name: 'scanner' };
const nas = fc.constantFrom('198.51.100.2' as IpAddress, '198.51.100.3' as IpAddress);
const ip = fc.constantFrom('192.0.2.50' as IpAddress, '192.0.2.51' as IpAddress, '2001:db8::1' as IpAddress);
const user = fc.constantFrom('alice', 'bob', null);
const port = fc.constantFrom('ge-0/0/1', 'ge-0/0/2', null);
const id = fc.constantFrom('one', 'two', 'three');
const sender = fc.constantFrom(enforcer, scanner, operator);
const hold = fc.constantFrom('blocked' as const, 'quarantined' as const);
/** A clock that is a little off, or very much. */
const lag = fc.constantFrom(0, 0, 0, 1_000, -1_000, minutes(7), hours(30));
const pick = fc.nat({ max: 9 });

/** The session that a pick means, if there is any. */
const picked = ({ sessions }: Endpoint, index: number) => sessions[index % Math.max(1, sessions.length)];

const login = fc
  .record({ nas, user, port, loginId: id, acct: fc.constantFrom(null, null, 'one') })
  .map(({ acct, ...told }) => (endpoint: Endpoint, now: number): EndpointEvent => {
    const asked = aLogin({ ...told, acctSessionId: acct });
    return { kind: 'authenticated', login: { ...asked, granted: accessForLogin(endpoint, asked, now) } };
  });
const record = fc
  .record({ status: fc.constantFrom('start' as const, 'interim' as const, 'stop' as const), nas, user, port, acctSessionId: id, loginId: fc.option(id), ip: fc.option(ip), lag })
  .map(({ lag: behind, ...told }) => (_: Endpoint, now: number): EndpointEvent => ({ kind: 'accounted', record: aRecord({ ...told, instant: now - behind }) })); // prettier-ignore
const held = fc
  .record({ sender, hold, threatName: fc.constantFrom(null, 'EICAR'), until: fc.constantFrom(null, null, minutes(1), minutes(30)), session: fc.option(pick), lag: fc.option(lag) })
  .map(({ until, session, lag: behind, ...told }) => (endpoint: Endpoint, now: number): EndpointEvent =>
    aHold({
      ...told,
      role: told.hold === 'quarantined' ? 'Quarantine' : null,
      until: until === null ? null : now + until,
      session: told.hold === 'quarantined' && session !== null ? (picked(endpoint, session)?.key ?? null) : null,
    }, behind === null ? null : now - behind)); // prettier-ignore
const cleared = fc
  .record({ sender, hold: fc.constantFrom('blocked' as const, 'quarantined' as const, 'all' as const), lag: fc.option(lag) })
  .map(({ lag: behind, ...told }) => (_: Endpoint, now: number): EndpointEvent => aClear({ ...told, occurredAt: behind === null ? null : now - behind })); // prettier-ignore
const taken = pick.map((index) => ({ changes }: Endpoint): EndpointEvent => ({ kind: 'change-taken', changeId: changes[index]?.id ?? '', leaseMs: 30_000, detail: '' })); // prettier-ignore
const answered = fc
  .record({ index: pick, result: fc.constantFrom('ack' as const, 'nak' as const, 'timeout' as const), errorCause: fc.constantFrom(null, 501, 503) })
  .map(({ index, ...answer }) => ({ changes }: Endpoint): EndpointEvent => ({ kind: 'change-answered', changeId: changes[index]?.id ?? '', answer: { ...answer, roundTripMs: null, detail: null } })); // prettier-ignore
const others = fc.oneof(
  fc.record({ nas, lag }).map((told) => (_: Endpoint, now: number): EndpointEvent => ({ kind: 'nas-restarted', nas: told.nas, instant: now - told.lag })), // prettier-ignore
  ip.map((one) => (): EndpointEvent => ({ kind: 'addressed', ip: one, source: 'operator' })),
  fc.option(pick).map((index) => (endpoint: Endpoint): EndpointEvent => ({ kind: 'terminated', session: index === null ? null : (picked(endpoint, index)?.key ?? null) })), // prettier-ignore
  fc.constant((): EndpointEvent => ({ kind: 'looked-at' })),
  fc.constant((_: Endpoint, now: number): EndpointEvent => ({ kind: 'ends-told', at: now })),
  fc.constantFrom('open' as const, 'resolved-fixed' as const).map((investigation) => (): EndpointEvent => ({ kind: 'investigated', investigation, sender: operator })), // prettier-ignore
);
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    afterMs: fc.constantFrom(0, 0, 500, 1_000, minutes(1), minutes(3), hours(2), hours(25)),
    happens: fc.oneof(login, record, record, held, held, cleared, taken, answered, others),
  }),
  { minLength: 1, maxLength: 60, size: 'max' },
);

interface Moment extends Advanced {
  readonly before: Endpoint;
  readonly event: EndpointEvent;
  readonly now: number;
}

/** All that comes of the steps, one after another. */
function* play(played: readonly Step[]): Generator<Moment> {
  let [endpoint, now, count] = [anEndpoint(), noon, 0];
  for (const { afterMs, happens } of played) {
    now += afterMs;
    const event = happens(endpoint, now);
    const advanced = advance(endpoint, event, { mac: laptop, now, newId: () => `change-${++count}` });
    yield { ...advanced, before: endpoint, event, now };
    endpoint = advanced.endpoint;
  }
}

const always = (law: (moment: Moment) => void, numRuns = 200) => {
  fc.assert(
    fc.property(steps, (played) => {
      for (const moment of play(played)) law(moment);
    }),
    { numRuns },
  );
};

const permanent = (endpoint: Endpoint, now: number, of: Reason['hold']) =>
  reasonsAt(endpoint, now).filter((reason) => reason.hold === of && reason.session === null);

/** Where its switch has something else granted than the endpoint is to have, it is told so, or has said that it let go. */
const isSaidToBeOver = (state: Change['state']) => state === 'acknowledged' || state === 'session-over';

function isBeingToldOf({ changes }: Endpoint, session: { readonly key: string; readonly heardAt: number }) {
  const own = changes.filter((change) => change.session === session.key);
  return own.some(isUnsettled) || own.some(({ state, answeredAt }) => isSaidToBeOver(state) && session.heardAt <= (answeredAt ?? 0) + passingMs); // prettier-ignore
}

test('while a block stands no login gets anything, and no session keeps what it had without its switch being told', () => {
  always(({ endpoint, now }) => {
    for (const at of [now, now + minutes(2)]) {
      if (permanent(endpoint, at, 'blocked').length === 0) continue;
      expect(accessOf(endpoint, at)).toEqual({ access: 'blocked' });
      for (const told of [aLogin(), aLogin({ user: 'bob' }), aLogin({ user: null, acctSessionId: 'one' })]) {
        expect(accessForLogin(endpoint, told, at)).toEqual({ access: 'blocked' });
      }
    }
  });
});

test('every open session has what it is to have, or its switch is told', () => {
  always(({ endpoint, now, event, before }) => {
    // Nothing was written: what time alone makes necessary is found when it is looked at.
    if (endpoint === before && event.kind !== 'looked-at') return;
    for (const session of openSessions(endpoint, now)) {
      const wanted = accessOf(endpoint, now, session.key);
      if (!isSameAccess(session.granted, wanted)) expect(isBeingToldOf(endpoint, session)).toBe(true);
    }
  });
});

test('a session is told the newest of what it is to have, and at most one thing at a time waits for it', () => {
  always(({ endpoint, before, now, event }) => {
    if (endpoint === before && event.kind !== 'looked-at') return;
    for (const session of openSessions(endpoint, now)) {
      const waiting = endpoint.changes.filter((change) => change.session === session.key && isUnsettled(change));
      expect(waiting.filter(({ state }) => state !== 'sent').length).toBeLessThanOrEqual(1);
      const newest = waiting.find(({ state }) => state !== 'sent');
      if (newest) expect(newest.wanted).toEqual(accessOf(endpoint, now, session.key));
    }
  });
});

test('without a reason that stands nothing is held, and with one something is', () => {
  always(({ endpoint, now }) => {
    const standing = reasonsAt(endpoint, now);
    const isFree = accessOf(endpoint, now).access === 'full';
    expect(isFree).toBe(standing.length === 0);
    if (standing.length === 0) expect(accessForLogin(endpoint, aLogin(), now)).toEqual({ access: 'full' });
  });
});

test('only a clear, an investigation that is resolved, time, and the end of its session end a reason', () => {
  always(({ before, endpoint, event, now }) => {
    const ends = event.kind === 'cleared' || event.kind === 'investigated';
    if (ends) return;
    const covered = (reason: Reason) =>
      permanent(endpoint, now, reason.hold).some(({ until }) => until === null || (reason.until !== null && until >= reason.until)); // prettier-ignore
    for (const reason of permanent(before, now, 'blocked')) expect(covered(reason)).toBe(true);
    for (const reason of permanent(before, now, 'quarantined')) expect(covered(reason)).toBe(true);
  });
});

test('the same event again, at the same time, changes nothing', () => {
  fc.assert(
    fc.property(steps, (played) => {
      let last: Moment | undefined;
      for (const moment of play(played)) last = moment;
      if (last === undefined || ['terminated', 'authenticated', 'change-taken'].includes(last.event.kind)) return;
      const again = advance(last.endpoint, last.event, { mac: laptop, now: last.now, newId: () => 'again' });
      expect(seen(again.endpoint, last.now)).toEqual(seen(last.endpoint, last.now));
    }),
    { numRuns: 1_000 },
  );
});

/** All but what has been over for so long that it is forgotten with the next write. */
const seen = (endpoint: Endpoint, now: number) => ({
  ...endpoint,
  sessions: openSessions(endpoint, now),
  addresses: addressesAt(endpoint, now),
});

test('a session has one IPv4 address at a time, and no address ends before it began', () => {
  always(({ endpoint, now }) => {
    for (const { from, until, confirmedAt } of endpoint.addresses) {
      expect(until === null || until >= from).toBe(true);
      expect(Math.min(from, confirmedAt)).toBeLessThanOrEqual(now);
    }
    for (const { key } of openSessions(endpoint, now)) {
      const own = addressesAt(endpoint, now).filter(({ session, ip: one }) => session === key && !one.includes(':'));
      expect(own.length).toBeLessThanOrEqual(1);
    }
  });
});

test('sessions are told apart by their keys', () => {
  always(({ endpoint: { sessions } }) => {
    expect(new Set(sessions.map(({ key }) => key)).size).toBe(sessions.length);
  });
});

test('whatever ends by time is looked at when it does, or within the hour', () => {
  always(({ endpoint, now }) => {
    const at = nextLookAt(endpoint);
    const later = at === undefined ? now + hours(10_000) : at - minutes(60) - 1;
    if (later > now) expect(reasonsAt(endpoint, later)).toEqual(reasonsAt(endpoint, now));
    if (at !== undefined && at > now) expect(reasonsAt(endpoint, at).length).toBeLessThan(endpoint.reasons.length);
  });
});

test('what leads to an endpoint was written before it, since the day on which it changed', () => {
  fc.assert(
    fc.property(steps, (played) => {
      const written = new Set<string>();
      let read: Endpoint | undefined;
      for (const { endpoint, before } of play(played)) {
        if (endpoint === before) continue;
        for (const place of placesToWrite(endpoint, read)) written.add(JSON.stringify(place));
        for (const place of placesOf(endpoint)) expect(written).toContain(JSON.stringify(place));
        read = endpoint;
      }
    }),
  );
});
