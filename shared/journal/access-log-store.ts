/** The user access log in the journal, by day: `T#acme#ACCESS#2026-03-01` / `2026-03-01T12:00:00.000Z#<id>`. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Mac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type AccessLine, type AccessLog, accessResults } from './access-line.ts';
import { dayOf, logByDay, stretchesOf } from './log-by-day-store.ts';
import { isAccessWanted, logDays, logSpan, narrowing } from './log-line.ts';

const ofDay = (tenant: TenantId, day: string) => `T#${tenant}#ACCESS#${day}`;

const text = v.nullable(v.string());
const stored = v.object({
  id: v.string(),
  at: v.number(),
  result: v.picklist(accessResults),
  code: v.string(),
  message: v.string(),
  user: text,
  realm: text,
  roles: v.array(v.string()),
  quarantineRole: text,
  mac: v.nullable(v.custom<Mac>((value) => typeof value === 'string')),
  ip: v.nullable(v.custom<IpAddress>((value) => typeof value === 'string')),
  nas: text,
  port: text,
  returnAttributes: text,
});
const lineFrom = (item: unknown): AccessLine => v.parse(stored, item);

export function dynamoAccessLog(client: DynamoDBClient, table: string, now: () => number = Date.now): AccessLog {
  const log = logByDay(client, table, now);

  return {
    async tell(tenant, lines) {
      await Promise.all(lines.map(async (line) => log.write([ofDay(tenant, dayOf(line.at))], line, logDays)));
    },

    async find(tenant, filter, page) {
      const span = { ...logSpan(filter, now()), after: page.cursor };
      const stretches = stretchesOf((day) => ofDay(tenant, day), span);
      return log.read({ stretches, page, lineFrom, ...narrowing(filter, isAccessWanted) });
    },
  };
}
