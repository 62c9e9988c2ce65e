/**
 * The event log in the journal: a line lies with its day and, where it names a MAC, with that.
 * `T#acme#EVENTS#2026-03-01` and `T#acme#EVENTS-OF#00:11:22:33:ca:fe` / `2026-03-01T12:00:00.000Z#<id>`
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Mac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type EventLine, type EventLog, eventStates } from './event-line.ts';
import { dayOf, logByDay, stretchesOf } from './log-by-day-store.ts';
import { isEventWanted, logDays, logSpan, narrowing } from './log-line.ts';

const ofDay = (tenant: TenantId, day: string) => `T#${tenant}#EVENTS#${day}`;
const ofMac = (tenant: TenantId, mac: Mac) => `T#${tenant}#EVENTS-OF#${mac}`;

const text = v.nullable(v.string());
const stored = v.object({
  id: v.string(),
  at: v.number(),
  state: v.picklist(eventStates),
  code: v.string(),
  message: v.string(),
  event: text,
  sender: v.object({ kind: v.picklist(['client', 'feed', 'operator', 'postern']), name: text }),
  credentialName: text,
  clientAddress: text,
  template: text,
  eventId: text,
  occurredAt: v.nullable(v.number()),
  mac: v.nullable(v.custom<Mac>((value) => typeof value === 'string')),
  ip: v.nullable(v.custom<IpAddress>((value) => typeof value === 'string')),
  user: text,
  severity: text,
  threatName: text,
  policy: text,
  action: text,
  role: text,
  flags: v.array(v.string()),
  changes: v.array(v.string()),
  requestId: text,
  cause: v.exactOptional(v.string()),
  undo: v.exactOptional(v.string()),
});
const lineFrom = (item: unknown): EventLine => v.parse(stored, item);

export function dynamoEventLog(client: DynamoDBClient, table: string, now: () => number = Date.now): EventLog {
  const log = logByDay(client, table, now);

  return {
    async tell(tenant, lines) {
      await Promise.all(
        lines.map(async (line) => {
          const ofItsMac = line.mac === null ? [] : [ofMac(tenant, line.mac)];
          return log.write([ofDay(tenant, dayOf(line.at)), ...ofItsMac], line, logDays);
        }),
      );
    },

    async find(tenant, { mac, ...filter }, page) {
      const partition = mac === undefined ? (day: string) => ofDay(tenant, day) : ofMac(tenant, mac);
      const stretches = stretchesOf(partition, { ...logSpan(filter, now()), after: page.cursor });
      return log.read({ stretches, page, lineFrom, ...narrowing(filter, isEventWanted) });
    },
  };
}
