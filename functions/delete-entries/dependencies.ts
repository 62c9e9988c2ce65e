import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { kms } from '../../shared/aws/kms.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import type { ActsOnce } from '../../shared/edge/once.ts';
import { dynamoAttemptStore } from '../../shared/idempotency/attempt-store.ts';
import type { AuthenticationTable } from '../../shared/identity/authentication-table.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';

export function dependencies(): AuthenticationTable & ActsOnce {
  const client = dynamodb();
  const cipher = kmsCipher(kms(), required(variables.secretsKey));
  return {
    ...dynamoAuthenticationTable(client, required(variables.entriesTable)),
    attempts: dynamoAttemptStore(client, required(variables.journalTable), cipher),
  };
}
