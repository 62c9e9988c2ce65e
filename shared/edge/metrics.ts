/** How use cases measure: see `event-line.ts` for the line that it ends in. */
import type { Measure } from '../journal/measure.ts';
import { eventInHand, lineOf, measureOfEventInHand, toLog } from './event-line.ts';

/** What is measured of an event is in its line; of other tenants, or of nothing in hand, it is a line of its own. */
export const embeddedMetrics =
  (write: (line: string) => void = toLog): Measure =>
  (tenant, at, measured, about = {}) => {
    if (Object.values(measured).every((value) => value === undefined)) return;
    if (measureOfEventInHand(tenant, measured, about) === 'told') return;
    write(lineOf('measurement', at, { level: 'INFO', ...eventInHand(), ...about, tenant }, measured));
  };
