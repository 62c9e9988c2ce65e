/**
 * The feed for firewalls as it lies in the endpoints table, whole, so that whoever polls costs one read; one that is too
 * long for an item lies in parts beside it, and costs a read for each.
 *
 *   what                 partition              sort key
 *   the feed             T#<tenant>#FEED-OUT    infected-hosts
 *   parts of a long one  T#<tenant>#FEED-OUT    infected-hosts#<place, 0 or 1>#<part>
 *
 * Parts are written before the feed that names them, at the place where those that stand are not: whoever is killed in
 * between harms none. Who is so slow that a part is of another feed by then has read none.
 */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { FeedOutStore } from './feed-out.ts';

const sortKey = 'infected-hosts';
const at = (tenant: TenantId, sort: string) => ({
  [keys.partition]: { S: `T#${tenant}#FEED-OUT` },
  [keys.sort]: { S: sort },
});
const place = (tenant: TenantId) => at(tenant, sortKey);
const partPlace = (tenant: TenantId, where: string, part: number) => at(tenant, `${sortKey}#${where}#${part}`);

/** An item has 400 kB at most. */
const partBytes = 350_000;

const bytes = v.object({ B: v.instance(Uint8Array) });
const stored = v.object({
  version: v.object({ S: v.string() }),
  madeAt: v.object({ N: v.string() }),
  text: v.optional(bytes),
  parts: v.optional(v.object({ N: v.string() })),
  place: v.optional(v.object({ S: v.string() })),
});
const storedPart = v.object({ version: v.object({ S: v.string() }), text: bytes });

export function dynamoFeedOutStore(client: DynamoDBClient, table: string): FeedOutStore {
  /** Whether the condition held. */
  async function update(input: Omit<UpdateItemCommandInput, 'TableName'>): Promise<'held' | 'refused'> {
    try {
      await client.send(new UpdateItemCommand({ TableName: table, ...input }));
      return 'held';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return 'refused';
      throw error;
    }
  }

  const get = async (Key: ReturnType<typeof place>) =>
    (await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }))).Item;

  async function partsOf(tenant: TenantId, { version, place: where, parts: count }: v.InferOutput<typeof stored>) {
    const all = Array.from({ length: Number(count?.N) }, async (_, part) =>
      get(partPlace(tenant, where?.S ?? '', part)),
    );
    const parts = (await Promise.all(all)).flatMap((item) => {
      const { success, output } = v.safeParse(storedPart, item);
      return success && output.version.S === version.S ? [output.text.B] : [];
    });
    return parts.length === all.length ? Buffer.concat(parts) : undefined;
  }

  /** What the feed has in place of its text. */
  async function putParts(tenant: TenantId, packed: Buffer, version: string) {
    const where = (await get(place(tenant)))?.place?.S === '0' ? '1' : '0';
    const count = Math.ceil(packed.length / partBytes);
    for (let part = 0; part < count; part += 1) {
      const text = { B: packed.subarray(part * partBytes, (part + 1) * partBytes) };
      await update({
        Key: partPlace(tenant, where, part),
        UpdateExpression: 'SET #text = :text, version = :version',
        ExpressionAttributeNames: { '#text': 'text' },
        ExpressionAttributeValues: { ':text': text, ':version': { S: version } },
      });
    }
    return { parts: { N: String(count) }, place: { S: where } };
  }

  return {
    async read(tenant) {
      const Item = await get(place(tenant));
      // Where nobody has made it yet there may be a claim alone.
      if (Item?.version === undefined) return undefined;
      const item = v.parse(stored, Item);
      const [version, madeAt] = [item.version.S, Number(item.madeAt.N)];
      const packed = item.text?.B ?? (await partsOf(tenant, item));
      return packed && { text: gunzipSync(packed).toString(), version, madeAt };
    },

    async claim(tenant, read, { id, now, untilAt }) {
      const stands = read === undefined ? 'attribute_not_exists(madeAt)' : 'madeAt = :read';
      const result = await update({
        Key: place(tenant),
        UpdateExpression: 'SET claimedBy = :id, claimedUntil = :until',
        ConditionExpression: `${stands} AND (attribute_not_exists(claimedUntil) OR claimedUntil <= :now)`,
        ExpressionAttributeValues: {
          ':id': { S: id },
          ':until': { N: String(untilAt) },
          ':now': { N: String(now) },
          ...(read !== undefined && { ':read': { N: String(read.madeAt) } }),
        },
      });
      return result === 'held' ? 'claimed' : 'taken';
    },

    async put(tenant, { text, version, madeAt }, { id }) {
      const packed = gzipSync(text);
      const feed = packed.length > partBytes ? await putParts(tenant, packed, version) : { text: { B: packed } };
      const names = ['text', 'parts', 'place'].filter((name) => !(name in feed));
      const content = Object.entries({ ...feed, version: { S: version }, madeAt: { N: String(madeAt) } });
      await update({
        Key: place(tenant),
        UpdateExpression: `SET ${content.map(([name]) => `#${name} = :${name}`).join(', ')} REMOVE claimedBy, claimedUntil, ${names.map((name) => `#${name}`).join(', ')}`,
        ConditionExpression: 'claimedBy = :id',
        ExpressionAttributeNames: Object.fromEntries(
          [...names, ...content.map(([name]) => name)].map((name) => [`#${name}`, name]),
        ),
        ExpressionAttributeValues: {
          ...Object.fromEntries(content.map(([name, value]) => [`:${name}`, value])),
          ':id': { S: id },
        },
      });
    },
  };
}
