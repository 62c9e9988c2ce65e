/** The query cells, each a queue. */
import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { TenantId } from '../tenancy/tenant.ts';
import { cellCalled } from './queued-question.ts';

/**
 * `urls` are the queues of the cells, in their order. A message is sent as it stands, as JSON, in the group of its tenant:
 * where one has many messages waiting, those of the others go before them.
 */
export const sqsQuestionQueue = (client: SQSClient, urls: readonly string[]) => ({
  async send(cell: number, message: { readonly tenant: TenantId }, delaySeconds: number): Promise<void> {
    const QueueUrl = urls[cell];
    if (QueueUrl === undefined) throw new Error(`There is no query cell ${cell}; there are ${urls.length}.`);
    const MessageBody = JSON.stringify(message);
    await client.send(
      new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds: delaySeconds, MessageGroupId: message.tenant }),
    );
  },
});

/** Has a question come back after so many seconds. */
export const sqsPostpone =
  (client: SQSClient, urls: readonly string[]) =>
  async ({ queue, receiptHandle }: { queue: string; receiptHandle: string }, seconds: number): Promise<void> => {
    const QueueUrl = urls[cellCalled(queue, urls)];
    await client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds }),
    );
  };
