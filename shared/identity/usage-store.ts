/**
 * What tenants have used up: `T#<tenant>#USAGE` / `POSTS`, one item a tenant. In the journal, of which no post depends: what
 * is counted here costs the entries none of their writes.
 */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  paginateQuery,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { keys } from '../contract.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { partition as partitionOf, shards } from './entry-item.ts';
import type { CountedPost, Used, UsageStore } from './post-usage.ts';

const keptMs = 2 * 24 * 60 * 60 * 1_000;

/**
 * A post waits no longer to be counted: where this takes longer, it is taken uncounted. Many times what a write takes; more would
 * only hold up the posts of a flood whose counter is throttled, and keep functions busy with them.
 */
const usualPatienceMs = 500;
const countingMs = 8_000;

export function dynamoUsageStore(client: DynamoDBClient, table: string, patienceMs = usualPatienceMs): UsageStore {
  /** The minute that was under way last, so that mostly the first of two ways is the right one. */
  const begun = new Map<TenantId, number>();

  /** The item after the update, or the one that did not allow it. */
  async function update(tenant: TenantId, asked: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>) {
    try {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { [keys.partition]: { S: `T#${tenant}#USAGE` }, [keys.sort]: { S: 'POSTS' } },
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          ...asked,
        }),
        { abortSignal: AbortSignal.timeout(patienceMs) },
      );
      return { outcome: 'done', used: usedFrom(Attributes) } as const;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { outcome: 'refused', used: usedFrom(error.Item) } as const;
    }
  }

  const goOn = async (tenant: TenantId, { minute, units, most, inserted }: CountedPost) =>
    update(tenant, {
      UpdateExpression: `SET ${keys.timeToLive} = :deleteAt ADD units :units, inserted :inserted`,
      ConditionExpression: '#minute >= :minute AND units < :most',
      ExpressionAttributeNames: { '#minute': 'minute' },
      ExpressionAttributeValues: {
        ...numbers({ minute, units, inserted, most }),
        ':deleteAt': deleteAt(minute),
      },
    });

  const begin = async (tenant: TenantId, { minute, units, inserted }: CountedPost) =>
    update(tenant, {
      UpdateExpression: `SET ${keys.timeToLive} = :deleteAt, #minute = :minute, units = :units ADD inserted :inserted`,
      ConditionExpression: 'attribute_not_exists(#minute) OR #minute < :minute',
      ExpressionAttributeNames: { '#minute': 'minute' },
      ExpressionAttributeValues: { ...numbers({ minute, units, inserted }), ':deleteAt': deleteAt(minute) },
    });

  return {
    async add(tenant, post) {
      let way = (begun.get(tenant) ?? 0) >= post.minute ? goOn : begin;
      for (let attempt = 0; attempt < 4; attempt += 1) {
        const { outcome, used } = await way(tenant, post);
        begun.set(tenant, used.minute);
        if (outcome === 'done') return { outcome: 'added', used };
        if (way === goOn && used.minute >= post.minute) return { outcome: 'full', used };
        way = way === goOn ? begin : goOn;
      }
      throw new Error(`The minutes of ${tenant} pass faster than its posts can be counted.`);
    },

    async insert(tenant, inserted) {
      await update(tenant, {
        UpdateExpression: 'ADD inserted :inserted',
        ExpressionAttributeValues: numbers({ inserted }),
      });
    },

    async claim(tenant, { used, now, untilAt }) {
      const { outcome } = await update(tenant, {
        UpdateExpression: 'SET countingUntil = :untilAt',
        ConditionExpression: `(attribute_not_exists(countingUntil) OR countingUntil <= :now) AND ${
          used.countedAt === 0 ? 'attribute_not_exists(countedAt)' : 'countedAt = :countedAt'
        }`,
        ExpressionAttributeValues: numbers({ now, untilAt, ...(used.countedAt > 0 && { countedAt: used.countedAt }) }),
      });
      return outcome === 'done' ? 'claimed' : 'refused';
    },

    async settle(tenant, { used, counted, at }) {
      await update(tenant, {
        UpdateExpression: 'SET counted = :counted, countedAt = :at, countingUntil = :over ADD inserted :less',
        ExpressionAttributeValues: numbers({ counted, at, over: 0, less: -used.inserted }),
      });
    },
  };
}

/** Counts what has somebody, in all partitions at once; nothing of it is transferred. Not strongly consistent, at half the price. */
export const dynamoEntryCount =
  (client: DynamoDBClient, table: string) =>
  async (tenant: TenantId, now: number): Promise<number> => {
    const abortSignal = AbortSignal.timeout(countingMs);
    const counts = shards.map(async (shard) => {
      const query = {
        TableName: table,
        Select: 'COUNT' as const,
        KeyConditionExpression: `${keys.partition} = :pk`,
        FilterExpression: '#state = :valid AND expiresAt > :now',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: {
          ':pk': { S: partitionOf(tenant, shard) },
          ':valid': { S: 'valid' },
          ':now': { N: String(now) },
        },
      };
      let count = 0;
      for await (const { Count = 0 } of paginateQuery({ client }, query, { abortSignal })) count += Count;
      return count;
    });
    return (await Promise.all(counts)).reduce((sum, each) => sum + each, 0);
  };

const numbers = (values: Readonly<Record<string, number>>): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, { N: String(value) }]));

const deleteAt = (minute: number) => ({ N: String(minute * 60 + keptMs / 1_000) });

function usedFrom(item: Record<string, AttributeValue> | undefined): Used {
  const of = (name: keyof Used) => Number(item?.[name]?.N ?? 0);
  return {
    minute: of('minute'),
    units: of('units'),
    inserted: Math.max(0, of('inserted')),
    counted: of('counted'),
    countedAt: of('countedAt'),
  };
}
