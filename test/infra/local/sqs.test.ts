/** Queues: how long a message waits, how long it is somebody's, and where it ends. */
import { cleanUp } from './example-app.ts';
import { aQueueWithAWorker, until, working } from './example-queue.ts';

afterAll(cleanUp);

test('what failed five times is with the dead letters', async () => {
  const { told, post, deadLetters } = await aQueueWithAWorker({
    worker: working(`tell({ count: event.Records[0].attributes.ApproximateReceiveCount }); throw new Error('never');`),
  });

  await post('hopeless');

  const found: unknown[] = [];
  await until(async () => found.push(...(await deadLetters(20))) > 0);

  expect(found).toEqual(['hopeless']);
  expect(told.map(({ count }) => count)).toEqual(['1', '2', '3', '4', '5']);
});

test('a delay holds a message back for as long as it says', async () => {
  const { told, post } = await aQueueWithAWorker({ worker: working('tell({ at: Date.now() });') });

  const sentAt = Date.now();
  await post('later', { DelaySeconds: 2 });
  await until(() => told.length === 1);

  expect(Number(told[0]?.at) - sentAt).toBeGreaterThanOrEqual(1_990);
});

test('a message whose worker ran out of time comes again when its own time is over', async () => {
  const { told, post, left } = await aQueueWithAWorker({
    worker: working(`
      const count = event.Records[0].attributes.ApproximateReceiveCount;
      tell({ waited: sinceReceived(event) });
      if (count === '1') await wait(60_000);`),
    settings: { Timeout: 3 },
    queue: { VisibilityTimeout: 8 },
  });

  await post('slow');
  await until(async () => told.length === 2 && (await left()) === 0);

  expect(told[1]?.waited).toBeGreaterThanOrEqual(8_000);
});

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
});
