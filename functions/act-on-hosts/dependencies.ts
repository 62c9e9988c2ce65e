import { dynamoActionBudget } from '../../shared/admission/action-budget-store.ts';
import { dynamoApprovalStore } from '../../shared/admission/approval-store.ts';
import { lossQuestions } from '../../shared/admission/loss-questions.ts';
import { dynamoTraceStore } from '../../shared/admission/trace-store.ts';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { eventBridge } from '../../shared/aws/event-bridge.ts';
import { kms } from '../../shared/aws/kms.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import { compiledByVersion } from '../../shared/configuration/compiled-by-version.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { checkConnector, type CheckConnector } from '../../shared/connectors/check-connector.ts';
import { compareHosts, type CompareHosts } from '../../shared/connectors/compare-hosts.ts';
import { queueConnectorNotifier, sqsConnectorQueue } from '../../shared/connectors/connector-queue.ts';
import { dynamoConnectorStates } from '../../shared/connectors/connector-state-store.ts';
import { dynamoConnectorTests } from '../../shared/connectors/connector-test-store.ts';
import { answerTest, type AnswerTest } from '../../shared/connectors/connector-test.ts';
import type { ConnectorWork } from '../../shared/connectors/connector-work.ts';
import { dynamoRounds } from '../../shared/connectors/round-store.ts';
import { tellHost, type TellHost } from '../../shared/connectors/tell-host.ts';
import { connectorsOf } from '../../shared/connectors/which-connector.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { dynamoEndpointStore } from '../../shared/endpoints/endpoint-store.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { dynamoFeedStore } from '../../shared/infected-hosts/feed-store.ts';
import { hostGuards } from '../../shared/infected-hosts/guard-hosts.ts';
import { dynamoHostTable } from '../../shared/infected-hosts/host-store.ts';
import { pollFeed, type PollFeed } from '../../shared/infected-hosts/poll-feed.ts';
import { announcedEvents } from '../../shared/journal/event-bus-client.ts';
import { addressGuardFrom } from '../../shared/outbound/address-guard.ts';
import { askAtpCloud } from '../../shared/outbound/atp-cloud-client.ts';
import { enforcersBy } from '../../shared/outbound/enforcers-client.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';
import { dynamoSecretStore } from '../../shared/outbound/secret-store.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { sqsQuestionQueue } from '../../shared/user-query/question-queue.ts';
import { cellUrls } from '../../shared/user-query/queued-question.ts';
import { dynamoPinStore } from '../../shared/user-query/server-store.ts';
import { pinnedCells } from '../../shared/user-query/servers.ts';

export function dependencies(): ConnectorWork {
  const [client, queue] = [dynamodb(), sqs()];
  const [tenants, endpoints] = [required(variables.tenantsTable), required(variables.endpointsTable)];
  const configurations = dynamoConfigurationStore(client, tenants);
  const compiled = compiledByVersion(connectorsOf);
  const connectors = sqsConnectorQueue(queue, required(variables.connectorsQueue));
  const cells = cellUrls(required(variables.queryCells));
  const cipher = kmsCipher(kms(), required(variables.secretsKey));
  const [journal, bus] = [required(variables.journalTable), required(variables.eventBus)];
  const events = announcedEvents({ dynamodb: client, journal, eventBridge, bus }, embeddedMetrics(), logger);
  const endpointStore = dynamoEndpointStore(client, endpoints);
  const approvals = dynamoApprovalStore(client, endpoints);
  const reach = { guard: addressGuardFrom(process.env[variables.outboundAllow]) };
  const settingsOf = async (tenant: TenantId) => (await configurations.current(tenant)).configuration.threatResponse;
  const deps: TellHost & CheckConnector & CompareHosts & AnswerTest = {
    ...dynamoHostTable(client, endpoints),
    endpoints: endpointStore,
    settingsOf,
    secrets: dynamoSecretStore(client, tenants, cipher),
    enforcers: enforcersBy(reach, Date.now),
    connectors,
    cells: sqsQuestionQueue(queue, cells),
    cellOf: pinnedCells(dynamoPinStore(client, tenants), cells.length),
    measure: embeddedMetrics(),
    states: dynamoConnectorStates(client, endpoints),
    tests: dynamoConnectorTests(client, endpoints, cipher),
    events,
    connectorOf: async (tenant, ip) => compiled(tenant, await configurations.current(tenant))(ip)?.name ?? null,
    rounds: dynamoRounds(client, endpoints),
    notifier: queueConnectorNotifier(connectors, logger),
    guards: hostGuards({ endpoints: endpointStore, approvals, budget: dynamoActionBudget(client, endpoints), settingsOf, now: Date.now }), // prettier-ignore
    compareHosts: async (tenant, name, deadlineAt) => compareHosts(deps, tenant, name, deadlineAt),
    uncompared: (tenant, ip, error) => logger.error('host-uncompared', { tenant, ip, error: error as Error }),
  };
  const { guards, measure, notifier } = deps;
  const whichOf = async (tenant: TenantId) => {
    const versioned = await configurations.current(tenant);
    const which = compiled(tenant, versioned);
    const connectorOf = (ip: IpAddress) => which(ip)?.name ?? null;
    return { atpCloud: versioned.configuration.threatResponse.feeds.atpCloud, connectorOf };
  };
  const feeds = dynamoFeedStore(client, endpoints);
  const polling: PollFeed = {
    ...dynamoHostTable(client, endpoints),
    notifier,
    guards,
    events,
    connectorOf: async (tenant, ip) => (await whichOf(tenant)).connectorOf(ip),
    feeds,
    settingsOf: whichOf,
    secrets: deps.secrets,
    ask: async (settings) => askAtpCloud(settings, reach, Date.now),
    losses: lossQuestions(approvals, feeds),
    traces: dynamoTraceStore(client, endpoints),
    measure,
    unseen: (tenant, ip, error) => logger.error('host-not-seen-to', { tenant, ip, error: error as Error }),
  };
  return {
    tell: async (message, worker) => tellHost(deps, message, worker),
    check: async (message, worker) => checkConnector(deps, message, worker),
    test: async (message, worker) => answerTest(deps, message, worker),
    poll: async ({ tenant }, worker) => pollFeed(polling, tenant, worker),
  };
}
