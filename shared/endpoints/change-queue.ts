/** The queue of changes, on SQS: each message in the group of its tenant, so that one's many hold up no other's few. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { changeNotifier, type ChangeNotifier, type ChangeQueue, type ChangeWay } from './change-notifier.ts';

export const sqsChangeQueue = (client: SQSClient, url: string): ChangeQueue => ({
  async send(message, delaySeconds) {
    const MessageBody = JSON.stringify(message);
    await client.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody,
        DelaySeconds: delaySeconds,
        MessageGroupId: message.tenant,
      }),
    );
  },
});

/** What a function's dependencies need: the queue at this URL, and a log for what it does not take. */
export const sqsChangeNotifier = (
  client: SQSClient,
  url: string,
  settingsOf: ChangeWay['settingsOf'],
  logger: Logger,
): ChangeNotifier =>
  changeNotifier({
    queue: sqsChangeQueue(client, url),
    settingsOf,
    unsent: (message, error) => logger.warn('change-not-announced', { ...message, error: error as Error }),
  });
