import { apiGateway } from '../../shared/aws/api-gateway.ts';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { dynamoCredentialStore } from '../../shared/tenancy/credential-store.ts';
import { gatewayLoginCache } from '../../shared/tenancy/login-cache-client.ts';
import { dynamoTenantStore } from '../../shared/tenancy/tenant-store.ts';

export function dependencies() {
  const client = dynamodb();
  const table = required(variables.tenantsTable);
  return {
    tenants: dynamoTenantStore(client, table),
    credentials: dynamoCredentialStore(client, table),
    loginCache: gatewayLoginCache(apiGateway(), required(variables.restApi)),
    now: Date.now,
  };
}
