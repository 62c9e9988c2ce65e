import { Logger } from '@aws-lambda-powertools/logger';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { kms } from '../../shared/aws/kms.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import type { ActsOnce } from '../../shared/edge/once.ts';
import { dynamoAttemptStore } from '../../shared/idempotency/attempt-store.ts';
import type { AuthenticationTable } from '../../shared/identity/authentication-table.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { dynamoStoryStore } from '../../shared/journal/story-store.ts';
import type { TellDeletes } from '../../shared/journal/tell-deletes.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';

export type Dependencies = AuthenticationTable & TellDeletes & ActsOnce;

export function dependencies(): Dependencies {
  const client = dynamodb();
  const journal = required(variables.journalTable);
  const cipher = kmsCipher(kms(), required(variables.secretsKey));
  return {
    ...dynamoAuthenticationTable(client, required(variables.entriesTable)),
    stories: dynamoStoryStore(client, journal, new Logger({ serviceName: 'postern' })),
    attempts: dynamoAttemptStore(client, journal, cipher),
  };
}
