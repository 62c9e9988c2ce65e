import type { Admission } from '../../shared/admission/admission.ts';
import { dynamoAdmission } from '../../shared/admission/admission-store.ts';
import { settlePending } from '../../shared/admission/settle.ts';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { eventBridge } from '../../shared/aws/event-bridge.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { dynamoEndpointTable } from '../../shared/endpoints/endpoint-store.ts';
import { mayHaveEndpoints, teaching } from '../../shared/endpoints/taught-addresses.ts';
import type { PostEntries } from '../../shared/identity/post-entries.ts';
import { postUsage } from '../../shared/identity/post-usage.ts';
import { hearing } from '../../shared/identity/source-heard.ts';
import { dynamoSourceHeard } from '../../shared/identity/source-heard-store.ts';
import { dynamoEntryCount, dynamoUsageStore } from '../../shared/identity/usage-store.ts';
import { dynamoReceiptStore } from '../../shared/journal/receipt-store.ts';
import { dynamoSenderStore } from '../../shared/journal/sender-store.ts';
import { announcedEvents } from '../../shared/journal/event-bus-client.ts';
import { dynamoStoryStore } from '../../shared/journal/story-store.ts';
import { dynamoLimits } from '../../shared/tenancy/limits-store.ts';

export function dependencies(): PostEntries {
  const client = dynamodb();
  const bus = required(variables.eventBus);
  const journal = required(variables.journalTable);
  const [entries, tenants] = [required(variables.entriesTable), required(variables.tenantsTable)];
  const configurations = dynamoConfigurationStore(client, tenants);
  const endpoints = required(variables.endpointsTable);
  const admission: Admission = {
    ...dynamoEndpointTable(client, endpoints),
    ...dynamoAdmission(client, endpoints),
    events: announcedEvents({ dynamodb: client, journal, eventBridge, bus }, embeddedMetrics(), logger),
    // A post waits for no queue: what is due is found by whoever looks for it every minute.
    notifier: { changed: async () => Promise.resolve() },
    settingsOf: async (tenant) => {
      const { threatResponse, networks } = (await configurations.current(tenant)).configuration;
      return { ...threatResponse, networks };
    },
  };
  return {
    table: dynamoAuthenticationTable(client, entries),
    usage: postUsage({
      usage: dynamoUsageStore(client, journal),
      limitsOf: dynamoLimits(client, tenants, logger),
      countEntries: dynamoEntryCount(client, entries),
      now: Date.now,
      uncounted: (tenant, error) => logger.error('post-not-counted', { tenant, error: error as Error }),
    }),
    receipts: dynamoReceiptStore(client, journal, logger),
    stories: dynamoStoryStore(client, journal, logger),
    senders: dynamoSenderStore(client, journal, logger),
    measure: embeddedMetrics(),
    hear: hearing(dynamoSourceHeard(client, journal, logger)),
    teach: teaching({
      ...admission,
      settle: async (tenant, mac, ip) => settlePending(admission, tenant, mac, ip),
      untaught: (tenant, left, error) =>
        logger.error('addresses-untaught', { tenant, left: left.length, error: error as Error }),
    }),
    settingsOf: async (tenant) => {
      const { clearpass, webApi, receipts, threatResponse } = (await configurations.current(tenant)).configuration;
      const endpoints = mayHaveEndpoints(threatResponse);
      return { entryTimeoutMinutes: clearpass.entryTimeout, ...webApi, receiptDays: receipts.days, endpoints };
    },
  };
}
