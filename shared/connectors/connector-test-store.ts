/**
 * Drafts that are tried, in the endpoints table: `T#<tenant>#CONNECTOR-TESTS` / `<id>`, for ten minutes. A secret that was
 * sent along is encrypted for its test alone, and goes as soon as that is answered.
 */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { connectMethods, connectorTypes } from '../configuration/threat-response.ts';
import { keys } from '../contract.ts';
import type { Cipher, SecretReference } from '../outbound/secrets.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type ConnectorTests, testKeptMs } from './connector-test.ts';

const draft = v.object({
  name: v.string(),
  description: v.string(),
  type: v.picklist(connectorTypes),
  address: v.string(),
  port: v.number(),
  connectMethod: v.picklist(connectMethods),
  caCertificate: v.nullable(v.string()),
  username: v.string(),
  subnets: v.array(v.string()),
  settings: v.record(v.string(), v.string()),
});

const answer = v.object({
  outcome: v.picklist(['acknowledged', 'refused', 'failed']),
  detail: v.string(),
  roundTripMs: v.number(),
});

const place = (tenant: TenantId, id: string) => ({
  [keys.partition]: { S: `T#${tenant}#CONNECTOR-TESTS` },
  [keys.sort]: { S: id },
});

/** What KMS binds the secret to. */
const purposeOf = (tenant: TenantId, id: string) => ({ tenant, name: `connector-test/${id}` });

export function dynamoConnectorTests(client: DynamoDBClient, table: string, cipher: Cipher): ConnectorTests {
  const get = async (tenant: TenantId, id: string) =>
    (await client.send(new GetItemCommand({ TableName: table, Key: place(tenant, id), ConsistentRead: true }))).Item;

  return {
    async leave(tenant, id, { password, ...rest }, now) {
      const secret =
        'kept' in password
          ? { reference: { S: password.kept } }
          : { ciphertext: { B: await cipher.encrypt(purposeOf(tenant, id), password.sent) } };
      const untilAt = now + testKeptMs;
      const Item = {
        ...place(tenant, id),
        [keys.timeToLive]: { N: String(Math.ceil(untilAt / 1_000)) },
        untilAt: { N: String(untilAt) },
        draft: { S: JSON.stringify(rest) },
        ...secret,
      };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },

    async read(tenant, id, now) {
      const item = await get(tenant, id);
      const [told, reference, ciphertext] = [item?.draft?.S, item?.reference?.S, item?.ciphertext?.B];
      if (told === undefined || Number(item?.untilAt?.N) <= now) return undefined;
      const rest = v.parse(draft, JSON.parse(told));
      if (reference !== undefined) return { ...rest, password: { kept: reference as SecretReference } };
      if (ciphertext === undefined) return undefined;
      return { ...rest, password: { sent: await cipher.decrypt(purposeOf(tenant, id), ciphertext) } };
    },

    async answer(tenant, id, told) {
      const item = await get(tenant, id);
      const deleteAt = item?.[keys.timeToLive];
      // Swept meanwhile: nobody waits for it, and nothing would sweep it again.
      if (deleteAt === undefined) return;
      const Item = { ...place(tenant, id), [keys.timeToLive]: deleteAt, answer: { S: JSON.stringify(told) } };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },

    async answered(tenant, id) {
      const told = (await get(tenant, id))?.answer?.S;
      return told === undefined ? undefined : v.parse(answer, JSON.parse(told));
    },
  };
}
