/**
 * The state of feeds in the endpoints table, an item each.
 *
 *   T#<tenant>#FEEDS / <feed>
 */
import { ConditionalCheckFailedException, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'; // prettier-ignore
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { FeedRevision, FeedState, FeedStore, PolledFeed, StoredFeed } from './feed.ts';

const place = (tenant: TenantId, feed: PolledFeed) => ({
  [keys.partition]: { S: `T#${tenant}#FEEDS` },
  [keys.sort]: { S: feed },
});

const instant = v.nullable(v.number());
const stateSchema: v.GenericSchema<unknown, FeedState> = v.object({
  lease: v.nullable(v.object({ id: v.string(), untilAt: v.number() })),
  nextPollAt: v.number(),
  lastPollAt: instant,
  lastGoodPollAt: instant,
  failure: v.nullable(v.object({ since: v.number(), code: v.string(), message: v.string() })),
  counts: v.object({
    listed: v.number(),
    acted: v.number(),
    unmanaged: v.number(),
    held: v.number(),
    silenced: v.number(),
    known: v.number(),
  }),
  lossHeld: v.nullable(
    v.object({
      since: v.number(),
      pollId: v.string(),
      lost: v.number(),
      of: v.number(),
      approvedAt: instant,
      rejectedAt: instant,
    }),
  ),
  unfinished: v.nullable(v.string()),
});

export function dynamoFeedStore(client: DynamoDBClient, table: string): FeedStore {
  async function read(tenant: TenantId, feed: PolledFeed): Promise<StoredFeed | undefined> {
    const command = new GetItemCommand({ TableName: table, Key: place(tenant, feed), ConsistentRead: true });
    const { Item } = await client.send(command);
    if (Item === undefined) return undefined;
    const state = v.parse(stateSchema, JSON.parse(Item.state?.S ?? ''));
    return { state, revision: (Item.revision?.S ?? '') as FeedRevision };
  }

  return {
    read,
    async replace(tenant, feed, state, before) {
      const revision = randomUUID();
      const condition =
        before === undefined
          ? { ConditionExpression: `attribute_not_exists(${keys.partition})` }
          : { ConditionExpression: 'revision = :read', ExpressionAttributeValues: { ':read': { S: before.revision } } };
      const Item = { ...place(tenant, feed), state: { S: JSON.stringify(state) }, revision: { S: revision } };
      try {
        await client.send(new PutItemCommand({ TableName: table, Item, ...condition }));
        return 'replaced';
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        // A write that the client sent twice is refused the second time, and has been done all the same.
        return (await read(tenant, feed))?.revision === (revision as string) ? 'replaced' : 'conflict';
      }
    },
  };
}
