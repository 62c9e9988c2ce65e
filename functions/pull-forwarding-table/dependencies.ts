import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { forwardingSettings } from '../../shared/decisions/forwarding-settings.ts';
import { required } from '../../shared/edge/environment.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import type { PullForwardingTable } from '../../shared/identity/pull-forwarding-table.ts';

export function dependencies(): PullForwardingTable {
  const client = dynamodb();
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  return {
    ...dynamoAuthenticationTable(client, required(variables.entriesTable)),
    settingsOf: async (tenant) => forwardingSettings((await configurations.current(tenant)).configuration),
  };
}
