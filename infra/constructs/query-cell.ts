import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { queryConcurrency } from '../../shared/contract.ts';

export interface QueryCellProps {
  /** Asks: one message and one connection an invocation. */
  readonly worker: LambdaFunction;
  /** Closes what the worker could not. */
  readonly abandoner: LambdaFunction;
}

/**
 * A queue of questions and its workers. A server is pinned to one cell, and all its connections are opened there, so
 * that the most that one mapping runs at once is the most that a server sees. More servers are borne by more cells.
 */
export class QueryCell extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { worker, abandoner }: QueryCellProps) {
    super(scope, id);
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...safe,
      visibilityTimeout: visibilityFor(abandoner),
      retentionPeriod: Duration.days(14), // the age of a message counts from its first queue, so this is the longer one
    });
    this.queue = new Queue(this, 'Queue', {
      ...safe,
      visibilityTimeout: visibilityFor(worker),
      retentionPeriod: Duration.days(1),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 5 },
    });

    new EventSourceMapping(this, 'Questions', {
      target: worker,
      eventSourceArn: this.queue.queueArn,
      batchSize: 1,
      maxConcurrency: queryConcurrency,
      reportBatchItemFailures: true,
    });
    // A worker also says itself how soon its message is to come back.
    this.queue.grant(worker, ...consuming, 'sqs:ChangeMessageVisibility');

    new EventSourceMapping(this, 'Abandoned', {
      target: abandoner,
      eventSourceArn: this.deadLetters.queueArn,
      batchSize: 10,
      maxConcurrency: 2, // the least that AWS takes: nobody waits for these
      reportBatchItemFailures: true,
    });
    this.deadLetters.grant(abandoner, ...consuming);
  }
}

const safe = { enforceSSL: true, encryption: QueueEncryption.SQS_MANAGED };

/** What Lambda does with a queue in the name of a function. */
export const consuming = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

/** AWS asks for six times the function's timeout: it tries an invocation again that there was no room for. */
export function visibilityFor({ timeout = Duration.seconds(3) }: LambdaFunction) {
  return Duration.seconds(6 * timeout.toSeconds());
}
