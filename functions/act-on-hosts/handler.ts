/** What waits in the queue of connectors: hosts to tell them of, and what else is asked of systems that are no ClearPass. */
import { connectorMessage } from '../../shared/connectors/connector-message.ts';
import { doWork } from '../../shared/connectors/connector-work.ts';
import { sqs } from '../../shared/edge/sqs.ts';
import { dependencies } from './dependencies.ts';

export const handler = sqs(dependencies, {
  read: connectorMessage,
  handle: async (work, message, { id, deadlineAt }) => doWork(work, message, { place: 'connectors', id, deadlineAt }),
});
