/** What feeds functions from queues: what is delivered, how much at once, and what comes again. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { startRuntime } from '../../../infra/local/runtime.ts';
import { anApi, assemblyOf, cleanUp, echo } from './example-app.ts';
import { aQueueWithAWorker, type Json, until, visibleAgainSeconds, working } from './example-queue.ts';
import { send } from './http-client.ts';

afterAll(cleanUp);

/** Invocations that `pass` wait before it until it is opened; counts them. */
async function aGate() {
  const waiting = new Set<Socket>();
  let most = 0;
  let isOpen = false;
  const server = createServer((socket) => {
    waiting.add(socket);
    most = Math.max(most, waiting.size);
    socket.on('error', () => undefined).on('close', () => waiting.delete(socket));
    socket.resume();
    if (isOpen) socket.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const pass = `
    const { connect } = await import('node:net');
    const socket = connect(${port}, '127.0.0.1').resume();
    await new Promise((resolve) => socket.once('close', resolve));`;
  const open = () => {
    isOpen = true;
    for (const socket of waiting) socket.end();
  };
  const stop = async () => new Promise((resolve) => server.close(resolve));
  return { pass, open, before: () => waiting.size, most: () => most, stop };
}

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
});

test.each([
  4,
  30, // more workers than the API may have of one function, on a machine that starts four at a time
])('a mapping runs as many invocations at once as it may, %d, and never more', async (MaximumConcurrency) => {
  const gate = await aGate();
  const { post, left } = await aQueueWithAWorker({
    worker: working(gate.pass),
    mapping: { ScalingConfig: { MaximumConcurrency } },
    settings: { Timeout: 600 },
    queue: { VisibilityTimeout: 3_600 },
  });

  await Promise.all(Array.from({ length: MaximumConcurrency * 2 + 1 }, (_, index) => post(String(index))));
  await until(() => gate.before() === MaximumConcurrency);
  await wait(300); // long enough for one more to come, were it let
  gate.open();
  await until(async () => (await left()) === 0);

  expect(gate.most()).toBe(MaximumConcurrency);
  await gate.stop();
});

test('of a queue in order what comes back together comes in its order again', async () => {
  const { told, post } = await aQueueWithAWorker({
    worker: working(`
      const isNew = ({ attributes }) => attributes.ApproximateReceiveCount === '1';
      if (event.Records.some(isNew)) return { batchItemFailures: event.Records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      for (const { body } of event.Records) tell({ body });`),
    mapping: { BatchSize: 10 },
    queue: { FifoQueue: true },
  });

  const bodies = ['1', '2', '3', '4', '5'];
  for (const body of bodies) await post(body, { MessageGroupId: 'acme', MessageDeduplicationId: body });
  await until(() => told.length === bodies.length);

  expect(told.map(({ body }) => body)).toEqual(bodies);
});

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
  expect(again?.waited).toBeGreaterThanOrEqual(visibleAgainSeconds * 1_000);
});

test.each([
  ['throws', `throw new Error('oh');`],
  ['names no message of the batch', `return { batchItemFailures: [{ itemIdentifier: 'other' }] };`],
  ['answers in a form of its own', `return { batchItemFailures: [{ id: event.Records[0].messageId }] };`],
])('where a function %s, its whole batch comes again', async (_, failing) => {
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
});

test('a mapping that asks for no report takes any answer for done', async () => {
  const { told, post, left } = await aQueueWithAWorker({
    worker: working(`tell({}); return { batchItemFailures: [{ itemIdentifier: event.Records[0].messageId }] };`),
    mapping: { FunctionResponseTypes: undefined },
  });

  await post('hello');
  await until(async () => told.length === 1 && (await left()) === 0);
  await wait(visibleAgainSeconds * 1_000 + 500);

  expect(told).toHaveLength(1);
});

test('one worker that is killed fails its own message only', async () => {
  const gate = await aGate();
  const { told, post, left, killOneWorker } = await aQueueWithAWorker({
    worker: working(`
      const { body, attributes } = event.Records[0];
      tell({ body, count: attributes.ApproximateReceiveCount });
      ${gate.pass}`),
    settings: { Timeout: 600 },
    queue: { VisibilityTimeout: 10 },
  });
  expect(await killOneWorker('worker')).toBe('none-busy');

  await Promise.all([post('one'), post('other')]);
  await until(() => gate.before() === 2);

  expect(await killOneWorker('echo')).toBe('none-busy');
  expect(await killOneWorker('worker')).toBe('killed');
  gate.open();
  await until(async () => (await left()) === 0);
  expect(told.map(({ count }) => count)).toEqual(['1', '1', '2']);
  await gate.stop();
});

test('whoever is connected to never sees more than the mapping may run, however workers end', async () => {
  const seen = { open: 0, most: 0, all: 0 };
  const server = createServer((socket) => {
    seen.all += 1;
    seen.open += 1;
    seen.most = Math.max(seen.most, seen.open);
    socket.on('error', () => undefined).on('close', () => (seen.open -= 1));
    socket.resume();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { post, killOneWorker, stop } = await aQueueWithAWorker({
    worker: `import { connect } from 'node:net';
      export const handler = async (event) => {
        const socket = connect(${port}, '127.0.0.1');
        await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 1_000)); // above 1 s: out of time
        if (Math.random() < 0.3) setImmediate(() => { throw new Error('uncaught'); });
        if (Math.random() < 0.3) process.exit(1);
        await new Promise((resolve) => socket.once('close', resolve).destroy());
      };`,
    mapping: { ScalingConfig: { MaximumConcurrency: 6 } },
    settings: { Timeout: 1 },
    queue: { VisibilityTimeout: 2 },
  });

  await Promise.all(Array.from({ length: 100 }, (_, index) => post(String(index))));
  const enough = 20;
  for (const endsAt = Date.now() + 8_000; Date.now() < endsAt || seen.all <= enough; await wait(100)) await killOneWorker('worker'); // prettier-ignore
  await stop();
  server.close();

  expect(seen.all).toBeGreaterThan(enough);
  expect(seen.most).toBeLessThanOrEqual(6);
});

test('a mapping that is off takes nothing', async () => {
  const { told, post, attributes } = await aQueueWithAWorker({
    worker: working('tell({});'),
    mapping: { Enabled: false },
  });

  await post('nobody');
  await wait(300);

  expect(told).toEqual([]);
  expect(await attributes()).toMatchObject({ ApproximateNumberOfMessages: '1' });
});

test('the runtime ends at once, with a poll under way and every worker busy', async () => {
  const { told, post, stop } = await aQueueWithAWorker({
    worker: working('tell({}); await wait(600_000);'),
    mapping: { ScalingConfig: { MaximumConcurrency: 2 } },
    settings: { Timeout: 600 },
    queue: { VisibilityTimeout: 3_600 },
  });
  await Promise.all(['a', 'b', 'c'].map((body) => post(body)));
  await until(() => told.length === 2);

  await expect(stop()).resolves.toBeUndefined(); // were the workers waited for, the test would end first
});

const aQueue = (Properties: Json) => ({ Type: 'AWS::SQS::Queue', Properties });
const aMapping = (properties: Json) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: { EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:q', FunctionName: 'echo', ...properties },
});

test.each([
  [aQueue({ ContentBasedDeduplication: true }), 'ContentBasedDeduplication'],
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
});
