import { apiGateway } from '../../shared/aws/api-gateway.ts';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { kms } from '../../shared/aws/kms.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { dynamoAttemptStore } from '../../shared/idempotency/attempt-store.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';
import { dynamoCredentialStore } from '../../shared/tenancy/credential-store.ts';
import { gatewayLoginCache } from '../../shared/tenancy/login-cache-client.ts';
import { dynamoTenantStore } from '../../shared/tenancy/tenant-store.ts';

export function dependencies() {
  const client = dynamodb();
  const table = required(variables.tenantsTable);
  const cipher = kmsCipher(kms(), required(variables.secretsKey));
  return {
    tenants: dynamoTenantStore(client, table),
    credentials: dynamoCredentialStore(client, table),
    loginCache: gatewayLoginCache(apiGateway(), required(variables.restApi)),
    attempts: dynamoAttemptStore(client, required(variables.journalTable), cipher),
    now: Date.now,
  };
}
