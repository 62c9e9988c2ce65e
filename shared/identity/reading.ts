/** How entries are read at one moment: by which time each is judged, and whose word is looked at first. */
import { isLive, type Item } from './entry.ts';
import type { SearchOrder } from './search.ts';

export interface Reading {
  /** Epoch milliseconds, by our clock. */
  readonly now: number;
  readonly order: SearchOrder;
  /** The time that an item is judged by. */
  readonly clockOf: (item: Item) => number;
}

/** How a tenant's entries are read, at any moment. */
export type ReadingAt = (now: number) => Reading;

/** Whether somebody who reads at this moment finds the item there. */
export const isThere = (item: Item, { clockOf }: Pick<Reading, 'clockOf'>): boolean => isLive(item, clockOf(item));
