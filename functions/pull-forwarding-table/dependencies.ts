import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { forwardingSettings } from '../../shared/decisions/forwarding-settings.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import type { Pulled, PullForwardingTable } from '../../shared/identity/pull-forwarding-table.ts';
import { readingOf } from '../../shared/identity/silence.ts';
import { dynamoSourceHeard } from '../../shared/identity/source-heard-store.ts';
import { closedSessions } from '../../shared/sessions/find-sessions.ts';
import type { ClosedSession } from '../../shared/sessions/session.ts';
import { dynamoSessionStore } from '../../shared/sessions/session-store.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

export interface Dependencies extends PullForwardingTable {
  /** The sessions of a credential that are over where something has changed. */
  readonly closedSessions: (
    tenant: TenantId,
    asked: Pulled['changed'] & { readonly credentialId: string },
  ) => Promise<readonly ClosedSession[]>;
}

export function dependencies(): Dependencies {
  const client = dynamodb();
  const entries = required(variables.entriesTable);
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  const sources = dynamoSourceHeard(client, required(variables.journalTable), logger);
  const table = dynamoAuthenticationTable(client, entries);
  const settingsOf = async (tenant: TenantId) => {
    const { configuration } = await configurations.current(tenant);
    return { ...forwardingSettings(configuration), readingAt: await readingOf(sources, tenant, configuration) };
  };
  const finding = {
    table,
    sessions: dynamoSessionStore(client, entries),
    readingOf: async (tenant: TenantId) => (await settingsOf(tenant)).readingAt,
  };
  return {
    ...table,
    settingsOf,
    closedSessions: async (tenant, asked) => closedSessions(finding, tenant, asked),
  };
}
