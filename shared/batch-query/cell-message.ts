/** What lies in a query cell: questions about addresses, the batches of JIMS, and what a connector that is a ClearPass is for. */
import * as v from 'valibot';
import { type ConnectorMessage, connectorMessage } from '../connectors/connector-message.ts';
import { type ConnectorWork, doWork } from '../connectors/connector-work.ts';
import { tenantId } from '../tenancy/tenant.ts';
import { abandonQuery } from '../user-query/abandon-query.ts';
import type { QueuedQuestion } from '../user-query/ask-about.ts';
import { type Handled, type QueryUser, queryUser, type Worker } from '../user-query/query-user.ts';
import { queuedQuestion } from '../user-query/queued-question.ts';
import type { QueuedBatch } from './batch.ts';
import { type RunBatch, runBatch } from './run-batch.ts';

export type CellMessage = QueuedQuestion | QueuedBatch | ConnectorMessage;

const batch = v.object({
  tenant: v.pipe(v.string(), v.transform(tenantId)),
  batch: v.literal('next'),
  ask: v.picklist(['jims', 'jims-secondary']),
});

/** A message as it was sent. Throws where it is none of ours. */
export function cellMessage(body: string): CellMessage {
  const message: unknown = JSON.parse(body);
  const has = (member: string) => typeof message === 'object' && message !== null && member in message;
  if (has('work')) return connectorMessage(body);
  return has('batch') ? v.parse(batch, message) : queuedQuestion(body);
}

export type AnswerMessage = QueryUser & RunBatch & { readonly work: ConnectorWork };

export async function answerMessage(deps: AnswerMessage, message: CellMessage, worker: Worker): Promise<Handled> {
  if ('work' in message) return doWork(deps.work, message, { ...worker, place: worker.cell });
  return 'batch' in message ? runBatch(deps, message, worker) : queryUser(deps, message, worker);
}

/** Among the dead letters. A batch is woken without it, and so is what a connector is to be told. */
export const abandonMessage = async (
  deps: Parameters<typeof abandonQuery>[0],
  message: CellMessage,
  invocation: Parameters<typeof abandonQuery>[2],
) =>
  'batch' in message || 'work' in message ? Promise.resolve('done' as const) : abandonQuery(deps, message, invocation);
