/**
 * When each source was heard, beside the receipts of what it sent: one small item a source, read together.
 *
 *   T#<tenant>#SOURCES / <source>
 */
import type { Logger } from '@aws-lambda-powertools/logger';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { type SilenceSource, silenceSources } from '../configuration/configuration.ts';
import { keys } from '../contract.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { heard, type SourceHeard, type SourceHeardStore } from './source-heard.ts';

const number = v.exactOptional(v.number());
const stored = v.object({
  lastHeardAt: v.number(),
  usualGapMs: number,
  gaps: v.array(v.object({ from: v.number(), to: v.number(), usualMs: number })),
});
const source = v.picklist(silenceSources);

const place = (tenant: TenantId, name: SilenceSource) => ({
  [keys.partition]: { S: `T#${tenant}#SOURCES` },
  [keys.sort]: { S: name },
});

/** How often a writer that lost the race tries again: then others have noted the moment. */
const attempts = 3;

export function dynamoSourceHeard(client: DynamoDBClient, table: string, logger: Logger): SourceHeardStore {
  /** `same` where there is nothing to note, as others have heard the source at this moment. */
  async function noteOnce(tenant: TenantId, name: SilenceSource, at: number): Promise<'noted' | 'same' | 'conflict'> {
    const Key = place(tenant, name);
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    const before = Item && fromAttributes(Item);
    const after = heard(before, at);
    if (after === before) return 'same';
    const values = { heard: { S: JSON.stringify(after) }, lastHeardAt: { N: String(after.lastHeardAt) } };
    const condition = before
      ? { ConditionExpression: 'lastHeardAt = :read', ExpressionAttributeValues: { ':read': { N: String(before.lastHeardAt) } } } // prettier-ignore
      : { ConditionExpression: `attribute_not_exists(${keys.partition})` };
    try {
      await client.send(new PutItemCommand({ TableName: table, Item: { ...Key, ...values }, ...condition }));
      return 'noted';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return 'conflict';
      throw error;
    }
  }

  return {
    async read(tenant) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: `${keys.partition} = :pk`,
          ExpressionAttributeValues: { ':pk': { S: `T#${tenant}#SOURCES` } },
        }),
      );
      return new Map(Items.map((item) => [v.parse(source, item[keys.sort]?.S), fromAttributes(item)]));
    },

    async note(tenant, name, at) {
      try {
        for (let attempt = 0; attempt < attempts; attempt += 1) {
          if ((await noteOnce(tenant, name, at)) !== 'conflict') return;
        }
      } catch (error) {
        logger.error('source-not-noted', { tenant, source: name, error: error as Error });
      }
    },
  };
}

const fromAttributes = ({ heard: text }: Record<string, AttributeValue>): SourceHeard =>
  v.parse(stored, JSON.parse(text?.S ?? ''));
