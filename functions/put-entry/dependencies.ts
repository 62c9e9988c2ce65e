import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { kms } from '../../shared/aws/kms.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { interestedGroups } from '../../shared/decisions/interested-groups.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import type { ActsOnce } from '../../shared/edge/once.ts';
import { dynamoAttemptStore } from '../../shared/idempotency/attempt-store.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import type { Interested } from '../../shared/identity/entry-view.ts';
import { hearing } from '../../shared/identity/source-heard.ts';
import { dynamoSourceHeard } from '../../shared/identity/source-heard-store.ts';
import type { TellEntry, TellSettings } from '../../shared/identity/tell-entry.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

export interface Dependencies extends TellEntry {
  readonly settingsOf: (tenant: TenantId) => Promise<TellSettings & { readonly interested: Interested }>;
}

export function dependencies(): Dependencies & ActsOnce {
  const client = dynamodb();
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  const cipher = kmsCipher(kms(), required(variables.secretsKey));
  return {
    table: dynamoAuthenticationTable(client, required(variables.entriesTable)),
    attempts: dynamoAttemptStore(client, required(variables.journalTable), cipher),
    hear: hearing(dynamoSourceHeard(client, required(variables.journalTable), logger)),
    settingsOf: async (tenant) => {
      const { activeDirectory, webApi, policies } = (await configurations.current(tenant)).configuration;
      return { activeDirectory, excludeAddresses: webApi.excludeAddresses, interested: interestedGroups(policies) };
    },
  };
}
