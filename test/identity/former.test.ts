/** Who was at an address before: nothing decides by it, but whoever asks why somebody is gone wants to know. */
import { advance, type Event } from '../../shared/identity/advance.ts';
import type { Former, Item } from '../../shared/identity/entry.ts';
import { aLogoff, aLogon, deleted, instant, minutes, noon, told } from '../support/observations.ts';

const microsPerMinute = 60_000_000;

/** The item after these events, each so many minutes after noon. */
const played = (...steps: readonly (readonly [minute: number, event: Event])[]) =>
  steps.reduce<Item | undefined>(
    (item, [minute, event]) => advance(item, event, noon + minutes(minute)).item,
    undefined,
  );

const logon = (user: string, minute: number, origin: 'aruba-clearpass' | 'identity-management' = 'aruba-clearpass') =>
  [minute, told(aLogon({ user, origin, instant: instant(minute * microsPerMinute) }))] as const;
const logoff = (minute: number) => [minute, told(aLogoff({ instant: instant(minute * microsPerMinute) }))] as const;
const former = (part: Partial<Former>): Former => ({
  user: 'alice',
  domain: 'acme',
  origin: 'aruba-clearpass',
  since: noon,
  until: noon + minutes(5),
  end: 'replaced',
  ...part,
});

const asked: Event = { kind: 'missed', delayMs: 0 };

test.each<[string, Item | undefined, Former | undefined]>([
  ['nobody was there before the first', played(logon('alice', 0)), undefined],
  ['another user took the place', played(logon('alice', 0), logon('bob', 5)), former({})],
  [
    'another source told of the same user',
    played(logon('alice', 0), logon('alice', 5, 'identity-management')),
    former({}),
  ],
  [
    'who logged off is told with the end',
    played(logon('alice', 0), logoff(5), logon('bob', 9)),
    former({ end: 'logoff' }),
  ],
  [
    'who came back was there before',
    played(logon('alice', 0), logoff(5), logon('alice', 9)),
    former({ end: 'logoff' }),
  ],
  ['who was deleted', played(logon('alice', 0), [5, deleted], logon('bob', 9)), former({ end: 'delete' })],
  ['who expired', played(logon('alice', 0), logon('bob', 40)), former({ until: noon + minutes(30), end: 'expiry' })],
  ['a refresh of the new user forgets nobody', played(logon('alice', 0), logon('bob', 5), logon('bob', 6)), former({})],
  [
    'of three the last but one',
    played(logon('carol', 0), logon('alice', 2), logon('bob', 5)),
    former({ since: noon + minutes(2) }),
  ],
  ['who was outdone in the same moment was never there', played(logon('alice', 0), logon('bob', 0)), undefined],
  ['who was barred was never there', played(logoff(5), [6, logon('alice', 4)[1]], logon('bob', 9)), undefined],
  [
    'under the mark of a query: at the latest at the end of the timeout',
    played(logon('alice', 0), [40, asked], logon('bob', 41)),
    former({ until: noon + minutes(30), end: 'expiry' }),
  ],
])('%s', (_, item, before) => {
  expect(item?.entry?.before).toEqual(before);
});
