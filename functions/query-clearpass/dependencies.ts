import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Admission } from '../../shared/admission/admission.ts';
import { dynamoAdmission } from '../../shared/admission/admission-store.ts';
import { settlePending } from '../../shared/admission/settle.ts';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { eventBridge } from '../../shared/aws/event-bridge.ts';
import { kms } from '../../shared/aws/kms.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import { dynamoBatchStore } from '../../shared/batch-query/batch-store.ts';
import type { AnswerMessage } from '../../shared/batch-query/cell-message.ts';
import { compiledByVersion } from '../../shared/configuration/compiled-by-version.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { checkConnector, type CheckConnector } from '../../shared/connectors/check-connector.ts';
import { compareHosts, type CompareHosts } from '../../shared/connectors/compare-hosts.ts';
import { queueConnectorNotifier, sqsConnectorQueue } from '../../shared/connectors/connector-queue.ts';
import { dynamoConnectorStates } from '../../shared/connectors/connector-state-store.ts';
import { dynamoConnectorTests } from '../../shared/connectors/connector-test-store.ts';
import { answerTest, type AnswerTest } from '../../shared/connectors/connector-test.ts';
import { dynamoRounds } from '../../shared/connectors/round-store.ts';
import { tellHost, type TellHost } from '../../shared/connectors/tell-host.ts';
import { connectorsOf } from '../../shared/connectors/which-connector.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { dynamoEndpointTable } from '../../shared/endpoints/endpoint-store.ts';
import { teaching } from '../../shared/endpoints/taught-addresses.ts';
import { hearing } from '../../shared/identity/source-heard.ts';
import { dynamoSourceHeard } from '../../shared/identity/source-heard-store.ts';
import { announcedEvents } from '../../shared/journal/event-bus-client.ts';
import { hostGuards } from '../../shared/infected-hosts/guard-hosts.ts';
import { dynamoHostTable } from '../../shared/infected-hosts/host-store.ts';
import { dynamoStoryStore } from '../../shared/journal/story-store.ts';
import { addressGuardFrom } from '../../shared/outbound/address-guard.ts';
import { serverAsker } from '../../shared/outbound/asking-client.ts';
import { clearPassEnforcer } from '../../shared/outbound/clearpass-attribute-client.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';
import { loginsBy } from '../../shared/outbound/logins.ts';
import { dynamoSecretStore } from '../../shared/outbound/secret-store.ts';
import { tellIn } from '../../shared/user-query/question-lines.ts';
import { querySettings } from '../../shared/user-query/query-settings.ts';
import { sqsPostpone, sqsQuestionQueue } from '../../shared/user-query/question-queue.ts';
import { cellUrls } from '../../shared/user-query/queued-question.ts';
import { dynamoQuestionStore } from '../../shared/user-query/question-store.ts';
import { dynamoPinStore, dynamoServerStore } from '../../shared/user-query/server-store.ts';
import { pinnedCells } from '../../shared/user-query/servers.ts';
import { dynamoTokenStore } from '../../shared/user-query/token-store.ts';
import { sharedTokens } from '../../shared/user-query/tokens.ts';

export interface Dependencies extends AnswerMessage {
  readonly queue: ReturnType<typeof sqsQuestionQueue>;
  readonly cells: readonly string[];
  readonly postpone: ReturnType<typeof sqsPostpone>;
}

export function dependencies(): Dependencies {
  const client = dynamodb();
  const bus = required(variables.eventBus);
  const queue = sqs();
  const [entries, tenants] = [required(variables.entriesTable), required(variables.tenantsTable)];
  const configurations = dynamoConfigurationStore(client, tenants);
  const cells = cellUrls(required(variables.queryCells));
  const cipher = kmsCipher(kms(), required(variables.secretsKey));
  const now = Date.now;
  const journal = required(variables.journalTable);
  const endpoints = required(variables.endpointsTable);
  const admission: Admission = {
    ...dynamoEndpointTable(client, endpoints),
    ...dynamoAdmission(client, endpoints),
    events: announcedEvents({ dynamodb: client, journal, eventBridge, bus }, embeddedMetrics(), logger),
    notifier: { changed: async () => Promise.resolve() }, // what is due is found every minute
    settingsOf: async (tenant) => {
      const { threatResponse, networks } = (await configurations.current(tenant)).configuration;
      return { ...threatResponse, networks };
    },
  };
  const reach = { guard: addressGuardFrom(process.env[variables.outboundAllow]) };
  const secrets = dynamoSecretStore(client, tenants, cipher);
  const servers = dynamoServerStore(client, tenants);
  const cellOf = pinnedCells(dynamoPinStore(client, tenants), cells.length);
  const compiled = compiledByVersion(connectorsOf);
  const connectors = sqsConnectorQueue(queue, required(variables.connectorsQueue));
  const connecting: TellHost & CheckConnector & CompareHosts & AnswerTest = {
    ...dynamoHostTable(client, endpoints),
    endpoints: admission.endpoints,
    settingsOf: async (tenant) => (await configurations.current(tenant)).configuration.threatResponse,
    secrets,
    enforcers: { clearpass: clearPassEnforcer(reach, loginsBy(now), { servers, now }) },
    connectors,
    cells: sqsQuestionQueue(queue, cells),
    cellOf,
    measure: embeddedMetrics(),
    states: dynamoConnectorStates(client, endpoints),
    tests: dynamoConnectorTests(client, endpoints, cipher),
    events: admission.events,
    connectorOf: async (tenant, ip) => compiled(tenant, await configurations.current(tenant))(ip)?.name ?? null,
    rounds: dynamoRounds(client, endpoints),
    notifier: queueConnectorNotifier(connectors, logger),
    guards: hostGuards(admission),
    compareHosts: async (tenant, name, deadlineAt) => compareHosts(connecting, tenant, name, deadlineAt),
    uncompared: (tenant, ip, error) => logger.error('host-uncompared', { tenant, ip, error: error as Error }),
  };
  return {
    work: {
      tell: async (message, worker) => tellHost(connecting, message, worker),
      check: async (message, worker) => checkConnector(connecting, message, worker),
      test: async (message, worker) => answerTest(connecting, message, worker),
    },
    table: dynamoAuthenticationTable(client, entries),
    measure: embeddedMetrics(),
    settingsOf: async (tenant) => querySettings((await configurations.current(tenant)).configuration),
    questions: dynamoQuestionStore(client, entries),
    cellOf,
    queue: sqsQuestionQueue(queue, cells),
    ...serverAsker({
      servers,
      secrets,
      tokensOf: sharedTokens({
        tokens: dynamoTokenStore(client, tenants, cipher),
        now,
        wait: async (ms) => wait(ms),
        newId: () => randomBytes(8).toString('hex'),
      }),
      reach,
      now,
    }),
    tell: tellIn(dynamoStoryStore(client, journal, logger), now),
    hear: hearing(dynamoSourceHeard(client, journal, logger)),
    teach: teaching({
      ...admission,
      settle: async (tenant, mac, ip) => settlePending(admission, tenant, mac, ip),
      untaught: (tenant, left, error) =>
        logger.error('addresses-untaught', { tenant, left: left.length, error: error as Error }),
    }),
    batches: dynamoBatchStore(client, tenants),
    cells,
    postpone: sqsPostpone(queue, cells),
  };
}
