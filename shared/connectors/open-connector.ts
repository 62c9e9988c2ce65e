/** A connector with the secret that was kept for it, and those that may stand in for it, which are opened once they are asked for. */
import { connectorSecretName } from '../configuration/configuration-secrets.ts';
import type { Connector } from '../configuration/threat-response.ts';
import { formerSecrets, type SecretOpener, type SecretReference } from '../outbound/secrets.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { OpenConnector } from './enforcer.ts';

export interface OpenConnectors {
  readonly secrets: SecretOpener;
  readonly now: () => number;
}

export type KeptConnector = Connector<SecretReference | null>;

/** `undefined` where it has none, or one that has been forgotten. */
export async function openConnector(
  { secrets, now }: OpenConnectors,
  tenant: TenantId,
  connector: KeptConnector,
): Promise<OpenConnector | undefined> {
  const purpose = { tenant, name: connectorSecretName(connector.name) };
  const secret = connector.password === null ? undefined : await secrets.open(purpose, connector.password);
  if (secret === undefined) return undefined;
  const former = () => formerSecrets(secrets, purpose, secret, now);
  return { ...connector, tenant, password: secret.text, formerSecrets: former };
}

export const secretMissing = 'No secret is kept for this connector. Give its password by PUT /v1/connectors.';
