import { randomBytes } from 'node:crypto';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { kms } from '../../shared/aws/kms.ts';
import { announced } from '../../shared/batch-query/announced.ts';
import { dynamoBatchRoster } from '../../shared/batch-query/batch-store.ts';
import type { CheckConfiguration } from '../../shared/configuration/check-configuration.ts';
import type { ChangeConfiguration } from '../../shared/configuration/change-configuration.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import type { ActsOnce } from '../../shared/edge/once.ts';
import { dynamoAttemptStore } from '../../shared/idempotency/attempt-store.ts';
import { dynamoEntryStore } from '../../shared/identity/entry-store.ts';
import { dynamoFeedStore } from '../../shared/infected-hosts/feed-store.ts';
import { heldByFeed } from '../../shared/infected-hosts/find-feeds.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';
import { dynamoSecretStore } from '../../shared/outbound/secret-store.ts';

export type Dependencies = ChangeConfiguration & CheckConfiguration;

export function dependencies(): Dependencies & ActsOnce {
  const client = dynamodb();
  const table = required(variables.tenantsTable);
  const cipher = kmsCipher(kms(), required(variables.secretsKey));
  return {
    configurations: announced(dynamoConfigurationStore(client, table), dynamoBatchRoster(client, table)),
    secrets: dynamoSecretStore(client, table, cipher),
    heldByFeed: heldByFeed(dynamoFeedStore(client, required(variables.endpointsTable))),
    entries: dynamoEntryStore(client, required(variables.entriesTable)),
    attempts: dynamoAttemptStore(client, required(variables.journalTable), cipher),
    salt: () => randomBytes(16),
    now: Date.now,
  };
}
