/**
 * What is remembered of messages, in the endpoints table.
 *
 *   the answer to a message      T#<tenant>#EVENT#<client>    <eventId>
 *   the newest clear of a kind   T#<tenant>#CLEAR#<client>    <hold>#<address or MAC>
 */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';
import { eventStates } from '../journal/event-line.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type Clearing, type EventMemory, rememberedMs } from './event-memory.ts';

const stored = v.object({
  state: v.picklist(eventStates),
  code: v.string(),
  message: v.string(),
  mac: v.nullable(v.custom<Mac>((value) => typeof value === 'string')),
  ip: v.custom<IpAddress>((value) => typeof value === 'string'),
  operations: v.array(v.string()),
  fingerprint: v.string(),
});

const place = (partition: string, sort: string) => ({ [keys.partition]: { S: partition }, [keys.sort]: { S: sort } });

const placeOfAnswer = (tenant: TenantId, client: string, eventId: string) =>
  place(`T#${tenant}#EVENT#${client}`, eventId);

const placeOfClear = (tenant: TenantId, { client, hold, target }: Clearing) =>
  place(`T#${tenant}#CLEAR#${client}`, `${hold}#${target}`);

export function dynamoEventMemory(client: DynamoDBClient, table: string): EventMemory {
  /** What is over is absent, although TTL has not swept it yet. */
  async function read(Key: Record<string, AttributeValue>, now: number) {
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    return Item !== undefined && now < Number(Item.untilAt?.N) ? Item : undefined;
  }

  const kept = (now: number) => ({
    untilAt: { N: String(now + rememberedMs) },
    [keys.timeToLive]: { N: String(Math.ceil((now + rememberedMs) / 1_000)) },
  });

  return {
    async answerTo(tenant, name, eventId, now) {
      const item = await read(placeOfAnswer(tenant, name, eventId), now);
      return item && v.parse(stored, JSON.parse(item.answer?.S ?? ''));
    },

    async remember(tenant, name, eventId, answer, now) {
      const Item = { ...placeOfAnswer(tenant, name, eventId), answer: { S: JSON.stringify(answer) }, ...kept(now) };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },

    async clearedAt(tenant, clearings, now) {
      const items = await Promise.all(clearings.map(async (each) => read(placeOfClear(tenant, each), now)));
      const times = items.flatMap((item) => (item === undefined ? [] : Number(item.occurredAt?.N)));
      return times.length === 0 ? undefined : Math.max(...times);
    },

    async noteClear(tenant, clearing, occurredAt, now) {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: { ...placeOfClear(tenant, clearing), occurredAt: { N: String(occurredAt) }, ...kept(now) },
            ConditionExpression: `attribute_not_exists(${keys.partition}) OR occurredAt < :at OR untilAt <= :now`,
            ExpressionAttributeValues: { ':at': { N: String(occurredAt) }, ':now': { N: String(now) } },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}
