/**
 * How messages come in: each by itself (`sqs`), or those of a tenant together, in their order (`sqsInOrder`). Each that is
 * not done with is reported by itself, so that it alone comes back. A message that cannot be read can never succeed: it is
 * logged and let go.
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
      const queue = queueOf(record);
      const known = { requestId: context.awsRequestId, queue, ...knownOf(record, now()) };
      const handled = await asOneLine('message', known, { now, ...(write && { write }) }, async (line) => {
        const message = readOrDrop(read, record, line);
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
}

/** So many of the first are done with; the others come back after a while, in their order. */
export interface HandledInOrder {
  readonly done: number;
  readonly againAfterSeconds: number;
}

export interface MessagesInOrder<Dependencies, Message> {
  /** Throws where a message is none of ours. */
  readonly read: (body: string) => Message;
  /** All are of one tenant, in the order in which they were sent. */
  readonly handle: (
    dependencies: Dependencies,
    messages: readonly [Message, ...Message[]],
    invocation: Pick<Invocation, 'deadlineAt'>,
  ) => Promise<HandledInOrder>;
  readonly postpone: (dependencies: Dependencies, message: Received, seconds: number) => Promise<void>;
  readonly now?: () => number;
  readonly write?: Lines['write'];
}

/** Where nobody foresaw why it failed: those behind it wait as long, so not for the usual minutes. */
const failed: HandledInOrder = { done: 0, againAfterSeconds: 15 };

/** How long an invocation may be that several tenants share: what one is done with waits for the others. */
const sharedMs = 20_000;

/**
 * For a queue that is first in, first out within a tenant: what is behind a message that is not done with comes back with
 * it. Tenants are handled side by side.
 */
export function sqsInOrder<Dependencies, Message extends { readonly tenant: TenantId }>(
  wire: () => Dependencies,
  { read, handle, postpone, now = Date.now, write }: MessagesInOrder<Dependencies, Message>,
) {
  let wired: Dependencies | undefined;
  const lines = { now, ...(write && { write }) };

  return async ({ Records }: SQSEvent, context: Context) => {
    const dependencies = (wired ??= wire());
    const queues = Map.groupBy(Records, ({ attributes }) => attributes.MessageGroupId);
    const remainingMs = context.getRemainingTimeInMillis();
    const deadlineAt = now() + (queues.size > 1 ? Math.min(sharedMs, remainingMs) : remainingMs);
    const left = await Promise.all([...queues.values()].map(async (records) => leftOf(records)));
    return { batchItemFailures: left.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) };

    async function leftOf(records: readonly SQSRecord[]): Promise<readonly SQSRecord[]> {
      const readable = (await Promise.all(records.map(async (record) => readableOf(record)))).flat();
      const [first] = readable;
      if (first === undefined) return [];
      const queue = queueOf(first.record);
      const known = {
        requestId: context.awsRequestId,
        queue,
        messages: readable.length,
        ...knownOf(first.record, now()),
      };
      return asOneLine('message', known, lines, async (line) => {
        const [head, ...rest] = readable.map(({ message }) => message);
        if (head === undefined) return [];
        line.know({ tenant: head.tenant, outcome: 'failed' });
        const handled = await handle(dependencies, [head, ...rest], { deadlineAt }).catch((error: unknown) => {
          line.failed(error);
          return failed;
        });
        const again = readable.slice(handled.done).map(({ record }) => record);
        if (handled !== failed) line.know({ outcome: again.length === 0 ? 'done' : 'again' });
        // The first comes back last, so that none of those behind it is taken before it.
        for (const { receiptHandle } of again.toReversed()) {
          const comesBack = postpone(dependencies, { queue, receiptHandle }, handled.againAfterSeconds);
          await comesBack.catch((error: unknown) => line.failed(error)); // then it does after its queue's usual time
        }
        return again;
      });
    }

    /** One that cannot be read has a line of its own, by which it can be found. */
    async function readableOf(record: SQSRecord) {
      try {
        return [{ record, message: read(record.body) }];
      } catch {
        const known = { requestId: context.awsRequestId, queue: queueOf(record), ...knownOf(record, now()) };
        await asOneLine('message', known, lines, async (line) => Promise.resolve(readOrDrop(read, record, line)));
        return [];
      }
    }
  };
}

const queueOf = ({ eventSourceARN }: SQSRecord) => eventSourceARN.slice(eventSourceARN.lastIndexOf(':') + 1);

function readOrDrop<Message>(
  read: (body: string) => Message,
  { body }: SQSRecord,
  line: EventLine,
): Message | undefined {
  try {
    return read(body);
  } catch (error) {
    line.know({ outcome: 'dropped' });
    line.measure({ MessagesDropped: 1 });
    line.failed(error);
    return undefined;
  }
}

const knownOf = ({ messageId, attributes }: SQSRecord, now: number) => ({
  messageId,
  received: Number(attributes.ApproximateReceiveCount),
  ageMs: Math.max(0, now - Number(attributes.SentTimestamp)),
});
