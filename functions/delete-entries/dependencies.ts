import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { kms } from '../../shared/aws/kms.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import type { ActsOnce } from '../../shared/edge/once.ts';
import { dynamoAttemptStore } from '../../shared/idempotency/attempt-store.ts';
import type { DeleteEntries } from '../../shared/identity/delete-entries.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { readingOf } from '../../shared/identity/silence.ts';
import { dynamoSourceHeard } from '../../shared/identity/source-heard-store.ts';
import { dynamoStoryStore } from '../../shared/journal/story-store.ts';
import type { TellDeletes } from '../../shared/journal/tell-deletes.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';

export type Dependencies = DeleteEntries & TellDeletes & ActsOnce;

export function dependencies(): Dependencies {
  const client = dynamodb();
  const journal = required(variables.journalTable);
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  const sources = dynamoSourceHeard(client, journal, logger);
  const cipher = kmsCipher(kms(), required(variables.secretsKey));
  return {
    ...dynamoAuthenticationTable(client, required(variables.entriesTable)),
    readingOf: async (tenant) => readingOf(sources, tenant, (await configurations.current(tenant)).configuration),
    stories: dynamoStoryStore(client, journal, logger),
    attempts: dynamoAttemptStore(client, journal, cipher),
  };
}
