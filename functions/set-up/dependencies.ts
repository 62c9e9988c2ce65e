import { randomBytes } from 'node:crypto';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { kms } from '../../shared/aws/kms.ts';
import type { ChangeConfiguration } from '../../shared/configuration/change-configuration.ts';
import type { CheckConfiguration } from '../../shared/configuration/check-configuration.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import type { ActsOnce } from '../../shared/edge/once.ts';
import { dynamoAttemptStore } from '../../shared/idempotency/attempt-store.ts';
import { dynamoEntryStore } from '../../shared/identity/entry-store.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';
import { dynamoSecretStore } from '../../shared/outbound/secret-store.ts';

export type Dependencies = ChangeConfiguration & CheckConfiguration;

export function dependencies(): Dependencies & ActsOnce {
  const client = dynamodb();
  const table = required(variables.tenantsTable);
  const cipher = kmsCipher(kms(), required(variables.secretsKey));
  return {
    // Nothing here switches batch queries on or off, so their roster needs no notice.
    configurations: dynamoConfigurationStore(client, table),
    secrets: dynamoSecretStore(client, table, cipher),
    entries: dynamoEntryStore(client, required(variables.entriesTable)),
    attempts: dynamoAttemptStore(client, required(variables.journalTable), cipher),
    salt: () => randomBytes(16),
    now: Date.now,
  };
}
