/** API keys beside the logins, where the authorizer finds them; they are only ever put here, never read. */
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { keys } from '../contract.ts';
import type { ApiKeyStore } from './log-in.ts';
import { loginPlace } from './login-store.ts';

const dayMs = 24 * 60 * 60 * 1_000;

export function dynamoApiKeyStore(client: DynamoDBClient, table: string): ApiKeyStore {
  return {
    async add(digest, key) {
      // For a day after its end whoever still uses it can be told apart from a stranger.
      const deleteAt = { N: String(Math.ceil((key.expiresAt + dayMs) / 1_000)) };
      const Item = { ...loginPlace(digest), ...marshall(key), [keys.timeToLive]: deleteAt };
      const isNew = `attribute_not_exists(${keys.partition})`;
      await client.send(new PutItemCommand({ TableName: table, Item, ConditionExpression: isNew }));
    },
  };
}
