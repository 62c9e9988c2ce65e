/**
 * SQS: the template's queues in an engine in this process. They live in memory, with a data folder too: a question that
 * ends with them ends in the authentication table by itself. Their delays are real time, which no moved clock moves.
 */
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { RequestListener } from 'node:http';
import * as v from 'valibot';
import { type HttpServer, type Interpose, listen } from './http-server.ts';
import { account, immaterial, region, resourceType, type Template } from './template.ts';

const notEnforced = immaterial('grants are not enforced here; the tests of the template hold them');

const queueProperties = v.strictObject({
  FifoQueue: v.optional(v.literal(true)),
  DeduplicationScope: v.optional(v.picklist(['messageGroup', 'queue'])),
  FifoThroughputLimit: v.optional(v.picklist(['perMessageGroupId', 'perQueue'])),
  DelaySeconds: v.optional(v.number()),
  ReceiveMessageWaitTimeSeconds: v.optional(v.number()),
  RedrivePolicy: v.optional(v.strictObject({ deadLetterTargetArn: v.string(), maxReceiveCount: v.number() })),
  VisibilityTimeout: v.optional(v.number()),
  MessageRetentionPeriod: immaterial('the queues end with this process, which is sooner'),
  SqsManagedSseEnabled: immaterial('nothing of them is written to a disk'),
});

const queuePolicy = resourceType(
  'AWS::SQS::QueuePolicy',
  v.strictObject({ PolicyDocument: notEnforced, Queues: notEnforced }),
);

/** Its URL names the port, so this type is known only when the port is. */
const queueAt = (url: string) =>
  resourceType('AWS::SQS::Queue', queueProperties, {
    id: ({ stack, logicalId }, property) =>
      `${url}/${account}/${stack}-${logicalId}${property('FifoQueue') === true ? '.fifo' : ''}`,
    attributes: { Arn: queueArn, QueueName: nameIn },
  });

const nameIn = (queueUrl: string) => queueUrl.slice(queueUrl.lastIndexOf('/') + 1);
const queueArn = (queueUrl: string) => `arn:aws:sqs:${region}:${account}:${nameIn(queueUrl)}`;

/** The queue's URL on the machine whose SQS answers there. */
export const queueUrlOf = (url: string, arn: string) => `${url}/${account}/${arn.slice(arn.lastIndexOf(':') + 1)}`;

export interface Sqs extends HttpServer {
  readonly types: readonly [ReturnType<typeof queueAt>, typeof queuePolicy];
  readonly client: SQSClient;
  readonly createQueues: (template: Template) => Promise<void>;
}

/** Answers from the first moment on, and so that its address can stand in the template, before there are queues. */
export async function startSqs(
  credentials: { accessKeyId: string; secretAccessKey: string },
  interpose?: Interpose,
): Promise<Sqs> {
  let engine: RequestListener = (_, response) => response.writeHead(503).end();
  let end = (): Promise<unknown> => Promise.resolve();
  const server = await listen(0, (request, response) => engine(request, response));
  const between = await interpose?.('sqs', server.url);
  const { url } = between ?? server;
  const client = new SQSClient({ endpoint: url, region, credentials, maxAttempts: 1 });
  const queue = queueAt(url);

  return {
    url,
    types: [queue, queuePolicy],
    client,
    async createQueues(template) {
      const queues = template.all(queue);
      if (queues.length === 0) return;
      const { buildApp } = await import('fauxqs'); // takes longer to load than all the rest
      const app = buildApp({ logger: false, defaultRegion: region });
      end = () => app.close();
      await app.ready();
      engine = (request, response) => app.routing(request, response);
      await Promise.all(queues.map(({ id, properties }) => client.send(creationOf(id, properties))));
    },
    async stop() {
      client.destroy();
      await between?.stop();
      await server.stop();
      await end();
    },
  };
}

function creationOf(id: string, properties: v.InferOutput<typeof queueProperties>) {
  const { FifoQueue, DeduplicationScope, FifoThroughputLimit, RedrivePolicy } = properties;
  const { DelaySeconds, ReceiveMessageWaitTimeSeconds, VisibilityTimeout } = properties;
  const order = { FifoQueue, DeduplicationScope, FifoThroughputLimit };
  const given = { ...order, DelaySeconds, ReceiveMessageWaitTimeSeconds, VisibilityTimeout };
  const texts = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return new CreateQueueCommand({
    QueueName: nameIn(id),
    Attributes: {
      ...(Object.fromEntries(texts) as Record<string, string>),
      ...(RedrivePolicy && { RedrivePolicy: JSON.stringify(RedrivePolicy) }),
    },
  });
}
