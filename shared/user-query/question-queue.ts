/** The query cells, each a queue. */
import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { QuestionQueue } from './ask-about.ts';
import { cellCalled } from './queued-question.ts';

/** `urls` are the queues of the cells, in their order. */
export const sqsQuestionQueue = (client: SQSClient, urls: readonly string[]): QuestionQueue => ({
  async send(cell, { tenant, ip, ask, heard }, delaySeconds) {
    const QueueUrl = urls[cell];
    if (QueueUrl === undefined) throw new Error(`There is no query cell ${cell}; there are ${urls.length}.`);
    const MessageBody = JSON.stringify({ tenant, ip, ask, heard });
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds: delaySeconds }));
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
