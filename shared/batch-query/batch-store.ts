/**
 * Batch queries in the tenants table.
 *
 *   what                              partition       sort key
 *   how far a tenant's has come       T#<tenant>      JIMS#BATCH
 *   who has one                       T#_provider     BATCH#<tenant>
 */
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import { provider, type TenantId, tenantId } from '../tenancy/tenant.ts';
import type { ServerName } from '../user-query/servers.ts';
import type { BatchRoster, BatchState, BatchStore, Ending } from './batch.ts';

const place = (tenant: TenantId, sort: string) => ({
  [keys.partition]: { S: `T#${tenant}` },
  [keys.sort]: { S: sort },
});

const number = v.exactOptional(v.number());
const text = v.exactOptional(v.string());
const count = v.optional(v.number(), 0);
const counters = {
  batches: count,
  records: count,
  changed: count,
  filtered: count,
  preserved: count,
  refused: count,
};
const record = v.object({
  nextAt: number,
  leasedUntil: number,
  cookie: text,
  cookieOf: v.exactOptional(v.custom<ServerName>((value) => typeof value === 'string')),
  knownUntil: number,
  lastRunAt: number,
  lastReason: text,
  ...counters,
});

function stateIn(item: Parameters<typeof unmarshall>[0] = {}): BatchState {
  const { batches, records, changed, filtered, preserved, refused, ...state } = v.parse(record, unmarshall(item));
  return { ...state, counted: { batches, records, changed, filtered, preserved, refused } };
}

export function dynamoBatchStore(client: DynamoDBClient, table: string): BatchStore {
  const update = async (tenant: TenantId, change: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>) => {
    try {
      return await client.send(
        new UpdateItemCommand({ TableName: table, Key: place(tenant, 'JIMS#BATCH'), ...change }),
      );
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return 'refused';
      throw error;
    }
  };

  return {
    async read(tenant) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: place(tenant, 'JIMS#BATCH'), ConsistentRead: true }),
      );
      return stateIn(Item);
    },

    async claim(tenant, { id, now, dueBy, untilAt }) {
      // The SDK repeats what got no answer: who holds the lease already may take it again.
      const isFree = '(attribute_not_exists(leasedUntil) OR leasedUntil <= :now OR leaseId = :id)';
      const claimed = await update(tenant, {
        UpdateExpression: 'SET leaseId = :id, leasedUntil = :until',
        ConditionExpression: `${isFree} AND (attribute_not_exists(nextAt) OR nextAt <= :due)`,
        ExpressionAttributeValues: {
          ':id': { S: id },
          ':now': { N: String(now) },
          ':due': { N: String(dueBy) },
          ':until': { N: String(untilAt) },
        },
        ReturnValues: 'ALL_NEW',
      });
      return claimed === 'refused' ? 'refused' : stateIn(claimed.Attributes);
    },

    async end(tenant, ending) {
      return (await update(tenant, changeOf(ending))) === 'refused' ? 'outrun' : 'ended';
    },
  };
}

function changeOf({ id, nextAt, lastRunAt, cookie, knownUntil, reason, counted }: Ending) {
  const numbers = { nextAt, lastRunAt, knownUntil, ...counted };
  const texts = {
    lastReason: reason,
    ...(cookie !== undefined && cookie !== 'forget' && { cookie: cookie.text, cookieOf: cookie.of as string }),
  };
  const set = [
    ...Object.keys({ nextAt, lastRunAt, ...(knownUntil !== undefined && { knownUntil }) }),
    ...definedIn(texts),
  ];
  const gone = [
    'leaseId',
    'leasedUntil',
    ...(reason === undefined ? ['lastReason'] : []),
    ...(cookie === 'forget' ? ['cookie', 'cookieOf'] : []),
  ];
  const added = Object.keys(counted).map((name) => `${name} :${name}`);
  const values = Object.entries<number | string | undefined>({ ...numbers, ...texts }).flatMap(([name, value]) =>
    value === undefined ? [] : [[`:${name}`, typeof value === 'number' ? { N: String(value) } : { S: value }] as const],
  );
  return {
    UpdateExpression: `SET ${set.map((name) => `${name} = :${name}`).join(', ')} ADD ${added.join(', ')} REMOVE ${gone.join(', ')}`,
    ConditionExpression: 'leaseId = :id',
    ExpressionAttributeValues: { ':id': { S: id }, ...Object.fromEntries(values) },
  };
}

const definedIn = (record: Readonly<Record<string, unknown>>) =>
  Object.keys(record).filter((name) => record[name] !== undefined);

const listing = 'BATCH#';

export function dynamoBatchRoster(client: DynamoDBClient, table: string): BatchRoster {
  return {
    async add(tenant) {
      await client.send(new PutItemCommand({ TableName: table, Item: place(provider, listing + tenant) }));
    },
    async remove(tenant) {
      await client.send(new DeleteItemCommand({ TableName: table, Key: place(provider, listing + tenant) }));
    },
    async list() {
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          KeyConditionExpression: `${keys.partition} = :pk AND begins_with(${keys.sort}, :listing)`,
          ExpressionAttributeValues: { ':pk': { S: `T#${provider}` }, ':listing': { S: listing } },
        },
      );
      const tenants: TenantId[] = [];
      for await (const { Items = [] } of pages) {
        tenants.push(...Items.map((item) => tenantId((item[keys.sort]?.S ?? '').slice(listing.length))));
      }
      return tenants;
    },
  };
}
