import type { SQSEvent } from 'aws-lambda';
import { type Handled, type Invocation, type Received, sqs } from '../../shared/edge/sqs.ts';
import { acme, noon } from '../support/observations.ts';
import { aContext } from '../support/requests.ts';

const anEvent = (...bodies: string[]): SQSEvent => ({
  Records: bodies.map((body, index) => ({
    messageId: `message-${index}`,
    receiptHandle: `receipt-${index}`,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'sender',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:Questions',
    awsRegion: 'eu-central-1',
  })),
});

function aHandler(handle: (message: number, invocation: Invocation) => Handled) {
  const postponed: (Received & { seconds: number })[] = [];
  const handler = sqs(() => ({}), {
    read: (body) => ({ tenant: acme, number: JSON.parse(body) as number }),
    handle: async (_, { number }, invocation) => {
      await Promise.resolve();
      return handle(number, invocation);
    },
    postpone: async (_, message, seconds) => Promise.resolve(void postponed.push({ ...message, seconds })),
    now: () => noon,
  });
  return {
    postponed,
    failuresOf: async (event: SQSEvent) => (await handler(event, aContext(10_000))).batchItemFailures,
  };
}

test('a message knows its queue, its invocation and its time', async () => {
  const seen: Invocation[] = [];
  const { failuresOf } = aHandler((_, invocation) => {
    seen.push(invocation);
    return 'done';
  });

  expect(await failuresOf(anEvent('1'))).toEqual([]);
  expect(seen).toEqual([{ id: 'invocation-1/message-0', queue: 'Questions', deadlineAt: noon + 10_000 }]);
});

test('each message that is not done with comes back by itself: after a while, or after its queue’s usual time', async () => {
  const { failuresOf, postponed } = aHandler((message) => {
    if (message === 3) throw new Error('nobody foresaw this');
    return ([{ againAfterSeconds: 5 }, 'later', 'done'] as const)[message] ?? 'done';
  });

  const failures = await failuresOf(anEvent('0', '1', '2', '3'));

  expect(failures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(['message-0', 'message-1', 'message-3']);
  expect(postponed).toEqual([{ queue: 'Questions', receiptHandle: 'receipt-0', seconds: 5 }]);
});

test('a message that cannot be read is let go: it would never succeed', async () => {
  const { failuresOf } = aHandler(() => 'later');

  expect(await failuresOf(anEvent('{not json'))).toEqual([]);
});
