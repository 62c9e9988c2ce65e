/** Which entries a caller means: every condition that is given must hold. */
import { ServiceError } from '../service-error.ts';
import { type IpAddress, ipAddress } from './address.ts';
import type { Listed } from './authentication-table.ts';
import { type Entry, entryIn, type State } from './entry.ts';
import { foldCase } from './fold-case.ts';
import { isThere, type Reading } from './reading.ts';

export const filterNames = ['ip', 'user', 'domain', 'group', 'source', 'state'] as const;

export interface EntryFilter {
  readonly ip?: IpAddress;
  readonly user?: string;
  readonly domain?: string;
  readonly group?: string;
  /** The sender's free text, or the origin as priorities name it. */
  readonly source?: string;
  readonly state?: State;
}

export const liveStates = ['valid', 'invalid', 'pending', 'init'] as const satisfies readonly State[];

/** Reads a filter as it stands in a query. Throws `address-invalid`, `parameter-invalid`. */
export function entryFilter(query: Partial<Record<(typeof filterNames)[number], string>>): EntryFilter {
  const { ip, user, domain, group, source, state } = query;
  for (const [name, value] of Object.entries(query)) {
    if (value === '')
      throw new ServiceError('parameter-invalid', `"${name}" is empty. Give it a value, or leave it out.`);
  }
  return {
    ...(ip !== undefined && { ip: ipAddress(ip) }),
    ...(user !== undefined && { user: foldCase(user) }),
    ...(domain !== undefined && { domain: foldCase(domain) }),
    ...(group !== undefined && { group: foldCase(group) }),
    ...(source !== undefined && { source: foldCase(source) }),
    ...(state !== undefined && { state: stateOf(state) }),
  };
}

/** A delete must say which: all of a tenant, or a user or group of whatever domain, is asked for by mistake only. */
export function deletionFilter(query: Partial<Record<(typeof filterNames)[number], string>>): EntryFilter {
  const filter = entryFilter(query);
  if (Object.keys(filter).length === 0) {
    throw new ServiceError('filter-missing', `Say which entries to delete, by ${filterNames.join(', ')}.`);
  }
  if (
    (filter.user !== undefined || filter.group !== undefined) &&
    filter.domain === undefined &&
    filter.ip === undefined
  ) {
    throw new ServiceError(
      'filter-too-wide',
      'A user or a group is deleted in one domain. Add "domain"; it is GLOBAL where none was posted.',
    );
  }
  return filter;
}

/** Whether a live item is one of those that are meant; what has expired or ended never is. */
export function matches({ ip, item }: Listed, filter: EntryFilter, reading: Pick<Reading, 'clockOf'>): boolean {
  const entry = entryIn(item);
  return (
    isThere(item, reading) &&
    (filter.ip === undefined || filter.ip === ip) &&
    (filter.user === undefined || filter.user === entry?.user) &&
    (filter.domain === undefined || (entry !== undefined && filter.domain === foldCase(entry.domain))) &&
    (filter.group === undefined || (entry?.groups.includes(filter.group) ?? false)) &&
    (filter.source === undefined || (entry !== undefined && isFrom(entry, filter.source))) &&
    (filter.state === undefined || filter.state === item.state)
  );
}

const isFrom = ({ origin, source }: Entry, wanted: string): boolean =>
  wanted === origin || (source !== undefined && wanted === foldCase(source));

function stateOf(text: string): State {
  const state = liveStates.find((each) => each === text);
  if (state === undefined) throw new ServiceError('parameter-invalid', `"state" is one of ${liveStates.join(', ')}.`);
  return state;
}
