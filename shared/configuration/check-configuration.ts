/** The commit check: all that a PUT of this document would be refused for, and what it would change. It stores nothing. */
import { interestedGroups } from '../decisions/interested-groups.ts';
import type { AuthenticationTable } from '../identity/authentication-table.ts';
import { entryIn, isLive } from '../identity/entry.ts';
import { mostViolations } from '../json-schema.ts';
import type { Violation } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { ambiguities, census, type Census, changesGroups, mentionsIn } from './census.ts';
import { expectVersion } from './change-configuration.ts';
import { checkDocument, type Edit } from './check-document.ts';
import type { Configuration, ConfigurationReader } from './configuration.ts';
import { wrongAt } from './naming.ts';
import { type ReadableConfiguration, serverWarnings } from './server-settings.ts';
import { spellingWarnings } from './server-spellings.ts';
import { threatWarnings } from './threat-warnings.ts';

export interface CheckConfiguration extends Pick<AuthenticationTable, 'entries' | 'now'> {
  readonly configurations: ConfigurationReader;
  /** Hosts that the polled feed holds, where the check may touch the feed at all. */
  readonly heldByFeed?: (tenant: TenantId) => Promise<number>;
}

export interface Check extends Edit {
  readonly onlyOver?: readonly string[];
  /** Epoch milliseconds: until then the table is read. */
  readonly untilAt: number;
}

export interface CommitCheck {
  readonly valid: boolean;
  readonly violations: readonly Violation[];
  readonly violationsLeftOut: number;
  readonly warnings: readonly Violation[];
  readonly warningsLeftOut: number;
  /** How many entries would have other interested groups; null where the policies cannot be read. */
  readonly impact: { readonly entries: number } | null;
  /** On how many entries warnings and impact rest, and whether these were all. */
  readonly read: { readonly entries: number; readonly complete: boolean };
}

const readAhead = 1_000;

/** Throws `version-changed`. */
export async function checkConfiguration(
  deps: CheckConfiguration,
  tenant: TenantId,
  { documentOver, toldAs = (each) => each, onlyOver, untilAt }: Check,
): Promise<CommitCheck> {
  const { version, configuration } = await deps.configurations.current(tenant);
  expectVersion(version, onlyOver);
  const { violations, readable } = checkDocument(documentOver(configuration), configuration);
  const mentions = mentionsIn(readable?.policies ?? []);
  const policies = wholePolicies(readable);
  const changes = policies && changesGroups(interestedGroups(configuration.policies), interestedGroups(policies));
  const counted = census(mentions, changes ?? (() => false));
  const complete = await countAll(deps, tenant, { counted, untilAt });
  const warnings = [
    ...ambiguities(mentions, counted),
    ...serverWarnings(readable, configuration),
    ...threatWarnings(readable?.threatResponse),
    ...spellingWarnings(readable),
    ...(await feedWarnings(deps, tenant, { before: configuration, readable })),
  ];
  return {
    valid: violations.length === 0,
    violations: violations.slice(0, mostViolations).map(toldAs),
    violationsLeftOut: Math.max(0, violations.length - mostViolations),
    warnings: warnings.slice(0, mostViolations).map(toldAs),
    warningsLeftOut: Math.max(0, warnings.length - mostViolations),
    impact: policies ? { entries: counted.changed() } : null,
    read: { entries: counted.entries(), complete },
  };
}

/** A feed that is switched off lets nobody go by itself. */
async function feedWarnings(
  { heldByFeed }: CheckConfiguration,
  tenant: TenantId,
  { before, readable }: { readonly before: Configuration; readonly readable: ReadableConfiguration },
): Promise<readonly Violation[]> {
  const isOff = readable?.threatResponse?.feeds?.atpCloud?.enabled === false;
  if (!isOff || !before.threatResponse.feeds.atpCloud.enabled) return [];
  const held = (await heldByFeed?.(tenant)) ?? 0;
  if (held === 0) return [];
  const place = { keys: ['threatResponse', 'feeds', 'atpCloud', 'enabled'], value: false };
  return [wrongAt(place, 'hosts-stay-held', `The feed holds ${held} hosts, and they stay held when it is switched off.`, 'Approve "feed-loss" in GET /v1/approvals afterwards to let all of them go; it is asked within a few minutes.')]; // prettier-ignore
}

/** The policies, if all that they name can be read. */
function wholePolicies(document: ReadableConfiguration) {
  const whole = document?.policies?.flatMap((policy) => {
    const names = policy?.sourceIdentity ?? [undefined];
    return names.includes(undefined) ? [] : [{ sourceIdentity: names.flatMap((name) => name ?? []) }];
  });
  return whole?.length === document?.policies?.length ? whole : undefined;
}

async function countAll(
  { entries, now }: CheckConfiguration,
  tenant: TenantId,
  { counted, untilAt }: { readonly counted: Census; readonly untilAt: number },
): Promise<boolean> {
  let after: string | undefined;
  do {
    const { items, next } = await entries.list(tenant, { limit: readAhead, ...(after !== undefined && { after }) });
    for (const { item } of items) {
      const entry = isLive(item, now()) ? entryIn(item) : undefined;
      if (entry) counted.count(entry);
    }
    after = next;
  } while (after !== undefined && now() < untilAt);
  return after === undefined;
}
