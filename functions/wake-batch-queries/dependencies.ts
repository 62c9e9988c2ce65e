import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import { dynamoBatchRoster, dynamoBatchStore } from '../../shared/batch-query/batch-store.ts';
import type { WakeBatches } from '../../shared/batch-query/wake-batches.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { querySettings } from '../../shared/user-query/query-settings.ts';
import { sqsQuestionQueue } from '../../shared/user-query/question-queue.ts';
import { cellUrls } from '../../shared/user-query/queued-question.ts';
import { dynamoPinStore } from '../../shared/user-query/server-store.ts';
import { pinnedCells } from '../../shared/user-query/servers.ts';

export function dependencies(): WakeBatches {
  const client = dynamodb();
  const tenants = required(variables.tenantsTable);
  const configurations = dynamoConfigurationStore(client, tenants);
  const cells = cellUrls(required(variables.queryCells));
  return {
    roster: dynamoBatchRoster(client, tenants),
    batches: dynamoBatchStore(client, tenants),
    settingsOf: async (tenant) => querySettings((await configurations.current(tenant)).configuration),
    cellOf: pinnedCells(dynamoPinStore(client, tenants), cells.length),
    queue: sqsQuestionQueue(sqs(), cells),
    now: Date.now,
    unwoken: (tenant, error) => logger.error('batch-not-woken', { tenant, error: error as Error }),
  };
}
