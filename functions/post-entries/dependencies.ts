import { Logger } from '@aws-lambda-powertools/logger';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
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
    settingsOf: async (tenant) => {
      const { clearpass, webApi, receipts } = (await configurations.current(tenant)).configuration;
      return { entryTimeoutMinutes: clearpass.entryTimeout, ...webApi, receiptDays: receipts.days };
    },
  };
}
