/**
 * The feed for firewalls as it lies in the endpoints table, whole, so that whoever polls costs one read.
 *
 *   T#<tenant>#FEED-OUT / infected-hosts
 */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Feed, FeedOutStore } from './feed-out.ts';

const place = (tenant: TenantId) => ({
  [keys.partition]: { S: `T#${tenant}#FEED-OUT` },
  [keys.sort]: { S: 'infected-hosts' },
});

const stored = v.object({
  text: v.object({ B: v.instance(Uint8Array) }),
  version: v.object({ S: v.string() }),
  madeAt: v.object({ N: v.string() }),
});

export function dynamoFeedOutStore(client: DynamoDBClient, table: string): FeedOutStore {
  /** Whether the condition held. */
  async function update(input: Omit<UpdateItemCommandInput, 'TableName'>): Promise<'held' | 'refused'> {
    try {
      await client.send(new UpdateItemCommand({ TableName: table, ...input }));
      return 'held';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return 'refused';
      throw error;
    }
  }

  return {
    async read(tenant) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: place(tenant), ConsistentRead: true }),
      );
      // Where nobody has made it yet there may be a claim alone.
      return Item?.text === undefined ? undefined : feedFrom(Item);
    },

    async claim(tenant, read, { id, now, untilAt }) {
      const stands = read === undefined ? 'attribute_not_exists(madeAt)' : 'madeAt = :read';
      const result = await update({
        Key: place(tenant),
        UpdateExpression: 'SET claimedBy = :id, claimedUntil = :until',
        ConditionExpression: `${stands} AND (attribute_not_exists(claimedUntil) OR claimedUntil <= :now)`,
        ExpressionAttributeValues: {
          ':id': { S: id },
          ':until': { N: String(untilAt) },
          ':now': { N: String(now) },
          ...(read !== undefined && { ':read': { N: String(read.madeAt) } }),
        },
      });
      return result === 'held' ? 'claimed' : 'taken';
    },

    async put(tenant, { text, version, madeAt }, { id }) {
      await update({
        Key: place(tenant),
        UpdateExpression: 'SET #text = :text, version = :version, madeAt = :madeAt REMOVE claimedBy, claimedUntil',
        ConditionExpression: 'claimedBy = :id',
        ExpressionAttributeNames: { '#text': 'text' },
        ExpressionAttributeValues: {
          ':text': { B: gzipSync(text) },
          ':version': { S: version },
          ':madeAt': { N: String(madeAt) },
          ':id': { S: id },
        },
      });
    },
  };
}

function feedFrom(item: object): Feed {
  const { text, version, madeAt } = v.parse(stored, item);
  return { text: gunzipSync(text.B).toString(), version: version.S, madeAt: Number(madeAt.N) };
}
