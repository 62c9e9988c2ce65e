/** Event source mappings: what takes messages out of a queue, hands them to a function, and deletes what it has done. */
import {
  DeleteMessageBatchCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { setTimeout as wait } from 'node:timers/promises';
import * as v from 'valibot';
import { functionArn, type Lambda } from './lambda.ts';
import type { Outcome } from './lambda-worker.ts';
import { queueUrlOf, type Sqs } from './sqs.ts';
import { region, resourceType, type Template } from './template.ts';

const mapping = resourceType(
  'AWS::Lambda::EventSourceMapping',
  v.strictObject({
    BatchSize: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(10)), 10),
    Enabled: v.optional(v.boolean(), true),
    EventSourceArn: v.pipe(v.string(), v.startsWith(`arn:aws:sqs:${region}:`)),
    FunctionName: v.pipe(v.string(), v.transform(functionArn)),
    FunctionResponseTypes: v.optional(v.array(v.literal('ReportBatchItemFailures')), []),
    ScalingConfig: v.optional(
      v.strictObject({ MaximumConcurrency: v.pipe(v.number(), v.minValue(2), v.maxValue(1_000)) }),
      { MaximumConcurrency: 5 }, // AWS begins with five, and goes higher than one machine would
    ),
  }),
);
type Mapping = v.InferOutput<typeof mapping.properties>;

export const eventSourceTypes = [mapping];

export interface EventSourcesOptions {
  readonly sqs: Pick<Sqs, 'client' | 'url'>;
  readonly lambda: Lambda;
  readonly log: (line: string) => void;
}

export interface EventSources {
  /** Takes no more messages. What functions are doing goes on, until they are stopped too. */
  readonly stop: () => Promise<void>;
}

export function startEventSources(template: Template, options: EventSourcesOptions): EventSources {
  const end = new AbortController();
  const polling = template
    .all(mapping)
    .filter(({ properties }) => properties.Enabled)
    .map(({ properties }) => new EventSource(properties, options).poll(end.signal));
  return {
    async stop() {
      end.abort();
      await Promise.all(polling);
    },
  };
}

/**
 * What came back to a queue in order comes in its order again, which this engine turns round where several come back at once;
 * those of other queues have no number, and stay as they are.
 */
const bySequence = (one: Message, other: Message) =>
  (one.Attributes?.SequenceNumber ?? '').localeCompare(other.Attributes?.SequenceNumber ?? '');

/** As long as a poll may be: it is answered as soon as there is a message. */
const longestPollSeconds = 20;
const mostMessages = 10;

class EventSource {
  readonly #mapping: Mapping;
  readonly #queueUrl: string;
  readonly #client: SQSClient;
  readonly #lambda: Lambda;
  readonly #log: (line: string) => void;
  #running = 0;
  #ended = Promise.withResolvers<unknown>();

  constructor(properties: Mapping, { sqs, lambda, log }: EventSourcesOptions) {
    this.#mapping = properties;
    this.#queueUrl = queueUrlOf(sqs.url, properties.EventSourceArn);
    this.#client = sqs.client;
    this.#lambda = lambda;
    this.#log = log;
    lambda.makeRoom(properties.FunctionName, properties.ScalingConfig.MaximumConcurrency);
  }

  /** Receives what can be invoked at once and no more, so that no message's time runs out while it waits for a turn. */
  async poll(signal: AbortSignal): Promise<void> {
    const { BatchSize, ScalingConfig } = this.#mapping;
    signal.addEventListener('abort', () => this.#ended.resolve(undefined));
    while (!signal.aborted) {
      const free = ScalingConfig.MaximumConcurrency - this.#running;
      if (free === 0) {
        await this.#ended.promise;
        continue;
      }
      const messages = await this.#receive(Math.min(mostMessages, free * BatchSize), signal);
      for (let from = 0; from < messages.length; from += BatchSize) {
        void this.#handle(messages.slice(from, from + BatchSize));
      }
    }
  }

  async #receive(MaxNumberOfMessages: number, abortSignal: AbortSignal): Promise<Message[]> {
    const everything = { MessageSystemAttributeNames: ['All' as const], MessageAttributeNames: ['All'] };
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#queueUrl,
      WaitTimeSeconds: longestPollSeconds,
      MaxNumberOfMessages,
      ...everything,
    });
    try {
      const { Messages = [] } = await this.#client.send(command, { abortSignal });
      return Messages.toSorted(bySequence);
    } catch (error) {
      if (abortSignal.aborted) return [];
      this.#log(`The queue ${this.#queueUrl} cannot be read: ${String(error)}`);
      await wait(1_000, undefined, { signal: abortSignal }).catch(() => undefined);
      return [];
    }
  }

  async #handle(messages: readonly Message[]): Promise<void> {
    try {
      const outcome = await this.#invoke(messages);
      await this.#delete(doneOf(outcome, messages, this.#mapping.FunctionResponseTypes));
    } catch (error) {
      this.#log(`Messages of ${this.#queueUrl} come again: ${String(error)}`);
    }
  }

  /** What counts as running is the function: the next may begin before the messages of this one are deleted. */
  async #invoke(messages: readonly Message[]): Promise<Outcome> {
    this.#running += 1;
    try {
      const event = { Records: messages.map((message) => this.#record(message)) };
      return await this.#lambda.invoke(this.#mapping.FunctionName, event);
    } finally {
      this.#running -= 1;
      this.#ended.resolve(undefined);
      this.#ended = Promise.withResolvers();
    }
  }

  #record(message: Message) {
    const attributes = Object.entries(message.MessageAttributes ?? {});
    return {
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes,
      messageAttributes: Object.fromEntries(attributes.map(([name, value]) => [name, attributeOf(value)])),
      ...(attributes.length > 0 && { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
      md5OfBody: message.MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: this.#mapping.EventSourceArn,
      awsRegion: region,
    };
  }

  async #delete(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await this.#client.send(new DeleteMessageBatchCommand({ QueueUrl: this.#queueUrl, Entries }));
  }
}

const attributeOf = ({ StringValue, BinaryValue, DataType }: MessageAttributeValue) => ({
  ...(StringValue !== undefined && { stringValue: StringValue }),
  ...(BinaryValue && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
  stringListValues: [],
  binaryListValues: [],
  dataType: DataType,
});

/** Answers that name nothing mean that all is done; AWS takes each of these so. */
const answerSchema = v.nullable(
  v.object({ batchItemFailures: v.nullish(v.array(v.object({ itemIdentifier: v.pipe(v.string(), v.nonEmpty()) }))) }),
);

/** The messages that may be deleted. What stays comes again when its visibility times out, and not before. */
function doneOf(
  outcome: Outcome,
  messages: readonly Message[],
  responseTypes: Mapping['FunctionResponseTypes'],
): readonly Message[] {
  if (outcome.outcome === 'failed') return [];
  if (responseTypes.length === 0) return messages;
  const answer = v.safeParse(answerSchema, JSON.parse(outcome.payload));
  if (!answer.success) return [];
  const failed = answer.output?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier) ?? [];
  // A name that no message has is a mistake in the function: whatever it meant, nothing is lost.
  if (failed.some((id) => messages.every(({ MessageId }) => MessageId !== id))) return [];
  return messages.filter(({ MessageId = '' }) => !failed.includes(MessageId));
}
