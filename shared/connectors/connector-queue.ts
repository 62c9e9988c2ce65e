/** The queue of connectors, on SQS: each message in the group of its tenant, so that one's many hold up no other's few. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { ConnectorNotifier } from './connector-notifier.ts';
import type { WorkQueues } from './send-work.ts';

export const sqsConnectorQueue = (client: SQSClient, url: string): WorkQueues['connectors'] => ({
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

/** What could not be sent is told to the log, and found again by the schedule. */
export const queueConnectorNotifier = (
  connectors: WorkQueues['connectors'],
  logger: Pick<Logger, 'warn'>,
): ConnectorNotifier => ({
  async tell(tenant, ip) {
    try {
      await connectors.send({ tenant, work: 'tell', ip }, 0);
    } catch (error) {
      logger.warn('host-not-announced', { tenant, ip, error: error as Error });
    }
  },
});
