/** Infected hosts in DynamoDB. `host-item.ts` tells where what lies. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactionConflictException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { randomUUID } from 'node:crypto';
import { keys } from '../contract.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import {
  deviceItem,
  deviceKey,
  devicesPartition,
  dueAfter,
  dueFrom,
  dueKey,
  duePartition,
  hostFrom,
  hostItem,
  hostKey,
  hostsPartition,
  keptOutFrom,
  keptOutKey,
  keptOutPartition,
  ofDeviceFrom,
} from './host-item.ts';
import type { HostRevision, HostStore, HostTable, StoredHost } from './host-table.ts';
import { isKeptOut } from './host.ts';
import { devicesOf, dueAt, forgottenAt } from './operations.ts';

/** Of one device that are listed at a time; a device has a handful. */
const mostAddresses = 50;

export const dynamoHostTable = (client: DynamoDBClient, table: string): HostTable => ({
  hosts: dynamoHostStore(client, table),
  now: Date.now,
  newId: randomUUID,
});

export function dynamoHostStore(client: DynamoDBClient, table: string): HostStore {
  async function read(tenant: TenantId, ip: IpAddress): Promise<StoredHost | undefined> {
    const Key = hostKey(tenant, ip);
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    return Item && hostFrom(Item);
  }

  /** In the order of what leads to them; of a partition those whose sort keys are on that side of `than`, or begin with it. */
  async function query(partition: string, limit: number, side?: readonly ['<' | '>' | 'begins', string]) {
    const [where, than = ''] = side ?? [];
    const begins = `begins_with(${keys.sort}, :than)`;
    const condition = where === 'begins' ? begins : `${keys.sort} ${where ?? ''} :than`;
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: `${keys.partition} = :pk${side ? ` AND ${condition}` : ''}`,
        ExpressionAttributeValues: { ':pk': { S: partition }, ...(side && { ':than': { S: than } }) },
        Limit: limit,
      }),
    );
    return { items: Items, isMore: LastEvaluatedKey !== undefined };
  }

  return {
    read,

    async replace(tenant, ip, host, before) {
      if (host === undefined && before === undefined) return 'replaced';
      const revision = randomUUID() as string as HostRevision;
      const written: TransactWriteItem = host
        ? { Put: { TableName: table, Item: hostItem(tenant, { host, revision }), ...asRead(before?.revision) } }
        : { Delete: { TableName: table, Key: hostKey(tenant, ip), ...asRead(before?.revision) } };
      const wasDueAt = before && dueAt(before.host);
      const isDueAt = host && dueAt(host);
      const left = wasDueAt !== undefined && wasDueAt !== isDueAt ? [{ Delete: { TableName: table, Key: dueKey(tenant, ip, wasDueAt) } }] : []; // prettier-ignore
      const entered = isDueAt !== undefined ? [{ Put: { TableName: table, Item: dueKey(tenant, ip, isDueAt) } }] : [];
      const [knew, knows] = [before ? devicesOf(before.host) : [], host ? devicesOf(host) : []];
      const gone = knew.filter((mac) => !knows.includes(mac)).map((mac) => ({ Delete: { TableName: table, Key: deviceKey(tenant, ip, mac) } })); // prettier-ignore
      const isKeptAsBefore = before && host && forgottenAt(before.host) === forgottenAt(host);
      const come = host ? knows.filter((mac) => isKeptAsBefore !== true || !knew.includes(mac)).map((mac) => ({ Put: { TableName: table, Item: deviceItem(tenant, host, mac) } })) : []; // prettier-ignore
      const [wasOut, isOut] = [before && isKeptOut(before.host), host && isKeptOut(host)];
      const Key = keptOutKey(tenant, ip);
      const out = isOut && !wasOut ? [{ Put: { TableName: table, Item: Key } }] : wasOut && !isOut ? [{ Delete: { TableName: table, Key } }] : []; // prettier-ignore
      const TransactItems = [written, ...left, ...entered, ...gone, ...come, ...out];
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems }));
        return 'replaced';
      } catch (error) {
        if (!isOvertaken(error)) throw error;
        // A write that was sent twice is refused the second time, and has been done all the same.
        return (await read(tenant, ip))?.revision === (host && revision) ? 'replaced' : 'conflict';
      }
    },

    async list(tenant, { limit, after }) {
      const { items, isMore } = await query(hostsPartition(tenant), limit, after === undefined ? undefined : ['>', after]); // prettier-ignore
      const hosts = items.map(hostFrom);
      const last = hosts.at(-1)?.host.ip;
      return { hosts, ...(isMore && last !== undefined && { next: last }) };
    },

    async keptOut(tenant, { limit, after }) {
      const { items, isMore } = await query(keptOutPartition(tenant), limit, after === undefined ? undefined : ['>', after]); // prettier-ignore
      const ips = items.map(keptOutFrom);
      const last = ips.at(-1);
      return { ips, ...(isMore && last !== undefined && { next: last }) };
    },

    async ofDevice(tenant, mac) {
      return (await query(devicesPartition(tenant), mostAddresses, ['begins', `${mac}#`])).items.map(ofDeviceFrom);
    },

    async due(tenant, until, limit) {
      return (await query(duePartition(tenant), limit, ['<', dueAfter(until)])).items.map(dueFrom);
    },
  };
}

const asRead = (revision: HostRevision | undefined) =>
  revision === undefined
    ? { ConditionExpression: `attribute_not_exists(${keys.partition})` }
    : { ConditionExpression: 'revision = :read', ExpressionAttributeValues: { ':read': { S: revision } } };

function isOvertaken(error: unknown): boolean {
  if (error instanceof ConditionalCheckFailedException || error instanceof TransactionConflictException) return true;
  if (!(error instanceof TransactionCanceledException)) return false;
  const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code ?? 'None');
  return codes.length > 0 && codes.every((code) => ['None', 'ConditionalCheckFailed', 'TransactionConflict'].includes(code)); // prettier-ignore
}
