/** What holds of the marks of a user query, whatever happens to them: when they end, and what they never touch. */
import { advance, type Event } from '../../shared/identity/advance.ts';
import { isLive, type Item, never } from '../../shared/identity/entry.ts';
import { aLogoff, aLogon, deleted, hours, instant, itemAfter, minutes, noon, told } from '../support/observations.ts';
import {
  abandoned,
  claimed,
  failure,
  forced,
  init,
  invalid,
  leaseMs,
  missed,
  nobody,
  pending,
  played,
  released,
  settled,
  user,
} from '../support/query-events.ts';

const alice = aLogon();
const at = (microsAfterNoon: number) => ({ instant: instant(microsAfterNoon) });
const withTimeout = (invalidMinutes: number) => (event: Event) => ({ ...event, invalidTimeoutMinutes: invalidMinutes });

describe('an invalid entry keeps the setting that it was made under', () => {
  const madeUnder = (setting: number) => itemAfter(missed, claimed('one'), settled('one', nobody, setting));
  const later = (item: Item, elapsed: number, newSetting: number) => {
    const now = noon + minutes(elapsed);
    const events = [missed, claimed('two', now), abandoned(), settled('one', failure), released('one')];
    return played(item, ...events.map(withTimeout(newSetting)).map((event) => [event, now] as const));
  };

  test('a new one has the whole of it: 50 minutes', () => {
    expect(madeUnder(50)).toMatchObject({ expiresAt: noon + minutes(50), mark: { frozenMinutes: 50 } });
  });

  test.each<[number, number, number, number]>([
    [20, 5, 50, 15],
    [40, 20, 0, 20],
  ])('made under %i minutes, after %i of them and a change to %i, it has %i left', (setting, elapsed, next, left) => {
    const item = later(madeUnder(setting), elapsed, next);

    expect(item).toEqual(madeUnder(setting));
    expect(item.expiresAt - (noon + minutes(elapsed))).toBe(minutes(left));
  });

  test('made under 0, after 40 minutes and a change to 20, it never expires', () => {
    const item = later(madeUnder(0), 40, 20);

    expect(item).toEqual(madeUnder(0));
    expect(item.expiresAt).toBe(never);
  });

  test('until it is over: the next one is made under the new setting', () => {
    const over = noon + minutes(20);

    const item = played(
      madeUnder(20),
      [missed, over],
      [claimed('two', over), over],
      [settled('two', nobody, 50), over],
    );

    expect(item).toMatchObject({ state: 'invalid', expiresAt: over + minutes(50), mark: { frozenMinutes: 50 } });
  });

  test('also where somebody logs off, or where a logon is barred', () => {
    const before = played(madeUnder(20), [told(aLogoff(at(5))), noon]);

    expect(before).toMatchObject({ state: 'invalid', expiresAt: noon + minutes(20) });
    expect(advance(before, told(alice), noon + minutes(5)).item).toMatchObject({
      state: 'invalid',
      expiresAt: noon + minutes(20),
    });
  });

  test.each<[string, Event, string, number]>([
    ['a logon starts the common timeout', told(alice, 10), 'valid', minutes(10)],
    ['a forced question asks anew', forced, 'init', 45_000],
    ['a delete ends it', deleted, 'ended', 0],
  ])('but %s', (_, event, state, left) => {
    expect(advance(invalid, event, noon).item).toMatchObject({ state, expiresAt: noon + left });
  });
});

describe('a mark ends by itself', () => {
  const isThere = (item: Item | undefined, now: number) => isLive(item, now);

  test('init, when its message never comes: half a minute after it was due', () => {
    expect([noon + 44_999, noon + 45_000].map((now) => isThere(init, now))).toEqual([true, false]);
    expect(advance(init, missed, noon + 45_000).outcome).toBe('asked');
  });

  test('pending, when its worker is killed: a quarter of an hour after the lease', () => {
    const over = noon + leaseMs + minutes(15);

    expect([over - 1, over].map((now) => isThere(pending, now))).toEqual([true, false]);
    expect(advance(pending, missed, over).outcome).toBe('asked');
  });

  test('also where every timeout is 0, and five workers were killed over it', () => {
    const claims = Array.from({ length: 5 }, (_, index) => noon + index * minutes(3));
    const item = claims.reduce((before, now) => {
      const claim = withTimeout(0)(claimed(`at ${now}`, now));
      return played(before, [claim, now]);
    }, init);

    expect(item).toMatchObject({ state: 'invalid', expiresAt: never, mark: { reason: 'no-answer' } });
    for (const [index] of claims.slice(0, 4).entries()) {
      const killed = claims
        .slice(0, index + 1)
        .reduce((before, now) => played(before, [claimed(`at ${now}`, now), now]), init);
      expect(isLive(killed, noon + hours(1))).toBe(false);
    }
  });
});

describe('what was told stands, whatever is asked meanwhile', () => {
  const { order } = itemAfter(
    told({ ...alice, ...at(3) }),
    told(aLogoff(at(4))),
    told(aLogoff({ user: 'bob', ...at(5) })),
  );
  const asked = (...events: readonly Event[]) =>
    played({ state: 'ended', expiresAt: noon, deleteAt: 0, order }, ...events.map((each) => [each, noon] as const));

  test.each<[string, readonly Event[]]>([
    ['init', [missed]],
    ['asked again', [missed, forced]],
    ['pending', [missed, claimed('one')]],
    ['given back', [missed, claimed('one'), released('one')]],
    ['invalid', [missed, claimed('one'), settled('one', nobody)]],
    ['failed', [missed, claimed('one'), settled('one', failure)]],
    ['answered with somebody who logged off since', [missed, claimed('one'), settled('one', user(alice))]],
    ['abandoned', [missed, abandoned()]],
  ])('%s', (_, events) => {
    expect(asked(...events).order).toEqual(order);
  });

  test('so a post that is older than what was newest brings nobody back', () => {
    for (const before of [
      asked(missed),
      asked(missed, claimed('one')),
      asked(missed, claimed('one'), settled('one', nobody)),
    ]) {
      expect(advance(before, told({ ...alice, ...at(2) }), noon)).toEqual({ item: before, outcome: 'stale' });
    }
  });

  test('and it is remembered for a day after the mark, by which TTL goes', () => {
    expect(asked(missed).deleteAt).toBe((noon + 45_000 + hours(24)) / 1_000);
  });
});

describe('a lease is ended by its owner or by time, and by nobody else', () => {
  test.each<[string, readonly Event[]]>([
    ['a logon', [told(alice)]],
    ['a logon that is barred', [told(aLogoff(at(1))), told(alice)]],
    ['a logoff', [told(aLogoff())]],
    ['a logoff of a user', [told(aLogoff({ user: 'alice' }))]],
    ['a delete', [deleted]],
    ['a logon and its delete', [told(alice), deleted]],
    ['a miss after a delete', [deleted, missed]],
    ['another worker’s claim, answer and release', [claimed('two'), settled('two', nobody), released('two')]],
    ['a letter among the dead', [abandoned()]],
  ])('it outlives %s', (_, events) => {
    const item = played(pending, ...events.map((each) => [each, noon] as const));

    expect(item.query).toEqual({ id: 'one', untilAt: noon + leaseMs });
    expect(advance(item, claimed('two', noon + leaseMs), noon + leaseMs - 1).outcome).toMatch(/^(wait|done)$/);
  });

  test.each([
    ['its answer', settled('one', user(alice))],
    ['its failure', settled('one', failure)],
    ['its release', released('one')],
  ])('%s ends it', (_, event) => {
    expect(advance(pending, event, noon).item).not.toHaveProperty('query');
  });
});
