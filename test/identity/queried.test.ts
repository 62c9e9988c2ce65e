import { advance, type Event } from '../../shared/identity/advance.ts';
import { contentHash, type Item, orderOf } from '../../shared/identity/entry.ts';
import { aLogoff, aLogon, deleted, instant, itemAfter, minutes, noon, told } from '../support/observations.ts';
import {
  abandoned,
  claimed,
  failure,
  forced,
  free,
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
  withoutLease,
} from '../support/query-events.ts';

const alice = aLogon();
const bob = aLogon({ user: 'bob' });
const at = (microsAfterNoon: number) => ({ instant: instant(microsAfterNoon) });
const valid = itemAfter(told(alice));
const expired: Item = { ...valid, expiresAt: noon };
const gone = itemAfter(told(alice), told(aLogoff(at(1))));

describe('a miss', () => {
  test.each<[string, Item | undefined]>([
    ['nothing is known', undefined],
    ['an entry has expired', expired],
    ['somebody logged off', gone],
    ['a mark has ended', { ...pending, expiresAt: noon }],
  ])('asks where %s, and the address is init until the delay is over, and half a minute more', (_, before) => {
    const { item, outcome } = advance(before, missed, noon);

    expect(outcome).toBe('asked');
    expect(item).toMatchObject({ state: 'init', expiresAt: noon + 45_000, mark: { attempts: 0 } });
  });

  test.each([
    ['valid', valid],
    ['init', init],
    ['pending', pending],
    ['invalid', invalid],
  ])('changes nothing where the address is %s: of all who miss it one asks', (_, before) => {
    expect(advance(before, missed, noon)).toEqual({ item: before, outcome: 'known' });
  });

  test('keeps the lease of a worker that still asks: a second one waits for it', () => {
    const item = itemAfter(missed, claimed('one'), told(alice), deleted, missed);

    expect(item.state).toBe('init');
    expect(advance(item, claimed('two'), noon).outcome).toBe('wait');
  });
});

describe('a forced question', () => {
  test('asks again where it was found that nobody is there, and counts its attempts anew', () => {
    const { item, outcome } = advance(invalid, forced, noon);

    expect(outcome).toBe('asked');
    expect(item).toMatchObject({ state: 'init', mark: { attempts: 0 } });
    expect(item?.mark).not.toHaveProperty('reason');
  });

  test.each([
    ['valid', valid],
    ['init', init],
    ['pending', pending],
  ])('changes nothing where the address is %s', (_, before) => {
    expect(advance(before, forced, noon)).toEqual({ item: before, outcome: 'known' });
  });
});

describe('a claim', () => {
  test.each<[string, Item | undefined]>([
    ['init', init],
    ['pending, and nobody asks', free],
    ['absent: a late message still asks', undefined],
    ['expired: a late message still asks', expired],
  ])('is granted where the address is %s, until the lease is over', (_, before) => {
    const { item, outcome } = advance(before, claimed('two'), noon);

    expect(outcome).toBe('claimed');
    expect(item).toMatchObject({
      state: 'pending',
      query: { id: 'two', untilAt: noon + leaseMs },
      expiresAt: noon + leaseMs + minutes(15),
    });
  });

  test.each([
    ['valid', valid],
    ['invalid', invalid],
  ])('has nothing to ask where the address is %s', (_, before) => {
    expect(advance(before, claimed('two'), noon)).toEqual({ item: before, outcome: 'done' });
  });

  test('waits while the lease of another worker is live, and not a millisecond longer', () => {
    expect(advance(pending, claimed('two'), noon + leaseMs - 1)).toEqual({ item: pending, outcome: 'wait' });
    expect(advance(pending, claimed('two', noon + leaseMs), noon + leaseMs).outcome).toBe('claimed');
  });

  test('that comes twice from one worker is one claim', () => {
    expect(advance(pending, claimed('one'), noon + 1)).toEqual({ item: pending, outcome: 'claimed' });
  });

  test('is counted; the fifth asks nobody, as four workers died over the question', () => {
    let item: Item | undefined = init;
    const outcomes = ['one', 'two', 'three', 'four', 'five'].map((id, index) => {
      const now = noon + index * leaseMs;
      const advanced = advance(item, claimed(id, now), now);
      item = advanced.item;
      return advanced.outcome;
    });

    expect(outcomes).toEqual(['claimed', 'claimed', 'claimed', 'claimed', 'exhausted']);
    expect(item).toMatchObject({ state: 'invalid', mark: { attempts: 4, reason: 'no-answer', frozenMinutes: 30 } });
  });
});

describe('an answer', () => {
  test('of a user makes the entry valid, from now for its timeout, and ends lease and mark', () => {
    const { item, outcome } = advance(pending, settled('one', user(alice, 20)), noon + 1_000);

    expect(outcome).toBe('settled');
    expect(item).toMatchObject({
      state: 'valid',
      expiresAt: noon + 1_000 + minutes(20),
      entry: { user: 'alice', firstSeen: noon + 1_000, timeoutMinutes: 20 },
      order: { logon: orderOf(alice.instant, contentHash(alice)) },
    });
    expect(item).not.toHaveProperty('query');
    expect(item).not.toHaveProperty('mark');
  });

  test.each([
    ['nobody', nobody, 'no-record'],
    ['a failure', failure, 'answer-timeout'],
  ])('of %s makes the address invalid, with the reason and the timeout that is in force now', (_, answer, reason) => {
    const { item, outcome } = advance(pending, settled('one', answer, 10), noon);

    expect(outcome).toBe('settled');
    expect(item).toMatchObject({
      state: 'invalid',
      expiresAt: noon + minutes(10),
      mark: { reason, frozenMinutes: 10 },
    });
    expect(item).not.toHaveProperty('query');
  });

  test('confirms a long session: it replaces an expired entry though it is older, and its order is not lowered', () => {
    const newer = told({ ...alice, ...at(5) }, 10);
    const late = noon + minutes(11);
    const asking = played(itemAfter(newer), [missed, late], [claimed('one', late), late]);

    const { item } = advance(asking, settled('one', user(alice)), late);

    expect(item).toMatchObject({ state: 'valid', expiresAt: late + minutes(30), entry: { instant: instant(0) } });
    expect(item?.order).toEqual(itemAfter(newer).order);
    expect(advance(item, newer, late).outcome).toBe('replayed');
  });

  test('brings back an operator’s deleted entry: whom ClearPass names is there', () => {
    const item = itemAfter(told(alice), deleted, missed, claimed('one'), settled('one', user(alice)));

    expect(item).toMatchObject({ state: 'valid', entry: { user: 'alice' } });
  });

  test('never replaces somebody who is there by a newer word, whatever it says', () => {
    const posted = itemAfter(missed, claimed('one'), told({ ...bob, ...at(1) }));

    for (const answer of [user(alice), user({ ...bob, ...at(1) }), nobody, failure]) {
      const { item, outcome } = advance(posted, settled('one', answer), noon);

      expect(outcome).toBe('outrun');
      expect(item).toEqual(withoutLease(posted));
    }
  });

  test('that is newer than who is there replaces them', () => {
    const posted = itemAfter(missed, claimed('one'), told(bob));

    const { item, outcome } = advance(posted, settled('one', user({ ...alice, ...at(1) })), noon);

    expect(outcome).toBe('settled');
    expect(item).toMatchObject({ state: 'valid', entry: { user: 'alice' } });
  });

  test.each<[string, Event]>([
    ['of anybody', told(aLogoff(at(1)))],
    ['of that user', told(aLogoff({ user: 'alice', ...at(1) }))],
  ])('that is older than a logoff %s revives nobody', (_, goodbye) => {
    const { item } = advance(itemAfter(goodbye, missed, claimed('one')), settled('one', user(alice)), noon);

    expect(item).toMatchObject({ state: 'invalid', mark: { reason: 'answer-older-than-logoff', frozenMinutes: 30 } });
  });

  test.each<[string, Event]>([
    ['of another user', told(aLogoff({ user: 'bob', ...at(1) }))],
    ['at its very instant', told(aLogoff())],
  ])('stands over a logoff %s', (_, goodbye) => {
    const { item } = advance(itemAfter(goodbye, missed, claimed('one')), settled('one', user(alice)), noon);

    expect(item?.state).toBe('valid');
  });

  test('is dropped where the lease is another’s, is over, was given back, or never was', () => {
    const again = played(pending, [claimed('two', noon + leaseMs), noon + leaseMs]);

    for (const [before, now] of [
      [again, noon + leaseMs],
      [pending, noon + leaseMs],
      [free, noon],
      [undefined, noon],
    ] as const) {
      expect(advance(before, settled('one', user(alice)), now)).toEqual({ item: before, outcome: 'dropped' });
    }
  });
});

describe('a release', () => {
  test('ends the lease and leaves the address pending until its mark ends', () => {
    expect(advance(pending, released('one'), noon)).toEqual({ item: withoutLease(pending), outcome: 'released' });
  });

  test('keeps the count of attempts for whoever asks next', () => {
    expect(played(free, [claimed('two'), noon]).mark).toEqual({ attempts: 2 });
  });

  test('of another worker’s lease does nothing', () => {
    expect(advance(pending, released('two'), noon)).toEqual({ item: pending, outcome: 'dropped' });
  });
});

describe('a question among the dead letters', () => {
  test.each<[string, Item | undefined]>([
    ['init', init],
    ['pending, and nobody asks', free],
    ['absent', undefined],
    ['expired', expired],
  ])('makes the address invalid where it is %s', (_, before) => {
    const { item, outcome } = advance(before, abandoned(50), noon);

    expect(outcome).toBe('given-up');
    expect(item).toMatchObject({
      state: 'invalid',
      expiresAt: noon + minutes(50),
      mark: { reason: 'no-answer', frozenMinutes: 50 },
    });
  });

  test('waits while a worker’s lease is live, whoever is there', () => {
    const posted = itemAfter(missed, claimed('one'), told(alice));

    expect(advance(pending, abandoned(), noon)).toEqual({ item: pending, outcome: 'later' });
    expect(advance(posted, abandoned(), noon)).toEqual({ item: posted, outcome: 'later' });
  });

  test.each([
    ['valid', valid],
    ['invalid', invalid],
  ])('changes nothing where the address is %s', (_, before) => {
    expect(advance(before, abandoned(), noon)).toEqual({ item: before, outcome: 'done' });
  });
});
