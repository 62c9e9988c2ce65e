import type { ReceiveThreatActions } from '../../shared/admission/receive.ts';
import { dynamoAdmission } from '../../shared/admission/admission-store.ts';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { sqsChangeNotifier } from '../../shared/endpoints/change-queue.ts';
import { dynamoEndpointTable } from '../../shared/endpoints/endpoint-store.ts';
import { dynamoDebug } from '../../shared/journal/debug-store.ts';
import { dynamoEventLog } from '../../shared/journal/event-log-store.ts';
import { measuredEvents } from '../../shared/journal/measured-events.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

export function dependencies(): ReceiveThreatActions {
  const client = dynamodb();
  const endpoints = required(variables.endpointsTable);
  const journal = required(variables.journalTable);
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  const settingsOf = async (tenant: TenantId) => {
    const { threatResponse, networks } = (await configurations.current(tenant)).configuration;
    return { ...threatResponse, networks };
  };
  return {
    ...dynamoEndpointTable(client, endpoints),
    ...dynamoAdmission(client, endpoints),
    events: measuredEvents(dynamoEventLog(client, journal), embeddedMetrics(), Date.now),
    debug: dynamoDebug(client, journal, logger),
    notifier: sqsChangeNotifier(sqs(), required(variables.changesQueue), settingsOf, logger),
    settingsOf,
  };
}
