import { dynamoAdmission } from '../../shared/admission/admission-store.ts';
import { receiveLines } from '../../shared/admission/receive.ts';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { eventBridge } from '../../shared/aws/event-bridge.ts';
import { kms } from '../../shared/aws/kms.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import type { ActsOnce } from '../../shared/edge/once.ts';
import { within } from '../../shared/edge/within.ts';
import { sqsChangeNotifier } from '../../shared/endpoints/change-queue.ts';
import { dynamoEndpointTable } from '../../shared/endpoints/endpoint-store.ts';
import { dynamoAttemptStore } from '../../shared/idempotency/attempt-store.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { readingOf } from '../../shared/identity/silence.ts';
import { dynamoSourceHeard } from '../../shared/identity/source-heard-store.ts';
import { dynamoDebug } from '../../shared/journal/debug-store.ts';
import { announcedEvents } from '../../shared/journal/event-bus-client.ts';
import { dynamoEventLog } from '../../shared/journal/event-log-store.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { acting } from '../../shared/threat-logs/act-on-logs.ts';
import { sqsLogQueue } from '../../shared/threat-logs/log-queue.ts';
import { dynamoLogCounts, dynamoLogGrants, dynamoLogPace } from '../../shared/threat-logs/log-store.ts';
import type { LogPace } from '../../shared/threat-logs/log-table.ts';
import type { ReceiveLogs } from '../../shared/threat-logs/receive-logs.ts';

export interface Dependencies extends ReceiveLogs, ActsOnce {
  readonly pace: Pick<LogPace, 'read'>;
}

export function dependencies(): Dependencies {
  const client = dynamodb();
  const bus = required(variables.eventBus);
  const [endpoints, journal] = [required(variables.endpointsTable), required(variables.journalTable)];
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  const { entries } = dynamoAuthenticationTable(client, required(variables.entriesTable));
  const sources = dynamoSourceHeard(client, journal, logger);
  const measure = embeddedMetrics();
  const events = announcedEvents({ dynamodb: client, journal, eventBridge, bus }, measure, logger);
  const configurationOf = async (tenant: TenantId) => (await configurations.current(tenant)).configuration;
  const admissionSettings = async (tenant: TenantId) => {
    const { threatResponse, networks } = await configurationOf(tenant);
    return { ...threatResponse, networks };
  };
  const admission = {
    ...dynamoEndpointTable(client, endpoints),
    ...dynamoAdmission(client, endpoints),
    events,
    debug: dynamoDebug(client, journal, logger),
    notifier: sqsChangeNotifier(sqs(), required(variables.changesQueue), admissionSettings, logger),
    settingsOf: admissionSettings,
  };
  return {
    settingsOf: async (tenant) => (await configurationOf(tenant)).threatLogs,
    attempts: dynamoAttemptStore(client, journal, kmsCipher(kms(), required(variables.secretsKey))),
    grants: dynamoLogGrants(client, journal),
    queue: sqsLogQueue(sqs(), required(variables.logsQueue)),
    counts: dynamoLogCounts(client, journal),
    pace: dynamoLogPace(client, journal),
    slotsAt: async (tenant, ips) => {
      const [readingAt, slots] = await Promise.all([
        configurationOf(tenant).then(async (configuration) => readingOf(sources, tenant, configuration)),
        Promise.all(ips.map(async (ip) => [ip, await entries.at(tenant, ip)] as const)),
      ]);
      return { reading: readingAt(Date.now()), slots: new Map(slots) };
    },
    log: dynamoEventLog(client, journal),
    within,
    unwritten: (tenant, what, error) => logger.error('threat-logs-unwritten', { tenant, what, error: error as Error }),
    events,
    measure,
    act: acting(async (tenant, arrival, body) => receiveLines(admission, tenant, arrival, body)),
    now: Date.now,
  };
}
