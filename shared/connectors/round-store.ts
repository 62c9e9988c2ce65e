/**
 * How far rounds have come, in the endpoints table.
 *
 *   what                                                partition             sort key
 *   a connector's hosts that are compared               T#<tenant>#DRIFT      <name of the connector>
 *   tenants whose connectors and feeds are woken        T#_provider#ROUNDS    connectors
 */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { keys, providerTenant } from '../contract.ts';
import type { IpAddress } from '../identity/address.ts';
import { foldCase } from '../identity/fold-case.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { RoundStore } from './compare-hosts.ts';
import type { WakingRound } from './wake-connectors.ts';

const place = (tenant: TenantId, connector: string) => ({
  [keys.partition]: { S: `T#${tenant}#DRIFT` },
  [keys.sort]: { S: foldCase(connector) },
});

export const dynamoRounds = (client: DynamoDBClient, table: string): RoundStore => ({
  async read(tenant, connector) {
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: place(tenant, connector) }));
    return Item?.last?.S as IpAddress | undefined;
  },

  async write(tenant, connector, last) {
    const Item = { ...place(tenant, connector), ...(last !== undefined && { last: { S: last } }) };
    await client.send(new PutItemCommand({ TableName: table, Item }));
  },
});

const wakingPlace = { [keys.partition]: { S: `T#${providerTenant}#ROUNDS` }, [keys.sort]: { S: 'connectors' } };

export const dynamoWakingRound = (client: DynamoDBClient, table: string): WakingRound => ({
  async read() {
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: wakingPlace }));
    return Item?.last?.S;
  },

  async write(last) {
    const Item = { ...wakingPlace, ...(last !== undefined && { last: { S: last } }) };
    await client.send(new PutItemCommand({ TableName: table, Item }));
  },
});
