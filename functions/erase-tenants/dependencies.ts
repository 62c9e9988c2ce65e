import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import type { EraseTenants } from '../../shared/tenancy/erase-tenants.ts';
import { dynamoOwnedItemRemover } from '../../shared/tenancy/owned-item-store.ts';
import { dynamoTenantStore } from '../../shared/tenancy/tenant-store.ts';

export function dependencies(): EraseTenants {
  const client = dynamodb();
  const tenants = required(variables.tenantsTable);
  return {
    tenants: dynamoTenantStore(client, tenants),
    items: dynamoOwnedItemRemover(client, {
      entries: required(variables.entriesTable),
      endpoints: required(variables.endpointsTable),
      journal: required(variables.journalTable),
      tenants,
    }),
    now: Date.now,
    erased: ({ id, erasure }) =>
      logger.info('tenant-erased', { tenant: id, removed: erasure?.removed, requestId: erasure?.requestId }),
    unerased: (tenant, error) => logger.error('tenant-not-erased', { tenant, error: error as Error }),
  };
}
