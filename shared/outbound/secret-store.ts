/**
 * Secrets in the tenants table, each encrypted in an item of its own: `T#<tenant>` / `SECRET#<name>#<16 hex>`.
 * A secret that replaces another is a new item, so whoever still holds the old reference never gets half of each; it
 * names the one that it replaced, which may stand in for it for a while.
 */
import { DeleteItemCommand, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { randomBytes } from 'node:crypto';
import { keys } from '../contract.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Cipher, SecretKeeper, SecretOpener, SecretReference } from './secrets.ts';

const place = (tenant: TenantId, reference: SecretReference) => ({
  [keys.partition]: { S: `T#${tenant}` },
  [keys.sort]: { S: `SECRET#${reference}` },
});

export function dynamoSecretStore(client: DynamoDBClient, table: string, cipher: Cipher): SecretKeeper & SecretOpener {
  return {
    async keep(purpose, secret, former) {
      const reference = `${purpose.name}#${randomBytes(8).toString('hex')}` as SecretReference;
      const ciphertext = await cipher.encrypt(purpose, secret);
      const Item = {
        ...place(purpose.tenant, reference),
        ciphertext: { B: ciphertext },
        ...(former && { former: { S: former.reference }, formerUntil: { N: String(former.untilAt) } }),
      };
      await client.send(new PutItemCommand({ TableName: table, Item }));
      return reference;
    },

    async has(tenant, reference) {
      const Key = place(tenant, reference);
      const projection = { ProjectionExpression: keys.sort, ConsistentRead: true };
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ...projection }));
      return Item === undefined ? 'forgotten' : 'kept';
    },

    async forget(tenant, reference) {
      await client.send(new DeleteItemCommand({ TableName: table, Key: place(tenant, reference) }));
    },

    async open(purpose, reference) {
      const Key = place(purpose.tenant, reference);
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
      const ciphertext = Item?.ciphertext?.B;
      if (ciphertext === undefined) return undefined;
      const [former, until] = [Item?.former?.S as SecretReference | undefined, Item?.formerUntil?.N];
      return {
        text: await cipher.decrypt(purpose, ciphertext),
        ...(former !== undefined && { former: { reference: former, untilAt: Number(until) } }),
      };
    },
  };
}
