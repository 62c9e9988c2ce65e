import { Logger } from '@aws-lambda-powertools/logger';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import type { DeleteEntries } from '../../shared/identity/delete-entries.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { readingOf } from '../../shared/identity/silence.ts';
import { dynamoSourceHeard } from '../../shared/identity/source-heard-store.ts';

export function dependencies(): DeleteEntries {
  const client = dynamodb();
  const logger = new Logger({ serviceName: 'postern' });
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  const sources = dynamoSourceHeard(client, required(variables.journalTable), logger);
  return {
    ...dynamoAuthenticationTable(client, required(variables.entriesTable)),
    readingOf: async (tenant) => readingOf(sources, tenant, (await configurations.current(tenant)).configuration),
  };
}
