/** Issuing, rotating and revoking credentials. Secrets are shown in the answer that makes them and nowhere else. */
import type { Role } from '../contract.ts';
import { ServiceError } from '../service-error.ts';
import {
  type Alteration,
  altered,
  type Change,
  type Credential,
  type Kind,
  kindOf,
  revoked,
  rolesOf,
  rotated,
  withoutSecret,
} from './credential.ts';
import { digestOf, newSecret, randomName } from './secret.ts';
import type { TenantId } from './tenant.ts';

export interface CredentialStore {
  /** Throws `busy` when one of the random names came up before: nothing was stored, and the next try draws others. */
  readonly add: (credential: Credential) => Promise<void>;
  readonly find: (holder: TenantId, id: string) => Promise<StoredCredential | undefined>;
  /** All of a change or nothing, and only while the credential is still as it was read. */
  readonly replace: (read: StoredCredential, change: Change, now: number) => Promise<'replaced' | 'conflict'>;
  readonly list: (holder: TenantId, page: Page) => Promise<Listed<Credential>>;
}

export interface StoredCredential {
  readonly credential: Credential;
  readonly revision: string;
}

export interface Page {
  readonly limit: number;
  readonly after?: string;
}

export interface Listed<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}

/** What forgets the logins that API Gateway has seen. */
export interface LoginCache {
  readonly flush: () => Promise<'flushed' | 'failed'>;
}

export interface ManageCredentials {
  readonly credentials: CredentialStore;
  readonly loginCache: LoginCache;
  readonly now: () => number;
}

export interface Wish {
  readonly role: Role;
  readonly name?: string;
  readonly kind?: Kind;
  readonly orderByArrival?: boolean;
  readonly expiresAt?: number;
}

/** A credential with the secret that it was just given. This is the only time that the secret is to be had. */
export interface Issued {
  readonly credential: Credential;
  readonly secret: string;
}

/** When what has ended is refused everywhere: API Gateway may still know an old answer of the authorizer. */
export type TakesEffect = 'at-once' | 'within-60-seconds';

/** A new credential that is not stored yet. Throws `parameter-invalid` for a role that the holder cannot have. */
export function draw(holder: TenantId, { role, name, kind, orderByArrival, expiresAt }: Wish, now: number): Issued {
  if (!rolesOf(holder).includes(role)) {
    throw new ServiceError(
      'parameter-invalid',
      `"${holder}" cannot have a credential of role "${role}". Its roles are: ${rolesOf(holder).join(', ')}.`,
    );
  }
  const secret = newSecret();
  const isBasic = (kind ?? kindOf(role)) === 'basic';
  return {
    secret,
    credential: {
      holder,
      id: randomName(12),
      name: name ?? role,
      role,
      kind: isBasic ? 'basic' : 'token',
      ...(isBasic && { user: `${holder}-${randomName(8)}` }),
      orderByArrival: orderByArrival ?? false,
      createdAt: now,
      ...(expiresAt !== undefined && { expiresAt }),
      secrets: [{ digest: digestOf(secret), createdAt: now }],
    },
  };
}

export async function issueCredential(
  { credentials, now }: Pick<ManageCredentials, 'credentials' | 'now'>,
  holder: TenantId,
  wish: Wish,
): Promise<Issued> {
  const issued = draw(holder, wish, now());
  await credentials.add(issued.credential);
  return issued;
}

/** A second secret beside the first; where there are two, the older one ends. */
export async function rotateCredential(deps: ManageCredentials, holder: TenantId, id: string) {
  const secret = newSecret();
  const { credential, withdrawn } = await change(deps, holder, id, (before, now) =>
    rotated(before, digestOf(secret), now),
  );
  // Where nothing ends there is nothing to forget.
  return { credential, secret, takesEffect: withdrawn.length === 0 ? 'at-once' : await forgotten(deps.loginCache) };
}

/** Ends a credential, or the one secret of it that is named by its fingerprint. */
export async function revokeCredential(deps: ManageCredentials, holder: TenantId, id: string, fingerprint?: string) {
  const { credential } = await change(deps, holder, id, (before, now) =>
    fingerprint === undefined ? revoked(before, now) : withoutSecret(before, fingerprint),
  );
  return { credential, takesEffect: await forgotten(deps.loginCache) };
}

/** Ends all credentials of a holder; what nobody can change meanwhile is issued to nobody. */
export async function revokeAll(deps: ManageCredentials, holder: TenantId): Promise<TakesEffect> {
  let after: string | undefined;
  do {
    const { items, next } = await deps.credentials.list(holder, { limit: 25, ...(after !== undefined && { after }) });
    const valid = items.filter(({ revokedAt }) => revokedAt === undefined);
    await Promise.all(valid.map(async ({ id }) => change(deps, holder, id, revoked).catch(unlessGone)));
    after = next;
  } while (after !== undefined);
  return forgotten(deps.loginCache);
}

function unlessGone(error: unknown) {
  if (!(error instanceof ServiceError && error.code === 'credential-absent')) throw error;
}

export async function alterCredential(deps: ManageCredentials, holder: TenantId, id: string, alteration: Alteration) {
  const { credential } = await change(deps, holder, id, (before, now) => altered(before, alteration, now));
  // What was switched off is to end at once. Where the cache cannot be flushed it ends within its minute.
  if (alteration.restAccess !== undefined) await deps.loginCache.flush();
  return credential;
}

const isCredentialId = (text: string) => /^[a-z0-9]{1,64}$/.test(text);

/** Compare and set: a change that lost a race is made again on what won it. */
async function change(
  { credentials, now }: ManageCredentials,
  holder: TenantId,
  id: string,
  make: (before: Credential, now: number) => Change,
): Promise<Change> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const read = isCredentialId(id) ? await credentials.find(holder, id) : undefined;
    if (read === undefined) {
      throw new ServiceError(
        'credential-absent',
        `"${holder}" has no credential "${id.slice(0, 64)}". List its credentials.`,
      );
    }
    const at = now();
    const made = make(read.credential, at);
    if ((await credentials.replace(read, made, at)) === 'replaced') return made;
  }
  throw new ServiceError('busy', 'Others are changing this credential. Look at it, then repeat what is still needed.');
}

/** A cache that could not be flushed must not undo what has ended: it forgets by itself. */
const forgotten = async (cache: LoginCache): Promise<TakesEffect> =>
  (await cache.flush()) === 'flushed' ? 'at-once' : 'within-60-seconds';
