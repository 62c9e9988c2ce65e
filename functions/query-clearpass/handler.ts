/** The questions that wait for ClearPass: one a message, one socket each, at most twenty at once. */
import { sqs } from '../../shared/edge/sqs.ts';
import { queryUser } from '../../shared/user-query/query-user.ts';
import { cellCalled, queuedQuestion } from '../../shared/user-query/queued-question.ts';
import { dependencies } from './dependencies.ts';

export const handler = sqs(dependencies, {
  read: queuedQuestion,
  handle: async (deps, question, { id, queue, deadlineAt }) =>
    queryUser(deps, question, { id, cell: cellCalled(queue, deps.cells), deadlineAt }),
  postpone: async (deps, message, seconds) => deps.postpone(message, seconds),
});
