/**
 * Receipts in DynamoDB: a partition for each tenant, status and day, in it by time. So the refused ones are found
 * without reading past the accepted ones, and no partition grows for ever.
 * `T#acme#RECEIPT#refused#2026-03-01` / `2026-03-01T12:00:00.000Z#<id>`
 */
import type { Logger } from '@aws-lambda-powertools/logger';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type Receipt, receiptDays, type ReceiptStatus, receiptStatuses, type ReceiptStore } from './receipt.ts';

const dayMs = 24 * 60 * 60 * 1_000;
const partition = (tenant: TenantId, status: ReceiptStatus, day: string) => `T#${tenant}#RECEIPT#${status}#${day}`;
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);
const sortKey = (at: number, id: string) => `${new Date(at).toISOString()}#${id}`;

const text = v.exactOptional(v.string());
const number = v.exactOptional(v.number());
const stored = v.object({
  id: v.string(),
  at: v.number(),
  kind: v.picklist(['post', 'login']),
  status: v.picklist(receiptStatuses),
  credentialId: v.string(),
  credentialName: v.string(),
  clientAddress: v.string(),
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
    }),
  ),
  remarks: v.array(v.object({ code: v.string(), message: v.string(), line: number, column: number })),
  clockSkewMs: number,
});

export function dynamoReceiptStore(client: DynamoDBClient, table: string, logger: Logger): ReceiptStore {
  async function put(tenant: TenantId, receipt: Receipt, sort: string) {
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...marshall(receipt, { removeUndefinedValues: true }),
            [keys.partition]: { S: partition(tenant, receipt.status, dayOf(receipt.at)) },
            [keys.sort]: { S: sort },
            [keys.timeToLive]: { N: String(Math.ceil((receipt.at + receiptDays * dayMs) / 1_000)) },
          },
          ConditionExpression: `attribute_not_exists(${keys.partition})`,
        }),
      );
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return; // it is there already
      logger.error('receipt-lost', { tenant, receipt, error: error as Error });
    }
  }

  /** The newest of a day that are older than `before`. A query answers at most 1 MB, so it may take several. */
  async function page(
    tenant: TenantId,
    status: ReceiptStatus,
    { day, before, limit }: { day: string; before: string; limit: number },
  ) {
    const found: Record<string, AttributeValue>[] = [];
    let more: Record<string, AttributeValue> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: `${keys.partition} = :pk AND ${keys.sort} < :before`,
          ExpressionAttributeValues: { ':pk': { S: partition(tenant, status, day) }, ':before': { S: before } },
          ScanIndexForward: false,
          ConsistentRead: true,
          Limit: limit - found.length,
          ExclusiveStartKey: more,
        }),
      );
      found.push(...Items);
      more = LastEvaluatedKey;
    } while (more !== undefined && found.length < limit);
    return found;
  }

  return {
    async record(tenant, receipt) {
      await put(tenant, receipt, sortKey(receipt.at, receipt.id));
    },

    async recordOncePerMinute(tenant, receipt) {
      const minute = receipt.at - (receipt.at % 60_000);
      await put(tenant, receipt, sortKey(minute, `login-${receipt.credentialId}`));
    },

    async list(tenant, { statuses, after, limit, now }) {
      const oldest = now - receiptDays * dayMs;
      // A later time than any receipt's: clocks of two functions may differ by a little.
      const start = after === undefined ? now + 60_000 : Date.parse(after.slice(0, after.indexOf('#')));
      const found: Record<string, AttributeValue>[] = [];
      for (let at = start; found.length <= limit && dayOf(at) >= dayOf(oldest); at -= dayMs) {
        const before = after ?? '~';
        const ofDay = await Promise.all(
          statuses.map(async (status) => page(tenant, status, { day: dayOf(at), before, limit: limit + 1 })),
        );
        found.push(
          ...ofDay
            .flat()
            .sort(newestFirst)
            .slice(0, limit + 1 - found.length),
        );
      }
      const shown = found.slice(0, limit).filter((item) => Number(item[keys.timeToLive]?.N) * 1_000 > now);
      const last = found.length > limit ? found[limit - 1]?.[keys.sort]?.S : undefined;
      return {
        receipts: shown.map((item) => v.parse(stored, unmarshall(item))),
        ...(last !== undefined && { next: last }),
      };
    },
  };
}

const newestFirst = (one: Record<string, AttributeValue>, other: Record<string, AttributeValue>) =>
  (one[keys.sort]?.S ?? '') < (other[keys.sort]?.S ?? '') ? 1 : -1;
