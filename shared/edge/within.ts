/** Work that is not waited for beyond a moment. */
import { setTimeout as wait } from 'node:timers/promises';

/** Rejects where it is not done by then; what it still does nobody hears of. */
export async function within(untilAt: number, work: Promise<void>): Promise<void> {
  const done = new AbortController();
  const late = wait(Math.max(0, untilAt - Date.now()), undefined, { signal: done.signal }).then(() => {
    throw new Error('There was no time left.');
  });
  await Promise.race([work, late]).finally(() => done.abort());
}
