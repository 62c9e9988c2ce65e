/**
 * Tokens in the tenants table, encrypted for their own place: `T#<tenant>` / `TOKEN#<host:port>#<client id>`. The lease
 * stands beside the token, so one condition speaks of both.
 */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import type { Cipher } from '../outbound/secrets.ts';
import type { TokenPlace, TokenStore } from './tokens.ts';

const sortKey = ({ server, clientId }: TokenPlace) => `TOKEN#${server}#${clientId}`;
const keyOf = (place: TokenPlace) => ({
  [keys.partition]: { S: `T#${place.tenant}` },
  [keys.sort]: { S: sortKey(place) },
});
const purposeOf = (place: TokenPlace) => ({ tenant: place.tenant, name: sortKey(place) });

const kept = v.object({
  token: v.exactOptional(
    v.object({
      revision: v.string(),
      ciphertext: v.instance(Uint8Array),
      obtainedAt: v.number(),
      expiresAt: v.number(),
    }),
  ),
  leasedUntil: v.exactOptional(v.number()),
});

export function dynamoTokenStore(client: DynamoDBClient, table: string, cipher: Cipher): TokenStore {
  type Change = Omit<UpdateItemCommandInput, 'TableName' | 'Key'>;
  const update = async <Refusal extends string>(place: TokenPlace, change: Change, refusal: Refusal) => {
    try {
      await client.send(new UpdateItemCommand({ TableName: table, Key: keyOf(place), ...change }));
      return 'done';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return refusal;
      throw error;
    }
  };

  return {
    async read(place) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: keyOf(place), ConsistentRead: true }),
      );
      return Item === undefined ? {} : v.parse(kept, unmarshall(Item));
    },

    open: async (place, { ciphertext }) => cipher.decrypt(purposeOf(place), ciphertext),

    async lease(place, { id, seen, now, untilAt }) {
      // The SDK repeats what got no answer: who holds the lease already may take it again.
      const free = '(attribute_not_exists(leasedUntil) OR leasedUntil <= :now OR leaseId = :id)';
      const unchanged = seen === undefined ? 'attribute_not_exists(#token)' : '#token.revision = :seen';
      const change = {
        UpdateExpression: 'SET leaseId = :id, leasedUntil = :until',
        ConditionExpression: `${free} AND ${unchanged}`,
        ExpressionAttributeNames: { '#token': 'token' },
        ExpressionAttributeValues: {
          ':id': { S: id },
          ':now': { N: String(now) },
          ':until': { N: String(untilAt) },
          ...(seen !== undefined && { ':seen': { S: seen } }),
        },
      };
      return (await update(place, change, 'refused')) === 'refused' ? 'refused' : 'leased';
    },

    async keep(place, { text, revision, obtainedAt, expiresAt }) {
      const ciphertext = await cipher.encrypt(purposeOf(place), text);
      const token = {
        revision: { S: revision },
        ciphertext: { B: ciphertext },
        obtainedAt: { N: String(obtainedAt) },
        expiresAt: { N: String(expiresAt) },
      };
      const change = {
        UpdateExpression: 'SET #token = :token REMOVE leaseId, leasedUntil',
        ConditionExpression: 'leaseId = :id OR #token.revision = :id',
        ExpressionAttributeNames: { '#token': 'token' },
        ExpressionAttributeValues: { ':id': { S: revision }, ':token': { M: token } },
      };
      return (await update(place, change, 'outrun')) === 'outrun' ? 'outrun' : 'kept';
    },

    async release(place, id) {
      const change = {
        UpdateExpression: 'REMOVE leaseId, leasedUntil',
        ConditionExpression: 'leaseId = :id',
        ExpressionAttributeValues: { ':id': { S: id } },
      };
      await update(place, change, 'over');
    },
  };
}
