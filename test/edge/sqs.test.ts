import type { SQSEvent } from 'aws-lambda';
import {
  type Handled,
  type HandledInOrder,
  type Invocation,
  type Received,
  sqs,
  sqsInOrder,
} from '../../shared/edge/sqs.ts';
import { acme, noon } from '../support/observations.ts';
import { aContext } from '../support/requests.ts';

const anEvent = (...bodies: string[]): SQSEvent => inGroups(...bodies.map((body) => [body, 'acme'] as const));

const inGroups = (...messages: (readonly [body: string, group: string])[]): SQSEvent => ({
  Records: messages.map(([body, group], index) => ({
    messageId: `message-${index}`,
    receiptHandle: `receipt-${index}`,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'sender',
      ApproximateFirstReceiveTimestamp: '0',
      MessageGroupId: group,
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

describe('in order', () => {
  function aHandlerInOrder(handle: (numbers: readonly number[]) => HandledInOrder) {
    const postponed: (Received & { seconds: number })[] = [];
    const seen: (readonly number[])[] = [];
    const handler = sqsInOrder(() => ({}), {
      read: (body) => ({ tenant: acme, number: JSON.parse(body) as number }),
      handle: async (_, messages) => {
        await Promise.resolve();
        const numbers = messages.map(({ number }) => number);
        seen.push(numbers);
        return handle(numbers);
      },
      postpone: async (_, message, seconds) => Promise.resolve(void postponed.push({ ...message, seconds })),
      now: () => noon,
    });
    return {
      postponed: () => postponed.map(({ receiptHandle, seconds }) => [receiptHandle, seconds]),
      seen,
      failuresOf: async (event: SQSEvent) =>
        (await handler(event, aContext(10_000))).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
    };
  }

  test('those of a tenant are handled together, and those of another by themselves', async () => {
    const { failuresOf, seen } = aHandlerInOrder((numbers) => ({ done: numbers.length, againAfterSeconds: 0 }));

    expect(await failuresOf(inGroups(['1', 'acme'], ['7', 'globex'], ['2', 'acme']))).toEqual([]);
    expect(seen).toEqual([[1, 2], [7]]);
  });

  test('what is behind one that is not done with comes back after as long, the first last', async () => {
    const { failuresOf, postponed } = aHandlerInOrder(() => ({ done: 1, againAfterSeconds: 5 }));

    expect(await failuresOf(anEvent('0', '1', '2'))).toEqual(['message-1', 'message-2']);
    expect(postponed()).toEqual([
      ['receipt-2', 5],
      ['receipt-1', 5],
    ]);
  });

  test('what nobody foresaw leaves the others alone, and comes back soon', async () => {
    const { failuresOf, postponed } = aHandlerInOrder((numbers) => {
      if (numbers.includes(1)) throw new Error('nobody foresaw this');
      return { done: numbers.length, againAfterSeconds: 0 };
    });

    expect(await failuresOf(inGroups(['1', 'acme'], ['7', 'globex']))).toEqual(['message-0']);
    expect(postponed()).toEqual([['receipt-0', 15]]);
  });

  test.each([
    [
      'that several share has twenty seconds',
      [
        ['1', 'acme'],
        ['7', 'globex'],
      ],
      20_000,
    ],
    [
      'of one has all of its time',
      [
        ['1', 'acme'],
        ['2', 'acme'],
      ],
      29_000,
    ],
  ] as const)('an invocation %s', async (_, messages, mostMs) => {
    const times: number[] = [];
    const handler = sqsInOrder(() => ({}), {
      read: () => ({ tenant: acme }),
      handle: async (_dependencies, all, { deadlineAt }) => {
        times.push(deadlineAt - noon);
        return Promise.resolve({ done: all.length, againAfterSeconds: 0 });
      },
      postpone: async () => Promise.resolve(),
      now: () => noon,
    });

    await handler(inGroups(...messages), aContext(29_000));

    expect(new Set(times)).toEqual(new Set([mostMs]));
  });

  test('one that cannot be read is let go, and its neighbours are not', async () => {
    const { failuresOf, seen } = aHandlerInOrder(() => ({ done: 1, againAfterSeconds: 0 }));

    expect(await failuresOf(anEvent('1', '{not json', '2'))).toEqual(['message-2']);
    expect(seen).toEqual([[1, 2]]);
    expect(await failuresOf(anEvent('{not json'))).toEqual([]);
  });
});
