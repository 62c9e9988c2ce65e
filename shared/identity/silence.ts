/** What becomes of the entries of a source from which nothing is heard any more. */
import type { Configuration } from '../configuration/configuration.ts';
import type { ReadingAt } from './reading.ts';
import { searchOrder } from './search.ts';

/** Every item is judged by our clock, and expires when its time is over. */
export function plainReading(configuration: Pick<Configuration, 'priorities' | 'clearpass'>): ReadingAt {
  const order = searchOrder(configuration);
  return (now) => ({ now, order, clockOf: () => now });
}
