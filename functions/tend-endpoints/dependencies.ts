import type { TendEndpoints } from '../../shared/admission/tend-endpoints.ts';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { eventBridge } from '../../shared/aws/event-bridge.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { sqsChangeNotifier } from '../../shared/endpoints/change-queue.ts';
import { dynamoEndpointTable } from '../../shared/endpoints/endpoint-store.ts';
import { announcedEvents } from '../../shared/journal/event-bus-client.ts';
import { dynamoTenantStore } from '../../shared/tenancy/tenant-store.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

export function dependencies(): TendEndpoints {
  const client = dynamodb();
  const bus = required(variables.eventBus);
  const [tenants, journal] = [required(variables.tenantsTable), required(variables.journalTable)];
  const configurations = dynamoConfigurationStore(client, tenants);
  const settingsOf = async (tenant: TenantId) => (await configurations.current(tenant)).configuration.threatResponse;
  return {
    ...dynamoEndpointTable(client, required(variables.endpointsTable)),
    measure: embeddedMetrics(),
    tenants: dynamoTenantStore(client, tenants),
    events: announcedEvents({ dynamodb: client, journal, eventBridge, bus }, embeddedMetrics(), logger),
    notifier: sqsChangeNotifier(sqs(), required(variables.changesQueue), settingsOf, logger),
    untended: (tenant, error) => logger.error('endpoints-not-tended', { tenant, error: error as Error }),
  };
}
