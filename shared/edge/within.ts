/** Work that is not waited for beyond a moment. */

/** Rejects where it is not done by then; what it still does nobody hears of. */
export async function within(untilAt: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('There was no time left.')), Math.max(0, untilAt - Date.now()));
  await Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
