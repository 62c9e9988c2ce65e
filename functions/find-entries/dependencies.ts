import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { interestedGroups } from '../../shared/decisions/interested-groups.ts';
import { required } from '../../shared/edge/environment.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import type { Interested } from '../../shared/identity/entry-view.ts';
import type { FindEntries } from '../../shared/identity/find-entries.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

export interface Dependencies extends FindEntries {
  readonly interestedGroupsOf: (tenant: TenantId) => Promise<Interested>;
}

export function dependencies(): Dependencies {
  const client = dynamodb();
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  return {
    ...dynamoAuthenticationTable(client, required(variables.entriesTable)),
    interestedGroupsOf: async (tenant) =>
      interestedGroups((await configurations.current(tenant)).configuration.policies),
  };
}
