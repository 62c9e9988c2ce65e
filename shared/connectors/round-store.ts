/** How far each connector's hosts have been compared: `T#<tenant>#DRIFT` / the connector's name, in the endpoints table. */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { keys } from '../contract.ts';
import type { IpAddress } from '../identity/address.ts';
import { foldCase } from '../identity/fold-case.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { RoundStore } from './compare-hosts.ts';

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
