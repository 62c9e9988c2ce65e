/**
 * Logins as the authorizer reads them. Parsed by hand and apart from what writes them: every call of every tenant waits
 * for this file, so it imports nothing that it can do without.
 */
import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { keys, roles } from '../contract.ts';
import type { LoginStore } from './authorize.ts';
import type { ApiKey, Login } from './credential.ts';
import { holderId } from './tenant.ts';

/** The digest is that of a user or of a token: who does not know one of them cannot ask for its login. */
export const loginPlace = (digest: string) => ({
  [keys.partition]: { S: `CREDENTIAL#${digest}` },
  [keys.sort]: { S: 'CREDENTIAL' },
});

export function dynamoLoginStore(client: DynamoDBClient, table: string): LoginStore {
  return {
    async find(digest) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: loginPlace(digest), ConsistentRead: true }),
      );
      if (Item === undefined) return undefined;
      return Item.kind?.S === 'key' ? keyFrom(Item) : loginFrom(Item);
    },
  };
}

function loginFrom(item: Record<string, AttributeValue>): Login {
  const { restAccess, keysFrom, expiresAt, revokedAt } = item;
  return {
    tenant: holderId(text(item, 'tenant')),
    role: oneOf(roles, text(item, 'role')),
    credentialId: text(item, 'credentialId'),
    credentialName: text(item, 'credentialName'),
    kind: oneOf(['basic', 'token'] as const, text(item, 'kind')),
    passwords: (item.passwords?.L ?? []).flatMap(({ S }) => S ?? []),
    orderByArrival: item.orderByArrival?.BOOL === true,
    ...(restAccess && { restAccess: 'off' as const }),
    ...(keysFrom && { keysFrom: Number(keysFrom.N) }),
    ...(expiresAt && { expiresAt: Number(expiresAt.N) }),
    ...(revokedAt && { revokedAt: Number(revokedAt.N) }),
  };
}

const keyFrom = (item: Record<string, AttributeValue>): ApiKey => ({
  tenant: holderId(text(item, 'tenant')),
  credentialId: text(item, 'credentialId'),
  credentialName: text(item, 'credentialName'),
  kind: 'key',
  user: text(item, 'user'),
  password: text(item, 'password'),
  createdAt: Number(item.createdAt?.N),
  expiresAt: Number(item.expiresAt?.N),
});

function text(item: Record<string, AttributeValue>, name: string): string {
  const value = item[name]?.S;
  if (value === undefined) throw new Error(`A stored login has no ${name}.`);
  return value;
}

function oneOf<Word extends string>(words: readonly Word[], value: string): Word {
  const known = words.find((word) => word === value);
  if (known === undefined) throw new Error(`A stored login says "${value}" where only ${words.join(', ')} can stand.`);
  return known;
}
