import { defaults } from '../../shared/configuration/configuration.ts';
import { advance, type Event } from '../../shared/identity/advance.ts';
import type { Listed } from '../../shared/identity/authentication-table.ts';
import type { Item } from '../../shared/identity/entry.ts';
import type { Reading } from '../../shared/identity/reading.ts';
import { plainReading } from '../../shared/identity/silence.ts';
import { whoWasThere } from '../../shared/threat-logs/who-was-there.ts';
import { aLogoff, aLogon, deleted, desk, instant, minutes, noon, told } from '../support/observations.ts';

const [alice, bob, carol] = ['alice', 'bob', 'carol'];
const at = (minute: number) => noon + minutes(minute);
const logon = (user: string | undefined, minute: number, timeoutMinutes = 30): readonly [number, Event] => [
  minute,
  told(aLogon({ user: user ?? '', instant: instant(minute * 60_000_000) }), timeoutMinutes),
];
const logoff = (minute: number): readonly [number, Event] => [minute, told(aLogoff({ instant: instant(minute * 60_000_000) }))]; // prettier-ignore

/** The slot of ClearPass after these events, each at its minute. */
function slotAfter(...events: readonly (readonly [number, Event])[]): readonly Listed[] {
  const item = events.reduce<Item | undefined>((before, [minute, event]) => advance(before, event, at(minute)).item, undefined); // prettier-ignore
  return item === undefined ? [] : [{ ip: desk, slot: 'userid', item }];
}

const readAt = (minute: number): Reading => plainReading(defaults)(at(minute));
const seenBy = (slots: readonly Listed[], now: number, seen: number | null) => {
  const who = whoWasThere(slots, readAt(now), seen === null ? null : at(seen));
  const user = who.was === 'there' ? who.entry.user : who.was === 'gone' ? who.former.user : undefined;
  return user === undefined ? who.was : `${who.was}: ${user}`;
};

test.each([
  ['is there still', [logon(alice, 0)], 10, 5, 'there: alice'],
  ['came a moment after it, by clocks that differ', [logon(alice, 1)], 10, 0, 'there: alice'],
  ['came later', [logon(alice, 2)], 10, 0, 'later'],
  ['was replaced since', [logon(alice, 0), logon(bob, 5)], 10, 3, 'gone: alice'],
  ['was replaced within the minute', [logon(alice, 0), logon(bob, 5)], 10, 4.5, 'gone: alice'],
  ['replaced another before it', [logon(alice, 0), logon(bob, 5)], 10, 6, 'there: bob'],
  ['logged off since', [logon(alice, 0), logoff(5)], 10, 3, 'gone: alice'],
  ['had logged off by then', [logon(alice, 0), logoff(5)], 10, 7, 'nobody'],
  ['was deleted since', [logon(alice, 0), [5, deleted]], 10, 3, 'gone: alice'],
  ['expired since', [logon(alice, 0, 5)], 10, 3, 'gone: alice'],
  ['had expired by then', [logon(alice, 0, 5)], 10, 7, 'nobody'],
  ['was the last but one, of whom nothing is remembered', [logon(alice, 0), logon(bob, 5), logon(carol, 8)], 10, 3, 'later'],
  ['was replaced by one who is gone too', [logon(alice, 0), logon(bob, 5), logoff(8)], 10, 3, 'gone: alice'],
  ['is there, and the log does not say when', [logon(alice, 8)], 10, null, 'there: alice'],
  ['is gone, and the log does not say when', [logon(alice, 0), logoff(5)], 10, null, 'nobody'],
  ['was never told of', [], 10, 5, 'nobody'],
] as const)('who %s', (_, events, now, seen, who) => {
  expect(seenBy(slotAfter(...(events as readonly (readonly [number, Event])[])), now, seen)).toBe(who);
}); // prettier-ignore

test('of who logged off since groups and device are remembered, of who was replaced they are not', () => {
  const entryOf = (slots: readonly Listed[]) => {
    const who = whoWasThere(slots, readAt(10), at(3));
    return who.was === 'gone' ? who.entry?.groups : who.was;
  };

  expect(entryOf(slotAfter(logon(alice, 0), logoff(5)))).toEqual(['posture-healthy', 'staff']);
  expect(entryOf(slotAfter(logon(alice, 0), logon(bob, 5)))).toBeUndefined();
});

test('a source that look-ups leave out is not asked', () => {
  const slots = slotAfter(logon(alice, 0), logoff(5));
  const reading = { ...readAt(10), order: new Map() };

  expect(whoWasThere(slots, reading, at(3)).was).toBe('nobody');
});
