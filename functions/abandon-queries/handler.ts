/** The dead letters of the query cells: whoever could not be asked about is unknown, and that is said. */
import { abandonMessage, cellMessage } from '../../shared/batch-query/cell-message.ts';
import { sqs } from '../../shared/edge/sqs.ts';
import { dependencies } from './dependencies.ts';

export const handler = sqs(dependencies, { read: cellMessage, handle: abandonMessage });
