import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { kms } from '../../shared/aws/kms.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import type { ActsOnce } from '../../shared/edge/once.ts';
import { dynamoEndpointTable } from '../../shared/endpoints/endpoint-store.ts';
import type { OperatorActs } from '../../shared/endpoints/operator-acts.ts';
import { dynamoAttemptStore } from '../../shared/idempotency/attempt-store.ts';
import { dynamoEventLog } from '../../shared/journal/event-log-store.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';
import type { ExplainEndpoint } from '../../shared/why/explain-endpoint.ts';

export function dependencies(): OperatorActs & ExplainEndpoint & ActsOnce {
  const client = dynamodb();
  const journal = required(variables.journalTable);
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  return {
    ...dynamoEndpointTable(client, required(variables.endpointsTable)),
    events: dynamoEventLog(client, journal),
    attempts: dynamoAttemptStore(client, journal, kmsCipher(kms(), required(variables.secretsKey))),
    notifier: { changed: async () => Promise.resolve() },
    settingsOf: async (tenant) => (await configurations.current(tenant)).configuration.threatResponse,
  };
}
