/** The query cells, each a queue. */
import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { ipAddress } from '../identity/address.ts';
import { tenantId } from '../tenancy/tenant.ts';
import type { QuestionQueue, QueuedQuestion } from './ask-about.ts';

/** `urls` are the queues of the cells, in their order. */
export const sqsQuestionQueue = (client: SQSClient, urls: readonly string[]): QuestionQueue => ({
  async send(cell, { tenant, ip }, delaySeconds) {
    const QueueUrl = urls[cell];
    if (QueueUrl === undefined) throw new Error(`There is no query cell ${cell}; there are ${urls.length}.`);
    const MessageBody = JSON.stringify({ tenant, ip });
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds: delaySeconds }));
  },
});

/** The cell whose queue is called so. Throws where there is none. */
export function cellCalled(queue: string, urls: readonly string[]): number {
  const cell = urls.findIndex((url) => url.endsWith(`/${queue}`));
  if (cell < 0) throw new Error(`${queue} is the queue of no query cell.`);
  return cell;
}

/** Has a question come back after so many seconds. */
export const sqsPostpone =
  (client: SQSClient, urls: readonly string[]) =>
  async ({ queue, receiptHandle }: { queue: string; receiptHandle: string }, seconds: number): Promise<void> => {
    const QueueUrl = urls[cellCalled(queue, urls)];
    await client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds }),
    );
  };

/** From `QUERY_CELLS`. */
export const cellUrls = (text: string): readonly string[] => text.split(' ').filter((url) => url !== '');

const message = v.object({ tenant: v.string(), ip: v.string() });

/** A message as it was sent. Throws where it is none of ours. */
export function queuedQuestion(body: string): QueuedQuestion {
  const { tenant, ip } = v.parse(message, JSON.parse(body));
  return { tenant: tenantId(tenant), ip: ipAddress(ip) };
}
