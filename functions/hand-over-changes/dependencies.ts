import { setTimeout as wait } from 'node:timers/promises';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { dynamoEndpointTable } from '../../shared/endpoints/endpoint-store.ts';
import { dynamoDebug } from '../../shared/journal/debug-store.ts';
import type { HandOverChanges } from '../../shared/endpoints/hand-over-changes.ts';

export function dependencies(): HandOverChanges {
  const client = dynamodb();
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  return {
    ...dynamoEndpointTable(client, required(variables.endpointsTable)),
    measure: embeddedMetrics(),
    settingsOf: async (tenant) => (await configurations.current(tenant)).configuration.threatResponse,
    debug: dynamoDebug(client, required(variables.journalTable), logger),
    wait: async (ms) => wait(ms),
  };
}
