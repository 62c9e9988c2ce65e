/** `measured-listing.ts WHAT HANDLER SINCE`: what it costs a function to list a large table, or to tell what changed in it. */
import { paginateScan } from '@aws-sdk/client-dynamodb';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import assert from 'node:assert/strict';
import { keys, variables } from '../../shared/contract.ts';
import { acme } from '../support/observations.ts';
import { load } from './load.ts';
import { type Cost, costOf } from './stopwatch.ts';

/** Pages of the authentication table; the whole forwarding table; what changed in it; a scan that leaves out what is over. */
export type Listing = 'listing' | 'whole table' | 'changes' | 'plain';

/** How many entries were told, too. */
export type Listed = Cost & { readonly entries: number };

const [what = '', handlerFile = '', since = ''] = process.argv.slice(2);
const work = { listing, 'whole table': async () => pulls(), changes: async () => pulls(since), plain }[what as Listing];
const { result: entries, ...cost } = await costOf(work);
process.stdout.write(JSON.stringify({ ...cost, entries }));

type Body = Record<'items' | 'rows' | 'removed', unknown[]> & { next: string | null; cursor: string; more: boolean };

async function listing() {
  let told = 0;
  let cursor: string | null = null;
  do {
    const body: Body = await get('/v1/entries', { limit: '1000', ...(cursor !== null && { cursor }) });
    told += body.items.length;
    cursor = body.next;
  } while (cursor !== null);
  return told;
}

async function pulls(since?: string) {
  const told = new Set<unknown>();
  let body: Body | undefined;
  do {
    const from = body?.cursor ?? since;
    body = await get('/v1/forwarding-table', from === undefined ? {} : { since: from });
    for (const row of body.rows) told.add((row as { ip: string }).ip);
    for (const ip of body.removed) told.add(ip);
  } while (body.more);
  return told.size;
}

/** As one would write it first: one scan of the table, page by page, with a filter, each page written as JSON. */
async function plain() {
  const client = new DynamoDBClient();
  const scan = {
    TableName: process.env[variables.entriesTable],
    Limit: 1_000,
    ConsistentRead: true,
    FilterExpression: `begins_with(${keys.partition}, :tenant) AND expiresAt > :now AND #state <> :ended`,
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: { ':tenant': { S: `T#${acme}#` }, ':now': { N: String(Date.now()) }, ':ended': { S: 'ended' } }, // prettier-ignore
  };
  let told = 0;
  for await (const { Items = [] } of paginateScan({ client }, scan)) {
    const page = Items.map((item) => {
      const { sk, state, expiresAt, entry } = unmarshall(item);
      const { user, domain, groups } = JSON.parse(String(entry)) as Record<string, unknown>;
      return { ip: String(sk).split('#')[0], state: state as unknown, user, domain, groups, expiresAt: new Date(Number(expiresAt)).toISOString() }; // prettier-ignore
    });
    assert.ok(JSON.stringify({ items: page }).length > 0);
    told += page.length;
  }
  return told;
}

async function get(path: string, query: Record<string, string>): Promise<Body> {
  const { handler } = (await load(handlerFile)) as {
    handler: (event: unknown, context: unknown) => Promise<{ statusCode: number; body: string }>;
  };
  const event = {
    resource: path,
    path,
    httpMethod: 'GET',
    headers: {},
    multiValueHeaders: {},
    queryStringParameters: query,
    multiValueQueryStringParameters: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
    pathParameters: null,
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
  const { statusCode, body } = await handler(event, { getRemainingTimeInMillis: () => 15_000 });
  assert.equal(statusCode, 200, body);
  return JSON.parse(body) as Body;
}
