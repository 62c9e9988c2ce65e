/** The common entry of an address: the newest of ClearPass and JIMS, and Active Directory where neither has told. */
import { advance, type Event, type Outcome } from '../../shared/identity/advance.ts';
import { isLive, type Item, newestLogons } from '../../shared/identity/entry.ts';
import type { Logoff, Logon } from '../../shared/identity/observation.ts';
import { aLogoff, aLogon, aMark, deleted, instant, itemAfter, minutes, noon, told } from '../support/observations.ts';

const byDirectory = (more: Partial<Logon> = {}) =>
  told(aLogon({ origin: 'active-directory', user: 'adam', source: 'dc-1', ...more }));
const byJims = (more: Partial<Logon> = {}) =>
  told(aLogon({ origin: 'identity-management', user: 'jim', source: 'JIMS', ...more }), 60);
const byClearPass = (more: Partial<Logon> = {}) => told(aLogon({ user: 'carol', ...more }));
const logoffBy = (origin: Logoff['origin'], more: Partial<Logoff> = {}) => told(aLogoff({ origin, ...more }));

/** What becomes of an address, event by event, all at noon unless a time is told. */
function played(...events: readonly (Event | number)[]) {
  let now = noon;
  let item: Item | undefined;
  const outcomes: Outcome[] = [];
  for (const event of events) {
    if (typeof event === 'number') now += event;
    else {
      const advanced = advance(item, event, now);
      item = advanced.item;
      outcomes.push(advanced.outcome);
    }
  }
  const entry = item && isLive(item, now) && item.state === 'valid' ? item.entry : undefined;
  return { item, outcomes, last: outcomes.at(-1), user: entry?.user, entry };
}

describe('of ClearPass and JIMS the newest stands', () => {
  test.each([
    ['ClearPass after JIMS', byJims({ instant: instant(1) }), byClearPass({ instant: instant(2) }), 'carol'],
    ['JIMS after ClearPass', byClearPass({ instant: instant(1) }), byJims({ instant: instant(2) }), 'jim'],
  ])('%s, in whichever order they arrive', (_, older, newer, user) => {
    expect(played(older, newer).user).toBe(user);
    expect(played(newer, older)).toMatchObject({ user, last: 'stale' });
  });

  test('at one instant with one content, the same of the two whichever came first', () => {
    const [one, other] = [byClearPass({ source: 'x' }), byJims({ user: 'carol', source: 'x' })];

    expect(played(one, other).entry?.origin).toBe(played(other, one).entry?.origin);
  });

  test('a logoff of either ends the entry of either', () => {
    const later = { instant: instant(1) };

    expect(played(byClearPass(), logoffBy('identity-management', later)).last).toBe('ended');
    expect(played(byJims(), logoffBy('aruba-clearpass', later)).last).toBe('ended');
  });

  test('another source’s word begins a new hold, a refresh does not', () => {
    const refreshed = played(byClearPass(), 1_000, byClearPass({ instant: instant(1), groups: ['it'] }));
    const replaced = played(byClearPass(), 1_000, byJims({ user: 'carol', instant: instant(1) }));

    expect(refreshed.entry).toMatchObject({ heldSince: noon, origin: 'aruba-clearpass' });
    expect(replaced.entry).toMatchObject({
      heldSince: noon + 1_000,
      origin: 'identity-management',
      firstSeen: noon + 1_000,
    });
  });
});

describe('ClearPass over Active Directory', () => {
  test.each([-9, 0, 9])('replaces what it told, be ClearPass’s instant %i microseconds from its own', (micros) => {
    const { entry, last } = played(byDirectory(), 5_000, byClearPass({ user: 'adam', instant: instant(micros) }));

    expect(last).toBe('stored');
    expect(entry).toMatchObject({ user: 'adam', origin: 'aruba-clearpass', heldSince: noon + 5_000 });
    expect(played(byDirectory(), byJims({ instant: instant(micros) })).user).toBe('jim');
  });

  test('whose logon is covered by a newer logoff of ClearPass’s leaves what Active Directory told', () => {
    const goodbye = logoffBy('aruba-clearpass', { instant: instant(5) });

    expect(played(goodbye, byDirectory(), byClearPass({ instant: instant(4) }))).toMatchObject({
      last: 'barred',
      user: 'adam',
    });
  });

  test('that is older than what ClearPass told before is stale, and Active Directory’s entry stays', () => {
    const events = [
      byClearPass({ instant: instant(5) }),
      minutes(30),
      byDirectory(),
      byClearPass({ instant: instant(4) }),
    ];

    expect(played(...events)).toMatchObject({ last: 'stale', user: 'adam' });
  });
});

describe('Active Directory beside a live entry of ClearPass or JIMS', () => {
  test.each([
    ['ClearPass', byClearPass(), 'carol'],
    ['JIMS', byJims(), 'jim'],
  ])('does not replace one of %s, however new it is', (_, theirs, user) => {
    expect(played(theirs, byDirectory({ instant: instant(999) }))).toMatchObject({ last: 'outranked', user });
  });

  test('stands when that has expired, has logged off, or was deleted', () => {
    const goodbye = logoffBy('aruba-clearpass', { instant: instant(1) });

    expect(played(byClearPass(), minutes(30), byDirectory())).toMatchObject({ last: 'stored', user: 'adam' });
    expect(played(byClearPass(), goodbye, byDirectory())).toMatchObject({ last: 'stored', user: 'adam' });
    expect(played(byClearPass(), deleted, byDirectory())).toMatchObject({ last: 'stored', user: 'adam' });
  });

  test('once outranked, the same logon stands when it is told again and nobody is in its way, an older one never', () => {
    const newest = byDirectory({ instant: instant(9) });
    const events = [byClearPass(), newest, newest, minutes(30)];

    expect(played(...events, newest)).toMatchObject({
      outcomes: ['stored', 'outranked', 'outranked', 'stored'],
      user: 'adam',
    });
    expect(played(...events, byDirectory({ instant: instant(8) }))).toMatchObject({ last: 'stale', user: undefined });
    expect(played(...events, newest, minutes(30), newest)).toMatchObject({ last: 'replayed', user: undefined });
  });

  test('an outranked logon that is told again writes nothing', () => {
    const { item } = played(byClearPass(), byDirectory());

    expect(advance(item, byDirectory(), noon).item).toBe(item);
  });

  test.each(['init', 'pending', 'invalid'] as const)('stands over a question’s %s', (state) => {
    const { item, outcome } = advance(aMark(state), byDirectory(), noon);

    expect([outcome, item?.state, item?.entry?.user, item?.query]).toEqual([
      'stored',
      'valid',
      'adam',
      aMark(state).query,
    ]);
  });
});

describe('logoffs end the word of their own order only', () => {
  const later = { instant: instant(9) };

  test.each<[string, Partial<Logoff>]>([
    ['nobody', {}],
    ['the user who is there', { user: 'carol' }],
  ])('one of Active Directory that names %s does not end ClearPass’s entry', (_, who) => {
    expect(played(byClearPass(), logoffBy('active-directory', { ...later, ...who }))).toMatchObject({
      last: 'other-source',
      user: 'carol',
    });
  });

  test.each<[string, Partial<Logoff>]>([
    ['nobody', {}],
    ['the user who is there', { user: 'adam' }],
  ])('one of ClearPass that names %s does not end Active Directory’s entry', (_, who) => {
    expect(played(byDirectory(), logoffBy('aruba-clearpass', { ...later, ...who }))).toMatchObject({
      last: 'other-source',
      user: 'adam',
    });
  });

  test('one of Active Directory ends its entry, and bars its older logons', () => {
    const goodbye = logoffBy('active-directory', later);

    expect(played(byDirectory(), goodbye)).toMatchObject({ last: 'ended', user: undefined });
    expect(played(goodbye, byDirectory())).toMatchObject({ last: 'barred', user: undefined });
    expect(played(byDirectory(), logoffBy('active-directory', { ...later, user: 'other' })).last).toBe('other-user');
  });

  test('one of Active Directory bars nobody of ClearPass, nor the reverse', () => {
    expect(played(logoffBy('active-directory', later), byClearPass()).user).toBe('carol');
    expect(played(logoffBy('aruba-clearpass', later), byDirectory()).user).toBe('adam');
  });

  test('a repeated one is a replay in its own order', () => {
    const goodbye = logoffBy('active-directory', later);

    expect(played(goodbye, logoffBy('aruba-clearpass', later), goodbye).outcomes).toEqual([
      'remembered',
      'remembered',
      'replayed',
    ]);
  });
});

describe('what is remembered of ClearPass while Active Directory’s entry lies in the place of its own', () => {
  const dated = { timestamp: '2031-01-01T00:00:00Z', sentAs: '2031-01-01T00:00:00Z' };

  test('its newest logon: its repeat is a replay', () => {
    const post = byClearPass({ instant: instant(5) });

    expect(played(post, minutes(30), byDirectory(), post)).toMatchObject({ last: 'replayed', user: 'adam' });
  });

  test('the timestamp that stood in the place of an instant: its repeat is a replay though it arrives later', () => {
    const post = (at: number) => byClearPass({ instant: instant(at), ...dated });

    expect(played(post(1), minutes(30), byDirectory(), post(2_000))).toMatchObject({ last: 'replayed', user: 'adam' });
    expect(played(post(1), post(2)).last).toBe('replayed');
  });

  test('an answer in the place of a post loses neither', () => {
    const post = byClearPass({ instant: instant(5), ...dated });
    const claimed: Event = { kind: 'claimed', id: 'w', untilAt: noon + minutes(31), invalidTimeoutMinutes: 30 };
    const answer = { kind: 'user', logon: aLogon({ user: 'old', instant: instant(-9) }), timeoutMinutes: 30 } as const;
    const settled: Event = { kind: 'settled', id: 'w', answer, invalidTimeoutMinutes: 30 };

    const after = played(post, minutes(30), claimed, settled, byClearPass({ instant: instant(99), ...dated }));

    expect(after).toMatchObject({ last: 'replayed', user: 'old' });
  });
});

describe('questions and Active Directory', () => {
  const claimed: Event = { kind: 'claimed', id: 'w', untilAt: noon + minutes(1), invalidTimeoutMinutes: 30 };
  const settled = (answer: Extract<Event, { kind: 'settled' }>['answer']): Event =>
    ({ kind: 'settled', id: 'w', answer, invalidTimeoutMinutes: 30 }); // prettier-ignore

  test.each(['missed', 'forced'] as const)('its live entry counts as absent for a %s question', (kind) => {
    const { item, outcome } = advance(itemAfter(byDirectory()), { kind, delayMs: 0 }, noon);

    expect([outcome, item?.state]).toEqual(['asked', 'init']);
    expect(advance(itemAfter(byJims()), { kind: 'missed', delayMs: 0 }, noon).outcome).toBe('known');
  });

  test('what it tells while ClearPass is asked gives way to a user, and not to nobody', () => {
    const user = { kind: 'user', logon: aLogon({ user: 'carol', instant: instant(-9) }), timeoutMinutes: 30 } as const;

    expect(played(claimed, byDirectory(), settled(user))).toMatchObject({ last: 'settled', user: 'carol' });
    expect(played(claimed, byDirectory(), settled({ kind: 'nobody', reason: 'no-record' }))).toMatchObject({
      last: 'outrun',
      user: 'adam',
    });
  });
});

test('a delete that means an entry does not mean whoever Active Directory told of since', () => {
  const item = itemAfter(byDirectory());
  const since = advance(item, byDirectory({ user: 'eve', instant: instant(1) }), noon).item;

  expect(advance(since, { kind: 'deleted', newest: newestLogons(item.order) }, noon).outcome).toBe('absent');
  expect(advance(item, { kind: 'deleted', newest: newestLogons(item.order) }, noon).outcome).toBe('deleted');
});
