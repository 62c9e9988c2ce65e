import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import type { TenantStore } from '../../shared/tenancy/create-tenant.ts';
import type { ExportTenant, OwnedItemReader } from '../../shared/tenancy/export-tenant.ts';
import type { ImportTenant, OwnedItemWriter } from '../../shared/tenancy/import-tenant.ts';
import { dynamoOwnedItems } from '../../shared/tenancy/owned-item-store.ts';
import { dynamoTenantStore } from '../../shared/tenancy/tenant-store.ts';

export interface MoveTenants extends Omit<ImportTenant & ExportTenant, 'tenants' | 'items'> {
  readonly tenants: TenantStore;
  readonly items: OwnedItemReader & OwnedItemWriter;
  /** Of the key that tenants' secrets are encrypted with here. */
  readonly secretsKey: string;
}

export function dependencies(): MoveTenants {
  const client = dynamodb();
  const tenants = required(variables.tenantsTable);
  return {
    tenants: dynamoTenantStore(client, tenants),
    items: dynamoOwnedItems(client, {
      entries: required(variables.entriesTable),
      endpoints: required(variables.endpointsTable),
      journal: required(variables.journalTable),
      tenants,
    }),
    secretsKey: required(variables.secretsKey),
    now: Date.now,
  };
}
