import type { Admission } from '../../shared/admission/admission.ts';
import { dynamoAdmission } from '../../shared/admission/admission-store.ts';
import { settleLoggedIn, settlePending, settleWaiting } from '../../shared/admission/settle.ts';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { eventBridge } from '../../shared/aws/event-bridge.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { sqsChangeNotifier } from '../../shared/endpoints/change-queue.ts';
import { dynamoEndpointTable } from '../../shared/endpoints/endpoint-store.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { dynamoDebug } from '../../shared/journal/debug-store.ts';
import { dynamoAccessLog } from '../../shared/journal/access-log-store.ts';
import type { Accounting } from '../../shared/radius/accounting.ts';
import type { Authorize } from '../../shared/radius/authorize.ts';
import { announcedEvents } from '../../shared/journal/event-bus-client.ts';
import type { Debugged } from '../../shared/radius/debugging.ts';
import { nobodysHash, provePassword } from '../../shared/radius/password.ts';
import type { PostAuth } from '../../shared/radius/post-auth.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

export function dependencies(): Authorize & PostAuth & Accounting & Debugged {
  const client = dynamodb();
  const bus = required(variables.eventBus);
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  const settingsOf = async (tenant: TenantId) => (await configurations.current(tenant)).configuration.threatResponse;
  const endpoints = required(variables.endpointsTable);
  const journal = required(variables.journalTable);
  const table = dynamoEndpointTable(client, endpoints);
  const debug = dynamoDebug(client, journal, logger);
  const notifier = sqsChangeNotifier(sqs(), required(variables.changesQueue), settingsOf, logger);
  const events = announcedEvents({ dynamodb: client, journal, eventBridge, bus }, embeddedMetrics(), logger);
  const admission: Admission = {
    ...table,
    ...dynamoAdmission(client, endpoints),
    events,
    notifier,
    settingsOf: async (tenant) => {
      const { threatResponse, networks } = (await configurations.current(tenant)).configuration;
      return { ...threatResponse, networks };
    },
  };
  return {
    ...table,
    table: dynamoAuthenticationTable(client, required(variables.entriesTable)),
    accessLog: dynamoAccessLog(client, journal),
    debug,
    provePassword,
    nobodysHash,
    notifier,
    events,
    measure: embeddedMetrics(),
    settleWaiting: async (tenant, mac, roles, user) => settleWaiting(admission, tenant, mac, roles, user),
    settleLoggedIn: async (tenant, mac) => settleLoggedIn(admission, tenant, mac),
    settlePending: async (tenant, mac, ip) => settlePending(admission, tenant, mac, ip),
    settingsOf,
    excludedOf: async (tenant) => (await configurations.current(tenant)).configuration.webApi.excludeAddresses,
    passedOver: (tenant, passed) => logger.warn('accounting-passed-over', { tenant, ...passed }),
  };
}
