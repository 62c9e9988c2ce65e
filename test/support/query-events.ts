/** What happens to an entry while somebody asks about its address, as short as a test can say it. */
import { advance, type Event } from '../../shared/identity/advance.ts';
import type { Item } from '../../shared/identity/entry.ts';
import type { Logon } from '../../shared/identity/observation.ts';
import type { QueryAnswer } from '../../shared/identity/queried.ts';
import { itemAfter, noon } from './observations.ts';

/** How long a worker may ask from its claim on. */
export const leaseMs = 35_000;

export const missed: Event = { kind: 'missed', delayMs: 15_000 };
export const forced: Event = { kind: 'forced', delayMs: 15_000 };

export const claimed = (id: string, now = noon): Event => ({
  kind: 'claimed',
  id,
  untilAt: now + leaseMs,
  invalidTimeoutMinutes: 30,
});

export const settled = (id: string, answer: QueryAnswer, invalidTimeoutMinutes = 30): Event => ({
  kind: 'settled',
  id,
  answer,
  invalidTimeoutMinutes,
});

export const released = (id: string): Event => ({ kind: 'released', id });
export const abandoned = (invalidTimeoutMinutes = 30): Event => ({ kind: 'abandoned', invalidTimeoutMinutes });

export const user = (logon: Logon, timeoutMinutes = 30): QueryAnswer => ({ kind: 'user', logon, timeoutMinutes });
export const nobody: QueryAnswer = { kind: 'nobody', reason: 'no-record' };
export const failure: QueryAnswer = { kind: 'failed', reason: 'answer-timeout' };

/** What a look-up may find at noon of an address that nobody told of. `free`: pending, and no worker asks any more. */
export const init = itemAfter(missed);
export const pending = itemAfter(missed, claimed('one'));
export const free = itemAfter(missed, claimed('one'), released('one'));
export const invalid = itemAfter(missed, claimed('one'), settled('one', nobody));

/** The item that these events leave, each at its time. */
export const played = (before: Item, ...events: readonly (readonly [Event, number])[]): Item =>
  events.reduce((item, [event, now]) => advance(item, event, now).item ?? item, before);

export function withoutLease({ query, ...item }: Item): Item {
  return item;
}
