/**
 * How messages come in: each by itself, and each that is not done with is reported by itself, so that it alone comes
 * back. A message that cannot be read can never succeed: it is logged and let go.
 */
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { Logger } from '@aws-lambda-powertools/logger';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';

export interface Invocation {
  /** Of this message in this invocation. */
  readonly id: string;
  /** The name of the queue that it came from. */
  readonly queue: string;
  /** Epoch milliseconds: when the function is ended, finished or not. */
  readonly deadlineAt: number;
}

/** Done with, or to come back: after a while that is said, or after its queue's usual time. */
export type Handled = 'done' | 'later' | { readonly againAfterSeconds: number };

export interface Messages<Dependencies, Message> {
  /** Throws where a message is none of ours. */
  readonly read: (body: string) => Message;
  readonly handle: (dependencies: Dependencies, message: Message, invocation: Invocation) => Promise<Handled>;
  /** Has a message come back after so many seconds instead of its queue's usual time. */
  readonly postpone?: (dependencies: Dependencies, message: Received, seconds: number) => Promise<void>;
  readonly now?: () => number;
}

export interface Received {
  /** The name of its queue. */
  readonly queue: string;
  readonly receiptHandle: string;
}

/** Ends the handling of one message; it stays in its queue. */
class ComesAgain extends Error {}

const logger = new Logger({ serviceName: 'postern' });

export function sqs<Dependencies, Message>(
  wire: () => Dependencies,
  { read, handle, postpone, now = Date.now }: Messages<Dependencies, Message>,
) {
  let wired: Dependencies | undefined;

  return async (event: SQSEvent, context: Context) => {
    const dependencies = (wired ??= wire());
    const deadlineAt = now() + context.getRemainingTimeInMillis();

    const one = async (record: SQSRecord) => {
      const message = readOrDrop(record);
      if (message === undefined) return;
      const queue = record.eventSourceARN.slice(record.eventSourceARN.lastIndexOf(':') + 1);
      const id = `${context.awsRequestId}/${record.messageId}`;
      const handled = await handle(dependencies, message, { id, queue, deadlineAt }).catch(logged(record));
      if (handled === 'done') return;
      if (handled !== 'later') {
        await postpone?.(dependencies, { queue, receiptHandle: record.receiptHandle }, handled.againAfterSeconds);
      }
      throw new ComesAgain();
    };

    const processor = new BatchProcessor(EventType.SQS);
    return processPartialResponse(event, one, processor, { context, throwOnFullBatchFailure: false });
  };

  function readOrDrop({ body, messageId }: SQSRecord): Message | undefined {
    try {
      return read(body);
    } catch (error) {
      logger.error('message-dropped', { messageId, error: error as Error });
      return undefined;
    }
  }

  /** What nobody foresaw leaves the message where it is, for its queue's usual time. */
  function logged({ messageId }: SQSRecord) {
    return (error: unknown): never => {
      logger.error('message-failed', { messageId, error: error as Error });
      throw error;
    };
  }
}
