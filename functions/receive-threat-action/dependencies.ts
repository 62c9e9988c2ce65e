import type { Admission } from '../../shared/admission/admission.ts';
import { dynamoApprovalStore } from '../../shared/admission/approval-store.ts';
import { dynamoEventMemory } from '../../shared/admission/event-memory-store.ts';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { dynamoEndpointTable } from '../../shared/endpoints/endpoint-store.ts';
import { dynamoEventLog } from '../../shared/journal/event-log-store.ts';

export function dependencies(): Admission {
  const client = dynamodb();
  const endpoints = required(variables.endpointsTable);
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  return {
    ...dynamoEndpointTable(client, endpoints),
    memory: dynamoEventMemory(client, endpoints),
    approvals: dynamoApprovalStore(client, endpoints),
    events: dynamoEventLog(client, required(variables.journalTable)),
    notifier: { changed: async () => Promise.resolve() },
    settingsOf: async (tenant) => {
      const { threatResponse, networks } = (await configurations.current(tenant)).configuration;
      return { ...threatResponse, networks };
    },
  };
}
