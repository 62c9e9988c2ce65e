/**
 * The authentication table in DynamoDB. It knows two things: read, and replace what is still as it was read.
 * Up to eight items go one by one, which answers soonest; more go in batches, at the same write units and a seventh
 * of the processor time. A transaction would cost double, and one late item would cancel a hundred others.
 */
import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  type BatchStatementRequest,
  type BatchStatementResponse,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { keys } from '../contract.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import {
  allDone,
  type AuthenticationTable,
  type EntryKey,
  type EntryStore,
  type Listed,
  positionOf,
  type Replacement,
  type Revision,
  type Stored,
} from './authentication-table.ts';
import { dynamoChangeNotes } from './change-note-store.ts';
import {
  attributeNames,
  fromAttributes,
  listedFrom,
  partition,
  place,
  shardOf,
  shards,
  toAttributes,
} from './entry-item.ts';

const oneByOne = 8;
const keysAtOnce = 100; // DynamoDB's own limits
const statementsAtOnce = 25;

const update = (table: string) =>
  `UPDATE "${table}" SET ${attributeNames.map((name) => `"${name}"=?`).join(', ')} WHERE "${keys.partition}"=? AND "${keys.sort}"=? AND "revision"=?`;
const insert = (table: string) =>
  `INSERT INTO "${table}" VALUE {${[...attributeNames, keys.partition, keys.sort].map((name) => `'${name}': ?`).join(', ')}}`;

/** Answers of a single statement after which the whole is read and tried again. */
const goRoundAgain = new Set([
  'ConditionalCheckFailed',
  'DuplicateItem',
  'TransactionConflict',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'ThrottlingError',
  'InternalServerError',
]);
const throttled = new Set(['ProvisionedThroughputExceeded', 'RequestLimitExceeded', 'ThrottlingError']);

export const dynamoAuthenticationTable = (client: DynamoDBClient, table: string): AuthenticationTable => ({
  entries: dynamoEntryStore(client, table),
  now: Date.now,
  newRevision,
});

/** Sixty-four random bits: those of a UUID, which Node draws by the hundred, that are random all of them. */
function newRevision(): Revision {
  const uuid = randomUUID();
  return `${uuid.slice(0, 8)}${uuid.slice(-8)}` as Revision;
}

export function dynamoEntryStore(client: DynamoDBClient, table: string): EntryStore {
  const [updateStatement, insertStatement] = [update(table), insert(table)];
  // Repeated SET clauses are the documented form of PartiQL, the comma form the one that works everywhere we could ask.
  let statementsWork = true;

  async function readOne(tenant: TenantId, key: EntryKey): Promise<Stored | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: place(tenant, key), ConsistentRead: true }),
    );
    return Item && fromAttributes(Item);
  }

  async function readBatch(tenant: TenantId, wanted: readonly EntryKey[]): Promise<(Stored | undefined)[]> {
    const found = new Map<string, Stored>();
    let open = wanted.map((key) => place(tenant, key));
    for (let attempt = 0; open.length > 0; attempt += 1) {
      if (attempt > 0) await backOff(attempt);
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: open, ConsistentRead: true } } }),
      );
      for (const item of Responses?.[table] ?? []) found.set(item[keys.sort]?.S ?? '', fromAttributes(item));
      open = (UnprocessedKeys?.[table]?.Keys ?? []) as typeof open;
    }
    return wanted.map((key) => found.get(positionOf(key)));
  }

  async function put(tenant: TenantId, { key, read, revision, item }: Replacement) {
    const values = toAttributes({ revision, item });
    const Item = { ...place(tenant, key), ...Object.fromEntries(attributeNames.map((name, index) => [name, values[index]])) }; // prettier-ignore
    const condition =
      read === undefined
        ? { ConditionExpression: `attribute_not_exists(${keys.partition})` }
        : { ConditionExpression: 'revision = :read', ExpressionAttributeValues: { ':read': { S: read } } };
    try {
      await client.send(new PutItemCommand({ TableName: table, Item, ...condition }));
      return 'replaced' as const;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return 'conflict' as const;
      throw error;
    }
  }

  function statement(tenant: TenantId, { key, read, revision, item }: Replacement): BatchStatementRequest {
    const parameters = [...toAttributes({ revision, item }), ...Object.values(place(tenant, key))];
    return read === undefined
      ? { Statement: insertStatement, Parameters: parameters }
      : { Statement: updateStatement, Parameters: [...parameters, { S: read }] };
  }

  async function replaceBatch(tenant: TenantId, batch: readonly Replacement[]) {
    const Statements = batch.map((each) => statement(tenant, each));
    const { Responses } = await client.send(new BatchExecuteStatementCommand({ Statements }));
    const codes = batch.map((_, index) => codeOf(Responses?.[index]));
    if (codes.some((code) => code !== undefined && throttled.has(code))) await backOff(1);
    if (codes.includes('ValidationError')) statementsWork = false;
    return allDone(
      codes.map(async (code, index) => {
        const replacement = batch[index];
        if (code === undefined) return 'replaced' as const;
        if (code === 'ValidationError' && replacement !== undefined) return put(tenant, replacement);
        return 'conflict' as const;
      }),
    );
  }

  return {
    async read(tenant, wanted) {
      if (wanted.length <= oneByOne) return Promise.all(wanted.map((key) => readOne(tenant, key)));
      const starts = Array.from({ length: Math.ceil(wanted.length / keysAtOnce) }, (_, index) => index * keysAtOnce);
      const batches = starts.map(async (start) => readBatch(tenant, wanted.slice(start, start + keysAtOnce)));
      return (await Promise.all(batches)).flat();
    },

    async replace(tenant, replacements) {
      if (replacements.length <= oneByOne || !statementsWork) {
        return allDone(replacements.map((each) => put(tenant, each)));
      }
      const results: ('replaced' | 'conflict')[] = [];
      for (let start = 0; start < replacements.length; start += statementsAtOnce) {
        results.push(...(await replaceBatch(tenant, replacements.slice(start, start + statementsAtOnce))));
      }
      return results;
    },

    async at(tenant, ip) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: `${keys.partition} = :pk AND begins_with(${keys.sort}, :ip)`,
          ExpressionAttributeValues: { ':pk': { S: partition(tenant, shardOf(ip)) }, ':ip': { S: `${ip}#` } },
        }),
      );
      return Items.map(listedFrom);
    },

    async list(tenant, { after, limit }) {
      const pages = await Promise.all(
        shards.map((shard) =>
          client.send(
            new QueryCommand({
              TableName: table,
              ConsistentRead: true,
              KeyConditionExpression:
                `${keys.partition} = :pk` + (after === undefined ? '' : ` AND ${keys.sort} > :after`),
              ExpressionAttributeValues: {
                ':pk': { S: partition(tenant, shard) },
                ...(after !== undefined && { ':after': { S: after } }),
              },
              Limit: pageOfShard(limit),
            }),
          ),
        ),
      );
      return merged(pages, limit);
    },

    async walk(tenant, { after, limit }) {
      const items: Listed[] = [];
      let position = after === undefined ? { shard: 0, sort: '' } : walkPosition(after);
      for (; position.shard < shards.length; position = { shard: position.shard + 1, sort: '' }) {
        const { Items = [], LastEvaluatedKey } = await client.send(
          new QueryCommand({
            TableName: table,
            ConsistentRead: true,
            KeyConditionExpression: `${keys.partition} = :pk AND ${keys.sort} > :after`,
            ExpressionAttributeValues: {
              ':pk': { S: partition(tenant, shards[position.shard] ?? '') },
              ':after': { S: position.sort === '' ? ' ' : position.sort }, // an empty key is refused
            },
            Limit: Math.max(limit - items.length, wholeAddress),
          }),
        );
        const read = Items.map(listedFrom);
        if (LastEvaluatedKey === undefined) {
          items.push(...read);
          if (items.length < limit) continue;
          const isLast = position.shard === shards.length - 1;
          return { items, ...(!isLast && { next: `${position.shard + 1} ` }) };
        }
        const cut = read.at(-1)?.ip;
        const whole = read.filter(({ ip }) => ip !== cut);
        items.push(...whole);
        const last = whole.at(-1);
        if (last === undefined) throw new Error(`An address of ${tenant} has more slots than there are.`);
        return { items, next: `${position.shard} ${positionOf(last)}` };
      }
      return { items };
    },

    notes: dynamoChangeNotes(client, table),
  };
}

/** One more than the slots of an address, so that at least one address of a page is whole. */
const wholeAddress = 6;

/** `<number of the shard> <sort key after which it goes on>` */
function walkPosition(text: string) {
  const at = text.indexOf(' ');
  return { shard: Number(text.slice(0, at)), sort: text.slice(at + 1) };
}

/** An even share, and twice its spread: less, and a fuller shard cuts the page short; more, and most of it is read in vain. */
function pageOfShard(limit: number): number {
  const share = limit / shards.length;
  return Math.ceil(share + 2 * Math.sqrt(share));
}

/** What all shards have told up to where the shortest of the unfinished ones stopped: beyond that, one may still hold less. */
function merged(pages: readonly QueryCommandOutput[], limit: number) {
  const ends = pages.flatMap(({ LastEvaluatedKey }) => LastEvaluatedKey?.[keys.sort]?.S ?? []).sort();
  const told = pages.flatMap(({ Items = [] }) => Items).map(listedFrom).sort((one, other) => (positionOf(one) < positionOf(other) ? -1 : 1)); // prettier-ignore
  const [end] = ends;
  const certain = end === undefined ? told : told.filter((each) => positionOf(each) <= end);
  const items = certain.slice(0, limit);
  const last = items.at(-1);
  const next = items.length < certain.length && last ? positionOf(last) : end;
  return { items, ...(next !== undefined && { next }) };
}

function codeOf(response: BatchStatementResponse | undefined): string | undefined {
  const code = response?.Error?.Code;
  if (code === undefined || code === 'ValidationError' || goRoundAgain.has(code)) return code;
  throw new Error(`DynamoDB refused a statement: ${code} ${response?.Error?.Message ?? ''}`);
}

/** A little longer each time, and not for all at once. Gives up as `busy`: the caller repeats what it sent. */
async function backOff(attempt: number) {
  if (attempt > 6) throw new ServiceError('busy', 'The store is slower than what is asked of it. Repeat the request.');
  await wait(20 * 2 ** attempt * (0.5 + Math.random()));
}
