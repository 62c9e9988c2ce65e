/** Looking up who is where. What has expired is absent here to the millisecond, however late the table forgets it. */
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { IpAddress } from './address.ts';
import { type AuthenticationTable, type Listed, positionOf } from './authentication-table.ts';
import { entryIn } from './entry.ts';
import { type EntryFilter, matches } from './entry-filter.ts';
import { isThere, type ReadingAt } from './reading.ts';
import { search } from './search.ts';

export type ReadEntries = Pick<AuthenticationTable, 'entries' | 'now'>;

/** How many items are read at once where most of them may not match. */
const readAhead = 1_000;

/**
 * The live entries of an address, in the order of the search, and the one among them that a look-up goes by: null where
 * it consults none of those that are there. `silence`: the one that changed what is found. Throws `entry-absent`.
 */
export async function findEntry(
  { entries, now }: ReadEntries,
  tenant: TenantId,
  ip: IpAddress,
  how: Promise<ReadingAt>,
) {
  const [found, readingAt] = await Promise.all([entries.at(tenant, ip), how]);
  const reading = readingAt(now());
  const consulted = search(found, reading);
  const others = found.filter((each) => isThere(each.item, reading) && !consulted.includes(each));
  if (consulted.length + others.length === 0) {
    throw new ServiceError(
      'entry-absent',
      `Nobody is known at ${ip}: no logon was posted, or it has ended or expired.`,
    );
  }
  return { entry: consulted[0] ?? null, slots: [...consulted, ...others], silence: reading.silenceAt(found), reading };
}

export interface EntryPage {
  readonly filter: EntryFilter;
  readonly after?: string;
  readonly limit: number;
  /** Epoch milliseconds: a search that is not done by then answers what it has, and where to go on. */
  readonly untilAt: number;
  readonly readingAt: ReadingAt;
}

/** The live entries that match, ordered by address as text; `next` is absent at the end, and only there. */
export async function listEntries({ entries, now }: ReadEntries, tenant: TenantId, page: EntryPage) {
  const { filter, limit, untilAt, readingAt } = page;
  if (filter.ip !== undefined) {
    const found = await entries.at(tenant, filter.ip);
    const reading = readingAt(now());
    return { items: found.filter((each) => matches(each, filter, reading)) };
  }
  const items: Listed[] = [];
  const filtered = Object.keys(filter).length > 0;
  let after = page.after;
  do {
    const listed = await entries.list(tenant, {
      limit: filtered ? readAhead : limit,
      ...(after !== undefined && { after }),
    });
    const reading = readingAt(now());
    for (const each of listed.items) {
      if (!matches(each, filter, reading)) continue;
      items.push(each);
      if (items.length === limit) return { items, next: positionOf(each) };
    }
    after = listed.next;
  } while (after !== undefined && now() < untilAt);
  return { items, ...(after !== undefined && { next: after }) };
}

type Counters = Record<'valid' | 'pending' | 'invalid' | 'init', number>;

/** How many live entries each domain has, by state. Marks of a query belong to no domain yet. */
export async function countEntries({ entries, now }: ReadEntries, tenant: TenantId, readingAt: ReadingAt) {
  const none = (): Counters => ({ valid: 0, pending: 0, invalid: 0, init: 0 });
  const domains = new Map<string | null, Counters>();
  const total = none();
  let after: string | undefined;
  do {
    const listed = await entries.list(tenant, { limit: readAhead, ...(after !== undefined && { after }) });
    const reading = readingAt(now());
    for (const { item } of listed.items) {
      if (!isThere(item, reading) || item.state === 'ended') continue;
      const domain = entryIn(item)?.domain ?? null;
      const counters = domains.get(domain) ?? none();
      domains.set(domain, counters);
      counters[item.state] += 1;
      total[item.state] += 1;
    }
    after = listed.next;
  } while (after !== undefined);
  return { total, domains: [...domains].map(([domain, counters]) => ({ domain, ...counters })) };
}
