import { Logger } from '@aws-lambda-powertools/logger';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { kms } from '../../shared/aws/kms.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import type { ActsOnce } from '../../shared/edge/once.ts';
import { sqsChangeNotifier } from '../../shared/endpoints/change-queue.ts';
import { dynamoEndpointTable } from '../../shared/endpoints/endpoint-store.ts';
import type { OperatorActs } from '../../shared/endpoints/operator-acts.ts';
import { dynamoAttemptStore } from '../../shared/idempotency/attempt-store.ts';
import { dynamoEventLog } from '../../shared/journal/event-log-store.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import type { ExplainEndpoint } from '../../shared/why/explain-endpoint.ts';

export function dependencies(): OperatorActs & ExplainEndpoint & ActsOnce {
  const client = dynamodb();
  const journal = required(variables.journalTable);
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  const settingsOf = async (tenant: TenantId) => (await configurations.current(tenant)).configuration.threatResponse;
  return {
    ...dynamoEndpointTable(client, required(variables.endpointsTable)),
    events: dynamoEventLog(client, journal),
    attempts: dynamoAttemptStore(client, journal, kmsCipher(kms(), required(variables.secretsKey))),
    notifier: sqsChangeNotifier(
      sqs(),
      required(variables.changesQueue),
      settingsOf,
      new Logger({ serviceName: 'postern' }),
    ),
    settingsOf,
  };
}
