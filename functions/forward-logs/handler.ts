/** Threat logs go out to the ClearPass of their tenant. */
import { sqsInOrder } from '../../shared/edge/sqs.ts';
import { forwardLogs } from '../../shared/threat-logs/forward-logs.ts';
import { logBatch } from '../../shared/threat-logs/log-message.ts';
import { type Dependencies, dependencies } from './dependencies.ts';

export const handler = sqsInOrder(dependencies, {
  read: logBatch,
  handle: async (deps: Dependencies, batches, { deadlineAt }) => forwardLogs(deps, batches, { deadlineAt }),
  postpone: async ({ postpone }, message, seconds) => postpone(message, seconds),
});
