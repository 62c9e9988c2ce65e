import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { dynamoEndpointStore } from '../../shared/endpoints/endpoint-store.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { dynamoSourceHeard } from '../../shared/identity/source-heard-store.ts';
import { dynamoReceiptStore } from '../../shared/journal/receipt-store.ts';
import { dynamoStoryStore } from '../../shared/journal/story-store.ts';
import { dynamoLimits } from '../../shared/tenancy/limits-store.ts';
import { dynamoQuestionStore } from '../../shared/user-query/question-store.ts';
import type { Explain } from '../../shared/why/explain-address.ts';

export function dependencies(): Explain {
  const client = dynamodb();
  const entries = required(variables.entriesTable);
  const tenants = required(variables.tenantsTable);
  const journal = required(variables.journalTable);
  return {
    ...dynamoAuthenticationTable(client, entries),
    endpoints: dynamoEndpointStore(client, required(variables.endpointsTable)),
    configurations: dynamoConfigurationStore(client, tenants),
    limitsOf: dynamoLimits(client, tenants, logger),
    stories: dynamoStoryStore(client, journal, logger),
    questions: dynamoQuestionStore(client, entries),
    sources: dynamoSourceHeard(client, journal, logger),
    receipts: dynamoReceiptStore(client, journal, logger),
  };
}
