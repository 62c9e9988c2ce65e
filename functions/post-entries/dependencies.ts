import { Logger } from '@aws-lambda-powertools/logger';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import type { PostEntries } from '../../shared/identity/post-entries.ts';
import { dynamoReceiptStore } from '../../shared/journal/receipt-store.ts';

export function dependencies(): PostEntries {
  const client = dynamodb();
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  return {
    table: dynamoAuthenticationTable(client, required(variables.entriesTable)),
    receipts: dynamoReceiptStore(client, required(variables.journalTable), new Logger({ serviceName: 'postern' })),
    settingsOf: async (tenant) => {
      const { clearpass, webApi } = (await configurations.current(tenant)).configuration;
      return { entryTimeoutMinutes: clearpass.entryTimeout, ...webApi };
    },
  };
}
