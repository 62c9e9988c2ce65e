import { referred, resources, templates } from '../support/stacks.ts';

const { workers } = templates();
const queues = resources(workers, 'AWS::SQS::Queue');
const { RedrivePolicy, ...queue } = queues.get('ChangesQueue')?.Properties ?? {};

test('an endpoint a message, twenty at once, and what fails comes back by itself', () => {
  const mapping = [...resources(workers, 'AWS::Lambda::EventSourceMapping').values()].find(
    ({ Properties }) => referred(Properties.EventSourceArn) === 'ChangesQueue',
  );

  expect(referred(mapping?.Properties.FunctionName)).toBe('SendChanges');
  expect(mapping?.Properties).toMatchObject({
    BatchSize: 1,
    ScalingConfig: { MaximumConcurrency: 20 },
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  });
});

test('a message stays with its worker for six times the time that the worker has, and goes to the dead letters after five', () => {
  const { deadLetterTargetArn, maxReceiveCount } = RedrivePolicy as { deadLetterTargetArn: unknown; maxReceiveCount: number }; // prettier-ignore

  expect(queue).toMatchObject({ VisibilityTimeout: 180, SqsManagedSseEnabled: true });
  expect([referred(deadLetterTargetArn), maxReceiveCount]).toEqual(['ChangesDeadLetters', 5]);
});

test('a dead letter is kept longer than any message waits', () => {
  const kept = queues.get('ChangesDeadLetters')?.Properties.MessageRetentionPeriod;

  expect(Number(kept)).toBeGreaterThan(Number(queue.MessageRetentionPeriod));
});

describe('the queue of threat logs', () => {
  const logs = queues.get('LogsQueue')?.Properties ?? {};
  const deadLetters = queues.get('LogsDeadLetters')?.Properties ?? {};
  const { RedrivePolicy: redrive } = logs;

  test('is first in, first out, by tenant, and so are its dead letters', () => {
    const inOrder = { FifoQueue: true, DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };

    expect(logs).toMatchObject({ ...inOrder, SqsManagedSseEnabled: true });
    expect(deadLetters).toMatchObject({ ...inOrder, SqsManagedSseEnabled: true });
  });

  test('has for its own tries what no worker survives, and keeps it then for longer than it waits', () => {
    const { deadLetterTargetArn, maxReceiveCount } = redrive as {
      deadLetterTargetArn: unknown;
      maxReceiveCount: number;
    };

    // A worker gives a batch up itself, once it is an hour old: no try of that hour, every quarter of a minute, is the last of SQS's.
    expect(referred(deadLetterTargetArn)).toBe('LogsDeadLetters');
    expect(maxReceiveCount * 15).toBeGreaterThan(60 * 60);
    expect(Number(deadLetters.MessageRetentionPeriod)).toBeGreaterThan(Number(logs.MessageRetentionPeriod));
  });

  test('is worked on for many tenants at once', () => {
    const mapping = [...resources(workers, 'AWS::Lambda::EventSourceMapping').values()].find(
      ({ Properties }) => referred(Properties.EventSourceArn) === 'LogsQueue',
    );

    expect(referred(mapping?.Properties.FunctionName)).toBe('ForwardLogs');
    expect(mapping?.Properties).toMatchObject({
      BatchSize: 10,
      ScalingConfig: { MaximumConcurrency: 100 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });
});
