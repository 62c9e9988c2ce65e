/** The limits of tenants, as the functions that hold to them read them: apart from what writes them, so that it stays light. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { keys } from '../contract.ts';
import { limitNames, type OwnLimits } from './limits.ts';
import { type LimitsOf, rememberedLimits } from './remembered-limits.ts';

/** Not strongly consistent, at half the price: they are a minute old anyway. */
export const dynamoLimits = (client: DynamoDBClient, table: string, logger: Pick<Logger, 'error'>): LimitsOf =>
  rememberedLimits({
    async read(tenant) {
      const Key = { [keys.partition]: { S: `T#${tenant}` }, [keys.sort]: { S: 'TENANT' } };
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key }));
      return Item?.limits?.M && ownLimitsFrom(Item.limits.M);
    },
    now: Date.now,
    unread: (tenant, error) => logger.error('limits-unread', { tenant, error: error as Error }),
  });

function ownLimitsFrom(stored: Record<string, AttributeValue>): OwnLimits {
  const set = limitNames.flatMap((name) => {
    const value = Number(stored[name]?.N);
    return Number.isFinite(value) ? [[name, value] as const] : [];
  });
  return Object.fromEntries(set);
}
