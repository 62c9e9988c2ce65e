/**
 * Configurations in the tenants table: compressed, in chunks that an item can hold.
 *
 *   what                          partition      sort key
 *   which version holds now       T#<tenant>     CURRENT
 *   a chunk of a version          T#<tenant>     CONFIGURATION#<version>#<number of the chunk>
 *
 * `CURRENT` is written last and only over the version that was read, so a reader finds one version whole or another,
 * and of two who change it at once one is told. A version is `<serial>-<random>`: serials of two attempts may be the
 * same, their chunks must not be. Older serials can never become current again, so whatever is left of them is removed.
 */
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { keys } from '../contract.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { completed } from './completed.ts';
import {
  type ConfigurationStore,
  defaults,
  noVersion,
  type Replacement,
  type Version,
  type Versioned,
} from './configuration.ts';

const chunkBytes = 300_000; // an item holds 400 kB, its names and keys included

/** Together, as JSON: a function of 1 GB must bear what these become when they are parsed. */
const cachedCharacters = 16_000_000;

interface Current {
  readonly version: Version;
  readonly chunks: number;
}

const place = (tenant: TenantId, sort: string) => ({
  [keys.partition]: { S: `T#${tenant}` },
  [keys.sort]: { S: sort },
});

const serialOf = (version: Version) => (version === noVersion ? 0 : Number.parseInt(version, 10));
const chunksBefore = (serial: number) => `CONFIGURATION#${String(serial).padStart(8, '0')}`;
const chunksOf = (version: Version, count: number) =>
  Array.from({ length: count }, (_, index) => `CONFIGURATION#${version}#${String(index).padStart(3, '0')}`);
const nextVersion = (read: Version) =>
  `${String(serialOf(read) + 1).padStart(8, '0')}-${randomBytes(4).toString('hex')}` as Version;

export function dynamoConfigurationStore(client: DynamoDBClient, table: string): ConfigurationStore {
  const cache = versionCache();

  async function read(tenant: TenantId, sort: string) {
    const command = new GetItemCommand({ TableName: table, Key: place(tenant, sort), ConsistentRead: true });
    return (await client.send(command)).Item;
  }

  async function readCurrent(tenant: TenantId): Promise<Current> {
    const item = await read(tenant, 'CURRENT');
    return { version: (item?.version?.S as Version | undefined) ?? noVersion, chunks: Number(item?.chunks?.N ?? 0) };
  }

  /** `undefined` where a chunk is gone: the version has been replaced since. */
  async function readVersion(tenant: TenantId, { version, chunks }: Current): Promise<string | undefined> {
    const items = await Promise.all(chunksOf(version, chunks).map(async (chunk) => read(tenant, chunk)));
    const parts = items.flatMap((item) => item?.data?.B ?? []);
    return parts.length === chunks ? gunzipSync(Buffer.concat(parts)).toString() : undefined;
  }

  async function remove(tenant: TenantId, sorts: readonly string[]) {
    await Promise.all(
      sorts.map(async (sort) => client.send(new DeleteItemCommand({ TableName: table, Key: place(tenant, sort) }))),
    );
  }

  async function point(tenant: TenantId, version: Version, chunks: number, change: Replacement) {
    const condition =
      change.read === noVersion
        ? { ConditionExpression: `attribute_not_exists(${keys.partition})` }
        : {
            ConditionExpression: '#version = :read',
            ExpressionAttributeNames: { '#version': 'version' },
            ExpressionAttributeValues: { ':read': { S: change.read } },
          };
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...place(tenant, 'CURRENT'),
            version: { S: version },
            chunks: { N: String(chunks) },
            changedAt: { N: String(change.changedAt) },
            credentialId: { S: change.credentialId },
          },
          ...condition,
        }),
      );
      return 'replaced';
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // The client repeats what got no answer, so the refusal may be of a write that had been made.
      return (await readCurrent(tenant)).version === version ? 'replaced' : 'conflict';
    }
  }

  async function removeBefore(tenant: TenantId, serial: number) {
    const query = {
      TableName: table,
      KeyConditionExpression: `${keys.partition} = :tenant AND ${keys.sort} BETWEEN :first AND :last`,
      ExpressionAttributeValues: {
        ':tenant': { S: `T#${tenant}` },
        ':first': { S: 'CONFIGURATION#' },
        ':last': { S: chunksBefore(serial) },
      },
      ProjectionExpression: keys.sort,
      ConsistentRead: true,
    };
    for await (const { Items = [] } of paginateQuery({ client }, query)) {
      await remove(
        tenant,
        Items.flatMap((item) => item[keys.sort]?.S ?? []),
      );
    }
  }

  return {
    async current(tenant) {
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const current = await readCurrent(tenant);
        if (current.version === noVersion) return { version: noVersion, configuration: defaults };
        const known = cache.get(tenant, current.version);
        if (known) return known;
        const json = await readVersion(tenant, current);
        if (json !== undefined) return cache.set(tenant, current.version, json);
      }
      throw new Error(`The configuration of ${tenant} changes faster than it can be read, or a chunk of it is lost.`);
    },

    async replace(tenant, change) {
      const version = nextVersion(change.read);
      const bytes = gzipSync(JSON.stringify(change.configuration));
      const names = chunksOf(version, Math.ceil(bytes.length / chunkBytes));
      await Promise.all(
        names.map(async (name, index) => {
          const data = bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes);
          await client.send(
            new PutItemCommand({ TableName: table, Item: { ...place(tenant, name), data: { B: data } } }),
          );
        }),
      );
      const outcome = await point(tenant, version, names.length, change);
      // What cannot be removed now does no harm, and the next change removes it.
      const tidied = outcome === 'conflict' ? remove(tenant, names) : removeBefore(tenant, serialOf(version));
      await tidied.catch(() => undefined);
      return outcome === 'conflict' ? 'conflict' : version;
    },
  };
}

/** The versions that were read last. A tenant finds only its own, and only the version that it asks for. */
function versionCache() {
  const kept = new Map<TenantId, { readonly read: Versioned; readonly characters: number }>();

  return {
    get(tenant: TenantId, version: Version): Versioned | undefined {
      const read = kept.get(tenant)?.read;
      return read?.version === version ? read : undefined;
    },

    set(tenant: TenantId, version: Version, json: string): Versioned {
      const read = { version, configuration: completed(JSON.parse(json)) };
      kept.delete(tenant);
      kept.set(tenant, { read, characters: json.length });
      let sum = [...kept.values()].reduce((total, { characters }) => total + characters, 0);
      for (const [oldest, { characters }] of kept) {
        if (sum <= cachedCharacters || oldest === tenant) break;
        kept.delete(oldest);
        sum -= characters;
      }
      return read;
    },
  };
}
