import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';

import { QueryCell } from '../../infra/constructs/query-cell.ts';
import { queryConcurrency } from '../../shared/contract.ts';
import { referred, resources } from '../support/stacks.ts';

const template = aStackWithACell();
const queues = resources(template, 'AWS::SQS::Queue');
const mappings = resources(template, 'AWS::Lambda::EventSourceMapping');

function aStackWithACell() {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Stack');
  const aFunction = (id: string, seconds: number) =>
    new LambdaFunction(stack, id, {
      code: Code.fromInline(id),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      timeout: Duration.seconds(seconds),
    });
  new QueryCell(stack, 'Cell', { worker: aFunction('Worker', 30), abandoner: aFunction('Abandoner', 10) });
  return Template.fromStack(stack);
}

test('a server sees at most twenty connections: one message an invocation, twenty invocations, one mapping', () => {
  const ofTheQueue = [...mappings.values()].filter(
    ({ Properties }) => referred(Properties.EventSourceArn) === 'CellQueue',
  );

  expect(queryConcurrency).toBe(20);
  expect(ofTheQueue.map(({ Properties }) => Properties)).toEqual([
    {
      EventSourceArn: expect.anything() as unknown,
      FunctionName: { Ref: expect.stringMatching(/^Worker/) as string },
      BatchSize: 1,
      ScalingConfig: { MaximumConcurrency: 20 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    },
  ]);
});

test('what failed five times goes to the dead letters, and they have a consumer that may fail in part', () => {
  const { deadLetterTargetArn, maxReceiveCount } = queues.get('CellQueue')?.Properties.RedrivePolicy as {
    deadLetterTargetArn: unknown;
    maxReceiveCount: number;
  };
  const abandoned = [...mappings.values()].find(({ Properties }) => referred(Properties.FunctionName) === 'Abandoner');

  expect([referred(deadLetterTargetArn), maxReceiveCount]).toEqual(['CellDeadLetters', 5]);
  expect(referred(abandoned?.Properties.EventSourceArn)).toBe('CellDeadLetters');
  expect(abandoned?.Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
});

test('a message stays with its worker for six times the time that the worker has', () => {
  expect(queues.get('CellQueue')?.Properties.VisibilityTimeout).toBe(180);
  expect(queues.get('CellDeadLetters')?.Properties.VisibilityTimeout).toBe(60);
});

test('a dead letter is kept longer than any message waits', () => {
  const kept = (name: string) => Number(queues.get(name)?.Properties.MessageRetentionPeriod);

  expect(kept('CellDeadLetters')).toBeGreaterThan(kept('CellQueue'));
});

test('both queues are encrypted and refuse what comes without TLS', () => {
  const policies = [...resources(template, 'AWS::SQS::QueuePolicy').values()];
  const refusing = policies.flatMap(({ Properties: { PolicyDocument, Queues } }) => {
    const { Statement } = PolicyDocument as { Statement: object[] };
    const refusal = { Effect: 'Deny', Action: 'sqs:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
    expect(Statement).toEqual([expect.objectContaining(refusal)]);
    return (Queues as unknown[]).map(referred);
  });

  expect(refusing.sort()).toEqual(['CellDeadLetters', 'CellQueue']);
  for (const { Properties } of queues.values()) expect(Properties.SqsManagedSseEnabled).toBe(true);
});
