/**
 * Configurations in the tenants table: compressed, in chunks that an item can hold.
 *
 *   what                                 partition      sort key
 *   which version holds now              T#<tenant>     CURRENT
 *   who made a version, when, of which   T#<tenant>     VERSION#<version>
 *   a chunk of a version                 T#<tenant>     CONFIGURATION#<version>#<number of the chunk>
 *
 * `CURRENT` is written last and only over the version that was read, so a reader finds one version whole or another,
 * and of two who change it at once one is told. A version is `<number>-<random>`: the numbers of two attempts may be
 * the same, their chunks must not be. The record is written first and removed last, so that no chunk is ever without.
 * Which versions held is told by `CURRENT` and by what each was made of, and by nothing else (`versions.ts`).
 */
import {
  type AttributeValue,
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
import { referencesOf } from './configuration-secrets.ts';
import { type ConfigurationStore, defaults, noVersion, type Version, type Versioned } from './configuration.ts';
import { type History, type VersionRecord, versionsOf } from './versions.ts';

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

const recordOf = (version: Version) => `VERSION#${version}`;
const chunksOf = ({ version, chunks }: Current) =>
  Array.from({ length: chunks }, (_, index) => `CONFIGURATION#${version}#${String(index).padStart(3, '0')}`);

const numberOf = (version: Version) => (version === noVersion ? 0 : Number.parseInt(version, 10));
const nextVersion = (read: Version) =>
  `${String(numberOf(read) + 1).padStart(8, '0')}-${randomBytes(4).toString('hex')}` as Version;

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

  /** `undefined` where a chunk is gone: the version has been removed since. */
  async function readVersion(tenant: TenantId, version: Current): Promise<string | undefined> {
    const items = await Promise.all(chunksOf(version).map(async (chunk) => read(tenant, chunk)));
    const parts = items.flatMap((item) => item?.data?.B ?? []);
    return parts.length === version.chunks ? gunzipSync(Buffer.concat(parts)).toString() : undefined;
  }

  async function put(tenant: TenantId, sort: string, item: Record<string, AttributeValue>) {
    await client.send(new PutItemCommand({ TableName: table, Item: { ...place(tenant, sort), ...item } }));
  }

  async function remove(tenant: TenantId, sort: string) {
    await client.send(new DeleteItemCommand({ TableName: table, Key: place(tenant, sort) }));
  }

  async function point(tenant: TenantId, { version, previous, chunks }: VersionRecord) {
    const condition =
      previous === noVersion
        ? { ConditionExpression: `attribute_not_exists(${keys.partition})` }
        : {
            ConditionExpression: '#version = :read',
            ExpressionAttributeNames: { '#version': 'version' },
            ExpressionAttributeValues: { ':read': { S: previous } },
          };
    const Item = { ...place(tenant, 'CURRENT'), version: { S: version }, chunks: { N: String(chunks) } };
    try {
      await client.send(new PutItemCommand({ TableName: table, Item, ...condition }));
      return 'replaced';
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // The client repeats what got no answer, so the refusal may be of a write that had been made, even if others
      // have replaced it since.
      const held = versionsOf(await history(tenant)).some((each) => each.version === version);
      return held ? 'replaced' : 'conflict';
    }
  }

  /** `CURRENT` first: then all the versions that it comes from are among the records. */
  async function history(tenant: TenantId): Promise<History> {
    const { version } = await readCurrent(tenant);
    const query = {
      TableName: table,
      KeyConditionExpression: `${keys.partition} = :tenant AND begins_with(${keys.sort}, :versions)`,
      ExpressionAttributeValues: { ':tenant': { S: `T#${tenant}` }, ':versions': { S: 'VERSION#' } },
      ConsistentRead: true,
    };
    const records: VersionRecord[] = [];
    for await (const { Items = [] } of paginateQuery({ client }, query)) {
      records.push(...Items.map(({ record }) => JSON.parse(record?.S ?? '') as VersionRecord));
    }
    return { current: version, records };
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

    async replace(tenant, { read: previous, configuration, ...told }) {
      const version = nextVersion(previous);
      const bytes = gzipSync(JSON.stringify(configuration));
      const chunks = Math.ceil(bytes.length / chunkBytes);
      const secrets = referencesOf(configuration);
      const record: VersionRecord = { version, previous, number: numberOf(version), chunks, secrets, ...told };
      await put(tenant, recordOf(version), { record: { S: JSON.stringify(record) } });
      await Promise.all(
        chunksOf(record).map(async (chunk, index) =>
          put(tenant, chunk, { data: { B: bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes) } }),
        ),
      );
      return { outcome: await point(tenant, record), record };
    },

    history,

    async version(tenant, record) {
      const json = await readVersion(tenant, record);
      return json === undefined ? undefined : completed(JSON.parse(json));
    },

    async remove(tenant, record) {
      await Promise.all(chunksOf(record).map(async (chunk) => remove(tenant, chunk)));
      await remove(tenant, recordOf(record.version));
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
