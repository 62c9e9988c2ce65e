/**
 * The queue of threat logs, on SQS: first in, first out within a tenant, so that one worker at a time sends a tenant's, in
 * their order.
 */
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { messagesOf } from './log-message.ts';
import type { LogQueue } from './log-table.ts';

export const sqsLogQueue = (client: SQSClient, url: string): LogQueue => ({
  async send(batch) {
    for (const { id, body } of messagesOf(batch)) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: url,
          MessageBody: body,
          MessageGroupId: batch.tenant,
          MessageDeduplicationId: id,
        }),
      );
    }
  },
});
