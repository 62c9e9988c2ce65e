import type { IpAddress } from '../../shared/identity/address.ts';
import { advance, type Event } from '../../shared/identity/advance.ts';
import type { Listed, Slot } from '../../shared/identity/authentication-table.ts';
import { entryIn, type Item } from '../../shared/identity/entry.ts';
import type { Logoff, Logon } from '../../shared/identity/observation.ts';
import { plainReading } from '../../shared/identity/silence.ts';
import { defaults } from '../../shared/configuration/configuration.ts';
import { endingOf, isTold, type Session, tenureOf } from '../../shared/sessions/session.ts';
import { aLogoff, aLogon, deleted, desk, hours, instant, minutes, noon, told } from '../support/observations.ts';
import { aSession, anUnmanaged } from '../support/sessions.ts';

const readingAt = plainReading(defaults);

/** An address to which things happen, a minute after another, and a session that is opened there. */
function anAddress() {
  const items = new Map<Slot, Item>();
  let now = noon;
  const slots = (): Listed[] => [...items].map(([slot, item]) => ({ ip: desk, slot, item }));
  return {
    slots,
    at: () => now,
    happens(event: Event, slot: Slot = 'userid', after = minutes(1)) {
      now += after;
      const { item } = advance(items.get(slot), event, now);
      if (item) items.set(slot, item);
    },
    opens(slot: Slot = 'userid'): Session {
      now += minutes(1);
      const entry = entryIn(items.get(slot));
      if (!entry) throw new Error('Nobody is there.');
      return aSession({ tenure: tenureOf(slot, entry), openedAt: now, heardAt: now });
    },
    ending(session: Session, after = 0) {
      return endingOf(session, { slots: slots(), reading: readingAt(now + after) });
    },
  };
}

/** Instants that follow one another as the events do. */
let tick = 0;
beforeEach(() => {
  tick = 0;
});
const logon = (about: Partial<Logon> = {}, timeoutMinutes = 30) =>
  told(aLogon({ instant: instant((tick += 1)), ...about }), timeoutMinutes);
const logoff = (about: Partial<Logoff> = {}) => told(aLogoff({ instant: instant((tick += 1)), ...about }));

function opened() {
  const address = anAddress();
  address.happens(logon());
  return { address, session: address.opens() };
}

test('a session is open while its user is there, through refreshes, other groups and another posture', () => {
  const { address, session } = opened();
  expect(address.ending(session)).toBeUndefined();

  address.happens(logon());
  address.happens(logon({ groups: ['guests'], posture: 'INFECTED' }), 'userid', minutes(29));

  expect(address.ending(session)).toBeUndefined();
  expect(address.ending(session, minutes(30) - 1)).toBeUndefined();
});

describe('a session is closed when its entry', () => {
  test.each<[string, () => Event, string]>([
    ['logs off', () => logoff(), 'logged-off'],
    ['logs off by its name', () => logoff({ user: 'alice', domain: 'acme' }), 'logged-off'],
    ['is deleted', () => deleted, 'deleted'],
    ['is replaced by another user’s', () => logon({ user: 'bob' }), 'user-changed'],
    ['is replaced by that of a user of another domain', () => logon({ domain: 'globex' }), 'user-changed'],
    ['is replaced by that of JIMS', () => logon({ origin: 'identity-management' }), 'source-changed'],
  ])('%s', (_, event, reason) => {
    const { address, session } = opened();
    address.happens(event());

    expect(address.ending(session)).toEqual({ at: address.at(), reason });
    expect(address.ending(session, hours(20))).toEqual({ at: address.at(), reason });
  });

  test('is that of Active Directory, and ClearPass says the same user is there', () => {
    const address = anAddress();
    address.happens(logon({ origin: 'active-directory' }));
    const session = address.opens();
    address.happens(logon({ origin: 'aruba-clearpass' }));

    expect(address.ending(session)).toEqual({ at: address.at(), reason: 'source-changed' });
  });

  test('expires, from that very millisecond', () => {
    const { address, session } = opened();

    expect(address.ending(session, minutes(29) - 1)).toBeUndefined();
    expect(address.ending(session, minutes(29))).toEqual({ at: noon + minutes(31), reason: 'expired' });
  });
});

test('what ended a session stays, whoever comes after: the same user, somebody else, a user query', () => {
  for (const [end, reason] of [
    [() => logoff(), 'logged-off'],
    [() => deleted, 'deleted'],
    [() => logon({ user: 'bob' }), 'user-changed'],
  ] as const) {
    const { address, session } = opened();
    address.happens(end());
    const at = address.at();
    address.happens(logon());

    expect(address.ending(session)).toEqual({ at, reason });
  }
});

test('after an expiry a question about the address does not bring the session back', () => {
  const { address, session } = opened();
  address.happens({ kind: 'missed', delayMs: 15_000 }, 'userid', hours(1));
  expect(address.ending(session)).toEqual({ at: noon + minutes(31), reason: 'expired' });

  address.happens({ kind: 'claimed', id: 'worker', untilAt: address.at() + minutes(1), invalidTimeoutMinutes: 30 });
  expect(address.ending(session)).toEqual({ at: noon + minutes(31), reason: 'expired' });

  address.happens(
    {
      kind: 'settled',
      id: 'worker',
      invalidTimeoutMinutes: 30,
      answer: { kind: 'user', logon: aLogon(), timeoutMinutes: 30 },
    },
    'userid',
    1,
  );
  expect(address.ending(session)).toEqual({ at: noon + minutes(31), reason: 'expired' });
});

test('after a logoff a question about the address leaves the session closed', () => {
  const { address, session } = opened();
  address.happens(logoff());
  address.happens({ kind: 'missed', delayMs: 0 });

  expect(address.ending(session)?.reason).toBe('logged-off');
});

test('two users later it is known that another came, and no more', () => {
  const { address, session } = opened();
  address.happens(logoff());
  address.happens(logon({ user: 'bob' }));
  const at = address.at();
  address.happens(logon({ user: 'carol' }));

  expect(address.ending(session)).toEqual({ at, reason: 'user-changed' });
});

test('two logons of its user later it is known that its entry ended, and no more', () => {
  const { address, session } = opened();
  address.happens(logoff());
  address.happens(logon());
  const at = address.at();
  address.happens(deleted);
  address.happens(logon());

  expect(address.ending(session)).toEqual({ at, reason: 'ended' });
});

test('a logon that a newer logoff covers was never there: what closed the session is the logoff', () => {
  const { address, session } = opened();
  address.happens(logoff({ instant: instant(100) }));
  const at = address.at();
  address.happens(logon({ user: 'bob', instant: instant(50) }));

  expect(address.ending(session)).toEqual({ at, reason: 'logged-off' });
});

describe('another slot', () => {
  test('whose word counts before that of the session’s closes it, also once it is over', () => {
    const { address, session } = opened();
    address.happens(logon({ origin: 'local', user: 'bob' }, 0), 'local');
    const at = address.at();
    expect(address.ending(session)).toEqual({ at, reason: 'source-changed' });

    address.happens(deleted, 'local');
    address.happens(logon());
    expect(address.ending(session)).toEqual({ at, reason: 'source-changed' });
  });

  test('whose word counts after it closes nothing', () => {
    const { address, session } = opened();
    address.happens(logon({ origin: 'unified-access-control', user: 'bob' }), 'uac');

    expect(address.ending(session)).toBeUndefined();
  });

  test('that was over before the session was opened closes nothing', () => {
    const address = anAddress();
    address.happens(logon({ origin: 'local', user: 'bob' }, 10), 'local');
    address.happens(deleted, 'local');
    address.happens(logon());

    expect(address.ending(address.opens())).toBeUndefined();
  });

  test('and a session whose origin is not looked at any more is closed since it was last heard of', () => {
    const { address, session } = opened();
    const without = plainReading({ ...defaults, priorities: { ...defaults.priorities, 'aruba-clearpass': 0 } });

    expect(endingOf(session, { slots: address.slots(), reading: without(address.at() + 5) })).toEqual({
      at: session.heardAt,
      reason: 'source-changed',
    });
  });
});

test('one that was not heard of for 24 hours is lost, and not a millisecond before', () => {
  const address = anAddress();
  address.happens(logon({}, 0));
  const session = address.opens();

  expect(address.ending(session, hours(24) - 1)).toBeUndefined();
  expect(address.ending(session, hours(24))).toEqual({ at: session.heardAt + hours(24), reason: 'lost' });
  expect(address.ending({ ...session, heardAt: session.heardAt + 1 }, hours(24))).toBeUndefined();
});

test('one that is not managed is nobody’s: no entry closes it, but it may be lost', () => {
  const { address } = opened();
  const session = anUnmanaged({ openedAt: address.at(), heardAt: address.at() });
  address.happens(logon({ user: 'bob' }));

  expect(address.ending(session, hours(23))).toBeUndefined();
  expect(address.ending(session, hours(24))?.reason).toBe('lost');
});

test('clocks of functions differ a little: nothing ends before it was opened, and what ended is not open by ours', () => {
  const { address, session } = opened();
  const late = { ...session, openedAt: address.at() + 500, heardAt: address.at() + 500 };
  address.happens(logon({ user: 'bob' }), 'userid', 100);

  expect(address.ending(late, 500)).toEqual({ at: late.openedAt, reason: 'user-changed' });
  expect(endingOf(session, { slots: address.slots(), reading: readingAt(address.at() - 50) })?.reason).toBe(
    'user-changed',
  );
});

test('an address that is forgotten altogether has no open sessions', () => {
  const session = aSession({ ip: '192.0.2.99' as IpAddress });

  expect(endingOf(session, { slots: [], reading: readingAt(noon + 1) })).toEqual({ at: noon, reason: 'expired' });
});

test('what is over is told for a day', () => {
  const ending = { at: noon, reason: 'closed' };

  expect([isTold(ending, noon + hours(24) - 1), isTold(ending, noon + hours(24))]).toEqual([true, false]);
});
