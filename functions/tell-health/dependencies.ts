import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { dynamoSenderStore } from '../../shared/journal/sender-store.ts';

export function dependencies() {
  const client = dynamodb();
  return {
    configurations: dynamoConfigurationStore(client, required(variables.tenantsTable)),
    senders: dynamoSenderStore(client, required(variables.journalTable), logger),
    measure: embeddedMetrics(),
  };
}
