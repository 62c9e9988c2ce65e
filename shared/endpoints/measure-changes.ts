/** How changes of authorization fare, as numbers. */
import type { Measured } from '../journal/measure.ts';
import { isUnsettled } from './changes.ts';
import type { Change, Endpoint } from './endpoint.ts';

/** The first time counts: that it is sent again is the switch's doing, and told by its answers. */
export const measuredSending = ({ attempts, requestedAt, sentAt }: Change): Measured => ({
  ChangesSent: 1,
  ...(attempts === 1 && sentAt !== null && { ChangeSentAfter: sentAt - requestedAt }),
});

/** A session that its switch does not know any more needs no change, as if it had let go of it. */
export const measuredAnswer = ({ state }: Pick<Change, 'state'>): Measured =>
  state === 'acknowledged' || state === 'session-over' ? { ChangesAcknowledged: 1 } : { ChangesUnacknowledged: 1 };

/** A switch that is well has answered by then. */
const overdueAfterMs = 60_000;

export const isOverdue = ({ changes }: Endpoint, now: number): boolean =>
  changes.some((change) => isUnsettled(change) && change.requestedAt <= now - overdueAfterMs);
