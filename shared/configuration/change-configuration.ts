/**
 * A tenant's configuration is replaced whole: by a document, in which what is left out takes its default, or by what
 * an earlier version held.
 */
import { violation } from '../json-schema.ts';
import { type FormerSecret, formerSecretMs, type SecretKeeper, type SecretReference } from '../outbound/secrets.ts';
import { hashPassword, type PasswordHash } from '../radius/password.ts';
import { ServiceError, type Violation } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { pointerOf } from '../violation.ts';
import { checkDocument, type Edit } from './check-document.ts';
import { mapPasswords, passwordsByOwner, passwordsOf } from './configuration-passwords.ts';
import type { PostedConfiguration } from './configuration-schema.ts';
import {
  mapSecrets,
  type SecretName,
  type SecretPlace,
  secretsByName,
  secretsOf,
  shown,
} from './configuration-secrets.ts';
import type { Configuration, ConfigurationStore, Version, Versioned } from './configuration.ts';
import { isRecipient } from './server-settings.ts';
import { absent, type Author, outdated, versionNamed, versionsOf } from './versions.ts';

export interface ChangeConfiguration {
  readonly configurations: ConfigurationStore;
  readonly secrets: SecretKeeper;
  /** Another one at each call. */
  readonly salt: () => Uint8Array;
  readonly now: () => number;
}

export interface Change {
  /** Only while one of these versions holds; `*` is any. Left out: whichever holds. */
  readonly onlyOver?: readonly string[];
  readonly author: Author;
  readonly message?: string;
}

export const maxConfigurationBytes = 4 * 1_024 * 1_024;

/** Throws `configuration-invalid`, `version-changed`, `busy`. */
export const replaceConfiguration = async (
  deps: ChangeConfiguration,
  tenant: TenantId,
  { document, ...change }: Change & { readonly document: unknown },
): Promise<Versioned> => editConfiguration(deps, tenant, { documentOver: () => document, ...change });

/** Replaces what holds by what is made of it. Throws as above. */
export const editConfiguration = async (
  deps: ChangeConfiguration,
  tenant: TenantId,
  { documentOver, toldAs, ...change }: Change & Edit,
): Promise<Versioned> =>
  changeTo(deps, tenant, change, async ({ configuration: kept }) =>
    Promise.resolve({ document: documentOver(kept), kept, ...(toldAs && { toldAs }) }),
  );

/** Makes a new version of what an earlier one held, its secrets too. Throws as above, and `version-absent`. */
export const restoreConfiguration = async (
  deps: ChangeConfiguration,
  tenant: TenantId,
  { version: name, ...change }: Change & { readonly version: string },
): Promise<Versioned> =>
  changeTo(deps, tenant, change, async () => {
    const record = versionNamed(versionsOf(await deps.configurations.history(tenant)), name);
    const kept = await contentOf(deps, tenant, record);
    await expectSecrets(deps, tenant, kept);
    return { document: shown(kept), kept, restored: record.number };
  });

/** Throws `version-absent` where it has been removed since its record was read. */
export async function contentOf(
  { configurations }: Pick<ChangeConfiguration, 'configurations'>,
  tenant: TenantId,
  record: Parameters<ConfigurationStore['version']>[1],
): Promise<Configuration> {
  const content = await configurations.version(tenant, record);
  if (content !== undefined) return content;
  throw absent(`Version ${record.number} has just been removed: only the newest are kept. Take a newer one.`);
}

interface Wanted {
  readonly document: unknown;
  /** Its secrets stay where the document says nothing of them. */
  readonly kept: Configuration;
  readonly toldAs?: Edit['toldAs'];
  readonly restored?: number;
}

async function changeTo(
  deps: ChangeConfiguration,
  tenant: TenantId,
  { onlyOver, ...told }: Change,
  wantedOver: (before: Versioned) => Promise<Wanted>,
): Promise<Versioned> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const before = await deps.configurations.current(tenant);
    expectVersion(before.version, onlyOver);
    const { document, kept, toldAs = (each: Violation) => each, ...restored } = await wantedOver(before);
    const { posted, violations } = checkDocument(document, kept);
    if (posted === undefined) throw violation('configuration-invalid', violations.map(toldAs));
    const stored = await store(deps, tenant, { posted, kept, read: before.version, told: { ...told, ...restored } });
    if (stored !== 'conflict') return stored;
  }
  throw new ServiceError('busy', 'Others are changing this configuration. Read it, then send what is still needed.');
}

/** Throws `version-changed`. */
export function expectVersion(version: Version, onlyOver: readonly string[] | undefined) {
  if (onlyOver === undefined || onlyOver.includes('*') || onlyOver.includes(version)) return;
  throw new ServiceError(
    'version-changed',
    `The configuration is at version "${version}" now. Read it, make your change in it, and send it with its ETag.`,
  );
}

/** A restore in parts would be neither the one version nor the other. */
async function expectSecrets({ secrets }: ChangeConfiguration, tenant: TenantId, kept: Configuration) {
  const looked = await Promise.all(
    secretsOf(kept).map(async ({ keys, secret }) => ({
      keys,
      there: secret === null ? 'kept' : await secrets.has(tenant, secret),
    })),
  );
  const erased = looked.filter(({ there }) => there === 'forgotten');
  if (erased.length === 0) return;
  throw violation(
    'configuration-invalid',
    erased.map(({ keys }) => ({
      pointer: pointerOf(keys),
      rule: 'secret-erased',
      message: 'The secret of this version has been erased.',
      mend: 'Read this version, put the secret in, and send it with PUT /v1/configuration.',
    })),
  );
}

interface Storing {
  readonly posted: PostedConfiguration;
  readonly kept: Configuration;
  readonly read: Version;
  readonly told: Omit<Change, 'onlyOver'> & { readonly restored?: number };
}

/** New secrets first, then the configuration that refers to them: no reference is ever empty. */
async function store(
  deps: ChangeConfiguration,
  tenant: TenantId,
  { posted, kept, read, told }: Storing,
): Promise<Versioned | 'conflict'> {
  const { configurations, secrets, salt, now } = deps;
  const [old, passwords] = [secretsByName(kept), passwordsByOwner(kept)];
  const hashes = await hashNew(salt, posted);
  const before = (place: SecretPlace) => {
    const kept = old.get(place.name);
    return kept !== undefined && isRecipient(place, kept) ? kept.secret : null;
  };
  const untilAt = now() + formerSecretMs;
  const fresh = await keepNew(secrets, tenant, posted, (place) => {
    const reference = before(place);
    return reference === null ? undefined : { reference, untilAt };
  });
  const withSecrets = mapSecrets(posted, (secret, place) =>
    secret === undefined ? before(place) : (fresh.get(place.name) ?? null),
  );
  const configuration = mapPasswords(withSecrets, (password, { owner }) =>
    password === undefined ? (passwords.get(owner) ?? null) : (hashes.get(owner) ?? null),
  );
  const { outcome, record } = await configurations.replace(tenant, { configuration, read, changedAt: now(), ...told });
  if (outcome === 'conflict') {
    await forget(deps, tenant, { versions: [record], secrets: [...fresh.values()] });
    return 'conflict';
  }
  await tidy(deps, tenant);
  return { version: record.version, configuration };
}

type Kept = readonly [SecretName, SecretReference];

/** All of them, or none. */
async function keepNew(
  secrets: SecretKeeper,
  tenant: TenantId,
  posted: PostedConfiguration,
  formerOf: (place: SecretPlace) => FormerSecret | undefined,
) {
  const outcomes = await Promise.allSettled(
    secretsOf(posted).flatMap(({ secret, ...place }) =>
      typeof secret === 'string'
        ? [
            secrets
              .keep({ tenant, name: place.name }, secret, formerOf(place))
              .then((reference): Kept => [place.name, reference]),
          ]
        : [],
    ),
  );
  const fresh = new Map(outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])));
  const failed = outcomes.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  if (failed === undefined) return fresh;
  await Promise.allSettled([...fresh.values()].map(async (reference) => secrets.forget(tenant, reference)));
  throw failed.reason as Error;
}

async function hashNew(salt: ChangeConfiguration['salt'], posted: PostedConfiguration) {
  const hashes = await Promise.all(
    passwordsOf(posted).flatMap(({ owner, password }) =>
      typeof password === 'string'
        ? [hashPassword(password, salt()).then((hash): [string, PasswordHash] => [owner, hash])]
        : [],
    ),
  );
  return new Map(hashes);
}

/** Removes what nobody can come back to. What cannot be removed now does no harm, and the next change removes it. */
async function tidy(deps: ChangeConfiguration, tenant: TenantId) {
  try {
    await forget(deps, tenant, outdated(await deps.configurations.history(tenant), deps.now()));
  } catch {
    // The change is made all the same.
  }
}

/** Secrets first: the record of a version says which they are, so as long as one is left the record is too. */
async function forget(
  { configurations, secrets }: ChangeConfiguration,
  tenant: TenantId,
  goes: ReturnType<typeof outdated>,
) {
  const outcomes = await Promise.allSettled(goes.secrets.map(async (reference) => secrets.forget(tenant, reference)));
  if (outcomes.some(({ status }) => status === 'rejected')) return;
  await Promise.allSettled(goes.versions.map(async (record) => configurations.remove(tenant, record)));
}
