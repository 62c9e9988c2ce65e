import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { dynamoSenderStore } from '../../shared/journal/sender-store.ts';
import type { WatchSenders } from '../../shared/journal/watch-senders.ts';
import { dynamoTenantStore } from '../../shared/tenancy/tenant-store.ts';
import { dynamoLogCounts } from '../../shared/threat-logs/log-store.ts';
import { firewallsMeasured, habitMs } from '../../shared/threat-logs/watch-firewalls.ts';

export function dependencies(): WatchSenders {
  const client = dynamodb();
  const journal = required(variables.journalTable);
  const logs = dynamoLogCounts(client, journal);
  return {
    tenants: dynamoTenantStore(client, required(variables.tenantsTable)),
    senders: dynamoSenderStore(client, journal, logger),
    firewalls: async (tenant, now) => firewallsMeasured(await logs.heardSince(tenant, now - habitMs), now),
    measure: embeddedMetrics(),
    now: Date.now,
    unwatched: (tenant, error) => logger.error('senders-not-watched', { tenant, error: error as Error }),
    unfinished: (watch) => logger.error('watch-unfinished', { watch }),
  };
}
