/** Connectors as they are listed: each with how its last check found it. */
import { shown } from '../../shared/configuration/configuration-secrets.ts';
import type { Versioned } from '../../shared/configuration/configuration.ts';
import { connectorKey, statusOf } from '../../shared/connectors/connector-state.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import type { Dependencies } from './dependencies.ts';

export async function withStatuses(
  { states }: Pick<Dependencies, 'states'>,
  tenant: TenantId,
  { configuration }: Versioned,
) {
  // prettier-ignore
  const known = await states.all(tenant);
  return shown(configuration).threatResponse.connectors.map((connector) => ({
    ...connector,
    status: statusOf(connector, known.get(connectorKey(connector.name))),
  }));
}
