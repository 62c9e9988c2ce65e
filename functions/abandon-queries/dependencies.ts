import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { dynamoStoryStore } from '../../shared/journal/story-store.ts';
import { tellIn } from '../../shared/user-query/question-lines.ts';
import { querySettings } from '../../shared/user-query/query-settings.ts';
import { dynamoQuestionStore } from '../../shared/user-query/question-store.ts';

export function dependencies() {
  const client = dynamodb();
  const entries = required(variables.entriesTable);
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  return {
    table: dynamoAuthenticationTable(client, entries),
    measure: embeddedMetrics(),
    settingsOf: async (tenant: Parameters<typeof configurations.current>[0]) =>
      querySettings((await configurations.current(tenant)).configuration),
    questions: dynamoQuestionStore(client, entries),
    tell: tellIn(dynamoStoryStore(client, required(variables.journalTable), logger), Date.now),
  };
}
