/** Queues and the functions that they feed: what is delivered, how much at once, what comes again and what gives up. */
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { setTimeout as wait } from 'node:timers/promises';
import { anApi, assemblyOf, cleanUp, echo, run } from './example-app.ts';
import { send } from './http-client.ts';
import { startRuntime } from '../../../infra/local/runtime.ts';

afterAll(cleanUp);

type Json = Record<string, unknown>;

interface Example {
  /** The text of the function that the queue feeds. */
  readonly worker: string;
  readonly queue?: Json;
  readonly mapping?: Json;
  readonly settings?: Json;
}

/** A function that tells what `tell` was called with, in a line of its log each. */
const working = (body: string) => `
const tell = (what) => console.log(JSON.stringify(what));
const sinceReceived = (event) => Date.now() - event.Records[0].attributes.ApproximateFirstReceiveTimestamp;
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
export const handler = async (event, context) => { ${body} };`;

async function aQueueWithAWorker({ worker, queue = {}, mapping = {}, settings = {} }: Example) {
  const told: Json[] = [];
  const arn = (name: string) => ({ 'Fn::GetAtt': [name, 'Arn'] });
  const app = anApi({
    routes: { 'ANY /': 'echo' },
    functions: { echo, worker },
    settings: { worker: { ...settings, Environment: { Variables: { QUEUE: { Ref: 'Questions' } } } } },
    resources: {
      DeadLetters: { Type: 'AWS::SQS::Queue', Properties: {} },
      Questions: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          VisibilityTimeout: 1,
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
  const QueueUrl = `${url}/000000000000/Service-Questions`;
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
    const DeadLetters = `${url}/000000000000/Service-DeadLetters`;
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: DeadLetters, WaitTimeSeconds, MaxNumberOfMessages: 10 }),
    );
    return Messages.map(({ Body }) => Body);
  };
  return { ...runtime, told, post, left, attributes, deadLetters, QueueUrl };
}

/** Waits until this is so; a test's own time-out ends it. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await wait(20);
}

const mostAtOnce = (told: readonly Json[]) => {
  const runningAt = (at: unknown) =>
    told.filter(({ from, to }) => Number(from) <= Number(at) && Number(at) < Number(to));
  return Math.max(...told.map(({ from }) => runningAt(from).length));
};

test('a function is given its message as AWS gives it', async () => {
  const { told, post } = await aQueueWithAWorker({ worker: working('tell(event);') });
  const MessageAttributes = {
    tenant: { DataType: 'String', StringValue: 'acme' },
    bytes: { DataType: 'Binary', BinaryValue: Buffer.from('hi') },
  };

  const sent = await post('hello', { MessageAttributes });
  await until(() => told.length === 1);

  expect(told).toEqual([
    {
      Records: [
        {
          messageId: sent.MessageId,
          receiptHandle: expect.any(String) as string,
          body: 'hello',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: expect.stringMatching(/^\d{13}$/) as string,
            SenderId: expect.any(String) as string,
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/) as string,
          },
          messageAttributes: {
            tenant: { stringValue: 'acme', stringListValues: [], binaryListValues: [], dataType: 'String' },
            bytes: { binaryValue: 'aGk=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
          },
          md5OfMessageAttributes: sent.MD5OfMessageAttributes,
          md5OfBody: '5d41402abc4b2a76b9719d911017c592',
          eventSource: 'aws:sqs',
          eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:Service-Questions',
          awsRegion: 'us-east-1',
        },
      ],
    },
  ]);
}, 20_000);

test.each([
  [4, 400],
  [30, 4_000], // more workers than the API may have of one function, on a machine that starts four at a time
])(
  'a mapping runs as many invocations at once as it may, %d, and never more',
  async (MaximumConcurrency, ms) => {
    const { told, post, left } = await aQueueWithAWorker({
      worker: working(`
      const now = () => performance.timeOrigin + performance.now();
      const from = now();
      await wait(${ms});
      tell({ from, to: now() });`),
      mapping: { ScalingConfig: { MaximumConcurrency } },
      settings: { Timeout: 20 },
      queue: { VisibilityTimeout: 60 },
    });
    const messages = MaximumConcurrency * 2 + 1;

    await Promise.all(Array.from({ length: messages }, (_, index) => post(String(index))));
    await until(async () => told.length === messages && (await left()) === 0);

    expect(mostAtOnce(told)).toBe(MaximumConcurrency);
  },
  40_000,
);

test('of a batch, what is reported as failed comes again when its time is over, and nothing else', async () => {
  const { told, post, left } = await aQueueWithAWorker({
    worker: working(`
      const failed = event.Records.filter(({ body, attributes }) => body === 'bad' && attributes.ApproximateReceiveCount === '1');
      tell({ bodies: event.Records.map(({ body }) => body), waited: sinceReceived(event) });
      return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };`),
    mapping: { BatchSize: 10 },
  });

  await Promise.all(['good', 'bad', 'fine'].map((body) => post(body)));
  await until(async () => told.length > 1 && (await left()) === 0);

  const bodies = told.flatMap((each) => each.bodies as string[]);
  const again = told.filter((each) => (each.bodies as string[]).includes('bad'))[1];
  expect(bodies.sort()).toEqual(['bad', 'bad', 'fine', 'good']);
  expect(again?.waited).toBeGreaterThanOrEqual(1_000);
}, 20_000);

test.each([
  ['throws', `throw new Error('oh');`],
  ['names no message of the batch', `return { batchItemFailures: [{ itemIdentifier: 'other' }] };`],
  ['answers in a form of its own', `return { batchItemFailures: [{ id: event.Records[0].messageId }] };`],
])(
  'where a function %s, its whole batch comes again',
  async (_, failing) => {
    const { told, post, left } = await aQueueWithAWorker({
      worker: working(`
      const count = event.Records[0].attributes.ApproximateReceiveCount;
      tell({ count });
      if (count === '1') { ${failing} }`),
    });

    await post('once more');
    await until(() => told.length === 2);
    await until(async () => (await left()) === 0);

    expect(told.map(({ count }) => count)).toEqual(['1', '2']);
  },
  20_000,
);

test('a mapping that asks for no report takes any answer for done', async () => {
  const { told, post, left } = await aQueueWithAWorker({
    worker: working(`tell({}); return { batchItemFailures: [{ itemIdentifier: event.Records[0].messageId }] };`),
    mapping: { FunctionResponseTypes: undefined },
  });

  await post('hello');
  await until(async () => told.length === 1 && (await left()) === 0);
  await wait(1_500);

  expect(told).toHaveLength(1);
}, 20_000);

test('what failed five times is with the dead letters', async () => {
  const { told, post, deadLetters } = await aQueueWithAWorker({
    worker: working(`tell({ count: event.Records[0].attributes.ApproximateReceiveCount }); throw new Error('never');`),
  });

  await post('hopeless');

  expect(await deadLetters(20)).toEqual(['hopeless']);
  expect(told.map(({ count }) => count)).toEqual(['1', '2', '3', '4', '5']);
}, 30_000);

test('a delay holds a message back for as long as it says', async () => {
  const { told, post } = await aQueueWithAWorker({ worker: working('tell({ at: Date.now() });') });

  const sentAt = Date.now();
  await post('later', { DelaySeconds: 2 });
  await until(() => told.length === 1);

  expect(Number(told[0]?.at) - sentAt).toBeGreaterThanOrEqual(1_990);
  expect(Number(told[0]?.at) - sentAt).toBeLessThan(4_000);
}, 20_000);

test('a message whose worker ran out of time comes again when its own time is over', async () => {
  const { told, post, left } = await aQueueWithAWorker({
    worker: working(`
      const count = event.Records[0].attributes.ApproximateReceiveCount;
      tell({ waited: sinceReceived(event) });
      if (count === '1') await wait(60_000);`),
    settings: { Timeout: 1 },
    queue: { VisibilityTimeout: 3 },
  });

  await post('slow');
  await until(async () => told.length === 2 && (await left()) === 0);

  expect(told[1]?.waited).toBeGreaterThanOrEqual(3_000);
}, 20_000);

test('a worker says itself when its message is to come again', async () => {
  const { told, post } = await aQueueWithAWorker({
    worker: working(`
      tell({ waited: sinceReceived(event) });
      const [{ receiptHandle, messageId, attributes }] = event.Records;
      if (attributes.ApproximateReceiveCount !== '1') return;
      await fetch(process.env.AWS_ENDPOINT_URL_SQS, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': 'AmazonSQS.ChangeMessageVisibility' },
        body: JSON.stringify({ QueueUrl: process.env.QUEUE, ReceiptHandle: receiptHandle, VisibilityTimeout: 1 }),
      });
      return { batchItemFailures: [{ itemIdentifier: messageId }] };`),
    queue: { VisibilityTimeout: 60 },
  });

  await post('soon');
  await until(() => told.length === 2);

  expect(told[1]?.waited).toBeGreaterThanOrEqual(1_000);
  expect(told[1]?.waited).toBeLessThan(30_000);
}, 20_000);

test('one worker that is killed fails its own message only', async () => {
  const { told, post, left, killOneWorker } = await aQueueWithAWorker({
    worker: working(`
      const { body, attributes } = event.Records[0];
      tell({ body, count: attributes.ApproximateReceiveCount });
      await wait(1_000);`),
    queue: { VisibilityTimeout: 2 },
  });
  expect(await killOneWorker('worker')).toBe('none-busy');

  await Promise.all([post('one'), post('other')]);
  await until(() => told.length === 2);

  expect(await killOneWorker('echo')).toBe('none-busy');
  expect(await killOneWorker('worker')).toBe('killed');
  await until(async () => (await left()) === 0);
  expect(told.map(({ count }) => count)).toEqual(['1', '1', '2']);
}, 20_000);

test('a mapping that is off takes nothing', async () => {
  const { told, post, attributes } = await aQueueWithAWorker({
    worker: working('tell({});'),
    mapping: { Enabled: false },
  });

  await post('nobody');
  await wait(300);

  expect(told).toEqual([]);
  expect(await attributes()).toMatchObject({ ApproximateNumberOfMessages: '1', VisibilityTimeout: '1' });
}, 20_000);

test('the runtime ends at once, with a poll under way and every worker busy', async () => {
  const { told, post, stop } = await aQueueWithAWorker({
    worker: working('tell({}); await wait(60_000);'),
    mapping: { ScalingConfig: { MaximumConcurrency: 2 } },
    settings: { Timeout: 30 },
    queue: { VisibilityTimeout: 180 },
  });
  await Promise.all(['a', 'b', 'c'].map((body) => post(body)));
  await until(() => told.length === 2);

  const beganAt = performance.now();
  await stop();

  expect(performance.now() - beganAt).toBeLessThan(2_000);
}, 20_000);

const aQueue = (Properties: Json) => ({ Type: 'AWS::SQS::Queue', Properties });
const aMapping = (properties: Json) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: { EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:q', FunctionName: 'echo', ...properties },
});

test.each([
  [aQueue({ FifoQueue: true }), 'FifoQueue'],
  [aMapping({ MaximumBatchingWindowInSeconds: 5 }), 'MaximumBatchingWindowInSeconds'],
  [aMapping({ EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s' }), 'EventSourceArn'],
  [aMapping({ ScalingConfig: { MaximumConcurrency: 1 } }), 'ScalingConfig.MaximumConcurrency 1'],
])('the runtime does not start with a queue or a mapping that it does not honour: %#', async (resource, named) => {
  const app = anApi({ routes: { 'ANY /': 'echo' }, functions: { echo }, resources: { Thing: resource } });

  await expect(startRuntime({ assembly: assemblyOf(app), port: 0 })).rejects.toThrow(named);
});

test('the API answers while queues are busy', async () => {
  const { url, post } = await aQueueWithAWorker({ worker: working('await wait(50);') });

  await Promise.all(Array.from({ length: 50 }, (_, index) => post(String(index))));

  expect((await send(url, '/')).status).toBe(200);
}, 20_000);
