import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { interestedGroups } from '../../shared/decisions/interested-groups.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import type { Interested } from '../../shared/identity/entry-view.ts';
import type { ReadEntries } from '../../shared/identity/find-entries.ts';
import type { ReadingAt } from '../../shared/identity/reading.ts';
import { readingOf } from '../../shared/identity/silence.ts';
import { dynamoSourceHeard } from '../../shared/identity/source-heard-store.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

export interface Dependencies extends ReadEntries {
  readonly settingsOf: (
    tenant: TenantId,
  ) => Promise<{ readonly interested: Interested; readonly readingAt: ReadingAt }>;
}

export function dependencies(): Dependencies {
  const client = dynamodb();
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  const sources = dynamoSourceHeard(client, required(variables.journalTable), logger);
  return {
    ...dynamoAuthenticationTable(client, required(variables.entriesTable)),
    settingsOf: async (tenant) => {
      const { configuration } = await configurations.current(tenant);
      const readingAt = await readingOf(sources, tenant, configuration);
      return { interested: interestedGroups(configuration.policies), readingAt };
    },
  };
}
