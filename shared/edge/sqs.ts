/**
 * How messages come in: each by itself, and each that is not done with is reported by itself, so that it alone comes
 * back. A message that cannot be read can never succeed: it is logged and let go.
 */
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import type { TenantId } from '../tenancy/tenant.ts';
import { asOneLine, type EventLine, type Lines } from './event-line.ts';

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
  readonly write?: Lines['write'];
}

export interface Received {
  /** The name of its queue. */
  readonly queue: string;
  readonly receiptHandle: string;
}

/** Ends the handling of one message; it stays in its queue. */
class ComesAgain extends Error {}
export function sqs<Dependencies, Message extends { readonly tenant: TenantId }>(
  wire: () => Dependencies,
  { read, handle, postpone, now = Date.now, write }: Messages<Dependencies, Message>,
) {
  let wired: Dependencies | undefined;

  return async (event: SQSEvent, context: Context) => {
    const dependencies = (wired ??= wire());
    const deadlineAt = now() + context.getRemainingTimeInMillis();

    const one = async (record: SQSRecord) => {
      const queue = record.eventSourceARN.slice(record.eventSourceARN.lastIndexOf(':') + 1);
      const known = { requestId: context.awsRequestId, queue, ...knownOf(record, now()) };
      const handled = await asOneLine('message', known, { now, ...(write && { write }) }, async (line) => {
        const message = readOrDrop(record, line);
        if (message === undefined) return 'done';
        line.know({ tenant: message.tenant, outcome: 'failed' });
        const id = `${context.awsRequestId}/${record.messageId}`;
        const outcome = await handle(dependencies, message, { id, queue, deadlineAt });
        line.know({ outcome: typeof outcome === 'string' ? outcome : 'again' });
        return outcome;
      });
      if (handled === 'done') return;
      if (handled !== 'later') {
        await postpone?.(dependencies, { queue, receiptHandle: record.receiptHandle }, handled.againAfterSeconds);
      }
      throw new ComesAgain();
    };

    const processor = new BatchProcessor(EventType.SQS);
    return processPartialResponse(event, one, processor, { context, throwOnFullBatchFailure: false });
  };

  function readOrDrop({ body }: SQSRecord, line: EventLine): Message | undefined {
    try {
      return read(body);
    } catch (error) {
      line.know({ outcome: 'dropped' });
      line.measure({ MessagesDropped: 1 });
      line.failed(error);
      return undefined;
    }
  }
}

const knownOf = ({ messageId, attributes }: SQSRecord, now: number) => ({
  messageId,
  received: Number(attributes.ApproximateReceiveCount),
  ageMs: Math.max(0, now - Number(attributes.SentTimestamp)),
});
