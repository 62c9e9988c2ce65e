import { Logger } from '@aws-lambda-powertools/logger';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { dynamoEndpointTable } from '../../shared/endpoints/endpoint-store.ts';
import { mayHaveEndpoints, teaching } from '../../shared/endpoints/taught-addresses.ts';
import type { PostEntries } from '../../shared/identity/post-entries.ts';
import { hearing } from '../../shared/identity/source-heard.ts';
import { dynamoSourceHeard } from '../../shared/identity/source-heard-store.ts';
import { dynamoReceiptStore } from '../../shared/journal/receipt-store.ts';
import { dynamoSenderStore } from '../../shared/journal/sender-store.ts';
import { dynamoStoryStore } from '../../shared/journal/story-store.ts';

export function dependencies(): PostEntries {
  const client = dynamodb();
  const journal = required(variables.journalTable);
  const logger = new Logger({ serviceName: 'postern' });
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  return {
    table: dynamoAuthenticationTable(client, required(variables.entriesTable)),
    receipts: dynamoReceiptStore(client, journal, logger),
    stories: dynamoStoryStore(client, journal, logger),
    senders: dynamoSenderStore(client, journal, logger),
    measure: embeddedMetrics(),
    hear: hearing(dynamoSourceHeard(client, journal, logger)),
    teach: teaching({
      ...dynamoEndpointTable(client, required(variables.endpointsTable)),
      settle: async () => Promise.resolve(),
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
