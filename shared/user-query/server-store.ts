/**
 * Servers in the tenants table. Counters are added to where they lie: nobody reads before writing, no race loses one.
 *
 *   what                                  partition             sort key
 *   the cell of a server, of nobody       SERVER#<host:port>    CELL
 *   what a tenant has heard of a server   T#<tenant>            SERVER#<host:port>
 */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Ending, PinStore, ServerName, ServerStore, Use } from './servers.ts';

export function dynamoPinStore(client: DynamoDBClient, table: string): PinStore {
  const placeOf = (server: ServerName) => ({ [keys.partition]: { S: `SERVER#${server}` }, [keys.sort]: { S: 'CELL' } });

  async function read(server: ServerName): Promise<number | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: placeOf(server), ConsistentRead: true }),
    );
    return Item && v.parse(v.object({ cell: v.number() }), unmarshall(Item)).cell;
  }

  return {
    read,
    async pin(server, cell) {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: { ...placeOf(server), cell: { N: String(cell) } },
            ConditionExpression: `attribute_not_exists(${keys.partition})`,
          }),
        );
        return cell;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return (await read(server)) ?? cell;
      }
    },
  };
}

const count = v.optional(v.number(), 0);
const number = v.exactOptional(v.number());
const use = v.pipe(
  v.string(),
  v.regex(/^\d+#/),
  v.transform((text): Use => ({ untilAt: Number.parseInt(text), id: text.slice(text.indexOf('#') + 1) })),
);
const record = v.object({
  queries: count,
  responses: count,
  errors: count,
  failures: count,
  probeAt: number,
  lastResponseMs: number,
  lastResponseAt: number,
  lastReason: v.exactOptional(v.string()),
  tokenExpiresAt: number,
  uses: v.optional(
    v.pipe(
      v.set(use),
      v.transform((set) => [...set]),
    ),
    new Set<string>(),
  ),
});

const usesSet = (uses: readonly Use[]) => ({ SS: uses.map(({ id, untilAt }) => `${untilAt}#${id}`) });

export function dynamoServerStore(client: DynamoDBClient, table: string): ServerStore {
  const keyOf = (tenant: TenantId, server: ServerName) => ({
    [keys.partition]: { S: `T#${tenant}` },
    [keys.sort]: { S: `SERVER#${server}` },
  });
  const update = async (tenant: TenantId, server: ServerName, change: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>) =>
    client.send(new UpdateItemCommand({ TableName: table, Key: keyOf(tenant, server), ...change })); // prettier-ignore

  return {
    async read(tenant, server) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: keyOf(tenant, server), ConsistentRead: true }),
      );
      return v.parse(record, Item === undefined ? {} : unmarshall(Item));
    },

    async claimProbe(tenant, server, { seen, next }) {
      try {
        await update(tenant, server, {
          UpdateExpression: 'SET probeAt = :next',
          ConditionExpression: 'probeAt = :seen',
          ExpressionAttributeValues: { ':seen': { N: String(seen) }, ':next': { N: String(next) } },
        });
        return 'claimed';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'refused';
        throw error;
      }
    },

    async begin(tenant, server, { use, failuresBelow }) {
      const condition = failuresBelow !== undefined && {
        ConditionExpression: 'attribute_not_exists(failures) OR failures < :failuresBelow',
      };
      try {
        const { Attributes = {} } = await update(tenant, server, {
          UpdateExpression: 'ADD queries :one, uses :uses',
          ...condition,
          ExpressionAttributeValues: {
            ':one': { N: '1' },
            ':uses': usesSet([use]),
            ...(condition && { ':failuresBelow': { N: String(failuresBelow) } }),
          },
          ReturnValues: 'ALL_OLD',
        });
        return v.parse(record, unmarshall(Attributes));
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'refused';
        throw error;
      }
    },

    async end(tenant, server, ending) {
      await update(tenant, server, changeOf(ending));
    },
  };
}

function changeOf(ending: Ending) {
  const { uses, verdict, counted, reason, elapsedMs, tokenExpiresAt, now, probeAt } = ending;
  const answered = { lastResponseMs: elapsedMs, lastResponseAt: now };
  const set: Readonly<Record<string, number | string | undefined>> = {
    ...(verdict === 'heard' && { failures: 0, ...answered }),
    ...(verdict === 'failed' && { probeAt }),
    lastReason: reason,
    tokenExpiresAt,
  };
  const values = Object.entries(set).filter(([, value]) => value !== undefined);
  const settings = values.map(([name]) => `${name} = :${name}`).join(', ');
  const added = counted === 'response' ? 'responses' : 'errors';
  const failure = verdict === 'failed' ? ', failures :one' : '';
  return {
    UpdateExpression: `${settings && `SET ${settings} `}ADD ${added} :one${failure} DELETE uses :uses`,
    ExpressionAttributeValues: {
      ...Object.fromEntries(
        values.map(([name, value]) => [
          `:${name}`,
          typeof value === 'number' ? { N: String(value) } : { S: value ?? '' },
        ]),
      ),
      ':one': { N: '1' },
      ':uses': usesSet(uses),
    },
  };
}
