/**
 * Stories in the journal, by time: a line lies with its address and with its user.
 * `T#acme#STORY#192.0.2.50` and `T#acme#STORY-USER#alice` / `2026-03-01T12:00:00.000Z#<id>`
 */
import type { Logger } from '@aws-lambda-powertools/logger';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { setTimeout as wait } from 'node:timers/promises';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { storyKinds, type StoryLine, storyPosition, type StoryStore, type StorySubject } from './story.ts';

const itemsAtOnce = 25; // DynamoDB's own limit
const requestsAtOnce = 8;
const attempts = 4;
const dayMs = 24 * 60 * 60 * 1_000;

type Item = Record<string, AttributeValue>;

const partition = (tenant: TenantId, subject: StorySubject) =>
  'ip' in subject ? `T#${tenant}#STORY#${subject.ip}` : `T#${tenant}#STORY-USER#${subject.user}`;

const text = v.exactOptional(v.string());
const stored = v.object({
  id: v.string(),
  at: v.number(),
  kind: v.picklist(storyKinds),
  ip: v.exactOptional(v.custom<IpAddress>((value) => typeof value === 'string')),
  user: text,
  domain: text,
  code: v.string(),
  message: v.string(),
  receipt: text,
  entry: v.exactOptional(v.number()),
  credentialId: text,
});

export function dynamoStoryStore(client: DynamoDBClient, table: string, logger: Logger): StoryStore {
  const keyOf = (item: Item) => `${item[keys.partition]?.S ?? ''} ${item[keys.sort]?.S ?? ''}`;

  /** The lines of which an item could not be written. */
  async function write(batch: readonly Placed[], untilAt: number): Promise<readonly StoryLine[]> {
    let open = batch;
    try {
      for (let attempt = 0; attempt < attempts && open.length > 0 && Date.now() < untilAt; attempt += 1) {
        if (attempt > 0) await wait(20 * 2 ** attempt * (0.5 + Math.random()));
        const { UnprocessedItems } = await client.send(
          new BatchWriteItemCommand({ RequestItems: { [table]: open.map(({ item }) => ({ PutRequest: { Item: item } })) } }), // prettier-ignore
        );
        const left = new Set(UnprocessedItems?.[table]?.map(({ PutRequest }) => keyOf(PutRequest?.Item ?? {})));
        open = open.filter(({ item }) => left.has(keyOf(item)));
      }
    } catch (error) {
      logger.error('story-lost', { lines: open.length, error: error as Error });
    }
    return open.map(({ line }) => line);
  }

  return {
    async add(tenant, lines, { days, untilAt = Infinity }) {
      const items = new Map(
        lines.flatMap((line) => placed(tenant, line, days)).map((each) => [keyOf(each.item), each] as const),
      );
      const all = [...items.values()];
      const batches = Array.from({ length: Math.ceil(all.length / itemsAtOnce) }, (_, index) =>
        all.slice(index * itemsAtOnce, (index + 1) * itemsAtOnce),
      );
      const untold = new Set<StoryLine>();
      const worker = async () => {
        for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
          for (const line of await write(batch, untilAt)) untold.add(line);
        }
      };
      await Promise.all(Array.from({ length: Math.min(requestsAtOnce, batches.length) }, worker));
      return { leftOut: untold.size };
    },

    async read(tenant, subject, { from = 0, to, kind, after, limit, now }) {
      const end = to === undefined ? '~' : `${new Date(to).toISOString()}$`; // "$" is what follows "#"
      const before = after !== undefined && after < end ? after : end;
      const found: StoryLine[] = [];
      let more: Item | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: `${keys.partition} = :pk AND ${keys.sort} BETWEEN :from AND :before`,
            ExpressionAttributeValues: {
              ':pk': { S: partition(tenant, subject) },
              ':from': { S: new Date(from).toISOString() },
              ':before': { S: before },
            },
            ScanIndexForward: false,
            ConsistentRead: true,
            Limit: limit + 2 - found.length,
            ExclusiveStartKey: more,
          }),
        );
        const lines = Items.filter((item) => Number(item[keys.timeToLive]?.N) * 1_000 > now).map(lineFrom);
        found.push(...lines.filter((line) => (kind ?? line.kind) === line.kind && storyPosition(line) < before));
        more = LastEvaluatedKey;
      } while (more !== undefined && found.length <= limit);
      const last = found.length > limit ? found[limit - 1] : undefined;
      return { lines: found.slice(0, limit), ...(last && { next: storyPosition(last) }) };
    },
  };
}

interface Placed {
  readonly item: Item;
  readonly line: StoryLine;
}

function placed(tenant: TenantId, line: StoryLine, days: number): Placed[] {
  const { ip, user, at } = line;
  const subjects = [...(ip === undefined ? [] : [{ ip }]), ...(user === undefined ? [] : [{ user }])];
  return subjects.map((subject) => ({
    line,
    item: {
      ...marshall(line, { removeUndefinedValues: true }),
      [keys.partition]: { S: partition(tenant, subject) },
      [keys.sort]: { S: storyPosition(line) },
      [keys.timeToLive]: { N: String(Math.ceil((at + days * dayMs) / 1_000)) },
    },
  }));
}

const lineFrom = (item: Item): StoryLine => v.parse(stored, unmarshall(item));
