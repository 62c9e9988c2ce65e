/** What waits in the queue of changes: endpoints whose switches we tell ourselves, one a message. */
import { sqs } from '../../shared/edge/sqs.ts';
import { changeMessage } from '../../shared/endpoints/change-message.ts';
import { sendChanges } from '../../shared/endpoints/send-changes.ts';
import { dependencies } from './dependencies.ts';

export const handler = sqs(dependencies, {
  read: changeMessage,
  handle: async (deps, message, { deadlineAt }) => sendChanges(deps, message, deadlineAt),
});
