import { Logger } from '@aws-lambda-powertools/logger';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { dynamoEndpointTable } from '../../shared/endpoints/endpoint-store.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { dynamoAccessLog } from '../../shared/journal/access-log-store.ts';
import type { Accounting } from '../../shared/radius/accounting.ts';
import type { Authorize } from '../../shared/radius/authorize.ts';
import { nobodysHash, provePassword } from '../../shared/radius/password.ts';
import type { PostAuth } from '../../shared/radius/post-auth.ts';

export function dependencies(): Authorize & PostAuth & Accounting {
  const client = dynamodb();
  const logger = new Logger({ serviceName: 'postern' });
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  return {
    ...dynamoEndpointTable(client, required(variables.endpointsTable)),
    table: dynamoAuthenticationTable(client, required(variables.entriesTable)),
    accessLog: dynamoAccessLog(client, required(variables.journalTable)),
    provePassword,
    nobodysHash,
    notifier: { changed: async () => Promise.resolve() },
    settleWaiting: async () => Promise.resolve(),
    settlePending: async () => Promise.resolve(),
    settingsOf: async (tenant) => (await configurations.current(tenant)).configuration.threatResponse,
    excludedOf: async (tenant) => (await configurations.current(tenant)).configuration.webApi.excludeAddresses,
    passedOver: (tenant, passed) => logger.warn('accounting-passed-over', { tenant, ...passed }),
  };
}
