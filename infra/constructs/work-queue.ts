import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { variables } from '../../shared/contract.ts';
import { consuming, visibilityFor } from './query-cell.ts';

export interface WorkQueueProps {
  /** Does what one message names, an invocation; of a queue in order, up to ten. */
  readonly worker: LambdaFunction;
  /** The environment variable by which a function that may send to the queue learns its address. */
  readonly variable: string;
  /** A system that is silent holds its worker up for seconds: so many others need not wait for it. */
  readonly mostAtOnce: number;
  /** Of a tenant one invocation at a time, in the order of its messages; one that fails is tried again when its worker says, at most 300 times, and those behind it wait. */
  readonly order?: 'first-in-first-out';
}

/**
 * What is to be done at other systems. What cannot be handled is kept to be looked at. A message of a queue without an order
 * only names what a table holds, and a schedule names it again; one of a queue in order is all that there is of its lines.
 */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly #variable: string;

  constructor(scope: Construct, id: string, { worker, variable, mostAtOnce, order }: WorkQueueProps) {
    super(scope, id);
    this.#variable = variable;
    const safe = { enforceSSL: true, encryption: QueueEncryption.SQS_MANAGED, ...(order && inOrder) };
    this.deadLetters = new Queue(this, 'DeadLetters', { ...safe, retentionPeriod: Duration.days(14) });
    this.queue = new Queue(this, 'Queue', {
      ...safe,
      visibilityTimeout: visibilityFor(worker),
      retentionPeriod: order ? Duration.days(4) : Duration.days(1),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: order ? triesInOrder : 5 },
    });
    new EventSourceMapping(this, 'Messages', {
      target: worker,
      eventSourceArn: this.queue.queueArn,
      batchSize: order ? 10 : 1,
      maxConcurrency: mostAtOnce,
      reportBatchItemFailures: true,
    });
    this.queue.grant(worker, ...consuming, ...(order ? ['sqs:ChangeMessageVisibility'] : []));
    if (order) {
      // It says itself how soon messages come back, and which of them are given up.
      worker.addEnvironment(variable, this.queue.queueUrl);
      worker.addEnvironment(variables.deadLetters, this.deadLetters.queueUrl);
      this.deadLetters.grant(worker, 'sqs:SendMessage');
    } else this.allow(worker); // it leaves itself a message for what has to be done again
  }

  /** Tells a function where the queue is, and lets it send messages there. */
  allow(sender: LambdaFunction) {
    sender.addEnvironment(this.#variable, this.queue.queueUrl);
    this.queue.grant(sender, 'sqs:SendMessage');
  }
}

/** As many messages a second as each tenant has, not all together. */
const inOrder = {
  fifo: true,
  deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
  fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
};

/** What is given up its worker says; this is for what no worker survives. */
const triesInOrder = 300;
