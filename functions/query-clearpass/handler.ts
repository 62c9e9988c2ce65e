/** What waits in the query cells for ClearPass and JIMS: one a message, one socket each, at most twenty at once. */
import { answerMessage, cellMessage } from '../../shared/batch-query/cell-message.ts';
import { sqs } from '../../shared/edge/sqs.ts';
import { cellCalled } from '../../shared/user-query/queued-question.ts';
import { dependencies } from './dependencies.ts';

export const handler = sqs(dependencies, {
  read: cellMessage,
  handle: async (deps, message, { id, queue, deadlineAt }) =>
    answerMessage(deps, message, { id, cell: cellCalled(queue, deps.cells), deadlineAt }),
  postpone: async (deps, message, seconds) => deps.postpone(message, seconds),
});
