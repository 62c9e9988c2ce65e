import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { kms } from '../../shared/aws/kms.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import type { ChangeConfiguration } from '../../shared/configuration/change-configuration.ts';
import type { CheckConfiguration } from '../../shared/configuration/check-configuration.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { sqsConnectorQueue } from '../../shared/connectors/connector-queue.ts';
import { dynamoConnectorStates } from '../../shared/connectors/connector-state-store.ts';
import type { ConnectorStates } from '../../shared/connectors/connector-state.ts';
import { dynamoConnectorTests } from '../../shared/connectors/connector-test-store.ts';
import type { TryDraft } from '../../shared/connectors/connector-test.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import type { ActsOnce } from '../../shared/edge/once.ts';
import { dynamoAttemptStore } from '../../shared/idempotency/attempt-store.ts';
import { dynamoEntryStore } from '../../shared/identity/entry-store.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';
import { dynamoSecretStore } from '../../shared/outbound/secret-store.ts';
import { sqsQuestionQueue } from '../../shared/user-query/question-queue.ts';
import { cellUrls } from '../../shared/user-query/queued-question.ts';
import { dynamoPinStore } from '../../shared/user-query/server-store.ts';
import { pinnedCells } from '../../shared/user-query/servers.ts';

export type Dependencies = ChangeConfiguration &
  CheckConfiguration &
  TryDraft & { readonly states: Pick<ConnectorStates, 'all' | 'read'> };

export function dependencies(): Dependencies & ActsOnce {
  const [client, queue] = [dynamodb(), sqs()];
  const [table, endpoints] = [required(variables.tenantsTable), required(variables.endpointsTable)];
  const cipher = kmsCipher(kms(), required(variables.secretsKey));
  const cells = cellUrls(required(variables.queryCells));
  return {
    // Nothing here switches batch queries on or off, so their roster needs no notice.
    configurations: dynamoConfigurationStore(client, table),
    secrets: dynamoSecretStore(client, table, cipher),
    entries: dynamoEntryStore(client, required(variables.entriesTable)),
    states: dynamoConnectorStates(client, endpoints),
    tests: dynamoConnectorTests(client, endpoints, cipher),
    connectors: sqsConnectorQueue(queue, required(variables.connectorsQueue)),
    cells: sqsQuestionQueue(queue, cells),
    cellOf: pinnedCells(dynamoPinStore(client, table), cells.length),
    attempts: dynamoAttemptStore(client, required(variables.journalTable), cipher),
    salt: () => randomBytes(16),
    newId: randomUUID,
    wait: async (ms) => wait(ms),
    now: Date.now,
  };
}
