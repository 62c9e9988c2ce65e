import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { readingOf } from '../../shared/identity/silence.ts';
import { dynamoSourceHeard } from '../../shared/identity/source-heard-store.ts';
import type { CloseSession } from '../../shared/sessions/close-session.ts';
import { dynamoSessionStore } from '../../shared/sessions/session-store.ts';

export function dependencies(): CloseSession {
  const client = dynamodb();
  const entries = required(variables.entriesTable);
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  const sources = dynamoSourceHeard(client, required(variables.journalTable), logger);
  return {
    table: dynamoAuthenticationTable(client, entries),
    sessions: dynamoSessionStore(client, entries),
    readingOf: async (tenant) => readingOf(sources, tenant, (await configurations.current(tenant)).configuration),
  };
}
