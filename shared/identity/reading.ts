/** How entries are read at one moment: by which time each is judged, and whose word is looked at first. */
import type { SilenceSource, SilenceAction } from '../configuration/configuration.ts';
import type { Listed } from './authentication-table.ts';
import { isLive, type Item } from './entry.ts';
import type { SearchOrder } from './search.ts';

export interface Reading {
  /** Epoch milliseconds, by our clock. */
  readonly now: number;
  readonly order: SearchOrder;
  /** The time that an item is judged by: ours, unless its source is or was silent and its timers wait meanwhile. */
  readonly clockOf: (item: Item) => number;
  /** When an item will have expired at the latest, as far as is known now. */
  readonly endOf: (item: Item) => number;
  /** The silences that change what is read now. */
  readonly silences: readonly Silence[];
  /** The last one that is over and still moves the ends of entries, as their timers stood still in it. */
  readonly lastFreeze: Silence | undefined;
  /** The silence by which an item is or is not read as it would be without it. */
  readonly silenceOf: (item: Item) => Silence | undefined;
  /** The silence that changed what is found at an address. */
  readonly silenceAt: (slots: readonly Listed[]) => Silence | undefined;
}

/** A time in which nothing was heard of a source, and what that does to its entries. */
export interface Silence {
  readonly source: SilenceSource;
  /** Epoch milliseconds: from when on it counts as silent. */
  readonly since: number;
  /** When it was heard again; absent while it lasts. */
  readonly until?: number;
  readonly action: Exclude<SilenceAction, 'expire'>;
}

/** How a tenant's entries are read, at any moment. */
export type ReadingAt = (now: number) => Reading;

/** Whether somebody who reads at this moment finds the item there. */
export const isThere = (item: Item, { clockOf }: Pick<Reading, 'clockOf'>): boolean => isLive(item, clockOf(item));

/** As answers tell it. */
export const silenceView = (silence: Silence | undefined) =>
  silence === undefined
    ? null
    : {
        source: silence.source,
        since: new Date(silence.since).toISOString(),
        until: silence.until === undefined ? null : new Date(silence.until).toISOString(),
        action: silence.action,
      };
