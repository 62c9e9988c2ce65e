import { dynamoAdmission } from '../../shared/admission/admission-store.ts';
import type { Deciding } from '../../shared/admission/decide-approval.ts';
import { settlePending } from '../../shared/admission/settle.ts';
import type { Undoing } from '../../shared/admission/undo-event.ts';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { eventBridge } from '../../shared/aws/event-bridge.ts';
import { kms } from '../../shared/aws/kms.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import { compiledByVersion } from '../../shared/configuration/compiled-by-version.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { queueConnectorNotifier, sqsConnectorQueue } from '../../shared/connectors/connector-queue.ts';
import { connectorsOf } from '../../shared/connectors/which-connector.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import type { ActsOnce } from '../../shared/edge/once.ts';
import { sqsChangeNotifier } from '../../shared/endpoints/change-queue.ts';
import { dynamoEndpointTable } from '../../shared/endpoints/endpoint-store.ts';
import type { OperatorActs } from '../../shared/endpoints/operator-acts.ts';
import { dynamoAttemptStore } from '../../shared/idempotency/attempt-store.ts';
import { announcedEvents } from '../../shared/journal/event-bus-client.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import type { ExplainEndpoint } from '../../shared/why/explain-endpoint.ts';
import { hostDecisions } from '../../shared/infected-hosts/decide-hosts.ts';
import { lossActs } from '../../shared/infected-hosts/decide-loss.ts';
import { dynamoFeedStore } from '../../shared/infected-hosts/feed-store.ts';
import { hostGuards } from '../../shared/infected-hosts/guard-hosts.ts';
import { dynamoHostTable } from '../../shared/infected-hosts/host-store.ts';

export function dependencies(): OperatorActs & ExplainEndpoint & Deciding & Undoing & ActsOnce {
  const client = dynamodb();
  const bus = required(variables.eventBus);
  const [endpoints, journal] = [required(variables.endpointsTable), required(variables.journalTable)];
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  const connectors = compiledByVersion(connectorsOf);
  const settingsOf = async (tenant: TenantId) => {
    const { threatResponse, networks } = (await configurations.current(tenant)).configuration;
    return { ...threatResponse, networks };
  };
  const admission = {
    ...dynamoEndpointTable(client, endpoints),
    ...dynamoAdmission(client, endpoints),
    events: announcedEvents({ dynamodb: client, journal, eventBridge, bus }, embeddedMetrics(), logger),
    notifier: sqsChangeNotifier(sqs(), required(variables.changesQueue), settingsOf, logger),
    settingsOf,
  };
  const table = dynamoHostTable(client, endpoints);
  return {
    ...admission,
    hosts: table.hosts,
    hostActs: {
      ...lossActs({ feeds: dynamoFeedStore(client, endpoints), now: admission.now }),
      ...hostDecisions({
        ...table,
        guards: hostGuards(admission),
        notifier: queueConnectorNotifier(sqsConnectorQueue(sqs(), required(variables.connectorsQueue)), logger),
        events: admission.events,
        connectorOf: async (tenant, ip) => connectors(tenant, await configurations.current(tenant))(ip)?.name ?? null,
      }),
    },
    settle: async (tenant, mac, ip) => settlePending(admission, tenant, mac, ip),
    attempts: dynamoAttemptStore(client, journal, kmsCipher(kms(), required(variables.secretsKey))),
  };
}
