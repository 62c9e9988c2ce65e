/**
 * An item of the authentication table as it lies in DynamoDB, and back. What comes back is input like any other, and is
 * parsed. Attributes that an item does not have are written as NULL: a PartiQL statement can set, but not remove, them.
 * What is a map is written as one text in JSON: nothing but this file looks into it, and as thirty attributes one in
 * another it would cost a large post a third more.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { IpAddress } from './address.ts';
import { type EntryKey, type Listed, positionOf, type Revision, type Stored } from './authentication-table.ts';
import type { Item } from './entry.ts';
import { type Micros, origins } from './observation.ts';

/**
 * Sixteen partitions a tenant: none holds a tenant's whole write rate, and a listing is sixteen queries at once.
 * `T#acme#07` / `192.0.2.50#userid`; no tenant's id holds a `#`, so no two tenants share a key.
 */
export const shards = Array.from({ length: 16 }, (_, index) => String(index).padStart(2, '0'));

export const partition = (tenant: TenantId, shard: string): string => `T#${tenant}#${shard}`;

export const place = (tenant: TenantId, key: EntryKey) => ({
  [keys.partition]: { S: partition(tenant, shardOf(key.ip)) },
  [keys.sort]: { S: positionOf(key) },
});

/** FNV-1a: quick, even, and the same for ever. Changing it would lose every entry. */
export function shardOf(ip: IpAddress): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < ip.length; index += 1) hash = Math.imul(hash ^ ip.charCodeAt(index), 0x01000193);
  return shards[(hash >>> 0) % shards.length] ?? '';
}

/** The attributes beside the key, always all of them and always in this order. */
export const attributeNames = [
  'revision',
  'state',
  'expiresAt',
  'deleteAt',
  'entry',
  'endedBy',
  'order',
  'query',
  'mark',
] as const;

export function toAttributes({ revision, item }: Stored): AttributeValue[] {
  return [
    { S: revision },
    { S: item.state },
    { N: String(item.expiresAt) },
    { N: String(item.deleteAt) },
    textOf(item.entry),
    item.endedBy === undefined ? { NULL: true } : { S: item.endedBy },
    textOf(item.order),
    textOf(item.query),
    textOf(item.mark),
  ];
}

const textOf = (map: object | undefined): AttributeValue =>
  map === undefined ? { NULL: true } : { S: JSON.stringify(map) };

const mapOf = (attribute: AttributeValue | undefined): unknown =>
  attribute?.S === undefined ? null : JSON.parse(attribute.S);

const micros = v.custom<Micros>((value) => Number.isSafeInteger(value));
const registers = {
  logon: v.exactOptional(v.string()),
  logonSentAs: v.exactOptional(v.string()),
  outranked: v.exactOptional(v.literal('yes')),
  logoff: v.exactOptional(micros),
  logoffSentAs: v.exactOptional(v.string()),
  logoffs: v.array(
    v.object({
      user: v.string(),
      domain: v.exactOptional(v.string()),
      instant: micros,
      sentAs: v.exactOptional(v.string()),
    }),
  ),
};
const text = v.exactOptional(v.string());
const entry = v.object({
  origin: v.picklist(origins),
  domain: v.string(),
  user: v.string(),
  groups: v.array(v.string()),
  droppedGroups: v.exactOptional(v.array(v.string())),
  posture: text,
  source: text,
  device: v.object({
    identity: text,
    groups: v.exactOptional(v.array(v.string())),
    category: text,
    vendor: text,
    model: text,
    os: text,
    osVersion: text,
    custom: v.exactOptional(v.record(v.string(), v.string())),
  }),
  instant: micros,
  sentAs: text,
  receipt: text,
  firstSeen: v.number(),
  heldSince: v.number(),
  storedAt: v.number(),
  timeoutMinutes: v.number(),
  before: v.exactOptional(
    v.object({
      user: v.string(),
      domain: v.string(),
      origin: v.picklist(origins),
      since: v.number(),
      until: v.number(),
      end: v.picklist(['replaced', 'expiry', 'logoff', 'delete']),
    }),
  ),
});
const stored = v.object({
  revision: v.custom<Revision>((value) => typeof value === 'string'),
  state: v.picklist(['valid', 'ended', 'init', 'pending', 'invalid']),
  expiresAt: v.number(),
  deleteAt: v.number(),
  entry: v.nullable(entry),
  endedBy: v.nullable(v.picklist(['logoff', 'delete'])),
  order: v.object({ ...registers, directory: v.exactOptional(v.object(registers)) }),
  query: v.nullable(v.object({ id: v.string(), untilAt: v.number() })),
  mark: v.nullable(v.object({ attempts: v.number(), frozenMinutes: v.exactOptional(v.number()), reason: text })),
});
const sort = v.pipe(v.string(), v.regex(/^[0-9a-f.:]+#(userid|local|swg|fwauth|uac)$/));

export function fromAttributes(attributes: Record<string, AttributeValue>): Stored {
  const { revision, ...item } = v.parse(stored, {
    revision: attributes.revision?.S,
    state: attributes.state?.S,
    expiresAt: Number(attributes.expiresAt?.N),
    deleteAt: Number(attributes.deleteAt?.N),
    entry: mapOf(attributes.entry),
    endedBy: attributes.endedBy?.S ?? null,
    order: mapOf(attributes.order),
    query: mapOf(attributes.query),
    mark: mapOf(attributes.mark),
  });
  return { revision, item: withoutNulls(item) };
}

export function listedFrom(attributes: Record<string, AttributeValue>): Listed {
  const [ip, slot] = v.parse(sort, attributes[keys.sort]?.S).split('#');
  return { ip: ip as IpAddress, slot: slot as Listed['slot'], item: fromAttributes(attributes).item };
}

function withoutNulls({ entry, endedBy, query, mark, ...rest }: Omit<v.InferOutput<typeof stored>, 'revision'>): Item {
  return {
    ...rest,
    ...(entry && { entry }),
    ...(endedBy && { endedBy }),
    ...(query && { query }),
    ...(mark && { mark }),
  };
}
