/** How many addresses more may have somebody, for the entries of one post to share. */
import { isLive, type Item } from './entry.ts';

export interface Room {
  /** The limit that it comes from. */
  readonly most: number;
  /** Room for one more entry, where there is any. */
  readonly take: () => 'taken' | 'full';
  /** What was taken was not made. */
  readonly giveBack: () => void;
  readonly taken: () => number;
}

export function roomFor(left: number, most: number): Room {
  let taken = 0;
  return {
    most,
    take() {
      if (taken >= left) return 'full';
      taken += 1;
      return 'taken';
    },
    giveBack() {
      taken -= 1;
    },
    taken: () => taken,
  };
}

/** Whether an address has somebody that had nobody. */
export const isNewcomer = (before: Item | undefined, after: Item | undefined, now: number): boolean =>
  isSomebody(after, now) && !isSomebody(before, now);

const isSomebody = (item: Item | undefined, now: number) => isLive(item, now) && item.state === 'valid';
