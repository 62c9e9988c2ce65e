/** Endpoints in DynamoDB. `endpoint-item.ts` tells where what lies, `places.ts` what leads to it. */
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactionConflictException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { keys } from '../contract.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import {
  type Attributes,
  changesPartition,
  dueAfter,
  dueFrom,
  dueKey,
  duePartition,
  endpointFrom,
  endpointItem,
  endpointPartition,
  endpointPlace,
  heldPartition,
  ipPartition,
  macIn,
  renewalIn,
  nasPartition,
  passing,
  pendingFrom,
  pendingItem,
  pendingKey,
  placeItem,
  placeKey,
  shards,
} from './endpoint-item.ts';
import type { EndpointRevision, EndpointStore, EndpointTable, StoredEndpoint } from './endpoint-table.ts';
import type { Endpoint } from './endpoint.ts';
import type { Mac } from './mac.ts';
import { easedPlaces, type Place, placesToWrite } from './places.ts';

const oneByOne = 8;
const keysAtOnce = 100; // DynamoDB's own limits
const itemsOfTransaction = 100;

export const dynamoEndpointTable = (client: DynamoDBClient, table: string): EndpointTable => ({
  endpoints: dynamoEndpointStore(client, table),
  now: Date.now,
  newId: randomUUID,
});

export function dynamoEndpointStore(client: DynamoDBClient, table: string): EndpointStore {
  async function readOne(tenant: TenantId, mac: Mac): Promise<StoredEndpoint | undefined> {
    const Key = endpointPlace(tenant, mac);
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    return Item && endpointFrom(Item);
  }

  async function readBatch(tenant: TenantId, macs: readonly Mac[]): Promise<Map<Mac, StoredEndpoint>> {
    const found = new Map<Mac, StoredEndpoint>();
    let open = macs.map((mac) => endpointPlace(tenant, mac));
    for (let attempt = 0; open.length > 0; attempt += 1) {
      if (attempt > 0) await backOff(attempt);
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: open, ConsistentRead: true } } }),
      );
      for (const stored of (Responses?.[table] ?? []).map(endpointFrom)) found.set(stored.endpoint.mac, stored);
      open = UnprocessedKeys?.[table]?.Keys ?? [];
    }
    return found;
  }

  /** All items of a partition; of those below `before`, if it is given. */
  async function itemsOf(partition: string): Promise<Attributes[]> {
    const items: Attributes[] = [];
    const query = {
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: `${keys.partition} = :pk`,
      ExpressionAttributeValues: { ':pk': { S: partition } },
    };
    for await (const { Items = [] } of paginateQuery({ client }, query)) items.push(...Items);
    return items;
  }

  const macsOf = async (partition: string) => (await itemsOf(partition)).flatMap((item) => macIn(item) ?? []);

  /** A place that ends by time never takes the place of one that does not: a slower writer does not know of that one. */
  async function writePlace(tenant: TenantId, endpoint: Endpoint, place: Place): Promise<void> {
    const Item = placeItem(tenant, endpoint, place);
    const isPassing = place.kind === 'ip' && place.keeps === 'passing';
    const condition = `attribute_not_exists(${keys.partition}) OR attribute_exists(${keys.timeToLive})`;
    const put = new PutItemCommand({ TableName: table, Item, ...(isPassing && { ConditionExpression: condition }) });
    await client.send(put).catch((error: unknown) => {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    });
  }

  /** A write that was sent twice is refused the second time, and has been done all the same. */
  const unlessDone = async (tenant: TenantId, mac: Mac, revision: EndpointRevision) =>
    (await readOne(tenant, mac))?.revision === revision ? 'replaced' : 'conflict';

  async function write(items: readonly [TransactWriteItem, ...TransactWriteItem[]]): Promise<'written' | 'refused'> {
    const [{ Put }, ...others] = items;
    try {
      if (others.length === 0 && Put) await client.send(new PutItemCommand(Put));
      else await client.send(new TransactWriteItemsCommand({ TransactItems: [...items] }));
      return 'written';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException || error instanceof TransactionConflictException) return 'refused'; // prettier-ignore
      if (!(error instanceof TransactionCanceledException)) throw error;
      const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code ?? 'None');
      const ours = ['None', 'ConditionalCheckFailed', 'TransactionConflict'];
      if (codes.length === 0 || codes.some((code) => !ours.includes(code))) throw error;
      return 'refused';
    }
  }

  return {
    async read(tenant, macs) {
      if (macs.length <= oneByOne) return Promise.all(macs.map(async (mac) => readOne(tenant, mac)));
      const distinct = [...new Set(macs)];
      const starts = Array.from({ length: Math.ceil(distinct.length / keysAtOnce) }, (_, index) => index * keysAtOnce);
      const batches = await Promise.all(starts.map(async (at) => readBatch(tenant, distinct.slice(at, at + keysAtOnce)))); // prettier-ignore
      return macs.map((mac) => batches.find((batch) => batch.has(mac))?.get(mac));
    },

    async replace(tenant, endpoint, read) {
      const { mac, changedAt } = endpoint;
      // All are waited for, also where one fails: nothing may be under way when the function has answered.
      const written = await Promise.allSettled(
        placesToWrite(endpoint, read?.endpoint).map(async (place) => writePlace(tenant, endpoint, place)),
      );
      const failed = written.find((each) => each.status === 'rejected');
      if (failed) throw failed.reason;

      const revision = randomUUID() as string as EndpointRevision;
      const eased = easedPlaces(endpoint, read?.endpoint).slice(0, itemsOfTransaction - 1);
      const result = await write([
        {
          Put: {
            TableName: table,
            Item: endpointItem(tenant, { endpoint, revision }),
            ...asRead(read?.revision),
          },
        },
        ...eased.map((place): TransactWriteItem => {
          const Key = placeKey(tenant, mac, place);
          return place.kind === 'held'
            ? { Delete: { TableName: table, Key } }
            : { Put: { TableName: table, Item: { ...Key, ...passing(changedAt) } } };
        }),
      ]);
      return result === 'written' ? 'replaced' : unlessDone(tenant, mac, revision);
    },

    async at(tenant, ip) {
      const items = await itemsOf(ipPartition(tenant, ip));
      const renewedAt = new Map(items.flatMap((item) => renewalIn(item) ?? []));
      return {
        macs: [...renewedAt.keys()],
        renewedAt,
        pending: items.flatMap((item) => (item.pending ? [pendingFrom(item)] : [])),
      };
    },

    onNas: async (tenant, nas) => macsOf(nasPartition(tenant, nas)),
    withChanges: async (tenant) => macsOf(changesPartition(tenant)),
    held: async (tenant) => macsOf(heldPartition(tenant)),

    async withoutChanges(tenant, { endpoint, revision }) {
      // Who read the same and is about to write a change has to read again, and then writes the place again.
      const next = endpointItem(tenant, { endpoint, revision: randomUUID() as string as EndpointRevision });
      await write([
        { Put: { TableName: table, Item: next, ...asRead(revision) } },
        { Delete: { TableName: table, Key: placeKey(tenant, endpoint.mac, { kind: 'changes' }) } },
      ]);
    },

    async list(tenant, { limit, after }) {
      // Each shard's share and a little more: what one reads beyond where another stops is read again for the next page.
      const ofShard = Math.min(limit, Math.ceil(limit / shards.length) + 8);
      const pages = await Promise.all(
        shards.map(async (shard) =>
          client.send(
            new QueryCommand({
              TableName: table,
              ConsistentRead: true,
              KeyConditionExpression:
                `${keys.partition} = :pk` + (after === undefined ? '' : ` AND ${keys.sort} > :after`),
              ExpressionAttributeValues: {
                ':pk': { S: endpointPartition(tenant, shard) },
                ...(after !== undefined && { ':after': { S: after } }),
              },
              Limit: ofShard,
            }),
          ),
        ),
      );
      // Beyond where the shortest of the unfinished pages stopped, its shard may still hold some.
      const [end] = pages.flatMap(({ LastEvaluatedKey }) => LastEvaluatedKey?.[keys.sort]?.S ?? []).sort();
      const told = pages
        .flatMap(({ Items = [] }) => Items)
        .map((item) => endpointFrom(item).endpoint)
        .filter(({ mac }) => end === undefined || mac <= end)
        .sort((one, other) => (one.mac < other.mac ? -1 : 1));
      const endpoints = told.slice(0, limit);
      const last = endpoints.at(-1)?.mac;
      const isMore = end !== undefined || told.length > limit;
      return { endpoints, ...(isMore && last !== undefined && { next: last }) };
    },

    async putPending(tenant, pending) {
      const due = { kind: 'pending', ip: pending.message.endpointIp, at: pending.until } as const;
      await client.send(
        new PutItemCommand({ TableName: table, Item: { ...dueKey(tenant, due), ...passing(pending.until) } }),
      );
      await client.send(new PutItemCommand({ TableName: table, Item: pendingItem(tenant, pending) }));
    },

    async removePending(tenant, pending) {
      try {
        const ConditionExpression = `attribute_exists(${keys.partition})`;
        await client.send(new DeleteItemCommand({ TableName: table, Key: pendingKey(tenant, pending), ConditionExpression })); // prettier-ignore
        return 'removed';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'absent';
        throw error;
      }
    },

    async due(tenant, until, limit) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: `${keys.partition} = :pk AND ${keys.sort} < :after`,
          ExpressionAttributeValues: { ':pk': { S: duePartition(tenant) }, ':after': { S: dueAfter(until) } },
          Limit: limit,
        }),
      );
      return Items.map(dueFrom);
    },

    async removeDue(tenant, due) {
      await client.send(new DeleteItemCommand({ TableName: table, Key: dueKey(tenant, due) }));
    },
  };
}

const asRead = (revision: EndpointRevision | undefined) =>
  revision === undefined
    ? { ConditionExpression: `attribute_not_exists(${keys.partition})` }
    : { ConditionExpression: 'revision = :read', ExpressionAttributeValues: { ':read': { S: revision } } };

/** A little longer each time, and not for all at once. Gives up as `busy`: the caller repeats what it sent. */
async function backOff(attempt: number) {
  if (attempt > 6) throw new ServiceError('busy', 'The store is slower than what is asked of it. Repeat the request.');
  await wait(20 * 2 ** attempt * (0.5 + Math.random()));
}
