import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { variables } from '../../shared/contract.ts';
import { consuming, visibilityFor } from './query-cell.ts';

export interface ChangeQueueProps {
  /** Tells the switches of one endpoint an invocation. */
  readonly worker: LambdaFunction;
  /** A silent switch holds its worker up for seconds: so many others need not wait for it. */
  readonly mostAtOnce: number;
}

/**
 * Endpoints whose switches have to be told something. What cannot be handled is kept to be looked at, and nothing is lost
 * with it: a message only names an endpoint, and a schedule names it again.
 */
export class ChangeQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { worker, mostAtOnce }: ChangeQueueProps) {
    super(scope, id);
    const safe = { enforceSSL: true, encryption: QueueEncryption.SQS_MANAGED };
    this.deadLetters = new Queue(this, 'DeadLetters', { ...safe, retentionPeriod: Duration.days(14) });
    this.queue = new Queue(this, 'Queue', {
      ...safe,
      visibilityTimeout: visibilityFor(worker),
      retentionPeriod: Duration.days(1),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 5 },
    });
    new EventSourceMapping(this, 'Endpoints', {
      target: worker,
      eventSourceArn: this.queue.queueArn,
      batchSize: 1,
      maxConcurrency: mostAtOnce,
      reportBatchItemFailures: true,
    });
    this.queue.grant(worker, ...consuming);
    this.allow(worker); // it leaves itself a message for what has to be sent again
  }

  /** Tells a function where the queue is, and lets it name endpoints there. */
  allow(sender: LambdaFunction) {
    sender.addEnvironment(variables.changesQueue, this.queue.queueUrl);
    this.queue.grant(sender, 'sqs:SendMessage');
  }
}
