import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { dynamoSenderStore } from '../../shared/journal/sender-store.ts';
import type { WatchSenders } from '../../shared/journal/watch-senders.ts';
import { dynamoTenantStore } from '../../shared/tenancy/tenant-store.ts';

export function dependencies(): WatchSenders {
  const client = dynamodb();
  return {
    tenants: dynamoTenantStore(client, required(variables.tenantsTable)),
    senders: dynamoSenderStore(client, required(variables.journalTable), logger),
    measure: embeddedMetrics(),
    now: Date.now,
    unwatched: (tenant, error) => logger.error('senders-not-watched', { tenant, error: error as Error }),
    unfinished: (watch) => logger.error('watch-unfinished', { watch }),
  };
}
