import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { dynamoEntryStore } from '../../shared/identity/entry-store.ts';
import type { FindReceipts } from '../../shared/journal/find-receipts.ts';
import { dynamoReceiptStore } from '../../shared/journal/receipt-store.ts';
import { dynamoStoryStore } from '../../shared/journal/story-store.ts';

export function dependencies(): FindReceipts {
  const client = dynamodb();
  const journal = required(variables.journalTable);
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  const entries = dynamoEntryStore(client, required(variables.entriesTable));
  return {
    receipts: dynamoReceiptStore(client, journal, logger),
    stories: dynamoStoryStore(client, journal, logger),
    receiptsOfEntries: async (tenant, ip) =>
      (await entries.at(tenant, ip)).flatMap(({ item }) => item.entry?.receipt ?? []),
    daysOf: async (tenant) => (await configurations.current(tenant)).configuration.receipts.days,
    now: Date.now,
  };
}
