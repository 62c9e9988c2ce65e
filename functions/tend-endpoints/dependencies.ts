import type { TendEndpoints } from '../../shared/admission/tend-endpoints.ts';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { sqsChangeNotifier } from '../../shared/endpoints/change-queue.ts';
import { dynamoEndpointTable } from '../../shared/endpoints/endpoint-store.ts';
import { dynamoEventLog } from '../../shared/journal/event-log-store.ts';
import { measuredEvents } from '../../shared/journal/measured-events.ts';
import { dynamoTenantStore } from '../../shared/tenancy/tenant-store.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

export function dependencies(): TendEndpoints {
  const client = dynamodb();
  const tenants = required(variables.tenantsTable);
  const configurations = dynamoConfigurationStore(client, tenants);
  const settingsOf = async (tenant: TenantId) => (await configurations.current(tenant)).configuration.threatResponse;
  return {
    ...dynamoEndpointTable(client, required(variables.endpointsTable)),
    measure: embeddedMetrics(),
    tenants: dynamoTenantStore(client, tenants),
    events: measuredEvents(dynamoEventLog(client, required(variables.journalTable)), embeddedMetrics(), Date.now),
    notifier: sqsChangeNotifier(sqs(), required(variables.changesQueue), settingsOf, logger),
    untended: (tenant, error) => logger.error('endpoints-not-tended', { tenant, error: error as Error }),
  };
}
