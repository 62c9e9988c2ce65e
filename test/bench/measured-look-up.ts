/** `measured-look-up.ts WHAT HANDLER`: what a thousand look-ups cost a warm function, or what their requests alone do. */
import { GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import assert from 'node:assert/strict';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { keys, variables } from '../../shared/contract.ts';
import { partition, shardOf } from '../../shared/identity/entry-item.ts';
import { acme, desk } from '../support/observations.ts';
import { load } from './load.ts';
import { type Cost, costOf } from './stopwatch.ts';

/** A whole look-up; both of its requests; the one that reads the entries. */
export type Measured = 'look-up' | 'both requests' | 'its request';

const [what = '', handlerFile = ''] = process.argv.slice(2);
const once = { 'look-up': lookUp, 'both requests': bothRequests, 'its request': readEntries }[what as Measured];
const { handler } = (await load(handlerFile)) as {
  handler: (event: unknown, context: unknown) => Promise<{ statusCode: number; body: string }>;
};
const client = dynamodb();

const lookUps = 1_000;
const batches = 4;

/** The cheapest batch: it is warm, and whatever else the machine does makes one only dearer. */
let warm: Cost = { cpuMs: Infinity, wallMs: Infinity };
for (let batch = 0; batch < batches; batch += 1) {
  const { cpuMs, wallMs } = await costOf(async () => {
    for (let done = 0; done < lookUps; done += 1) await once();
  });
  if (cpuMs < warm.cpuMs) warm = { cpuMs, wallMs };
}
process.stdout.write(JSON.stringify(warm));

async function lookUp() {
  const event = {
    resource: '/v1/entries/{ip}',
    path: `/v1/entries/${desk}`,
    httpMethod: 'GET',
    headers: {},
    multiValueHeaders: {},
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: { ip: desk },
    stageVariables: null,
    requestContext: {
      requestId: 'request-1',
      identity: { sourceIp: '192.0.2.1' },
      authorizer: {
        tenant: acme,
        role: 'enforcement-point',
        credentialId: 'acme-1',
        credentialName: 'firewall',
        orderByArrival: 'false',
      },
    },
    body: null,
    isBase64Encoded: false,
  };
  const { statusCode, body } = await handler(event, { getRemainingTimeInMillis: () => 29_000 });
  assert.equal(statusCode, 200, body);
}

async function bothRequests() {
  const Key = { [keys.partition]: { S: `T#${acme}` }, [keys.sort]: { S: 'CURRENT' } };
  const TableName = process.env[variables.tenantsTable];
  const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  assert.ok(Item);
  await readEntries();
}

async function readEntries() {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: process.env[variables.entriesTable],
      ConsistentRead: true,
      KeyConditionExpression: `${keys.partition} = :pk AND begins_with(${keys.sort}, :ip)`,
      ExpressionAttributeValues: { ':pk': { S: partition(acme, shardOf(desk)) }, ':ip': { S: `${desk}#` } },
    }),
  );
  assert.equal(Items.length, 1);
}
