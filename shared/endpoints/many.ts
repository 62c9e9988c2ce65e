/** Many acts in one call: some at once, none begun too late, and one that fails takes no other's outcome. */
import { ServiceError, statuses } from '../service-error.ts';

/** So many are under way at a time: each is a handful of small requests. */
const atOnce = 16;

export type Each<Result> =
  | { readonly came: 'done'; readonly result: Result }
  /** It cannot be done, however often it is asked for. */
  | { readonly came: 'refused'; readonly error: ServiceError }
  /** By our fault: the same again may go well. */
  | { readonly came: 'failed'; readonly error: unknown }
  /** There was no time left to begin it. */
  | { readonly came: 'left' };

/** What came of each, in their order. */
export async function actOnEach<Item, Result>(
  items: readonly Item[],
  { now, untilAt }: { readonly now: () => number; readonly untilAt: number },
  act: (item: Item) => Promise<Result>,
): Promise<readonly Each<Result>[]> {
  const came: Each<Result>[] = items.map(() => ({ came: 'left' }));
  let next = 0;
  const worker = async () => {
    while (next < items.length && now() < untilAt) {
      const at = next;
      next += 1;
      const item = items[at];
      if (item !== undefined) came[at] = await outcomeOf(async () => act(item));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return came;
}

async function outcomeOf<Result>(act: () => Promise<Result>): Promise<Each<Result>> {
  try {
    return { came: 'done', result: await act() };
  } catch (error) {
    const isRefused = error instanceof ServiceError && statuses[error.code] < 500;
    return isRefused ? { came: 'refused', error } : { came: 'failed', error };
  }
}

/** Whether the same call once more may do what this one has not. */
export const isUnfinished = (came: readonly Each<unknown>[]): boolean =>
  came.some((each) => each.came === 'failed' || each.came === 'left');
