/** How the last one who was at an address came not to be there any more, read from what is remembered of him. */
import type { Entry, Former, Item, NamedLogoff } from '../identity/entry.ts';
import { covers } from '../identity/entry.ts';
import type { Micros } from '../identity/observation.ts';
import { isThere, type Reading } from '../identity/reading.ts';
import { iso, millisOf, nameOf } from './words.ts';

/** `barred`: his logon came when a newer logoff was known, so he never was there. */
export interface End {
  readonly how: 'logoff' | 'barred' | 'delete' | 'expiry';
  /** By our clock. */
  readonly at: number;
  readonly entry: Entry;
  /** The newest logoff that covers him, where one ended him. */
  readonly logoff?: Covering;
}

export interface Covering {
  readonly instant: Micros;
  /** Absent: it named no user. */
  readonly user?: string;
  readonly domain?: string;
}

/** Whoever an item remembers and does not show. Under a query's mark that is not told: the mark is newer. */
export function endIn(item: Item, reading: Pick<Reading, 'clockOf' | 'endOf'>): End | undefined {
  const { state, entry, endedBy, expiresAt, order } = item;
  if (entry === undefined) return undefined;
  const registers = entry.origin === 'active-directory' ? (order.directory ?? { logoffs: [] }) : order;
  const logoff = newestCovering(entry, registers);
  if (state === 'ended' && endedBy === 'delete') return { how: 'delete', at: expiresAt, entry };
  if (state === 'ended') {
    const how = entry.storedAt >= expiresAt ? 'barred' : 'logoff';
    return { how, at: Math.max(expiresAt, entry.storedAt), entry, ...(logoff && { logoff }) };
  }
  return state === 'valid' && !isThere(item, reading) ? { how: 'expiry', at: reading.endOf(item), entry } : undefined;
}

function newestCovering(entry: Entry, { logoff, logoffs }: Pick<Item['order'], 'logoff' | 'logoffs'>) {
  const named: readonly Covering[] = logoffs.filter((each: NamedLogoff) => covers(each, entry));
  const all = [...named, ...(logoff === undefined ? [] : [{ instant: logoff }])];
  const [newest] = all
    .filter(({ instant }) => instant > entry.instant)
    .sort((one, other) => other.instant - one.instant);
  return newest;
}

export function logoffWords(logoff: Covering | undefined): string {
  if (logoff === undefined) return 'a logoff';
  const whom = logoff.user === undefined ? 'that names no user' : `of ${nameOf({ ...logoff, user: logoff.user })}`;
  return `a logoff ${whom}, of ${iso(millisOf(logoff.instant))}`;
}

export const endWords: Readonly<Record<Former['end'], string>> = {
  replaced: 'then another logon took the place',
  logoff: 'then a logoff ended it',
  delete: 'then an operator deleted it',
  expiry: 'then it expired',
};
