/** What a login needs of its tenant, what becomes of it, and how each becomes a line in the user access log. */
import type { ThreatResponse } from '../configuration/threat-response.ts';
import type { EndpointTable } from '../endpoints/endpoint-table.ts';
import type { AccessLine, AccessLog } from '../journal/access-line.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { first, type RadiusAttributes, type RestAttribute } from '../wire/radius/rest.ts';
import { framedAddresses, type ReadTold, type Refusal, type Told } from './access-request.ts';
import type { PasswordHash } from './password.ts';

export type LoginSettings = Pick<
  ThreatResponse<unknown, PasswordHash | null>,
  'authenticationServers' | 'realms' | 'radiusClients' | 'returnAttributes'
>;

export interface Login extends EndpointTable {
  readonly settingsOf: (tenant: TenantId) => Promise<LoginSettings>;
  readonly accessLog: Pick<AccessLog, 'tell'>;
}

/** Why somebody is not let in; a code is part of the API: add codes, never rename them. */
export interface Rejection {
  readonly code:
    Refusal['code'] | 'endpoint-blocked' | 'credentials-wrong' | 'user-unknown' | 'quarantine-without-attributes';
  readonly message: string;
}

export type Verdict =
  | { readonly result: 'rejected'; readonly rejection: Rejection }
  | { readonly result: 'accepted'; readonly attributes: readonly RestAttribute[] }
  /** Somebody else decides: the site's own server, and we in post-auth. */
  | { readonly result: 'undecided' };

export const rejectedBlocked = ({ mac }: Pick<Told, 'mac'>): Rejection => ({
  code: 'endpoint-blocked',
  message: `The endpoint ${mac} is blocked. Clear it, once it is safe.`,
});

/** The users that a realm's own server lists; `undefined` where the site's server knows them. */
export function localUsersOf({ authenticationServers }: LoginSettings, { realm }: Pick<Told, 'realm'>) {
  const server = authenticationServers.find(({ name }) => name === realm.authenticationServer);
  return server?.type === 'local' ? server.users : undefined;
}

type LoginSaid = Pick<AccessLine, 'user' | 'realm' | 'mac' | 'ip' | 'nas' | 'port'>;

/** Who wants in where; also where it is not known whose switch that is. */
export function said(attributes: RadiusAttributes, { told }: ReadTold): LoginSaid {
  const named = (text: string | null | undefined) => text?.slice(0, 253) ?? null;
  return {
    user: named(first(attributes, 'User-Name')),
    realm: told?.realm.name ?? null,
    mac: told?.mac ?? null,
    ip: framedAddresses(attributes)[0] ?? null,
    nas: named(told?.nas ?? first(attributes, 'NAS-IP-Address') ?? first(attributes, 'NAS-IPv6-Address')),
    port: named(told?.port ?? first(attributes, 'NAS-Port-Id')),
  };
}
