/**
 * Attempts in the journal, each credential's in a partition of its own, for a day:
 *
 *   what                            partition                                   sort key
 *   an attempt                      T#<tenant>#IDEMPOTENCY#<credential>         <digest of the key>
 *   what its item has no room for   the same                                    <digest>#<revision>#<number of the chunk>
 *
 * An answer may hold the secret that it is the only one to show. It is compressed and encrypted with a key of its own,
 * and that key by KMS, which encrypts too little at once for a configuration.
 */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as v from 'valibot';
import { answerPurpose, keys } from '../contract.ts';
import type { Cipher } from '../outbound/secrets.ts';
import { digestOf } from '../tenancy/secret.ts';
import type { AttemptStore, KeptAnswer, Place, StoredAttempt } from './once.ts';

const chunkBytes = 300_000; // an item holds 400 kB, its names and keys included

const kept = v.object({
  status: v.number(),
  headers: v.exactOptional(v.record(v.string(), v.string())),
  body: v.string(),
});

const placeOf = ({ tenant, credentialId, key }: Place, chunk = '') => ({
  [keys.partition]: { S: `T#${tenant}#IDEMPOTENCY#${credentialId}` },
  [keys.sort]: { S: digestOf(key) + chunk },
});
const chunkOf = (revision: string, number: number) => `#${revision}#${String(number).padStart(3, '0')}`;

export function dynamoAttemptStore(client: DynamoDBClient, table: string, cipher: Cipher): AttemptStore {
  async function get(Key: ReturnType<typeof placeOf>) {
    const command = new GetItemCommand({ TableName: table, Key, ConsistentRead: true });
    return (await client.send(command)).Item;
  }

  async function seal(place: Place, answer: KeptAnswer) {
    const key = randomBytes(32);
    const purpose = { tenant: place.tenant, name: answerPurpose };
    const bytes = sealed(key, place, gzipSync(JSON.stringify(answer)));
    return { key: await cipher.encrypt(purpose, key.toString('base64')), bytes };
  }

  async function open(place: Place, sealedKey: Uint8Array, bytes: Buffer): Promise<KeptAnswer> {
    const key = await cipher.decrypt({ tenant: place.tenant, name: answerPurpose }, sealedKey);
    return v.parse(kept, JSON.parse(gunzipSync(opened(Buffer.from(key, 'base64'), place, bytes)).toString()));
  }

  return {
    async read(place) {
      const item = await get(placeOf(place));
      if (item === undefined) return undefined;
      const revision = item.revision?.S ?? '';
      const stored = {
        revision,
        fingerprint: item.fingerprint?.S ?? '',
        leaseUntilAt: Number(item.leaseUntilAt?.N),
        keptUntilAt: Number(item.keptUntilAt?.N),
      };
      const [first, sealedKey] = [item.answer?.B, item.answerKey?.B];
      if (first === undefined || sealedKey === undefined) return stored;
      const more = Array.from({ length: Number(item.chunks?.N) - 1 }, async (_, index) => {
        const chunk = await get(placeOf(place, chunkOf(revision, index + 1)));
        return chunk?.answer?.B ?? Buffer.alloc(0);
      });
      const bytes = Buffer.concat([first, ...(await Promise.all(more))]);
      return { ...stored, answer: await open(place, sealedKey, bytes) };
    },

    async replace(place, read, attempt) {
      const revision = randomBytes(8).toString('hex');
      const deleteAt = { [keys.timeToLive]: { N: String(Math.ceil(attempt.keptUntilAt / 1_000)) } };
      const answer = attempt.answer && (await seal(place, attempt.answer));
      const [first = Buffer.alloc(0), ...more] = answer ? chunksOf(answer.bytes) : [];
      await Promise.all(
        more.map(async (bytes, index) => {
          const Item = { ...placeOf(place, chunkOf(revision, index + 1)), ...deleteAt, answer: { B: bytes } };
          await client.send(new PutItemCommand({ TableName: table, Item }));
        }),
      );
      const Item = {
        ...placeOf(place),
        ...deleteAt,
        revision: { S: revision },
        fingerprint: { S: attempt.fingerprint },
        leaseUntilAt: { N: String(attempt.leaseUntilAt) },
        keptUntilAt: { N: String(attempt.keptUntilAt) },
        ...(answer && {
          answer: { B: first },
          answerKey: { B: answer.key },
          chunks: { N: String(1 + more.length) },
        }),
      };
      try {
        await client.send(new PutItemCommand({ TableName: table, Item, ...onlyOver(read) }));
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        // The SDK sends a write twice whose answer was lost; the second is then refused over the first.
        if ((await get(placeOf(place)))?.revision?.S !== revision) return 'conflict';
      }
      return { ...attempt, revision };
    },
  };
}

const onlyOver = (read: StoredAttempt | undefined) =>
  read === undefined
    ? { ConditionExpression: `attribute_not_exists(${keys.partition})` }
    : { ConditionExpression: 'revision = :read', ExpressionAttributeValues: { ':read': { S: read.revision } } };

const chunksOf = (bytes: Buffer): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
    bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  );

const ivBytes = 12;
const tagBytes = 16;

/** Bound to its place, so that an item copied elsewhere does not open. */
function sealed(key: Buffer, place: Place, plaintext: Buffer): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(boundTo(place));
  const bytes = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), bytes]);
}

function opened(key: Buffer, place: Place, bytes: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes)).setAAD(boundTo(place));
  decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]);
}

const boundTo = ({ tenant, credentialId, key }: Place) => Buffer.from(JSON.stringify([tenant, credentialId, key]));
