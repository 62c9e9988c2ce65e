/** The table of allowed changes: what comes of each event in each state, for the sender's own reasons and beside others'. */
import fc from 'fast-check';
import type { Outcome } from '../../shared/endpoints/advance.ts';
import type { Endpoint, Reason, Sender } from '../../shared/endpoints/endpoint.ts';
import type { EndpointEvent } from '../../shared/endpoints/events.ts';
import { accessOf, reasonsAt, senderKey } from '../../shared/endpoints/holds.ts';
import {
  aClear,
  aHold,
  blockedAccess,
  endpointInTime,
  enforcer,
  fullAccess,
  operator,
  quarantinedAs,
} from '../support/endpoints.ts';
import { noon } from '../support/observations.ts';

type State = 'free' | 'quarantined' | 'blocked' | 'both';
type Act = 'block' | 'quarantine' | 'clear-blocked' | 'clear-quarantined';

const table: Readonly<Record<State, Readonly<Record<Act, readonly [State, Outcome]>>>> = {
  free: {
    block: ['blocked', 'applied'],
    quarantine: ['quarantined', 'applied'],
    'clear-blocked': ['free', 'nothing-to-clear'],
    'clear-quarantined': ['free', 'nothing-to-clear'],
  },
  quarantined: {
    block: ['both', 'applied'],
    quarantine: ['quarantined', 'repeated'],
    'clear-blocked': ['quarantined', 'nothing-to-clear'],
    'clear-quarantined': ['free', 'cleared'],
  },
  blocked: {
    block: ['blocked', 'repeated'],
    quarantine: ['both', 'applied'],
    'clear-blocked': ['free', 'cleared'],
    'clear-quarantined': ['blocked', 'nothing-to-clear'],
  },
  both: {
    block: ['both', 'repeated'],
    quarantine: ['both', 'repeated'],
    'clear-blocked': ['quarantined', 'cleared'],
    'clear-quarantined': ['blocked', 'cleared'],
  },
};
const accesses = { free: fullAccess, quarantined: quarantinedAs(), blocked: blockedAccess, both: blockedAccess };
const states = Object.keys(table) as State[];
const acts = Object.keys(table.free) as Act[];

const scanner: Sender = { kind: 'client', name: 'scanner' };
const feed: Sender = { kind: 'feed', name: 'atp-cloud' };

function eventOf(act: Act, sender: Sender): EndpointEvent {
  if (act === 'block') return aHold({ sender });
  if (act === 'quarantine') return aHold({ sender, hold: 'quarantined', role: 'Quarantine' });
  return aClear({ sender, hold: act === 'clear-blocked' ? 'blocked' : 'quarantined' });
}

const stateOf = (reasons: readonly Reason[]): State => {
  const [isBlocked, isQuarantined] = [hasHold(reasons, 'blocked'), hasHold(reasons, 'quarantined')];
  if (isBlocked) return isQuarantined ? 'both' : 'blocked';
  return isQuarantined ? 'quarantined' : 'free';
};
const hasHold = (reasons: readonly Reason[], hold: Reason['hold']) => reasons.some((reason) => reason.hold === hold);
const stateBy = (endpoint: Endpoint, sender?: Sender) =>
  stateOf(reasonsAt(endpoint, noon).filter((each) => !sender || senderKey(each.sender) === senderKey(sender)));

const into = (state: State, sender: Sender): readonly EndpointEvent[] => [
  ...(state === 'blocked' || state === 'both' ? [eventOf('block', sender)] : []),
  ...(state === 'quarantined' || state === 'both' ? [eventOf('quarantine', sender)] : []),
];

const cells = states.flatMap((state) => acts.map((act) => [state, act, ...table[state][act]] as const));

describe.each([enforcer, feed, operator])('of a $kind', (sender) => {
  test.each(cells)('%s, then %s: %s, and the answer is %s', (state, act, next, outcome) => {
    const { follow, is } = endpointInTime();
    for (const event of into(state, sender)) follow(event);
    const before = is();

    expect(follow(eventOf(act, sender)).outcome).toBe(outcome);
    expect(stateBy(is())).toBe(next);
    expect(accessOf(is(), noon)).toEqual(accesses[next]);
    if (next === state) expect(is()).toEqual(before);
  });
});

test.each(cells)(
  'beside another sender: %s, then %s changes the own state alone, whatever the other’s',
  (state, act, next) => {
    for (const others of states) {
      const { follow, is } = endpointInTime();
      for (const event of [...into(others, scanner), ...into(state, enforcer)]) follow(event);
      follow(eventOf(act, enforcer));

      expect(stateBy(is(), enforcer)).toBe(next);
      expect(stateBy(is(), scanner)).toBe(others);
    }
  },
);

test.each(cells)(
  'of an operator beside others: %s, then %s; a clear is for everybody, a hold for itself',
  (state, act) => {
    for (const others of states) {
      const { follow, is } = endpointInTime();
      for (const event of [...into(others, scanner), ...into(state, operator)]) follow(event);
      const whole = stateBy(is());
      follow(eventOf(act, operator));

      expect(stateBy(is())).toBe(table[whole][act][0]);
    }
  },
);

test('an operator’s clear of all holds frees, a client’s lifts nothing of others', () => {
  const { follow, is } = endpointInTime();
  for (const sender of [enforcer, scanner, feed]) for (const event of into('both', sender)) follow(event);

  follow(aClear({ hold: 'all', sender: scanner }));
  expect([enforcer, scanner, feed].map((sender) => stateBy(is(), sender))).toEqual(['both', 'free', 'both']);
  expect(follow(aClear({ hold: 'all', sender: operator })).outcome).toBe('cleared');
  expect(stateBy(is())).toBe('free');
});

test('a client and a feed of one name are two', () => {
  const { follow, is } = endpointInTime();
  follow(aHold({ sender: { kind: 'feed', name: enforcer.name } }));

  expect(follow(aClear()).outcome).toBe('nothing-to-clear');
  expect(stateBy(is())).toBe('blocked');
});

test('each threat is a reason of its own, and a clear of its sender closes them all', () => {
  const { follow, is } = endpointInTime();
  for (const threatName of ['EICAR', 'Mirai', null]) expect(follow(aHold({ threatName })).outcome).toBe('applied');

  expect(is().reasons.map(({ threatName }) => threatName)).toEqual(['EICAR', 'Mirai', null]);
  follow(aClear());
  expect(is().reasons).toEqual([]);
});

/** A wrong rule, as an event that says something else than what came. */
type Wrong = (event: EndpointEvent) => EndpointEvent;
const right: Wrong = (event) => event;

function followsTheTable(rule: Wrong) {
  const senders = [enforcer, scanner, feed];
  const step = fc.record({ sender: fc.constantFrom(...senders), act: fc.constantFrom(...acts) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { follow, is } = endpointInTime();
      const expected = new Map<Sender, State>();
      for (const { sender, act } of steps) {
        const [next, outcome] = table[expected.get(sender) ?? 'free'][act];
        expect(follow(rule(eventOf(act, sender))).outcome).toBe(outcome);
        expected.set(sender, next);
      }
      for (const sender of senders) expect(stateBy(is(), sender)).toBe(expected.get(sender) ?? 'free');
      const whole = [...expected.values()];
      const isBlocked = whole.some((state) => state === 'blocked' || state === 'both');
      const access = isBlocked
        ? blockedAccess
        : whole.every((state) => state === 'free')
          ? fullAccess
          : quarantinedAs();
      expect(accessOf(is(), noon)).toEqual(access);
    }),
  );
}

function newestWins(rule: Wrong) {
  const step = fc.record({ act: fc.constantFrom('block', 'clear-blocked'), at: fc.integer({ min: 0, max: 9 }) });
  const events = fc.uniqueArray(step, { minLength: 1, maxLength: 8, selector: ({ at }) => at });
  const told = events.chain((once) =>
    fc.tuple(fc.constant(once), fc.shuffledSubarray([...once, ...once], { minLength: 2 * once.length })),
  );
  fc.assert(
    fc.property(told, ([once, shuffled]) => {
      const { follow, is } = endpointInTime();
      for (const { act, at } of shuffled) {
        const event = eventOf(act, enforcer);
        if (event.kind === 'held' || event.kind === 'cleared') follow(rule({ ...event, occurredAt: noon + at }));
      }
      const newest = once.toSorted((one, other) => other.at - one.at)[0]?.act;
      expect(stateBy(is())).toBe(newest === 'block' ? 'blocked' : 'free');
    }),
  );
}

test('whatever a few senders do in whatever order, the state is what the table says of each', () => {
  followsTheTable(right);
});

test('the newest event of a sender wins, in whatever order its events come, and however often', () => {
  newestWins(right);
});

const liftsOthers: Wrong = (event) => (event.kind === 'cleared' ? { ...event, sender: operator } : event);
const liftsAllHolds: Wrong = (event) => (event.kind === 'cleared' ? { ...event, hold: 'all' } : event);
const forgetsTimes: Wrong = (event) =>
  event.kind === 'held' || event.kind === 'cleared' ? { ...event, occurredAt: null } : event;
const forgetsClears: Wrong = (event) => (event.kind === 'cleared' ? { ...event, occurredAt: null } : event);

test.each([
  ['a clear that lifts what others have opened', followsTheTable, liftsOthers],
  ['a clear that lifts the other hold too', followsTheTable, liftsAllHolds],
  ['an older event that is applied', newestWins, forgetsTimes],
  ['a clear whose time is not remembered', newestWins, forgetsClears],
])('control: %s is found out', (_, law, wrong) => {
  expect(() => {
    law(wrong);
  }).toThrow('Property failed');
});

test('an older event than the last applied one of the sender is stale, of another it is not, and without a time it never is', () => {
  const { follow, is } = endpointInTime();
  follow(aHold({}, noon));
  const before = is();

  expect(follow(aClear({ occurredAt: noon - 1 })).outcome).toBe('stale');
  expect(follow(aHold({ hold: 'quarantined', role: 'Quarantine' }, noon - 1)).outcome).toBe('stale');
  expect(is()).toEqual(before);
  expect(follow(aHold({ sender: scanner }, noon - 1)).outcome).toBe('applied');
  expect(follow(aClear({ sender: operator, occurredAt: noon - 5 })).outcome).toBe('cleared');
  expect(follow(aHold()).outcome).toBe('applied');
  expect(follow(aClear({ occurredAt: noon })).outcome).toBe('cleared');
});

test('a clear that found nothing is remembered too: an older block that comes after it is stale', () => {
  const { follow, is } = endpointInTime();
  expect(follow(aClear({ occurredAt: noon })).outcome).toBe('nothing-to-clear');

  expect(follow(aHold({}, noon - 1)).outcome).toBe('stale');
  expect(stateBy(is())).toBe('free');
});

describe('a hold again', () => {
  const at = (until: number | null, session: string | null = null): Partial<Reason> => ({
    hold: 'quarantined',
    role: 'Quarantine',
    until: until === null ? null : noon + until,
    session,
  });
  const rows: [string, Partial<Reason>, Partial<Reason>, Outcome, number][] = [
    ['for as long', at(10), at(10), 'repeated', 1],
    ['for less', at(10), at(5), 'repeated', 1],
    ['for longer', at(10), at(20), 'extended', 1],
    ['without end', at(10), at(null), 'extended', 1],
    ['for a time, where it has no end', at(null), at(10), 'repeated', 1],
    ['into another role', at(null), { ...at(null), role: 'Jail' }, 'extended', 2],
    ['of another threat', at(10), { ...at(10), threatName: 'x' }, 'applied', 2],
  ];
  test.each(rows)('%s', (_, first, again, outcome, count) => {
    const { follow, is } = endpointInTime();
    follow(aHold(first), noon - 3);

    expect(follow(aHold(again)).outcome).toBe(outcome);
    expect(is().reasons).toHaveLength(count);
    expect(is().reasons[0]?.since).toBe(noon - 3);
  });

  test('the newest role is the one that counts, and the older one comes back when that ends', () => {
    const { follow, is } = endpointInTime();
    follow(aHold(at(null)));
    follow(aHold({ ...at(10), role: 'Jail', threatName: 'x' }));

    expect(accessOf(is(), noon)).toEqual(quarantinedAs('Jail'));
    expect(accessOf(is(), noon + 10)).toEqual(quarantinedAs());
  });

  test('after it has ended by itself it is a new one, and that the first has ended can be told still', () => {
    const { follow, is } = endpointInTime();
    follow(aHold(at(10)));

    expect(follow(aHold(at(30)), noon + 20).outcome).toBe('applied');
    expect(is().reasons.map(({ until }) => until)).toEqual([noon + 10, noon + 30]);
    follow({ kind: 'ends-told', at: noon + 20 }, noon + 20);
    expect(is().reasons.map(({ until }) => until)).toEqual([noon + 30]);
  });
});

test('one sender’s thousand threats stay few reasons, and the longest of them stays', () => {
  const { follow, is } = endpointInTime();
  follow(aHold({ threatName: 'the first', until: null }));
  for (let index = 0; index < 1_000; index += 1)
    follow(aHold({ threatName: `threat ${index}`, until: noon + 1 + (index % 50) }));
  follow(aHold({ sender: scanner }));

  expect(is().reasons.length).toBeLessThan(20);
  expect(is().reasons).toContainEqual(expect.objectContaining({ threatName: 'the first' }));
  expect(stateBy(is(), scanner)).toBe('blocked');
});

test.each(['resolved-false-positive', 'resolved-fixed', 'resolved-ignored'] as const)(
  'an investigation that is %s frees the endpoint, and the next hold opens it again',
  (investigation) => {
    const { follow, is } = endpointInTime();
    for (const event of [...into('both', enforcer), ...into('blocked', feed)]) follow(event);

    expect(follow({ kind: 'investigated', investigation: 'in-progress', sender: operator }).outcome).toBe('updated');
    expect(stateBy(is())).toBe('both');
    expect(follow({ kind: 'investigated', investigation, sender: operator }).outcome).toBe('cleared');
    expect(is()).toMatchObject({ reasons: [], investigation });
    follow(aHold());
    expect(is().investigation).toBe('open');
  },
);
