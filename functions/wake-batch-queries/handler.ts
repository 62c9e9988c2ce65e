/** Once a minute: batch queries that nobody is about to ask are sent on their way. */
import { wakeBatches } from '../../shared/batch-query/wake-batches.ts';
import { scheduled } from '../../shared/edge/schedule.ts';
import { dependencies } from './dependencies.ts';

export const handler = scheduled(dependencies, wakeBatches);
