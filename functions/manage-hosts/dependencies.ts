import { dynamoActionBudget } from '../../shared/admission/action-budget-store.ts';
import { dynamoApprovalStore } from '../../shared/admission/approval-store.ts';
import { dynamoTraceStore } from '../../shared/admission/trace-store.ts';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { eventBridge } from '../../shared/aws/event-bridge.ts';
import { kms } from '../../shared/aws/kms.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import { compiledByVersion } from '../../shared/configuration/compiled-by-version.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { queueConnectorNotifier, sqsConnectorQueue } from '../../shared/connectors/connector-queue.ts';
import type { FindOperations } from '../../shared/connectors/find-operations.ts';
import { connectorsOf } from '../../shared/connectors/which-connector.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import type { ActsOnce } from '../../shared/edge/once.ts';
import { dynamoEndpointStore } from '../../shared/endpoints/endpoint-store.ts';
import { dynamoAttemptStore } from '../../shared/idempotency/attempt-store.ts';
import { dynamoFeedStore } from '../../shared/infected-hosts/feed-store.ts';
import type { FindFeeds } from '../../shared/infected-hosts/find-feeds.ts';
import { hostGuards } from '../../shared/infected-hosts/guard-hosts.ts';
import { dynamoHostTable } from '../../shared/infected-hosts/host-store.ts';
import type { PushHosts } from '../../shared/infected-hosts/push-hosts.ts';
import { announcedEvents } from '../../shared/journal/event-bus-client.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

export function dependencies(): PushHosts & ActsOnce & FindOperations & FindFeeds {
  const client = dynamodb();
  const [endpoints, journal] = [required(variables.endpointsTable), required(variables.journalTable)];
  const bus = required(variables.eventBus);
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  const connectors = compiledByVersion(connectorsOf);
  const settingsOf = async (tenant: TenantId) => (await configurations.current(tenant)).configuration.threatResponse;
  const table = dynamoHostTable(client, endpoints);
  return {
    ...table,
    traces: dynamoTraceStore(client, endpoints),
    endpoints: dynamoEndpointStore(client, endpoints),
    guards: hostGuards({
      endpoints: dynamoEndpointStore(client, endpoints),
      approvals: dynamoApprovalStore(client, endpoints),
      budget: dynamoActionBudget(client, endpoints),
      settingsOf,
      now: table.now,
    }),
    notifier: queueConnectorNotifier(sqsConnectorQueue(sqs(), required(variables.connectorsQueue)), logger),
    events: announcedEvents({ dynamodb: client, journal, eventBridge, bus }, embeddedMetrics(), logger),
    connectorOf: async (tenant, ip) => connectors(tenant, await configurations.current(tenant))(ip)?.name ?? null,
    settingsOf,
    polled: dynamoFeedStore(client, endpoints),
    attempts: dynamoAttemptStore(client, journal, kmsCipher(kms(), required(variables.secretsKey))),
  };
}
