/** Looking up who is where. What has expired is absent here to the millisecond, however late the table forgets it. */
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { IpAddress } from './address.ts';
import { type AuthenticationTable, type Listed, positionOf, type Slot } from './authentication-table.ts';
import { entryIn, isLive } from './entry.ts';
import { type EntryFilter, matches } from './entry-filter.ts';

export type FindEntries = Pick<AuthenticationTable, 'entries' | 'now'>;

/** Where no priorities are set: whose word stands first. */
const searchOrder: readonly Slot[] = ['local', 'userid', 'swg', 'fwauth', 'uac'];

/** How many items are read at once where most of them may not match. */
const readAhead = 1_000;

/** The live entries of an address, and the one among them that a look-up goes by. Throws `entry-absent`. */
export async function findEntry({ entries, now }: FindEntries, tenant: TenantId, ip: IpAddress) {
  const slots = (await entries.at(tenant, ip))
    .filter(({ item }) => isLive(item, now()))
    .sort((one, other) => searchOrder.indexOf(one.slot) - searchOrder.indexOf(other.slot));
  const entry = slots.find(({ item }) => item.state === 'valid') ?? slots[0];
  if (entry === undefined) {
    throw new ServiceError(
      'entry-absent',
      `Nobody is known at ${ip}: no logon was posted, or it has ended or expired.`,
    );
  }
  return { entry, slots };
}

export interface EntryPage {
  readonly filter: EntryFilter;
  readonly after?: string;
  readonly limit: number;
  /** Epoch milliseconds: a search that is not done by then answers what it has, and where to go on. */
  readonly untilAt: number;
}

/** The live entries that match, ordered by address as text; `next` is absent at the end, and only there. */
export async function listEntries({ entries, now }: FindEntries, tenant: TenantId, page: EntryPage) {
  const { filter, limit, untilAt } = page;
  if (filter.ip !== undefined) {
    const found = (await entries.at(tenant, filter.ip)).filter((each) => matches(each, filter, now()));
    return { items: found };
  }
  const items: Listed[] = [];
  const filtered = Object.keys(filter).length > 0;
  let after = page.after;
  do {
    const listed = await entries.list(tenant, {
      limit: filtered ? readAhead : limit,
      ...(after !== undefined && { after }),
    });
    for (const each of listed.items) {
      if (!matches(each, filter, now())) continue;
      items.push(each);
      if (items.length === limit) return { items, next: positionOf(each) };
    }
    after = listed.next;
  } while (after !== undefined && now() < untilAt);
  return { items, ...(after !== undefined && { next: after }) };
}

type Counters = Record<'valid' | 'pending' | 'invalid' | 'init', number>;

/** How many live entries each domain has, by state. Marks of a query belong to no domain yet. */
export async function countEntries({ entries, now }: FindEntries, tenant: TenantId) {
  const none = (): Counters => ({ valid: 0, pending: 0, invalid: 0, init: 0 });
  const domains = new Map<string | null, Counters>();
  const total = none();
  let after: string | undefined;
  do {
    const listed = await entries.list(tenant, { limit: readAhead, ...(after !== undefined && { after }) });
    for (const { item } of listed.items) {
      if (!isLive(item, now()) || item.state === 'ended') continue;
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
