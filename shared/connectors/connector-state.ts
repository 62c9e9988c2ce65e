/** How it is with a connector, as its last check found it. */
import { connectorSecretName } from '../configuration/configuration-secrets.ts';
import type { Connector } from '../configuration/threat-response.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Answer } from './enforcer.ts';

export interface ConnectorState {
  readonly name: string;
  /** Which system was asked: what was found of one says nothing of another. */
  readonly about: string;
  readonly state: 'active' | 'inactive';
  /** Since when it is so. */
  readonly sinceAt: number;
  readonly checkedAt: number;
  /** Why it is inactive, in words of the system or of whoever connected to it. Nothing secret. */
  readonly error: string | null;
}

export const connectorStates = ['active', 'inactive', 'unknown'] as const;

/** Names that differ by case only are one. */
export type ConnectorKey = string & { readonly brand: 'ConnectorKey' };
export const connectorKey = (name: string) => connectorSecretName(name) as string as ConnectorKey;

export interface ConnectorStates {
  readonly all: (tenant: TenantId) => Promise<ReadonlyMap<ConnectorKey, ConnectorState>>;
  readonly read: (tenant: TenantId, connector: ConnectorKey) => Promise<ConnectorState | undefined>;
  /** If it was not checked since it was read. */
  readonly replace: (tenant: TenantId, connector: ConnectorKey, state: ConnectorState, read: ConnectorState | undefined) => Promise<'replaced' | 'conflict'>; // prettier-ignore
}

/** When each connector was last checked, by its name. */
export const checkedAt =
  ({ all }: Pick<ConnectorStates, 'all'>) =>
  async (tenant: TenantId): Promise<ReadonlyMap<string, number>> =>
    new Map([...(await all(tenant)).values()].map((state) => [state.name, state.checkedAt]));

type Reached = Pick<Connector<unknown>, 'type' | 'connectMethod' | 'address' | 'port'>;

const aboutOf = ({ type, connectMethod, address, port }: Reached) => `${type} ${connectMethod}://${address}:${port}`;

/** What is known of this connector; nothing, where it was another system until now. */
export const stateOf = (connector: Reached, known: ConnectorState | undefined): ConnectorState | undefined =>
  known?.about === aboutOf(connector) ? known : undefined;

export function afterCheck(
  connector: Reached & Pick<Connector<unknown>, 'name'>,
  known: ConnectorState | undefined,
  { outcome, detail }: Answer,
  now: number,
): ConnectorState {
  const before = stateOf(connector, known);
  const state = outcome === 'acknowledged' ? 'active' : 'inactive';
  return {
    name: connector.name,
    about: aboutOf(connector),
    state,
    sinceAt: before?.state === state ? before.sinceAt : now,
    checkedAt: now,
    error: state === 'active' ? null : detail,
  };
}

/** As lists show it. */
export function statusOf(connector: Reached, known: ConnectorState | undefined) {
  const state = stateOf(connector, known);
  const instant = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());
  return {
    state: state?.state ?? ('unknown' as const),
    since: instant(state?.sinceAt),
    checkedAt: instant(state?.checkedAt),
    error: state?.error ?? null,
  };
}
