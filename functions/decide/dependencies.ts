import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { compiledByVersion } from '../../shared/configuration/compiled-by-version.ts';
import { compile } from '../../shared/decisions/compiled-policies.ts';
import type { DecideFlows } from '../../shared/decisions/decide-flows.ts';
import { dynamoEndpointStore } from '../../shared/endpoints/endpoint-store.ts';
import { required } from '../../shared/edge/environment.ts';
import { measureOfEventInHand } from '../../shared/edge/event-line.ts';
import { logger } from '../../shared/edge/log.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { dynamoSessionStore } from '../../shared/sessions/session-store.ts';
import { dynamoSourceHeard } from '../../shared/identity/source-heard-store.ts';
import { dynamoLimits } from '../../shared/tenancy/limits-store.ts';
import { sqsQuestionQueue } from '../../shared/user-query/question-queue.ts';
import { cellUrls } from '../../shared/user-query/queued-question.ts';
import { dynamoQuestionStore } from '../../shared/user-query/question-store.ts';
import { dynamoPinStore } from '../../shared/user-query/server-store.ts';
import { pinnedCells } from '../../shared/user-query/servers.ts';

export function dependencies(): DecideFlows {
  const client = dynamodb();
  const [entries, tenants] = [required(variables.entriesTable), required(variables.tenantsTable)];
  const cells = cellUrls(required(variables.queryCells));
  return {
    table: dynamoAuthenticationTable(client, entries),
    configurations: dynamoConfigurationStore(client, tenants),
    compiledOf: compiledByVersion(compile),
    sources: dynamoSourceHeard(client, required(variables.journalTable), logger),
    slotsBefore: new Map(),
    endpoints: dynamoEndpointStore(client, required(variables.endpointsTable)),
    holdless: new Set(),
    questions: dynamoQuestionStore(client, entries),
    limitsOf: dynamoLimits(client, tenants, logger),
    cellOf: pinnedCells(dynamoPinStore(client, tenants), cells.length),
    queue: sqsQuestionQueue(sqs(), cells),
    sessions: dynamoSessionStore(client, entries),
    unkept: (tenant, error) => logger.error('session-not-kept', { tenant, error: error as Error }),
    unread: (what, tenant, error) => {
      logger.error(`${what}-not-read`, { tenant, error: error as Error });
      measureOfEventInHand(tenant, { DecisionsUnread: 1 }, {});
    },
    unsent: (tenant, error) => logger.error('question-not-sent', { tenant, error: error as Error }),
  };
}
