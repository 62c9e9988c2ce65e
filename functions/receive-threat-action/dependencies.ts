import type { ReceiveThreatActions } from '../../shared/admission/receive.ts';
import { dynamoAdmission } from '../../shared/admission/admission-store.ts';
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
import { dynamoDebug } from '../../shared/journal/debug-store.ts';
import { announcedEvents } from '../../shared/journal/event-bus-client.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

export function dependencies(): ReceiveThreatActions {
  const client = dynamodb();
  const bus = required(variables.eventBus);
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
    events: announcedEvents({ dynamodb: client, journal, eventBridge, bus }, embeddedMetrics(), logger),
    debug: dynamoDebug(client, journal, logger),
    notifier: sqsChangeNotifier(sqs(), required(variables.changesQueue), settingsOf, logger),
    settingsOf,
  };
}
