import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { sqsConnectorQueue } from '../../shared/connectors/connector-queue.ts';
import { dynamoConnectorStates } from '../../shared/connectors/connector-state-store.ts';
import { checkedAt } from '../../shared/connectors/connector-state.ts';
import { dynamoWakingRound } from '../../shared/connectors/round-store.ts';
import type { WakeConnectors } from '../../shared/connectors/wake-connectors.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { dynamoFeedStore } from '../../shared/infected-hosts/feed-store.ts';
import { dynamoHostTable } from '../../shared/infected-hosts/host-store.ts';
import { dynamoTenantStore } from '../../shared/tenancy/tenant-store.ts';
import { sqsQuestionQueue } from '../../shared/user-query/question-queue.ts';
import { cellUrls } from '../../shared/user-query/queued-question.ts';
import { dynamoPinStore } from '../../shared/user-query/server-store.ts';
import { pinnedCells } from '../../shared/user-query/servers.ts';

export function dependencies(): WakeConnectors {
  const [client, queue] = [dynamodb(), sqs()];
  const [tenants, endpoints] = [required(variables.tenantsTable), required(variables.endpointsTable)];
  const configurations = dynamoConfigurationStore(client, tenants);
  const cells = cellUrls(required(variables.queryCells));
  return {
    tenants: dynamoTenantStore(client, tenants),
    async settingsOf(tenant) {
      const { connectors, feeds } = (await configurations.current(tenant)).configuration.threatResponse;
      return { connectors, atpCloud: feeds.atpCloud };
    },
    feeds: dynamoFeedStore(client, endpoints),
    hosts: dynamoHostTable(client, endpoints).hosts,
    checkedAt: checkedAt(dynamoConnectorStates(client, endpoints)),
    queues: {
      connectors: sqsConnectorQueue(queue, required(variables.connectorsQueue)),
      cells: sqsQuestionQueue(queue, cells),
      cellOf: pinnedCells(dynamoPinStore(client, tenants), cells.length),
    },
    round: dynamoWakingRound(client, endpoints),
    now: Date.now,
    unwoken: (tenant, error) => logger.error('connectors-not-woken', { tenant, error: error as Error }),
  };
}
