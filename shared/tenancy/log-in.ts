/**
 * Logging in as at a Pulse Policy Secure: a user and a password are given for an API key, which then stands for both. A
 * key is no credential: it opens what its user may open, and for no longer than it may.
 */
import { ServiceError } from '../service-error.ts';
import { readAuthorization } from './authorization.ts';
import type { ApiKey } from './credential.ts';
import { digestOf } from './secret.ts';
import type { TenantId } from './tenant.ts';

/** Clients of the vendor's log in again when they are refused. */
export const apiKeyMs = 12 * 60 * 60 * 1_000;

/** The realm that administrators of the vendor's log in to; every tenant has it. */
const administrators = 'Admin Users';

export interface ApiKeyStore {
  /** By the digest of the key, which is kept nowhere. */
  readonly add: (digest: string, key: ApiKey) => Promise<void>;
}

export interface LogIn {
  readonly apiKeys: ApiKeyStore;
  /** Names of the realms that the tenant has. */
  readonly realmsOf: (tenant: TenantId) => Promise<readonly string[]>;
  readonly now: () => number;
  /** 32 random bytes in base64, as clients of the vendor's expect it. */
  readonly newApiKey: () => string;
}

export interface Login {
  readonly tenant: TenantId;
  readonly credentialId: string;
  readonly credentialName: string;
  /** As it was sent, and let in. */
  readonly authorization: string;
  /** Where the client names one. */
  readonly realm?: string;
}

/** An API key. Throws `password-needed`, `realm-unknown`. */
export async function logIn(deps: LogIn, login: Login): Promise<string> {
  const { tenant, credentialId, credentialName, authorization, realm } = login;
  const claim = readAuthorization([authorization]);
  if (claim?.kind !== 'basic') {
    throw new ServiceError(
      'password-needed',
      'An API key is given for a user and a password, sent as Basic. A key makes no other key, and a token needs none.',
    );
  }
  if (realm !== undefined) await mustBeThere(deps, tenant, realm);
  const apiKey = deps.newApiKey();
  const createdAt = deps.now();
  const [user, password] = [digestOf(claim.user), digestOf(claim.password)];
  const expiresAt = createdAt + apiKeyMs;
  await deps.apiKeys.add(digestOf(apiKey), { tenant, credentialId, credentialName, kind: 'key', user, password, createdAt, expiresAt }); // prettier-ignore
  return apiKey;
}

async function mustBeThere({ realmsOf }: LogIn, tenant: TenantId, realm: string) {
  if (realm === administrators || (await realmsOf(tenant)).includes(realm)) return;
  throw new ServiceError(
    'realm-unknown',
    `There is no realm "${realm.slice(0, 64)}". Log in to "${administrators}", or to a realm of threatResponse.realms.`,
  );
}
