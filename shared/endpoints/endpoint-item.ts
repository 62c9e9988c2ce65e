/**
 * Endpoints as they lie in the endpoints table, and back. What comes back is input like any other, and is parsed.
 *
 *   what                                        partition                         sort key
 *   an endpoint                                 T#<tenant>#E#<00..15 of the MAC>  <mac>
 *   that it has, or had, an address             T#<tenant>#IP#<ip>                E#<mac>
 *   a message that waits for an address         the same                          PENDING#<digest of client and event id>
 *   that it has a session on a switch           T#<tenant>#NAS#<nas>              <mac>
 *   that it has changes of authorization        T#<tenant>#CHANGES                <mac>
 *   that it is held                             T#<tenant>#HELD                   <mac>
 *   when something has to be looked at          T#<tenant>#DUE                    <at, 15 digits>#E#<mac> or #P#<ip>
 *
 * No tenant's id holds a `#`, so no two tenants share a key.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Due, EndpointRevision, PendingMessage, StoredEndpoint } from './endpoint-table.ts';
import { type Endpoint, holds, investigations } from './endpoint.ts';
import type { Mac } from './mac.ts';
import { forgottenAt, type Place, placeKeptMs } from './places.ts';

export type Attributes = Record<string, AttributeValue>;

/** Sixteen partitions a tenant: none holds its whole write rate, and a listing is sixteen queries at once. */
export const shards = Array.from({ length: 16 }, (_, index) => String(index).padStart(2, '0'));

/** The last digit of a MAC is as even as chance, whoever made the device. */
const shardOf = (mac: Mac) => shards[Number.parseInt(mac.slice(-1), 16)] ?? '';

export const endpointPartition = (tenant: TenantId, shard: string) => `T#${tenant}#E#${shard}`;
export const ipPartition = (tenant: TenantId, ip: IpAddress) => `T#${tenant}#IP#${ip}`;
export const nasPartition = (tenant: TenantId, nas: IpAddress) => `T#${tenant}#NAS#${nas}`;
export const changesPartition = (tenant: TenantId) => `T#${tenant}#CHANGES`;
export const heldPartition = (tenant: TenantId) => `T#${tenant}#HELD`;
export const duePartition = (tenant: TenantId) => `T#${tenant}#DUE`;

const key = (pk: string, sk: string): Attributes => ({ [keys.partition]: { S: pk }, [keys.sort]: { S: sk } });

export const endpointPlace = (tenant: TenantId, mac: Mac) => key(endpointPartition(tenant, shardOf(mac)), mac);

export function placeKey(tenant: TenantId, mac: Mac, place: Place): Attributes {
  switch (place.kind) {
    case 'ip':
      return key(ipPartition(tenant, place.ip), `${ofEndpoint}${mac}`);
    case 'nas':
      return key(nasPartition(tenant, place.nas), mac);
    case 'changes':
      return key(changesPartition(tenant), mac);
    case 'held':
      return key(heldPartition(tenant), mac);
    case 'due':
      return dueKey(tenant, { kind: 'endpoint', mac, at: place.at });
  }
}

const ofEndpoint = 'E#';
const ofPending = 'PENDING#';

/** An event's id is its client's own, and of any length. */
export const pendingKey = (tenant: TenantId, { message, client }: PendingMessage): Attributes => {
  const digest = createHash('sha256')
    .update(JSON.stringify([client, message.eventId]))
    .digest('base64url');
  return key(ipPartition(tenant, message.endpointIp), `${ofPending}${digest}`);
};

/** All that is due at a time sorts before this. */
export const dueAfter = (at: number) => `${String(Math.floor(at) + 1).padStart(15, '0')}#`;

export function dueKey(tenant: TenantId, due: Due): Attributes {
  const what = due.kind === 'endpoint' ? `E#${due.mac}` : `P#${due.ip}`;
  return key(duePartition(tenant), `${String(due.at).padStart(15, '0')}#${what}`);
}

export function dueFrom(item: Attributes): Due {
  const [at, kind, what] = v.parse(dueSort, item[keys.sort]?.S).split('#');
  return kind === 'E'
    ? { kind: 'endpoint', mac: what as Mac, at: Number(at) }
    : { kind: 'pending', ip: what as IpAddress, at: Number(at) };
}

const dueSort = v.pipe(v.string(), v.regex(/^\d{15}#[EP]#[\da-f.:]+$/));

export const seconds = (at: number): AttributeValue => ({ N: String(Math.ceil(at / 1_000)) });

export const passing = (now: number): Attributes => ({ [keys.timeToLive]: seconds(now + placeKeptMs) });

/** A lasting place has no end of its own; what is due is kept a while after its time. */
export function placeItem(tenant: TenantId, { mac, changedAt }: Endpoint, place: Place): Attributes {
  const isLasting = place.kind === 'held' || (place.kind === 'ip' && place.keeps === 'lasting');
  const from = place.kind === 'due' ? Math.max(place.at, changedAt) : changedAt;
  return { ...placeKey(tenant, mac, place), ...(!isLasting && passing(from)) };
}

export function endpointItem(tenant: TenantId, { endpoint, revision }: StoredEndpoint): Attributes {
  const goesAt = forgottenAt(endpoint);
  return {
    ...endpointPlace(tenant, endpoint.mac),
    revision: { S: revision },
    endpoint: { S: JSON.stringify(endpoint) },
    ...(goesAt !== undefined && { [keys.timeToLive]: seconds(goesAt) }),
  };
}

export const pendingItem = (tenant: TenantId, pending: PendingMessage): Attributes => ({
  ...pendingKey(tenant, pending),
  pending: { S: JSON.stringify(pending) },
  ...passing(pending.until),
});

/** Whom a place leads to; `undefined`: it is no endpoint's. */
export function macIn(item: Attributes): Mac | undefined {
  const sort = item[keys.sort]?.S ?? '';
  if (sort.startsWith(ofPending)) return undefined;
  return v.parse(mac, sort.startsWith(ofEndpoint) ? sort.slice(ofEndpoint.length) : sort);
}

/** Whom a place leads to, and when that was last written; Infinity: the place lasts. */
export function renewalIn(item: Attributes): readonly [readonly [Mac, number]] | undefined {
  const found = macIn(item);
  const goesAt = item[keys.timeToLive]?.N;
  return found && [[found, goesAt === undefined ? Infinity : Number(goesAt) * 1_000 - placeKeptMs]];
}

const mac = v.custom<Mac>((value) => typeof value === 'string' && /^(?:[\da-f]{2}:){5}[\da-f]{2}$/.test(value));
const ip = v.custom<IpAddress>((value) => typeof value === 'string');
const text = v.nullable(v.string());
const time = v.number();

const access = v.variant('access', [
  v.strictObject({ access: v.literal('full') }),
  v.strictObject({ access: v.literal('quarantined'), role: v.string() }),
  v.strictObject({ access: v.literal('blocked') }),
]);

const message = v.strictObject({
  event: v.string(),
  endpointIp: ip,
  endpointMac: v.nullable(mac),
  userName: text,
  severity: text,
  threatName: text,
  eventId: v.string(),
  occurredAt: v.nullable(time),
});

const reasonAlone = {
  hold: v.picklist(holds),
  sender: v.strictObject({ kind: v.picklist(['client', 'feed', 'operator']), name: v.string() }),
  threatName: text,
  since: time,
  until: v.nullable(time),
  role: text,
  session: text,
  ip: v.nullable(ip),
  alsoIps: v.exactOptional(v.array(ip)),
  eventId: text,
  event: v.string(),
  severity: text,
  policy: text,
  note: text,
};
const reason = v.strictObject({
  ...reasonAlone,
  replaced: v.exactOptional(v.array(v.strictObject(reasonAlone))),
});

const session = v.strictObject({
  key: v.string(),
  nas: ip,
  acctSessionId: text,
  port: text,
  ssid: text,
  user: text,
  realm: text,
  domain: v.string(),
  roles: v.array(v.string()),
  granted: access,
  loginId: text,
  startedAt: time,
  instant: time,
  heardAt: time,
  endedAt: v.nullable(time),
  endedBy: v.nullable(v.picklist(['stop', 'nas-restart', 'gone', 'replaced', 'operator'])),
});

const address = v.strictObject({
  ip,
  session: text,
  source: v.picklist(['accounting', 'post', 'query', 'operator']),
  from: time,
  confirmedAt: time,
  until: v.nullable(time),
});

const change = v.strictObject({
  id: v.string(),
  session: v.string(),
  wanted: access,
  requestedAt: time,
  state: v.picklist(['pending', 'sent', 'acknowledged', 'refused', 'timed-out', 'superseded', 'session-over']),
  attempts: v.number(),
  sentAt: v.nullable(time),
  nextAt: time,
  answeredAt: v.nullable(time),
  errorCause: v.nullable(v.number()),
  roundTripMs: v.nullable(v.number()),
  detail: text,
  repairs: v.exactOptional(v.number()),
});

const endpoint: v.GenericSchema<unknown, Endpoint> = v.strictObject({
  mac,
  firstSeenAt: time,
  changedAt: time,
  reasons: v.array(reason),
  sessions: v.array(session),
  addresses: v.array(address),
  waiting: v.array(v.strictObject({ message, client: v.string(), template: v.string(), receivedAt: time })),
  lastApplied: v.record(v.string(), time),
  changes: v.array(change),
  investigation: v.picklist(investigations),
});

const pending: v.GenericSchema<unknown, PendingMessage> = v.strictObject({
  message,
  client: v.string(),
  template: v.string(),
  receivedAt: time,
  until: time,
});

const revisionIn = v.custom<EndpointRevision>((value) => typeof value === 'string');

export const endpointFrom = (item: Attributes): StoredEndpoint => ({
  endpoint: v.parse(endpoint, JSON.parse(item.endpoint?.S ?? 'null')),
  revision: v.parse(revisionIn, item.revision?.S),
});

export const pendingFrom = (item: Attributes): PendingMessage =>
  v.parse(pending, JSON.parse(item.pending?.S ?? 'null'));
