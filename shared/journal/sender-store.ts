/**
 * What is known of senders, an item each. Twenty of a sender's connections may post at once, so accepted posts are noted
 * once in five seconds by each environment of a function; what is refused is noted each time.
 */
import type { Logger } from '@aws-lambda-powertools/logger';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { keys } from '../contract.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { changeBy, senderFrom } from './sender-item.ts';
import { beginningMs, type SenderNews, type SenderStore } from './senders.ts';

const togetherMs = 5_000;
/** Senders that an environment remembers; then it begins anew. */
const remembered = 1_000;

const partition = (tenant: TenantId) => `T#${tenant}`;
const prefix = 'SENDER#';

interface Memory {
  readonly notedAt: number;
  readonly outcome: SenderNews['outcome'];
  /** No earlier than the newest beginning that is stored. */
  readonly beganAt: number;
  /** Accepted since, and not noted yet. */
  readonly untold: number;
}

export function dynamoSenderStore(client: DynamoDBClient, table: string, logger: Logger): SenderStore {
  const memories = new Map<string, Memory>();

  async function write(tenant: TenantId, news: SenderNews, sent: number, beginning: 'beginning' | 'going-on') {
    const { Attributes } = await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { [keys.partition]: { S: partition(tenant) }, [keys.sort]: { S: prefix + news.credentialId } },
        ...changeBy(news, sent, beginning),
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    return { refusedInARow: Number(Attributes?.inARow?.N ?? 0) };
  }

  return {
    async note(tenant, news) {
      const { at, outcome } = news;
      const key = `${tenant} ${news.credentialId}`;
      const memory = memories.get(key);
      if (memory?.outcome === 'accepted' && outcome === 'accepted' && Math.abs(at - memory.notedAt) < togetherMs) {
        memories.set(key, { ...memory, untold: memory.untold + 1 });
        return { refusedInARow: 0 };
      }
      const sent = 1 + (memory?.untold ?? 0);
      const isDue = memory === undefined || at - memory.beganAt >= beginningMs;
      if (memories.size >= remembered) memories.clear();
      memories.set(key, { notedAt: at, outcome, beganAt: isDue ? at : memory.beganAt, untold: 0 });
      try {
        if (!isDue) return await write(tenant, news, sent, 'going-on');
        return await write(tenant, news, sent, 'beginning').catch(async (error: unknown) => {
          // Another environment has noted a beginning within this minute.
          if (error instanceof ConditionalCheckFailedException) return write(tenant, news, sent, 'going-on');
          throw error;
        });
      } catch (error) {
        logger.error('sender-not-noted', { tenant, news, error: error as Error });
        return { refusedInARow: 0 };
      }
    },

    async all(tenant, now) {
      const items: Record<string, AttributeValue>[] = [];
      let more: Record<string, AttributeValue> | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: `${keys.partition} = :pk AND begins_with(${keys.sort}, :prefix)`,
            ExpressionAttributeValues: { ':pk': { S: partition(tenant) }, ':prefix': { S: prefix } },
            ConsistentRead: true,
            ExclusiveStartKey: more,
          }),
        );
        items.push(...Items);
        more = LastEvaluatedKey;
      } while (more !== undefined);
      return items.filter((item) => Number(item[keys.timeToLive]?.N) * 1_000 > now).map(senderFrom);
    },
  };
}
