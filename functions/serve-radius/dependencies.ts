import { Logger } from '@aws-lambda-powertools/logger';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { sqsChangeNotifier } from '../../shared/endpoints/change-queue.ts';
import { dynamoEndpointTable } from '../../shared/endpoints/endpoint-store.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { dynamoAccessLog } from '../../shared/journal/access-log-store.ts';
import type { Accounting } from '../../shared/radius/accounting.ts';
import type { Authorize } from '../../shared/radius/authorize.ts';
import { nobodysHash, provePassword } from '../../shared/radius/password.ts';
import type { PostAuth } from '../../shared/radius/post-auth.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

export function dependencies(): Authorize & PostAuth & Accounting {
  const client = dynamodb();
  const logger = new Logger({ serviceName: 'postern' });
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  const settingsOf = async (tenant: TenantId) => (await configurations.current(tenant)).configuration.threatResponse;
  return {
    ...dynamoEndpointTable(client, required(variables.endpointsTable)),
    table: dynamoAuthenticationTable(client, required(variables.entriesTable)),
    accessLog: dynamoAccessLog(client, required(variables.journalTable)),
    provePassword,
    nobodysHash,
    notifier: sqsChangeNotifier(sqs(), required(variables.changesQueue), settingsOf, logger),
    settleWaiting: async () => Promise.resolve(),
    settlePending: async () => Promise.resolve(),
    settingsOf,
    excludedOf: async (tenant) => (await configurations.current(tenant)).configuration.webApi.excludeAddresses,
    passedOver: (tenant, passed) => logger.warn('accounting-passed-over', { tenant, ...passed }),
  };
}
