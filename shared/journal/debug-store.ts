/**
 * The debug log in the journal, by day, and the switch that turns it on.
 * `T#acme#DEBUG#2026-03-01` / `2026-03-01T12:00:00.000Z#<id>`, and `T#acme#DEBUG` / `SWITCH`
 */
import type { Logger } from '@aws-lambda-powertools/logger';
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import {
  type Debug,
  debugDays,
  type DebugLine,
  type DebugLog,
  debugParts,
  type DebugSwitch,
  sayIfOn,
} from './debug.ts';
import { dayOf, logByDay, stretchesOf } from './log-by-day-store.ts';
import { isDebugWanted, logSpan, narrowing } from './log-line.ts';

const ofDay = (tenant: TenantId, day: string) => `T#${tenant}#DEBUG#${day}`;
const placeOfSwitch = (tenant: TenantId) => ({
  [keys.partition]: { S: `T#${tenant}#DEBUG` },
  [keys.sort]: { S: 'SWITCH' },
});

const text = v.nullable(v.string());
const stored = v.object({
  id: v.string(),
  at: v.number(),
  part: v.picklist(debugParts),
  message: v.string(),
  mac: v.nullable(v.custom<Mac>((value) => typeof value === 'string')),
  ip: v.nullable(v.custom<IpAddress>((value) => typeof value === 'string')),
  user: text,
  requestId: text,
  details: text,
});
const lineFrom = (item: unknown): DebugLine => v.parse(stored, item);

export function dynamoDebugLog(client: DynamoDBClient, table: string, now: () => number = Date.now): DebugLog {
  const log = logByDay(client, table, now);

  return {
    async tell(tenant, lines) {
      await Promise.all(lines.map(async (line) => log.write([ofDay(tenant, dayOf(line.at))], line, debugDays)));
    },

    async find(tenant, filter, page) {
      const span = { ...logSpan(filter, now(), debugDays), after: page.cursor };
      const stretches = stretchesOf((day) => ofDay(tenant, day), span);
      return log.read({ stretches, page, lineFrom, ...narrowing(filter, isDebugWanted) });
    },
  };
}

export function dynamoDebugSwitch(client: DynamoDBClient, table: string): DebugSwitch {
  return {
    async until(tenant) {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: placeOfSwitch(tenant) }));
      return Number(Item?.until?.N ?? 0);
    },

    async set(tenant, until) {
      const deleteAt = { N: String(Math.ceil(until / 1_000)) };
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: { ...placeOfSwitch(tenant), until: { N: String(until) }, [keys.timeToLive]: deleteAt },
        }),
      );
    },
  };
}

/** What a function that may be looked into tells. It needs `GetItem` and `PutItem` on the journal's `T#*#DEBUG*`. */
export const dynamoDebug = (client: DynamoDBClient, table: string, logger: Logger): Debug =>
  sayIfOn({
    switches: dynamoDebugSwitch(client, table),
    log: dynamoDebugLog(client, table),
    now: Date.now,
    newId: randomUUID,
    untold: (tenant, error) => logger.warn('debug-line-lost', { tenant, error }),
  });
