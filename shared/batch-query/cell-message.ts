/** What lies in a query cell: questions about addresses, and the batches of JIMS. */
import * as v from 'valibot';
import { tenantId } from '../tenancy/tenant.ts';
import { abandonQuery } from '../user-query/abandon-query.ts';
import type { QueuedQuestion } from '../user-query/ask-about.ts';
import { type Handled, type QueryUser, queryUser, type Worker } from '../user-query/query-user.ts';
import { queuedQuestion } from '../user-query/queued-question.ts';
import type { QueuedBatch } from './batch.ts';
import { type RunBatch, runBatch } from './run-batch.ts';

export type CellMessage = QueuedQuestion | QueuedBatch;

const batch = v.object({
  tenant: v.pipe(v.string(), v.transform(tenantId)),
  batch: v.literal('next'),
  ask: v.picklist(['jims', 'jims-secondary']),
});

/** A message as it was sent. Throws where it is none of ours. */
export function cellMessage(body: string): CellMessage {
  const message: unknown = JSON.parse(body);
  const isBatch = typeof message === 'object' && message !== null && 'batch' in message;
  return isBatch ? v.parse(batch, message) : queuedQuestion(body);
}

export const answerMessage = async (
  deps: QueryUser & RunBatch,
  message: CellMessage,
  worker: Worker,
): Promise<Handled> => ('batch' in message ? runBatch(deps, message, worker) : queryUser(deps, message, worker));

/** Among the dead letters. A batch is woken without it. */
export const abandonMessage = async (
  deps: Parameters<typeof abandonQuery>[0],
  message: CellMessage,
  invocation: Parameters<typeof abandonQuery>[2],
) => ('batch' in message ? Promise.resolve('done' as const) : abandonQuery(deps, message, invocation));
