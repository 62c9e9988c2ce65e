/** A template with a queue that feeds a function, dead letters behind it, and a log in which the function tells things. */
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { setTimeout as wait } from 'node:timers/promises';
import { anApi, echo, run } from './example-app.ts';

export type Json = Record<string, unknown>;

/** Unless a queue says otherwise: longer than a worker of a busy machine takes to start, short enough to wait for. */
export const visibleAgainSeconds = 4;

interface Example {
  /** The text of the function that the queue feeds. */
  readonly worker: string;
  readonly queue?: Json;
  readonly mapping?: Json;
  readonly settings?: Json;
}

/** A function that tells what `tell` was called with, in a line of its log each. */
export const working = (body: string) => `
const tell = (what) => console.log(JSON.stringify(what));
const sinceReceived = (event) => Date.now() - event.Records[0].attributes.ApproximateFirstReceiveTimestamp;
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
export const handler = async (event, context) => { ${body} };`;

export async function aQueueWithAWorker({ worker, queue = {}, mapping = {}, settings = {} }: Example) {
  const told: Json[] = [];
  const arn = (name: string) => ({ 'Fn::GetAtt': [name, 'Arn'] });
  const app = anApi({
    routes: { 'ANY /': 'echo' },
    functions: { echo, worker },
    settings: { worker: { ...settings, Environment: { Variables: { QUEUE: { Ref: 'Questions' } } } } },
    resources: {
      DeadLetters: { Type: 'AWS::SQS::Queue', Properties: 'FifoQueue' in queue ? { FifoQueue: true } : {} },
      Questions: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          VisibilityTimeout: visibleAgainSeconds,
          RedrivePolicy: { deadLetterTargetArn: arn('DeadLetters'), maxReceiveCount: 5 },
          ...queue,
        },
      },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: arn('Questions'),
          FunctionName: { Ref: 'worker' },
          BatchSize: 1,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ...mapping,
        },
      },
    },
  });
  const log = (line: string) => {
    const [, text] = /^Service-worker (\{.*)/.exec(line) ?? [];
    if (text !== undefined) told.push(JSON.parse(text) as Json);
  };
  const runtime = await run(app, { log });
  const url = runtime.endpoints.sqs;
  const client = new SQSClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  const suffix = 'FifoQueue' in queue ? '.fifo' : '';
  const QueueUrl = `${url}/000000000000/Service-Questions${suffix}`;
  const post = (MessageBody: string, more: Partial<SendMessageCommandInput> = {}) =>
    client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
  const attributes = async () => {
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    return Attributes ?? {};
  };
  /** How many messages there are, whether somebody holds them or not. */
  const left = async () => {
    const { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: held } = await attributes();
    return Number(waiting) + Number(held);
  };
  const deadLetters = async (WaitTimeSeconds: number) => {
    const DeadLetters = `${url}/000000000000/Service-DeadLetters${suffix}`;
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: DeadLetters, WaitTimeSeconds, MaxNumberOfMessages: 10 }),
    );
    return Messages.map(({ Body }) => Body);
  };
  return { ...runtime, told, post, left, attributes, deadLetters, QueueUrl };
}

/** Waits until this is so; a test's own time-out ends it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await wait(20);
}
