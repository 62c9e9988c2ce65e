/**
 * Infected hosts as they lie in the endpoints table, and back. What comes back is input like any other, and is parsed.
 *
 *   what                                        partition             sort key
 *   a host                                      T#<tenant>#HOSTS      <ip>
 *   when its connectors have to be told         T#<tenant>#HOSTSDUE   <at, 15 digits>#<ip>
 *   one that is to be kept out                  T#<tenant>#HOSTSOUT   <ip>
 *   a device that they are told of              T#<tenant>#HOSTSOF    <mac>#<ip>
 *
 * No tenant's id holds a `#`, so no two tenants share a key. Where a host is due, that it is kept out, and its devices, are
 * written with it.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import { investigations } from '../endpoints/endpoint.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { HostRevision, StoredHost } from './host-table.ts';
import { forgottenAt } from './operations.ts';
import { heldBys, type InfectedHost, type Listing, operationStates, wantedStates } from './host.ts';

export type Attributes = Record<string, AttributeValue>;

export const hostsPartition = (tenant: TenantId) => `T#${tenant}#HOSTS`;
export const duePartition = (tenant: TenantId) => `T#${tenant}#HOSTSDUE`;

export const devicesPartition = (tenant: TenantId) => `T#${tenant}#HOSTSOF`;

const key = (pk: string, sk: string): Attributes => ({ [keys.partition]: { S: pk }, [keys.sort]: { S: sk } });
const digits = (at: number) => String(Math.floor(at)).padStart(15, '0');

export const hostKey = (tenant: TenantId, ip: IpAddress) => key(hostsPartition(tenant), ip);
export const dueKey = (tenant: TenantId, ip: IpAddress, at: number) => key(duePartition(tenant), `${digits(at)}#${ip}`);

export const deviceKey = (tenant: TenantId, ip: IpAddress, mac: Mac) => key(devicesPartition(tenant), `${mac}#${ip}`);

export const keptOutPartition = (tenant: TenantId) => `T#${tenant}#HOSTSOUT`;
export const keptOutKey = (tenant: TenantId, ip: IpAddress) => key(keptOutPartition(tenant), ip);
export const keptOutFrom = (item: Attributes): IpAddress => v.parse(ip, item[keys.sort]?.S);

/** All that is due at a time sorts before this. */
export const dueAfter = (at: number) => `${digits(at + 1)}#`;

/** What is over is kept for a while, so that it can be found. */
const passing = (host: InfectedHost): Attributes => {
  const goesAt = forgottenAt(host);
  return goesAt === undefined ? {} : { [keys.timeToLive]: { N: String(Math.ceil(goesAt / 1_000)) } };
};

export const deviceItem = (tenant: TenantId, host: InfectedHost, mac: Mac): Attributes => ({
  ...deviceKey(tenant, host.ip, mac),
  ...passing(host),
});

export const hostItem = (tenant: TenantId, { host, revision }: StoredHost): Attributes => ({
  ...hostKey(tenant, host.ip),
  ...passing(host),
  revision: { S: revision },
  host: { S: JSON.stringify(host) },
});

const ip = v.custom<IpAddress>((value) => typeof value === 'string');
const text = v.nullable(v.string());
const time = v.number();
const wanted = v.picklist(wantedStates);

const spared = v.strictObject({
  mac: v.custom<Mac>((value) => typeof value === 'string'),
  by: v.picklist(['mac', 'address', 'user', 'role']),
  word: v.string(),
});

const listingItem = v.strictObject({
  level: v.number(),
  threatName: text,
  listedAt: time,
  calledForAt: v.optional(time),
  spared: v.optional(v.nullable(spared), null),
  missedAt: v.nullable(time),
  lostAt: v.nullable(time),
  wanted,
  cause: v.string(),
  earlier: v.array(v.strictObject({ cause: v.string(), done: wanted })),
  heldBy: v.nullable(v.picklist(heldBys)),
  meanwhile: wanted,
  silencedAt: v.nullable(time),
});

/** Those that were written before it was kept were called for when they appeared, as far as is known. */
const listing = v.pipe(
  listingItem,
  v.transform((item): Listing => ({ ...item, calledForAt: item.calledForAt ?? item.listedAt })),
);

const device = v.strictObject({ at: time, mac: v.nullable(v.custom<Mac>((value) => typeof value === 'string')) });

const operation = v.strictObject({
  id: v.string(),
  connector: v.string(),
  device,
  wanted,
  cause: v.string(),
  why: v.picklist(['listed', 'cleared', 'moved', 'drift', 'undone']),
  state: v.picklist(operationStates),
  requestedAt: time,
  attempts: v.number(),
  sentAt: v.nullable(time),
  nextAt: time,
  answeredAt: v.nullable(time),
  roundTripMs: v.nullable(v.number()),
  detail: text,
});

const host: v.GenericSchema<unknown, InfectedHost> = v.strictObject({
  ip,
  changedAt: time,
  listings: v.strictObject({ 'atp-cloud': v.exactOptional(listing), api: v.exactOptional(listing) }),
  investigation: v.picklist(investigations),
  accused: v.nullable(device),
  operations: v.array(operation),
});

const revisionIn = v.custom<HostRevision>((value) => typeof value === 'string');

export const hostFrom = (item: Attributes): StoredHost => ({
  host: v.parse(host, JSON.parse(item.host?.S ?? 'null')),
  revision: v.parse(revisionIn, item.revision?.S),
});

const dueSort = v.pipe(v.string(), v.regex(/^\d{15}#[\da-f.:]+$/));

export const dueFrom = (item: Attributes): IpAddress => v.parse(dueSort, item[keys.sort]?.S).slice(16) as IpAddress;

const deviceSort = v.pipe(v.string(), v.regex(/^[\da-f:]{17}#[\da-f.:]+$/));

export const ofDeviceFrom = (item: Attributes): IpAddress => v.parse(deviceSort, item[keys.sort]?.S).slice(18) as IpAddress; // prettier-ignore
