import { advance } from '../../shared/identity/advance.ts';
import { isLive, type Item } from '../../shared/identity/entry.ts';
import type { Logoff } from '../../shared/identity/observation.ts';
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
const logoff = (microsAfterNoon: number, who: Partial<Logoff> = {}) =>
  told(aLogoff({ ...at(microsAfterNoon), ...who }));

describe('a logoff', () => {
  test.each<[string, Partial<Logoff>]>([
    ['names nobody', {}],
    ['names nobody, whatever its domain', { domain: 'globex' }],
    ['names the user', { user: 'alice' }],
    ['names the user and the domain', { user: 'alice', domain: 'acme' }],
  ])('that is newer and %s ends the entry', (_, who) => {
    const { item, outcome } = advance(itemAfter(told(alice)), logoff(1, who), noon + 1);

    expect(outcome).toBe('ended');
    expect(item).toMatchObject({ state: 'ended', expiresAt: noon + 1 });
  });

  test.each<[string, Partial<Logoff>]>([
    ['another user', { user: 'bob' }],
    ['the user in another domain', { user: 'alice', domain: 'globex' }],
  ])('of %s is told, remembered, and ends nothing', (_, who) => {
    const { item, outcome } = advance(itemAfter(told(alice)), logoff(1, who), noon);

    expect(outcome).toBe('other-user');
    expect(userIn(item)).toBe('alice');
    expect(item?.order.logoffs).toEqual([{ ...who, ...at(1) }]);
  });

  test.each([0, -1])('%i microseconds after the logon ends nothing: at one instant the logon stands', (late) => {
    const { item, outcome } = advance(itemAfter(told(alice)), logoff(late), noon);

    expect(outcome).toBe('remembered');
    expect(userIn(item)).toBe('alice');
  });

  test('leaves the timeout of whoever stays as it was', () => {
    const { item } = advance(itemAfter(told(alice, 30)), logoff(1, { user: 'bob' }), noon + minutes(5));

    expect(item?.expiresAt).toBe(noon + minutes(30));
  });

  test('is remembered where nobody is', () => {
    const { item, outcome } = advance(undefined, logoff(1), noon);

    expect(outcome).toBe('remembered');
    expect(item).toMatchObject({ state: 'ended', order: { logoff: instant(1), logoffs: [] } });
  });

  test.each<[string, Partial<Logoff>]>([
    ['of anybody', {}],
    ['of a user', { user: 'bob' }],
    ['of a user in a domain', { user: 'bob', domain: 'acme' }],
  ])('%s that comes again, or older than it came before, changes nothing', (_, who) => {
    const before = itemAfter(told(alice), logoff(1, who));

    expect(advance(before, logoff(1, who), noon + 5)).toEqual({ item: before, outcome: 'replayed' });
    expect(advance(before, logoff(0, who), noon + 5)).toEqual({ item: before, outcome: 'stale' });
  });

  test('of a user that is not newer than one of anybody says nothing new', () => {
    const before = itemAfter(logoff(5));

    expect(advance(before, logoff(5, { user: 'bob' }), noon)).toEqual({ item: before, outcome: 'stale' });
  });

  test('ends an entry even by a clock that has it expired already: another clock may be behind', () => {
    const { item, outcome } = advance(itemAfter(told(alice, 10)), logoff(1), noon + minutes(10));

    expect(outcome).toBe('remembered');
    expect(item?.state).toBe('ended');
  });
});

describe('a logon that comes later than its logoff', () => {
  test.each<[string, Partial<Logoff>]>([
    ['anybody', {}],
    ['its user', { user: 'alice' }],
    ['its user and domain', { user: 'alice', domain: 'acme' }],
  ])('is barred by a newer one of %s, and remembered', (_, who) => {
    const { item, outcome } = advance(itemAfter(logoff(1, who)), told(alice), noon);

    expect(outcome).toBe('barred');
    expect(item?.state).toBe('ended');
    expect(advance(item, told({ ...bob, ...at(-1) }), noon).outcome).toBe('stale');
    expect(advance(item, told(alice), noon).outcome).toBe('replayed');
  });

  test.each<[string, Partial<Logoff>]>([
    ['of another user', { user: 'bob', ...at(9) }],
    ['of its user in another domain', { user: 'alice', domain: 'globex', ...at(9) }],
    ['of the same instant', {}],
    ['that is older', at(-1)],
  ])('is stored after one %s', (_, who) => {
    expect(advance(itemAfter(told(aLogoff(who))), told(alice), noon).outcome).toBe('stored');
  });

  test('ends whom it replaces, barred as it is: it was newer than they', () => {
    const { item, outcome } = advance(
      itemAfter(told(alice), logoff(9, { user: 'bob' })),
      told({ ...bob, ...at(1) }),
      noon,
    );

    expect(outcome).toBe('barred');
    expect(item).toMatchObject({ state: 'ended', entry: { user: 'bob' } });
  });

  test('of one user is not barred by what another user left at the same address', () => {
    const before = itemAfter(logoff(5, { user: 'bob' }), logoff(7, { user: 'carol' }));

    expect(advance(before, told({ ...alice, ...at(6) }), noon).outcome).toBe('stored');
    expect(advance(before, told({ ...bob, ...at(6) }), noon).outcome).toBe('stored');
    expect(advance(before, told({ ...aLogon({ user: 'carol' }), ...at(6) }), noon).outcome).toBe('barred');
  });
});

describe('the memory of logoffs', () => {
  const sixteen = Array.from({ length: 16 }, (_, index) => `user-${String(index).padStart(2, '0')}`);
  const bothForms = sixteen.flatMap((user, index) => [
    logoff(10 + index, { user }),
    logoff(30 + index, { user, domain: 'acme' }),
  ]);

  test('holds sixteen users of an address, each with and without a domain', () => {
    const item = itemAfter(logoff(0), ...bothForms);

    for (const [index, user] of sixteen.entries()) {
      const late = (domain: string, instantOf: number) =>
        advance(item, told(aLogon({ user, domain, ...at(instantOf) })), noon).outcome;
      expect([late('acme', 29 + index), late('globex', 9 + index), late('globex', 10 + index)]).toEqual([
        'barred',
        'barred',
        'stored',
      ]);
    }
  });

  test('forgets the oldest beyond that', () => {
    const item = itemAfter(logoff(0), ...bothForms, logoff(60, { user: 'late' }));

    expect(item.order.logoffs).toHaveLength(32);
    expect(advance(item, told(aLogon({ user: 'user-00', domain: 'globex', ...at(9) })), noon).outcome).toBe('stored');
    expect(advance(item, told(aLogon({ user: 'late', ...at(59) })), noon).outcome).toBe('barred');
  });

  test('does not take in what is older than all of a full one', () => {
    const before = itemAfter(logoff(0), ...bothForms);

    expect(advance(before, logoff(5, { user: 'early' }), noon)).toEqual({ item: before, outcome: 'stale' });
  });

  test('may be full and the logoff of the user who is there still ends the entry', () => {
    const before = itemAfter(told(alice), ...bothForms);

    const { item, outcome } = advance(before, logoff(5, { user: 'alice' }), noon);

    expect(outcome).toBe('ended');
    expect(item?.state).toBe('ended');
  });

  test('lets go of users whose logoff is not newer than one of anybody', () => {
    const item = itemAfter(logoff(1, { user: 'bob' }), logoff(3, { user: 'carol' }), logoff(2));

    expect(item.order).toEqual({ logoff: instant(2), logoffs: [{ user: 'carol', ...at(3) }] });
  });

  test('does not let go of a newer logoff of anybody when an older one comes', () => {
    const item = itemAfter(logoff(3), logoff(1));

    expect(item.order.logoff).toBe(instant(3));
  });
});

describe.each(['init', 'pending', 'invalid'] as const)('while a query of the address is %s', (state) => {
  const waiting = aMark(state, { order: itemAfter(logoff(5, { user: 'alice' })).order });

  test('a logon that stands drops the mark and keeps the lease', () => {
    const { item, outcome } = advance(waiting, told({ ...alice, ...at(6) }), noon);

    expect(outcome).toBe('stored');
    expect(item).toMatchObject({ state: 'valid', query: waiting.query, expiresAt: noon + minutes(30) });
    expect(item).not.toHaveProperty('mark');
  });

  test('a barred logon is remembered, and the mark, its end and the lease stay', () => {
    const { item, outcome } = advance(waiting, told({ ...alice, ...at(4) }), noon);

    expect(outcome).toBe('barred');
    expect(item).toMatchObject({ state, expiresAt: waiting.expiresAt, mark: waiting.mark, query: waiting.query });
    expect(item?.order.logon).toBeDefined();
  });

  test('a logoff is remembered, and the mark, its end and the lease stay', () => {
    const { item, outcome } = advance(waiting, logoff(7), noon);

    expect(outcome).toBe('remembered');
    expect(item).toMatchObject({ state, expiresAt: waiting.expiresAt, mark: waiting.mark, query: waiting.query });
    expect(item?.order.logoff).toBe(instant(7));
  });
});

test('a lease outlives the logon, the logoff and the delete that come meanwhile', () => {
  const { query } = aMark('pending');
  const events = [told(alice), logoff(1), told({ ...alice, ...at(2) }), deleted];

  const item = events.reduce<Item | undefined>((before, event) => advance(before, event, noon).item, aMark('pending'));

  expect(item).toMatchObject({ state: 'ended', query });
});

const userIn = (item: Item | undefined) => (item && isLive(item, noon) ? item.entry?.user : undefined);

describe('a repeat whose instant was ours', () => {
  const timestamp = '2026-03-01T14:00:00Z'; // two hours ahead of noon
  const early = { timestamp, sentAs: timestamp };
  const due = (told: { user?: string } = {}) => ({ ...told, timestamp, instant: instant(hours(2) * 1_000) });

  test('is a replay also once its timestamp is no longer in the future', () => {
    const before = itemAfter(told(aLogon(early)), logoff(1));

    expect(advance(before, told(aLogon(due())), noon + hours(2))).toEqual({ item: before, outcome: 'replayed' });
  });

  test.each<[string, Partial<Logoff>]>([
    ['anybody', {}],
    ['its user', { user: 'alice' }],
  ])('of a logoff of %s does not end whoever logged on since', (_, who) => {
    const before = itemAfter(told(aLogoff({ ...who, ...early })), told(aLogon(at(5))));

    expect(advance(before, told(aLogoff({ ...who, ...early, ...at(9) })), noon + 9)).toEqual({ item: before, outcome: 'replayed' }); // prettier-ignore
    expect(advance(before, told(aLogoff({ ...who, ...due(who) })), noon + hours(2)).outcome).toBe('replayed');
  });

  test('of a logoff without a timestamp is a new logoff: nothing tells the two apart', () => {
    const before = itemAfter(told(aLogoff({ sentAs: '' })), told(aLogon(at(5))));

    expect(advance(before, told(aLogoff({ sentAs: '', ...at(9) })), noon + 9).outcome).toBe('ended');
  });
});
