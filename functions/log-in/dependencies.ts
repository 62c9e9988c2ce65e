import { randomBytes } from 'node:crypto';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { dynamoReceiptStore } from '../../shared/journal/receipt-store.ts';
import { dynamoApiKeyStore } from '../../shared/tenancy/api-key-store.ts';

export function dependencies() {
  const client = dynamodb();
  const tenants = required(variables.tenantsTable);
  const configurations = dynamoConfigurationStore(client, tenants);
  return {
    apiKeys: dynamoApiKeyStore(client, tenants),
    receipts: dynamoReceiptStore(client, required(variables.journalTable), logger),
    realmsOf: async (tenant: Parameters<typeof configurations.current>[0]) =>
      (await configurations.current(tenant)).configuration.threatResponse.realms.map(({ name }) => name),
    now: Date.now,
    newApiKey: () => randomBytes(32).toString('base64'),
  };
}
