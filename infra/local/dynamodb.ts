/** DynamoDB: the template's tables in an engine on this machine, and the sweeper that ends what is past its time. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  paginateScan,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { CannotStart } from './cannot-start.ts';
import { startEngine } from './dynamodb-engine.ts';
import { account, immaterial, region, type Resource, resourceType, type Template } from './template.ts';

const table = resourceType(
  'AWS::DynamoDB::Table',
  v.strictObject({
    AttributeDefinitions: v.array(
      v.strictObject({ AttributeName: v.string(), AttributeType: v.picklist(['S', 'N', 'B']) }),
    ),
    KeySchema: v.array(v.strictObject({ AttributeName: v.string(), KeyType: v.picklist(['HASH', 'RANGE']) })),
    BillingMode: v.literal('PAY_PER_REQUEST'),
    TimeToLiveSpecification: v.optional(
      v.strictObject({ AttributeName: v.string(), Enabled: v.optional(v.literal(true), true) }),
    ),
    SSESpecification: immaterial('whoever reads the disk of this machine has its keys as well'),
    DeletionProtectionEnabled: immaterial('no call here deletes a table'),
    PointInTimeRecoverySpecification: immaterial('there are no backups on one machine'),
    WarmThroughput: immaterial('one machine bears what it bears from its first minute'),
  }),
  { attributes: { Arn: (id) => `arn:aws:dynamodb:${region}:${account}:table/${id}` } },
);
type Table = Resource<v.InferOutput<typeof table.properties>>;

export const dynamodbTypes = [table];

export interface DynamoDb {
  readonly url: string;
  /** Deletes every item that is past its time to live now, and tells how many there were. */
  readonly sweep: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

export interface DynamoDbOptions {
  readonly now: () => number;
  readonly dataFolder: string | undefined;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** AWS deletes within days; nobody may rely on this to be soon. */
  readonly sweepEveryMs: number;
}

export async function startDynamoDb(template: Template, options: DynamoDbOptions): Promise<DynamoDb> {
  const engine = await startEngine(options.dataFolder);
  const client = new DynamoDBClient({ endpoint: engine.url, region, credentials: options.credentials });
  const tables = template.all(table);

  let sweeping: Promise<unknown> = Promise.resolve();
  const sweep = async () => {
    const swept = await Promise.all(tables.map((each) => sweepTable(client, each, options.now())));
    return swept.reduce((sum, count) => sum + count, 0);
  };
  const stop = async () => {
    clearInterval(timer);
    await sweeping;
    client.destroy();
    await engine.stop();
  };
  const timer = setInterval(() => {
    sweeping = sweeping.then(sweep).catch(() => 0); // what one sweep fails to do, the next one does
  }, options.sweepEveryMs).unref();

  try {
    await Promise.all(tables.map((each) => createTable(client, each)));
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: engine.url, sweep, stop };
}

/** Makes the table, or checks that the kept one is the same. */
async function createTable(client: DynamoDBClient, { id, properties }: Table): Promise<void> {
  const { AttributeDefinitions, KeySchema, BillingMode, TimeToLiveSpecification } = properties;
  const kept = await describe(client, id);
  if (kept) {
    if (isDeepStrictEqual(kept.KeySchema, KeySchema)) return;
    throw new CannotStart(`The kept table ${id} has other keys than the template. Point POSTERN_DATA at a new folder.`);
  }
  await client.send(new CreateTableCommand({ TableName: id, AttributeDefinitions, KeySchema, BillingMode }));
  if (TimeToLiveSpecification) {
    await client.send(new UpdateTimeToLiveCommand({ TableName: id, TimeToLiveSpecification }));
  }
}

async function describe(client: DynamoDBClient, id: string) {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: id }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

const fiveYears = 5 * 365 * 24 * 3_600;

/** AWS leaves alone what is past for more than five years, as it is more likely a mistake than a time. */
async function sweepTable(client: DynamoDBClient, { id, properties }: Table, now: number): Promise<number> {
  const attribute = properties.TimeToLiveSpecification?.AttributeName;
  if (attribute === undefined) return 0;
  const seconds = Math.floor(now / 1_000);
  const keys = properties.KeySchema.map((key) => key.AttributeName);
  const pages = paginateScan(
    { client },
    {
      TableName: id,
      ProjectionExpression: ['#ttl', ...keys.map((_, index) => `#key${index}`)].join(', '),
      FilterExpression: '#ttl BETWEEN :oldest AND :now',
      ExpressionAttributeNames: {
        '#ttl': attribute,
        ...Object.fromEntries(keys.map((key, index) => [`#key${index}`, key])),
      },
      ExpressionAttributeValues: { ':oldest': { N: String(seconds - fiveYears) }, ':now': { N: String(seconds) } },
    },
  );
  let swept = 0;
  for await (const { Items = [] } of pages) {
    for (const { [attribute]: seen, ...key } of Items) {
      if (seen) swept += await deleteUnlessRenewed(client, { id, attribute, seen, key });
    }
  }
  return swept;
}

interface Expired {
  readonly id: string;
  readonly attribute: string;
  readonly seen: AttributeValue;
  readonly key: Record<string, AttributeValue>;
}

/** An item that was written since the scan has a time to live of its own. */
async function deleteUnlessRenewed(client: DynamoDBClient, { id, attribute, seen, key }: Expired): Promise<0 | 1> {
  try {
    await client.send(
      new DeleteItemCommand({
        TableName: id,
        Key: key,
        ConditionExpression: '#ttl = :seen',
        ExpressionAttributeNames: { '#ttl': attribute },
        ExpressionAttributeValues: { ':seen': seen },
      }),
    );
    return 1;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 0;
    throw error;
  }
}
