/** Every rule of an entry: an item, what happened to it, and what it is then. Pure, so that each race can be tested. */
import { ended, isLive, type Item, newestLogons } from './entry.ts';
import type { Logoff, Logon } from './observation.ts';
import { advanceQuery, type QueryEvent, type QueryOutcome } from './queried.ts';
import { advanceLogoff, advanceLogon, type ToldOutcome } from './told.ts';

export type Event =
  | { readonly kind: 'logon'; readonly logon: Logon; readonly timeoutMinutes: number }
  | { readonly kind: 'logoff'; readonly logoff: Logoff }
  | Deleted
  | QueryEvent;

/** An operator ends what is there; where `newest` is given, only if no logon was told since: whoever came since stays. */
export interface Deleted {
  readonly kind: 'deleted';
  /** As `newestLogons` writes it. */
  readonly newest?: string;
  /** Whoever reads it is there although its time is over, as its source is silent. */
  readonly expired?: 'too';
}

/** `no-room`: it would put somebody at one address more than the tenant may have. */
export type Outcome = ToldOutcome | QueryOutcome | 'deleted' | 'absent' | 'no-room';

export interface Advanced {
  /** The same object as before where nothing changed: then there is nothing to write. */
  readonly item: Item | undefined;
  readonly outcome: Outcome;
}

export function advance(item: Item | undefined, event: Event, now: number): Advanced {
  switch (event.kind) {
    case 'logon':
      return advanceLogon(item, event.logon, event.timeoutMinutes, now);
    case 'logoff':
      return advanceLogoff(item, event.logoff, now);
    case 'deleted':
      if (!isLive(item, event.expired ? -Infinity : now)) return { item, outcome: 'absent' };
      if (event.newest !== undefined && event.newest !== newestLogons(item.order)) return { item, outcome: 'absent' };
      return { item: ended(item, 'delete', now), outcome: 'deleted' };
    default:
      return advanceQuery(item, event, now);
  }
}
