/** The dead letters of the query cells: whoever could not be asked about is unknown, and that is said. */
import { sqs } from '../../shared/edge/sqs.ts';
import { abandonQuery } from '../../shared/user-query/abandon-query.ts';
import { queuedQuestion } from '../../shared/user-query/queued-question.ts';
import { dependencies } from './dependencies.ts';

export const handler = sqs(dependencies, { read: queuedQuestion, handle: abandonQuery });
