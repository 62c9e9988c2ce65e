/**
 * Receipts in DynamoDB: a partition for each tenant, status and day, in it by time. So the refused ones are found
 * without reading past the accepted ones, and no partition grows for ever. Remarks lie in a partition of their receipt.
 *
 *   a receipt       T#acme#RECEIPT#refused#2026-03-01   2026-03-01T12:00:00.000Z#<id>
 *   its remarks     T#acme#REMARKS#<id>                 <number of the first, six digits>
 */
import type { Logger } from '@aws-lambda-powertools/logger';
import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import {
  endOfReceipt,
  forgottenUntil,
  type Keeping,
  mostReceiptDays,
  type Receipt,
  type ReceiptPage,
  receiptPosition,
  type ReceiptStatus,
  receiptStatuses,
  type ReceiptStore,
  type Remark,
  remarksKept,
  remarksShown,
  timeOfReceipt,
} from './receipt.ts';
import { type Chunk, chunksOf, remarksIn, storedRemark } from './remark-chunks.ts';

const dayMs = 24 * 60 * 60 * 1_000;
/** The ids' times of logins are of their minute. */
const minuteMs = 60_000;
/** So many queries of a full megabyte a call may make; then it answers what it has, and where to go on. */
const queriesAtMost = 24;
const keysAtOnce = 99; // DynamoDB takes a hundred, and a receipt may lie in three places
const chunksAtOnce = 8;

type Item = Record<string, AttributeValue>;

const partition = (tenant: TenantId, status: ReceiptStatus, day: string) => `T#${tenant}#RECEIPT#${status}#${day}`;
const remarkPartition = (tenant: TenantId, id: string) => `T#${tenant}#REMARKS#${id}`;
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);
const remarkKey = (first: number) => String(first).padStart(6, '0');

const text = v.exactOptional(v.string());
const stored = v.object({
  id: v.string(),
  requestId: v.string(),
  at: v.number(),
  kind: v.picklist(['post', 'login']),
  status: v.picklist(receiptStatuses),
  credentialId: v.string(),
  credentialName: v.string(),
  clientAddress: v.string(),
  sources: v.array(v.string()),
  httpStatus: v.number(),
  bytes: v.number(),
  code: text,
  message: text,
  counts: v.exactOptional(
    v.object({
      entries: v.number(),
      stored: v.number(),
      replayed: v.number(),
      stale: v.number(),
      changed: v.number(),
      refused: v.number(),
      busy: v.number(),
    }),
  ),
  remarks: v.array(storedRemark),
  remarkCounts: v.record(v.string(), v.number()),
  remarksLeftOut: v.number(),
  storyLeftOut: v.number(),
  clockSkewMs: v.exactOptional(v.number()),
});

export function dynamoReceiptStore(client: DynamoDBClient, table: string, logger: Logger): ReceiptStore {
  /** How many remarks could not be kept. */
  async function keepRemarks(tenant: TenantId, receipt: Receipt, remarks: readonly Remark[], keeping: Keeping) {
    const kept = remarks.slice(0, remarksKept);
    const chunks = kept.length > remarksShown ? chunksOf(kept) : [];
    const { untilAt = Infinity, days } = keeping;
    const deleteAt = Math.ceil(endOfReceipt(receipt.at, days) / 1_000);
    let lost = remarks.length - kept.length;
    const worker = async () => {
      for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
        const done = Date.now() < untilAt && (await putChunk(tenant, receipt.id, chunk, deleteAt));
        if (done !== 'kept') lost += chunk.count;
      }
    };
    await Promise.all(Array.from({ length: Math.min(chunksAtOnce, chunks.length) }, worker));
    return lost;
  }

  async function putChunk(tenant: TenantId, id: string, { first, bytes }: Chunk, deleteAt: number) {
    const Item = {
      [keys.partition]: { S: remarkPartition(tenant, id) },
      [keys.sort]: { S: remarkKey(first) },
      [keys.timeToLive]: { N: String(deleteAt) },
      remarks: { B: bytes },
    };
    try {
      await client.send(new PutItemCommand({ TableName: table, Item }));
      return 'kept';
    } catch (error) {
      logger.error('remarks-lost', { tenant, receipt: id, first, error: error as Error });
      return 'lost';
    }
  }

  /** The newest of a day that are asked for. `end` is how far it came, where it gave up. */
  async function ofDay(tenant: TenantId, status: ReceiptStatus, day: string, { span, page, budget }: Reading) {
    const { sender, from, to, now, limit, after } = page;
    const found: Item[] = [];
    let more: Item | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: `${keys.partition} = :pk AND ${keys.sort} BETWEEN :oldest AND :newest`,
          FilterExpression:
            `#at BETWEEN :from AND :to AND ${keys.timeToLive} > :now` +
            (sender === undefined ? '' : ` AND (${names.map((name) => `${name} = :sender`).join(' OR ')} OR contains(#sources, :sender))`), // prettier-ignore
          ExpressionAttributeNames: { '#at': 'at', ...(sender !== undefined && senderNames) },
          ExpressionAttributeValues: {
            ':pk': { S: partition(tenant, status, day) },
            ':oldest': { S: span.oldest },
            ':newest': { S: span.newest },
            ':from': { N: String(from) },
            ':to': { N: String(to) },
            ':now': { N: String(now / 1_000) },
            ...(sender !== undefined && { ':sender': { S: sender } }),
          },
          ScanIndexForward: false,
          ConsistentRead: true,
          // Where much is passed over, a query reads as much as it can.
          ...(sender === undefined && { Limit: limit + 2 }),
          ExclusiveStartKey: more,
        }),
      );
      found.push(...Items.filter((item) => sortOf(item) !== after));
      more = LastEvaluatedKey;
      if (more !== undefined) budget.queries -= 1;
    } while (more !== undefined && found.length <= limit && budget.queries > 0);
    return { found, end: found.length <= limit ? more?.[keys.sort]?.S : undefined };
  }

  async function list(tenant: TenantId, page: ReceiptPage) {
    const { statuses, after, limit, now, from, to } = page;
    // Clocks of two functions may differ by a little.
    const newest = Math.min(to, now + minuteMs);
    const oldest = Math.max(from, forgottenUntil(now, mostReceiptDays)) - minuteMs;
    const span = { oldest: new Date(oldest).toISOString(), newest: after ?? `${new Date(newest).toISOString()}$` };
    const budget = { queries: queriesAtMost };
    const found: Item[] = [];
    let end: string | undefined;
    let at = after === undefined ? newest : Math.min(newest, Date.parse(after.slice(0, 24)));
    for (; found.length <= limit && end === undefined && dayOf(at) >= dayOf(oldest); at -= dayMs) {
      const day = dayOf(at);
      const answers = await Promise.all(
        statuses.map(async (status) => ofDay(tenant, status, day, { span, page, budget })),
      );
      // What is older than where one of them gave up may not be all there is.
      end = answers.flatMap((each) => each.end ?? []).sort(descending)[0];
      const certain = answers.flatMap((each) => each.found).filter((item) => sortOf(item) >= (end ?? ''));
      found.push(...certain.sort((one, other) => descending(sortOf(one), sortOf(other))));
    }
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const next = found.length > limit && last ? sortOf(last) : end;
    return { receipts: items.map(receiptFrom), ...(next !== undefined && { next }) };
  }

  return {
    async record(tenant, receipt, remarks, keeping) {
      const lost = await keepRemarks(tenant, receipt, remarks, keeping);
      const whole = { ...receipt, remarksLeftOut: receipt.remarksLeftOut + lost };
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              ...marshall(whole, { removeUndefinedValues: true }),
              [keys.partition]: { S: partition(tenant, receipt.status, dayOf(timeOfReceipt(receipt.id))) },
              [keys.sort]: { S: receiptPosition(receipt.id) },
              [keys.timeToLive]: { N: String(Math.ceil(endOfReceipt(receipt.at, keeping.days) / 1_000)) },
            },
            ConditionExpression: `attribute_not_exists(${keys.partition})`,
          }),
        );
        return 'kept';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'kept'; // it is there already
        logger.error('receipt-lost', { tenant, receipt: whole, error: error as Error });
        return 'lost';
      }
    },

    async find(tenant, ids, now) {
      const places = [...new Set(ids)].flatMap((id) =>
        receiptStatuses.map((status) => ({
          [keys.partition]: { S: partition(tenant, status, dayOf(timeOfReceipt(id))) },
          [keys.sort]: { S: receiptPosition(id) },
        })),
      );
      const found: Item[] = [];
      while (places.length > 0) {
        const wanted = places.splice(0, keysAtOnce);
        const { Responses, UnprocessedKeys } = await client.send(
          new BatchGetItemCommand({ RequestItems: { [table]: { Keys: wanted, ConsistentRead: true } } }),
        );
        found.push(...(Responses?.[table] ?? []));
        places.push(...((UnprocessedKeys?.[table]?.Keys ?? []) as typeof places));
      }
      return found
        .filter((item) => Number(item[keys.timeToLive]?.N) * 1_000 > now)
        .sort((one, other) => descending(sortOf(one), sortOf(other)))
        .map(receiptFrom);
    },

    async remarks(tenant, receipt, { from, limit }) {
      const sum = Object.values(receipt.remarkCounts).reduce((total, count) => total + count, 0);
      const numbered = sum <= remarksShown ? told({ first: 0, remarks: receipt.remarks }) : await beside(tenant, receipt.id, from, limit); // prettier-ignore
      const wanted = numbered.filter(({ number }) => number >= from);
      const next = wanted[limit]?.number;
      return { remarks: wanted.slice(0, limit).map(({ remark }) => remark), ...(next !== undefined && { next }) };
    },

    list,
  };

  /** The remarks that lie beside a receipt, from the chunk on in which the first lies that is wanted. */
  async function beside(tenant: TenantId, id: string, from: number, limit: number) {
    const before = await chunksAt(tenant, id, { comparison: '<=', number: from, descending: true, limit: 1 });
    const found = before.flatMap(told);
    let number = from;
    for (let more = true; more && (found.at(-1)?.number ?? -1) < from + limit;) {
      const chunks = await chunksAt(tenant, id, { comparison: '>', number, descending: false, limit: 4 });
      found.push(...chunks.flatMap(told));
      number = chunks.at(-1)?.first ?? number;
      more = chunks.length > 0;
    }
    return found;
  }

  async function chunksAt(tenant: TenantId, id: string, { comparison, number, descending, limit }: ChunkQuery) {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: `${keys.partition} = :pk AND ${keys.sort} ${comparison} :number`,
        ExpressionAttributeValues: { ':pk': { S: remarkPartition(tenant, id) }, ':number': { S: remarkKey(number) } },
        ScanIndexForward: !descending,
        ConsistentRead: true,
        Limit: limit,
      }),
    );
    return Items.map((item) => ({
      first: Number(item[keys.sort]?.S),
      remarks: remarksIn(item.remarks?.B ?? new Uint8Array()),
    }));
  }
}

interface Reading {
  /** Sort keys. */
  readonly span: { readonly oldest: string; readonly newest: string };
  readonly page: ReceiptPage;
  /** Full queries that are left to the call. */
  readonly budget: { queries: number };
}

interface ChunkQuery {
  readonly comparison: '<=' | '>';
  readonly number: number;
  readonly descending: boolean;
  readonly limit: number;
}

const senderNames = { '#id': 'credentialId', '#name': 'credentialName', '#sources': 'sources' };
const names = ['#id', '#name'];

const told = ({ first, remarks }: { first: number; remarks: readonly Remark[] }) =>
  remarks.map((remark, index) => ({ number: first + index, remark }));

const sortOf = (item: Item) => item[keys.sort]?.S ?? '';
const descending = (one: string, other: string) => (one < other ? 1 : one > other ? -1 : 0);
const receiptFrom = (item: Item): Receipt => v.parse(stored, unmarshall(item));
