/** The versions of a configuration as they are asked for: which there are, what one held, and what differs between two. */
import type { TenantId } from '../tenancy/tenant.ts';
import { contentOf } from './change-configuration.ts';
import { compareVersions } from './compare-versions.ts';
import { type ConfigurationStore, defaults, noVersion, type Versioned } from './configuration.ts';
import { versionNamed, type VersionRecord, versionsOf } from './versions.ts';

export interface FindVersions {
  readonly configurations: ConfigurationStore;
}

interface Page {
  readonly after?: number;
  readonly limit: number;
}

const allOf = async ({ configurations }: FindVersions, tenant: TenantId) =>
  versionsOf(await configurations.history(tenant));

/** Newest first; `next` is absent at the end, and only there. */
export async function listVersions(deps: FindVersions, tenant: TenantId, { after = Infinity, limit }: Page) {
  const older = (await allOf(deps, tenant)).filter(({ number }) => number < after);
  const items = older.slice(0, limit);
  const next = items.at(-1)?.number;
  return { items, ...(items.length < older.length && next !== undefined && { next }) };
}

/** Throws `version-absent`. */
export async function findVersion(deps: FindVersions, tenant: TenantId, name: string): Promise<Versioned> {
  const record = versionNamed(await allOf(deps, tenant), name);
  return { version: record.version, configuration: await contentOf(deps, tenant, record) };
}

export interface Comparison extends Page {
  readonly version: string;
  /** Left out: the one that it was made from. */
  readonly against?: string;
}

/** What differs in a version from another, or from the defaults, which held before the first. Throws `version-absent`. */
export async function compareVersion(deps: FindVersions, tenant: TenantId, { version, against, ...page }: Comparison) {
  const versions = await allOf(deps, tenant);
  const after = versionNamed(versions, version);
  const name = against ?? after.previous;
  const before = name === noVersion ? undefined : versionNamed(versions, name);
  const contents = await Promise.all([contentBefore(deps, tenant, before), contentOf(deps, tenant, after)]);
  return { version: after.number, against: before?.number ?? null, ...compareVersions(...contents, page) };
}

const contentBefore = async (deps: FindVersions, tenant: TenantId, record: VersionRecord | undefined) =>
  record === undefined ? defaults : contentOf(deps, tenant, record);
