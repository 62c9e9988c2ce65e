/** How operations of connectors fare, as numbers. */
import type { Operation } from '../infected-hosts/host.ts';
import type { Measured } from '../journal/measure.ts';
import type { Answer } from './enforcer.ts';

/** The first time counts: that it is sent again is the other side's doing, and told by its answers. */
export const measuredSending = ({ attempts, requestedAt, sentAt }: Operation): Measured => ({
  OperationsSent: 1,
  ...(attempts === 1 && sentAt !== null && { OperationSentAfter: sentAt - requestedAt }),
});

export const measuredAnswer = ({ outcome }: Pick<Answer, 'outcome'>): Measured =>
  outcome === 'acknowledged' ? { OperationsAcknowledged: 1 } : { OperationsUnacknowledged: 1 };
