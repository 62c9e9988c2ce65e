/** A tenant's configuration is replaced whole: what the new one leaves out takes its default. */
import { violation } from '../json-schema.ts';
import type { SecretKeeper, SecretReference } from '../outbound/secrets.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type ConfigurationStore, type ConfigurationWith, type Version, type Versioned } from './configuration.ts';
import { checkDocument } from './check-document.ts';
import type { PostedSecret } from './configuration-schema.ts';
import { mapSecrets, referencesOf, type SecretName, secretsOf } from './configuration-secrets.ts';
import { staysWith } from './server-settings.ts';

export interface ReplaceConfiguration {
  readonly configurations: ConfigurationStore;
  readonly secrets: SecretKeeper;
  readonly now: () => number;
}

export interface NewConfiguration {
  readonly document: unknown;
  /** Only while one of these versions holds; `*` is any. Left out: whichever holds. */
  readonly onlyOver?: readonly string[];
  readonly credentialId: string;
}

export const maxConfigurationBytes = 4 * 1_024 * 1_024;

export async function replaceConfiguration(
  deps: ReplaceConfiguration,
  tenant: TenantId,
  { document, onlyOver, credentialId }: NewConfiguration,
): Promise<Versioned> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const before = await deps.configurations.current(tenant);
    expect(before.version, onlyOver);
    const { posted, violations } = checkDocument(document, before.configuration);
    if (posted === undefined) throw violation('configuration-invalid', violations);
    const version = await store(deps, tenant, { posted, before, credentialId });
    if (version !== 'conflict') return version;
  }
  throw new ServiceError('busy', 'Others are changing this configuration. Read it, then send what is still needed.');
}

function expect(version: Version, onlyOver: readonly string[] | undefined) {
  if (onlyOver === undefined || onlyOver.includes('*') || onlyOver.includes(version)) return;
  throw new ServiceError(
    'version-changed',
    `The configuration is at version "${version}" now. Read it, make your change in it, and send it with its ETag.`,
  );
}

interface Change {
  readonly posted: ConfigurationWith<PostedSecret>;
  readonly before: Versioned;
  readonly credentialId: string;
}

/** New secrets first, the configuration that refers to them next, and last the old ones go: no reference is ever empty. */
async function store(
  { configurations, secrets, now }: ReplaceConfiguration,
  tenant: TenantId,
  { posted, before, credentialId }: Change,
): Promise<Versioned | 'conflict'> {
  const old = secretsOf(before.configuration);
  const fresh = await keepNew(secrets, tenant, posted);
  const configuration = mapSecrets(
    posted,
    (secret, name) =>
      fresh[name] ?? (secret === undefined && staysWith(name, posted, before.configuration) ? old[name] : null) ?? null,
  );
  const change = { configuration, read: before.version, changedAt: now(), credentialId };
  const version = await configurations.replace(tenant, change);
  const stays = new Set(version === 'conflict' ? Object.values(old) : referencesOf(configuration));
  const goes = [...Object.values(fresh), ...referencesOf(before.configuration)].filter((each) => !stays.has(each));
  // One that cannot be forgotten now stays encrypted, and nothing refers to it.
  await Promise.all(goes.map(async (reference) => secrets.forget(tenant, reference).catch(() => undefined)));
  return version === 'conflict' ? 'conflict' : { version, configuration };
}

async function keepNew(secrets: SecretKeeper, tenant: TenantId, posted: ConfigurationWith<PostedSecret>) {
  const fresh: Partial<Record<SecretName, SecretReference>> = {};
  for (const [name, secret] of Object.entries(secretsOf(posted)) as [SecretName, PostedSecret][]) {
    if (typeof secret === 'string') fresh[name] = await secrets.keep({ tenant, name }, secret);
  }
  return fresh;
}
