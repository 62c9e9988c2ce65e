import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { forwardingSettings } from '../../shared/decisions/forwarding-settings.ts';
import { required } from '../../shared/edge/environment.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import type { Pulled, PullForwardingTable } from '../../shared/identity/pull-forwarding-table.ts';
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
  const table = dynamoAuthenticationTable(client, entries);
  const settingsOf = async (tenant: TenantId) =>
    forwardingSettings((await configurations.current(tenant)).configuration);
  const readingOf = async (tenant: TenantId) => (await settingsOf(tenant)).readingAt;
  const finding = { table, sessions: dynamoSessionStore(client, entries), readingOf };
  return {
    ...table,
    settingsOf,
    closedSessions: async (tenant, asked) => closedSessions(finding, tenant, asked),
  };
}
