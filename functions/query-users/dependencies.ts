import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { kms } from '../../shared/aws/kms.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import { dynamoBatchStore } from '../../shared/batch-query/batch-store.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import type { ActsOnce } from '../../shared/edge/once.ts';
import { dynamoAttemptStore } from '../../shared/idempotency/attempt-store.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';
import { dynamoLimits } from '../../shared/tenancy/limits-store.ts';
import { sqsQuestionQueue } from '../../shared/user-query/question-queue.ts';
import { cellUrls } from '../../shared/user-query/queued-question.ts';
import { dynamoQuestionStore } from '../../shared/user-query/question-store.ts';
import { querySettings } from '../../shared/user-query/query-settings.ts';
import type { QueryUsers } from '../../shared/user-query/query-users.ts';
import { dynamoPinStore, dynamoServerStore } from '../../shared/user-query/server-store.ts';
import { pinnedCells } from '../../shared/user-query/servers.ts';

export function dependencies(): QueryUsers & ActsOnce {
  const client = dynamodb();
  const [entries, tenants] = [required(variables.entriesTable), required(variables.tenantsTable)];
  const configurations = dynamoConfigurationStore(client, tenants);
  const cells = cellUrls(required(variables.queryCells));
  const cipher = kmsCipher(kms(), required(variables.secretsKey));
  return {
    table: dynamoAuthenticationTable(client, entries),
    settingsOf: async (tenant) => querySettings((await configurations.current(tenant)).configuration),
    questions: dynamoQuestionStore(client, entries),
    limitsOf: dynamoLimits(client, tenants, logger),
    servers: dynamoServerStore(client, tenants),
    batches: dynamoBatchStore(client, tenants),
    cellOf: pinnedCells(dynamoPinStore(client, tenants), cells.length),
    attempts: dynamoAttemptStore(client, required(variables.journalTable), cipher),
    queue: sqsQuestionQueue(sqs(), cells),
  };
}
