/** Traces of events, in the endpoints table: `T#<tenant>#TRACES#<digest of client and event id>` / `<kind>#<of what>`. */
import { type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import type { Mac } from '../endpoints/mac.ts';
import { type EventKey, type Trace, traceName, type TraceStore, tracesKeptMs } from '../endpoints/traces.ts';
import type { IpAddress } from '../identity/address.ts';
import { digestOf } from '../tenancy/secret.ts';
import type { TenantId } from '../tenancy/tenant.ts';

/** An id is of its sender's choice, and of any length. */
const partition = (tenant: TenantId, { client, id }: EventKey) =>
  `T#${tenant}#TRACES#${digestOf(JSON.stringify([client, id])).slice(0, 32)}`;

const mac = v.custom<Mac>((value) => typeof value === 'string');
const stored: v.GenericSchema<unknown, Trace> = v.variant('kind', [
  v.object({ kind: v.picklist(['endpoint', 'cleared', 'terminated']), mac }),
  v.object({ kind: v.literal('address'), ip: v.custom<IpAddress>((value) => typeof value === 'string') }),
  v.object({ kind: v.literal('approval'), id: v.string() }),
  v.object({ kind: v.picklist(['let-go', 'hosts']) }),
]);

export function dynamoTraceStore(client: DynamoDBClient, table: string): TraceStore {
  return {
    async leave(tenant, event, trace, now) {
      const Item = {
        [keys.partition]: { S: partition(tenant, event) },
        [keys.sort]: { S: traceName(trace) },
        trace: { S: JSON.stringify(trace) },
        [keys.timeToLive]: { N: String(Math.ceil((now + tracesKeptMs) / 1_000)) },
      };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },

    async of(tenant, event, { limit, after }) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: `${keys.partition} = :pk AND ${keys.sort} > :after`,
          // A sort key is never empty, so this is before the first.
          ExpressionAttributeValues: { ':pk': { S: partition(tenant, event) }, ':after': { S: after ?? ' ' } },
          ConsistentRead: true,
          Limit: limit,
        }),
      );
      const next = LastEvaluatedKey?.[keys.sort]?.S;
      const traces = Items.map(({ trace }) => v.parse(stored, JSON.parse(trace?.S ?? 'null')));
      return { traces, ...(next !== undefined && { next }) };
    },
  };
}
