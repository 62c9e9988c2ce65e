/**
 * Credentials: who may call, as whom and for what. Laws: at most two secrets are valid at a time, so that one can be
 * replaced without a gap; a revoked credential stays revoked; no secret is ever kept, only its digest.
 */
import { type Role, roles } from '../contract.ts';
import { ServiceError } from '../service-error.ts';
import { digestOf, fingerprintOf } from './secret.ts';
import { provider, type TenantId } from './tenant.ts';

/** `basic`: a user and a password, for senders that can do nothing else. `token`: one text, sent as Bearer. */
export type Kind = 'basic' | 'token';

export interface Credential {
  readonly holder: TenantId;
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly kind: Kind;
  /** Of a basic credential only. */
  readonly user?: string;
  /** The sender's clock is not to be trusted: what it posts is ordered by arrival. */
  readonly orderByArrival: boolean;
  /** Of a threat sender that may not call what is under `/api/v1`. */
  readonly restAccess?: 'off';
  /** When that was last so decided: API keys that were made before are dead. */
  readonly keysFrom?: number;
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  /** The valid ones, the oldest first. */
  readonly secrets: readonly Secret[];
}

export interface Secret {
  readonly digest: string;
  readonly createdAt: number;
}

/** A credential as it is from now on, and the secrets that have just ended. */
export interface Change {
  readonly credential: Credential;
  readonly withdrawn: readonly Secret[];
}

/** What a credential of a role is, unless told otherwise: appliances speak Basic, programs take a token. */
export const kindOf = (role: Role): Kind => (role === 'web-api' || role === 'threat-sender' ? 'basic' : 'token');

/** The provider's credentials are for the provider's role alone, and no tenant has that one. */
export const rolesOf = (holder: TenantId): readonly Role[] =>
  roles.filter((role) => (role === 'provider') === (holder === provider));

/** One more valid secret; where there were two, the older one ends. Throws `credential-revoked`. */
export function rotated(credential: Credential, digest: string, now: number): Change {
  if (credential.revokedAt !== undefined) throw alreadyRevoked(credential);
  const secrets = [...credential.secrets, { digest, createdAt: now }];
  return {
    credential: { ...credential, secrets: secrets.slice(-2) },
    withdrawn: secrets.slice(0, -2),
  };
}

/** Ends the credential for good. Once more changes nothing. */
export function revoked(credential: Credential, now: number): Change {
  return {
    credential: { ...credential, revokedAt: credential.revokedAt ?? now, secrets: [] },
    withdrawn: credential.secrets,
  };
}

/** Ends one secret; the credential and its other secret stay. Throws `secret-absent`. */
export function withoutSecret(credential: Credential, fingerprint: string): Change {
  const isMeant = ({ digest }: Secret) => fingerprintOf(digest) === fingerprint;
  const withdrawn = credential.secrets.filter(isMeant);
  if (withdrawn.length === 0) {
    throw new ServiceError(
      'secret-absent',
      `The credential "${credential.id}" has no valid secret "${fingerprint}". Its fingerprints are in the list of credentials.`,
    );
  }
  return { credential: { ...credential, secrets: credential.secrets.filter((each) => !isMeant(each)) }, withdrawn };
}

export interface Alteration {
  readonly name?: string;
  readonly orderByArrival?: boolean;
  readonly restAccess?: boolean;
}

/** Throws `credential-revoked`; `parameter-invalid` where a switch is turned that the role does not have. */
export function altered(credential: Credential, { restAccess, ...alteration }: Alteration, now: number): Change {
  if (credential.revokedAt !== undefined) throw alreadyRevoked(credential);
  const changed = { ...credential, ...alteration };
  return { credential: restAccess === undefined ? changed : switched(changed, restAccess, now), withdrawn: [] };
}

/** Access to the REST APIs, as the vendor's administrators have it. Off, it ends the API keys for good. */
function switched({ restAccess, ...credential }: Credential, wanted: boolean, now: number): Credential {
  if (credential.role !== 'threat-sender') {
    throw new ServiceError(
      'parameter-invalid',
      `"restAccess" is a switch of credentials of role "threat-sender", and this one is of "${credential.role}". Leave it out.`,
    );
  }
  // What was let in by a cache that could not be flushed has no key that lives on.
  if (wanted) return restAccess === 'off' ? { ...credential, keysFrom: now } : credential;
  return { ...credential, restAccess: 'off', keysFrom: restAccess === 'off' ? (credential.keysFrom ?? now) : now };
}

const alreadyRevoked = ({ id }: Credential) =>
  new ServiceError('credential-revoked', `The credential "${id}" is revoked for good. Issue another one.`);

/** What the authorizer finds under the digest of a user or of a token, and all that it needs. */
export interface Login {
  readonly tenant: TenantId;
  readonly role: Role;
  readonly credentialId: string;
  readonly credentialName: string;
  readonly kind: Kind;
  /** Digests of the valid passwords of a basic credential. A token needs none: it was found by its own digest. */
  readonly passwords: readonly string[];
  readonly orderByArrival: boolean;
  readonly restAccess?: 'off';
  readonly keysFrom?: number;
  readonly expiresAt?: number;
  /** Kept when it has ended, so that whoever still uses it can be told apart from a stranger. */
  readonly revokedAt?: number;
}

/** What the authorizer finds under the digest of an API key: it opens what the login that it leads to opens. */
export interface ApiKey {
  readonly tenant: TenantId;
  readonly credentialId: string;
  readonly credentialName: string;
  readonly kind: 'key';
  /** Digests of the user that logged in, and of the password that it did so with. */
  readonly user: string;
  readonly password: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Every login that a change leaves behind, by the digest under which it is found. All follow from the credential. */
export function loginsOf({ credential, withdrawn }: Change, now: number): ReadonlyMap<string, Login> {
  const { holder, role, id, name, kind, user, orderByArrival, expiresAt, revokedAt, secrets } = credential;
  const { restAccess, keysFrom } = credential;
  const login: Login = {
    tenant: holder,
    role,
    credentialId: id,
    credentialName: name,
    kind,
    passwords: user === undefined ? [] : secrets.map(({ digest }) => digest),
    orderByArrival,
    ...(restAccess !== undefined && { restAccess }),
    ...(keysFrom !== undefined && { keysFrom }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(revokedAt !== undefined && { revokedAt }),
  };
  if (user !== undefined) return new Map([[digestOf(user), login]]);
  return new Map([
    ...secrets.map(({ digest }) => [digest, login] as const),
    ...withdrawn.map(({ digest }) => [digest, { ...login, revokedAt: revokedAt ?? now }] as const),
  ]);
}
