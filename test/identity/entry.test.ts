import { advance } from '../../shared/identity/advance.ts';
import { contentHash, isLive, type Item, never, orderOf } from '../../shared/identity/entry.ts';
import type { Logon } from '../../shared/identity/observation.ts';
import {
  aLogoff,
  aLogon,
  aMark,
  deleted,
  hours,
  instant,
  itemAfter,
  minutes,
  noon,
  told,
} from '../support/observations.ts';

const alice = aLogon();
const bob = aLogon({ user: 'bob' });
const at = (microsAfterNoon: number) => ({ instant: instant(microsAfterNoon) });

describe('a logon', () => {
  test('is stored whole, with the moment and the timeout that it was stored under', () => {
    const { item, outcome } = advance(undefined, told(alice, 20), noon);

    const { operation, ip, ...shown } = alice;
    expect(outcome).toBe('stored');
    expect(item).toEqual({
      state: 'valid',
      expiresAt: noon + minutes(20),
      deleteAt: (noon + minutes(20) + hours(24)) / 1_000,
      entry: { ...shown, firstSeen: noon, heldSince: noon, storedAt: noon, timeoutMinutes: 20 },
      order: { logon: orderOf(alice.instant, contentHash(alice)), logoffs: [] },
    });
  });

  test('that is newer replaces another user', () => {
    const { item, outcome } = advance(itemAfter(told(alice)), told({ ...bob, ...at(1) }), noon);

    expect(outcome).toBe('stored');
    expect(userIn(item)).toBe('bob');
  });

  test('replaces the entry whole: what the newer one does not tell is gone', () => {
    const { posture, source, ...bare } = aLogon({ groups: [], device: {}, ...at(1) });

    const entry = itemAfter(told(alice), told(bare)).entry;

    expect(entry).toMatchObject({ groups: [], device: {} });
    expect(entry).not.toHaveProperty('posture');
    expect(entry).not.toHaveProperty('source');
  });

  test('that is older is stale, and changes nothing', () => {
    const before = itemAfter(told(alice));

    expect(advance(before, told({ ...bob, ...at(-1) }), noon)).toEqual({ item: before, outcome: 'stale' });
  });

  test('that comes again is a replay: it changes and extends nothing', () => {
    const before = itemAfter(told(alice, 30));

    const { item, outcome } = advance(before, told(alice, 60), noon + minutes(5));

    expect(outcome).toBe('replayed');
    expect(item).toBe(before);
  });

  test('of the same instant as another wins by its content, whichever comes first', () => {
    const one = itemAfter(told(alice), told(bob));
    const other = itemAfter(told(bob), told(alice));

    expect(other).toEqual(one);
    const [greater] = [alice, bob].sort((a, b) => (contentHash(a) > contentHash(b) ? -1 : 1));
    expect(userIn(one)).toBe(greater?.user);
  });

  test.each<[string, Partial<Logon>]>([
    ['user', { user: 'bob' }],
    ['domain', { domain: 'globex' }],
    ['order of groups', { groups: ['staff', 'posture-healthy'] }],
    ['posture', { posture: 'INFECTED' }],
    ['source', { source: 'PacketFence' }],
    ['device', { device: { identity: 'other-laptop', os: 'windows 10' } }],
    ['custom attribute', { device: { ...alice.device, custom: { 'MAC-Address': '00-00-5e-00-53-01' } } }],
  ])('of the same instant with another %s is another logon, not a replay', (_, different) => {
    const [one, other] = [told(alice), told({ ...alice, ...different })];

    const outcomes = [advance(itemAfter(one), other, noon).outcome, advance(itemAfter(other), one, noon).outcome];

    expect(outcomes.toSorted()).toEqual(['stale', 'stored']);
  });

  test('is the same content in whatever order the attributes of its device were told', () => {
    const told = (device: Logon['device']) => contentHash(aLogon({ device }));

    expect(told({ os: 'a', model: 'b', custom: { x: '1', y: '2' } })).toBe(
      told({ custom: { y: '2', x: '1' }, model: 'b', os: 'a' }),
    );
  });

  test('orders instants by number, also before 2001, when they had a digit less', () => {
    const early = { ...bob, instant: 999_999_999_999_999 as Logon['instant'] };

    expect(advance(itemAfter(told(alice)), told(early), noon).outcome).toBe('stale');
    expect(userIn(itemAfter(told(early), told(alice)))).toBe('alice');
  });

  test('that is newer and says the same restarts the timeout and keeps when it was first seen', () => {
    const { item } = advance(itemAfter(told(alice, 30)), told({ ...alice, ...at(1) }, 30), noon + minutes(29));

    expect(item?.entry).toMatchObject({ firstSeen: noon, storedAt: noon + minutes(29), instant: instant(1) });
    expect(item?.expiresAt).toBe(noon + minutes(59));
  });

  test.each([
    ['says something else', itemAfter(told(bob))],
    ['comes after the end of the former', itemAfter(told(alice), told(aLogoff(at(1))))],
    ['comes after a delete', itemAfter(told(alice), deleted)],
    ['comes when the former has expired', { ...itemAfter(told(alice)), expiresAt: noon + minutes(1) }],
  ])('that %s is first seen now', (_, before) => {
    const { item } = advance(before, told({ ...alice, ...at(2) }), noon + minutes(1));

    expect(item?.entry?.firstSeen).toBe(noon + minutes(1));
  });
});

/** A text that was sent, where the instant is ours all the same. */
const textOf = (timestamp: string) => ({ timestamp, sentAs: timestamp });

describe('a logon whose instant is ours', () => {
  const arrival = (afterNoon: number) => at(afterNoon * 1_000);

  test('is a replay when the same timestamp text comes with the same content, however late', () => {
    const before = itemAfter(told({ ...alice, ...textOf('2099-01-01T00:00:00Z') }));

    const again = told({ ...alice, ...arrival(60_000), ...textOf('2099-01-01T00:00:00Z') });

    expect(advance(before, again, noon + 60_000)).toEqual({ item: before, outcome: 'replayed' });
  });

  test('stays ended when its text comes again after its logoff', () => {
    const before = itemAfter(told({ ...alice, ...textOf('2099') }), told(aLogoff(arrival(1))));

    const { outcome } = advance(before, told({ ...alice, ...arrival(2), ...textOf('2099') }), noon + 2);

    expect(outcome).toBe('replayed');
  });

  test.each<[string, Partial<Logon>]>([
    ['another text', { ...textOf('2100') }],
    ['other content', { ...textOf('2099'), groups: [] }],
  ])('is stored when it comes again with %s', (_, different) => {
    const before = itemAfter(told({ ...alice, ...textOf('2099') }));

    const { outcome } = advance(before, told({ ...alice, ...arrival(1), ...different }), noon + 1);

    expect(outcome).toBe('stored');
  });

  test('is a refresh when it comes again and never carried a text', () => {
    const before = itemAfter(told({ ...alice, sentAs: '' }));

    const { item, outcome } = advance(before, told({ ...alice, ...arrival(60_000), sentAs: '' }), noon + 60_000);

    expect(outcome).toBe('stored');
    expect(item?.expiresAt).toBe(noon + 60_000 + minutes(30));
    expect(item?.entry?.firstSeen).toBe(noon);
  });

  test('revives nobody as a refresh that arrived before the logoff', () => {
    const before = itemAfter(told({ ...alice, sentAs: '' }), told(aLogoff(arrival(10))));

    expect(advance(before, told({ ...alice, ...arrival(5), sentAs: '' }), noon + 5).outcome).toBe('barred');
  });
});

describe('timeouts', () => {
  // The vendor's Table 7, as far as it is about entries that are there: minutes.
  test.each([
    { initial: 20, elapsed: 5, setting: 50, left: 15 },
    { initial: 0, elapsed: 40, setting: 20, left: Infinity },
    { initial: 40, elapsed: 20, setting: 0, left: 20 },
  ])('of $initial with $elapsed gone leave $left after a change to $setting', ({ initial, elapsed, setting, left }) => {
    const now = noon + minutes(elapsed);
    const before = itemAfter(told(alice, initial));

    const others = [told(alice, setting), told({ ...bob, ...at(-1) }, setting), told(aLogoff({ user: 'carol' }))];
    const item = others.reduce<Item | undefined>((item, event) => advance(item, event, now).item, before);

    expect(item?.expiresAt).toBe(left === Infinity ? never : now + minutes(left));
    expect(item?.entry?.timeoutMinutes).toBe(initial);
  });

  test('that change apply from the next newer logon on', () => {
    expect(itemAfter(told(alice, 20), told({ ...alice, ...at(1) }, 50)).expiresAt).toBe(noon + minutes(50));
    expect(itemAfter(told(alice, 0), told({ ...alice, ...at(1) }, 50)).expiresAt).toBe(noon + minutes(50));
    expect(itemAfter(told(alice, 20), told({ ...alice, ...at(1) }, 0)).expiresAt).toBe(never);
  });

  test('end an entry to the millisecond', () => {
    const item = itemAfter(told(alice, 30));

    expect(isLive(item, noon + minutes(30) - 1)).toBe(true);
    expect(isLive(item, noon + minutes(30))).toBe(false);
  });

  test('of 0 end nothing, even in a thousand years', () => {
    expect(isLive(itemAfter(told(alice, 0)), Date.UTC(3026, 2, 1))).toBe(true);
  });
});

describe('a delete', () => {
  test('ends what is there and keeps its order: the replay stays out, the next newer logon gets in', () => {
    const item = itemAfter(told(alice), deleted);

    expect(item.state).toBe('ended');
    expect(advance(item, told(alice), noon).outcome).toBe('replayed');
    expect(advance(item, told({ ...bob, ...at(-1) }), noon).outcome).toBe('stale');
    expect(advance(item, told({ ...alice, ...at(1) }), noon).outcome).toBe('stored');
  });

  test.each(['init', 'pending', 'invalid'] as const)(
    'ends the mark of a query that is %s, but not its lease',
    (state) => {
      const before = aMark(state, { order: itemAfter(told(aLogoff())).order });

      const { item, outcome } = advance(before, deleted, noon + 1);

      expect(outcome).toBe('deleted');
      expect(item).toMatchObject({ state: 'ended', expiresAt: noon + 1, order: before.order, query: before.query });
      expect(item).not.toHaveProperty('mark');
    },
  );

  test.each([
    ['nothing is', undefined],
    ['all has ended', itemAfter(told(alice), deleted)],
    ['all has expired', { ...itemAfter(told(alice)), expiresAt: noon }],
  ])('has nothing to do where %s', (_, before) => {
    expect(advance(before, deleted, noon)).toEqual({ item: before, outcome: 'absent' });
  });
});

describe('the memory of what was newest', () => {
  const day = (from: number) => (from + hours(24)) / 1_000;

  test('outlives the entry by a day from its expiry, its logoff or its delete', () => {
    const end = noon + minutes(10);

    expect(itemAfter(told(alice, 30)).deleteAt).toBe(day(noon + minutes(30)));
    expect(itemAfter(told(alice, 0)).deleteAt).toBe(day(never));
    expect(advance(itemAfter(told(alice, 0)), told(aLogoff(at(1))), end).item?.deleteAt).toBe(day(end));
    expect(advance(itemAfter(told(alice, 0)), deleted, end).item?.deleteAt).toBe(day(end));
  });

  test('is renewed by whatever is newly remembered, also when nobody is there', () => {
    const expired = { ...itemAfter(told(alice)), expiresAt: noon - minutes(1) };

    expect(advance(undefined, told(aLogoff()), noon).item?.deleteAt).toBe(day(noon));
    expect(advance(expired, told(aLogoff({ user: 'bob' })), noon).item?.deleteAt).toBe(day(noon));
  });

  test('never ends before its entry when somebody else logs off', () => {
    expect(itemAfter(told(alice, 30), told(aLogoff({ user: 'bob' }))).deleteAt).toBe(day(noon + minutes(30)));
  });

  test('is kept in whole seconds, rounded up', () => {
    expect(advance(undefined, told(aLogoff()), noon + 1).item?.deleteAt).toBe(day(noon) + 1);
  });
});

const userIn = (item: Item | undefined) => (item && isLive(item, noon) ? item.entry?.user : undefined);
