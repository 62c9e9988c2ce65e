/**
 * The versions of a configuration. Each knows the one that it was made from, so those that ever held are found from
 * the one that holds now, and attempts that lost stand beside that chain. Nothing else says which ones they are.
 */
import type { SecretReference } from '../outbound/secrets.ts';
import { ServiceError } from '../service-error.ts';
import { noVersion, type Version } from './configuration.ts';

/** A week of a change every few hours, and small enough to be read at every change. Each may take 4 MB, mostly 4 kB. */
export const keptVersions = 50;

/** An attempt may still be writing for as long as its function lives, which is less than a minute. */
const attemptMs = 15 * 60_000;

export const longestMessage = 200;

export interface VersionRecord {
  readonly version: Version;
  readonly previous: Version;
  /** Counted from 1 along the chain. */
  readonly number: number;
  /** Epoch milliseconds. */
  readonly changedAt: number;
  readonly author: Author;
  readonly message?: string;
  /** The number of the version whose content this is again. */
  readonly restored?: number;
  /** In how many chunks it lies. */
  readonly chunks: number;
  /** The secrets that it refers to. */
  readonly secrets: readonly SecretReference[];
}

/** Who changed it, by which credential. */
export interface Author {
  readonly id: string;
  readonly name: string;
}

export interface History {
  readonly current: Version;
  /** Of all that is stored, lost attempts and those under way included. */
  readonly records: readonly VersionRecord[];
}

/** The versions that held, the one that holds now first, as many as are kept. */
export function versionsOf({ current, records }: History): readonly VersionRecord[] {
  const byVersion = new Map(records.map((record) => [record.version, record]));
  const chain: VersionRecord[] = [];
  let next = byVersion.get(current);
  while (next !== undefined && chain.length < keptVersions) {
    chain.push(next);
    next = byVersion.get(next.previous);
  }
  return chain;
}

/** What can go: versions beyond those that are kept, attempts that lost, and the secrets that only these refer to. */
export function outdated(history: History, now: number) {
  const kept = new Set(versionsOf(history));
  const [holds] = kept;
  const hasHeld = chainBeyond(history, kept);
  const goes = ({ version, number, changedAt }: VersionRecord) =>
    holds !== undefined && number <= holds.number && (hasHeld.has(version) || changedAt < now - attemptMs);
  const [go, stay] = partition(history.records, (record) => !kept.has(record) && goes(record));
  const used = new Set(stay.flatMap(({ secrets }) => secrets));
  const secrets = new Set(go.flatMap((record) => record.secrets).filter((reference) => !used.has(reference)));
  return { versions: go, secrets: [...secrets] };
}

/** Those that held before the ones that are kept. */
function chainBeyond({ records }: History, kept: ReadonlySet<VersionRecord>): ReadonlySet<Version> {
  const byVersion = new Map(records.map((record) => [record.version, record]));
  const found = new Set<Version>();
  let next = byVersion.get([...kept].at(-1)?.previous ?? noVersion);
  for (; next !== undefined; next = byVersion.get(next.previous)) found.add(next.version);
  return found;
}

function partition<Item>(items: readonly Item[], goes: (item: Item) => boolean): [Item[], Item[]] {
  const [go, stay]: [Item[], Item[]] = [[], []];
  for (const item of items) (goes(item) ? go : stay).push(item);
  return [go, stay];
}

/** The kept version that is called so: by its number, or as its ETag tells it. Throws `version-absent`. */
export function versionNamed(versions: readonly VersionRecord[], name: string): VersionRecord {
  const found = versions.find(({ version, number }) => version === name || String(number) === name);
  if (found !== undefined) return found;
  const numbers = versions.map(({ number }) => number);
  const kept =
    versions.length === 0 ? 'None is kept yet' : `Kept are ${String(numbers.at(-1))} to ${String(numbers[0])}`;
  throw absent(`There is no version "${name}". ${kept}; GET /v1/configuration/versions lists them.`);
}

export const absent = (message: string) => new ServiceError('version-absent', message);
