/** States of connectors in the endpoints table: `T#<tenant>#CONNECTORS` / `<key>`. Of one that is gone it is forgotten a day later. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { ConnectorKey, ConnectorState, ConnectorStates } from './connector-state.ts';

const keptMs = 24 * 60 * 60 * 1_000;

const stored = v.object({
  name: v.string(),
  about: v.string(),
  state: v.picklist(['active', 'inactive']),
  sinceAt: v.number(),
  checkedAt: v.number(),
  error: v.nullable(v.string()),
});

const partition = (tenant: TenantId) => ({ S: `T#${tenant}#CONNECTORS` });
const place = (tenant: TenantId, connector: ConnectorKey) => ({
  [keys.partition]: partition(tenant),
  [keys.sort]: { S: connector },
});

const fromItem = ({ told }: Record<string, AttributeValue>): ConnectorState =>
  v.parse(stored, JSON.parse(told?.S ?? ''));

export function dynamoConnectorStates(client: DynamoDBClient, table: string): ConnectorStates {
  return {
    async all(tenant) {
      // At most as many as there may be connectors, and those that went in the last day: one page.
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: `${keys.partition} = :pk`,
          ExpressionAttributeValues: { ':pk': partition(tenant) },
        }),
      );
      return new Map(Items.map((item) => [(item[keys.sort]?.S ?? '') as ConnectorKey, fromItem(item)]));
    },

    async read(tenant, connector) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: place(tenant, connector), ConsistentRead: true }),
      );
      return Item && fromItem(Item);
    },

    async replace(tenant, connector, state, read) {
      const Item = {
        ...place(tenant, connector),
        [keys.timeToLive]: { N: String(Math.ceil((state.checkedAt + keptMs) / 1_000)) },
        checkedAt: { N: String(state.checkedAt) },
        told: { S: JSON.stringify(state) },
      };
      const condition =
        read === undefined
          ? { ConditionExpression: `attribute_not_exists(${keys.partition})` }
          : {
              ConditionExpression: 'checkedAt = :read',
              ExpressionAttributeValues: { ':read': { N: String(read.checkedAt) } },
            };
      try {
        await client.send(new PutItemCommand({ TableName: table, Item, ...condition }));
        return 'replaced';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'conflict';
        throw error;
      }
    },
  };
}
