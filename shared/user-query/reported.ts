/** What an entry of a JIMS report means: a logon or logoff, exactly as if posted, or the reason why it is left out. */
import { foldCase } from '../identity/fold-case.ts';
import { type IpAddress, readAddress } from '../identity/address.ts';
import type { Observation } from '../identity/observation.ts';
import { type Fault, type Note, observe } from '../identity/observe.ts';
import type { PostedEntry } from '../wire/clearpass/posted-entry.ts';
import type { ReportEntry, ReportNote } from '../wire/jims/report.ts';
import { isWanted } from './hops.ts';
import { type Mapping, type NobodyReason, timestampOf } from './mapping.ts';
import type { QuerySettings } from './query-settings.ts';

export type Reported =
  | { readonly observation: Observation; readonly notes: readonly ReportedNote[]; readonly dropped?: never }
  | { readonly observation?: never; readonly dropped: DropReason };

export interface ReportedNote {
  readonly code: Note['code'] | ReportNote['code'];
  readonly message: string;
}

/** Part of the API: add codes, never rename them. `docs/jims.md` says what each means. */
export type DropReason = 'domain-filtered' | 'address-filtered' | 'user-preserved' | Fault['code'];

type IdentityManagement = QuerySettings['identityManagement'];

/** What an entry that JIMS told of shows as its source. */
const source = 'Juniper Identity Management Service';

export function reported(
  entry: ReportEntry,
  { filters, preserveValidUser }: Pick<IdentityManagement, 'filters' | 'preserveValidUser'>,
  now: number,
): Reported {
  const { address } = readAddress(entry.ip ?? '');
  if (address !== undefined && isWanted(address, filters.includeIp, filters.excludeIp) === 'no') {
    return { dropped: 'address-filtered' };
  }
  if (isFiltered(entry, filters)) return { dropped: 'domain-filtered' };
  if (entry.user === undefined && preserveValidUser) return { dropped: 'user-preserved' };
  return observedFrom(entry, now);
}

/** Folded, bounded and grouped as posts are. */
function observedFrom(entry: ReportEntry, now: number) {
  const observed = observe(postedFrom(entry), { origin: 'identity-management', arrivedAt: now, order: 'by-instant' });
  if ('fault' in observed) return { dropped: observed.fault.code };
  const notes = [...entry.notes, ...observed.notes].map(({ code, message }) => ({ code, message }));
  return { observation: observed.observation, notes };
}

/** Who is at the address that JIMS was asked about: the newest logon that no later logoff of the same user ends. */
export function reportedMapping(
  entries: readonly ReportEntry[],
  { ip, now, filters }: { readonly ip: IpAddress; readonly now: number } & Pick<IdentityManagement, 'filters'>,
): Mapping {
  if (entries.length === 0) return nobody('no-record');
  const here = entries.filter((entry) => entry.ip === undefined || readAddress(entry.ip).address === ip);
  if (here.length === 0) return nobody('other-address');
  const named = here.filter(({ user }) => user !== undefined);
  if (named.length === 0) return nobody('no-user');
  const wanted = named.filter((entry) => !isFiltered(entry, filters));
  if (wanted.length === 0) return nobody('domain-filtered');
  const logoffs = here.filter(({ activity }) => activity === 'logout');
  const [newest] = wanted
    .filter((entry) => entry.activity === 'login' && !logoffs.some((logoff) => ends(logoff, entry)))
    .sort((one, other) => (other.timestamp ?? -1) - (one.timestamp ?? -1));
  if (newest === undefined) return nobody('user-offline');

  const observed = observedFrom({ ...newest, ip }, now);
  if (observed.observation === undefined) return nobody(observed.dropped);
  const { observation, notes } = observed;
  return observation.operation === 'logon' ? { kind: 'user', logon: observation, notes } : nobody('no-user');
}

const nobody = (reason: NobodyReason): Mapping => ({ kind: 'nobody', reason });

const ends = (logoff: ReportEntry, logon: ReportEntry) =>
  (logoff.timestamp ?? Infinity) > (logon.timestamp ?? Infinity) &&
  (logoff.user === undefined || foldCase(logoff.user) === foldCase(logon.user ?? ''));

/** A user of no domain is of the global one; a machine without both is of any. */
function isFiltered({ user, domain }: ReportEntry, { domains }: IdentityManagement['filters']): boolean {
  if (domains.length === 0 || (user === undefined && domain === undefined)) return false;
  return !domains.some((each) => foldCase(each) === foldCase(domain ?? 'global'));
}

/** The entry as a ClearPass would have posted it. One that names no user ends whoever is there. */
function postedFrom({ ip, user, domain, roles, deviceName, timestamp, activity }: ReportEntry): PostedEntry {
  return {
    operation: activity === 'logout' || user === undefined ? 'logoff' : 'logon',
    ...(ip !== undefined && { ip }),
    source,
    ...(user !== undefined && { user }),
    ...(domain !== undefined && user !== undefined && { domain }),
    ...(timestamp !== undefined && { timestamp: timestampOf(timestamp) }),
    roles,
    ...(deviceName !== undefined && { device: { identity: deviceName, groups: [], custom: [] } }),
    notes: [],
    line: 1,
    column: 1,
  };
}
