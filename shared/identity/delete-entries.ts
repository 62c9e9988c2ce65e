import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { IpAddress } from './address.ts';
import {
  type AuthenticationTable,
  change,
  changeOne,
  type ChangeOutcome,
  type Listed,
} from './authentication-table.ts';
import { newestLogons } from './entry.ts';
import { listEntries } from './find-entries.ts';
import type { EntryFilter } from './entry-filter.ts';
import type { ReadingAt } from './reading.ts';

const pageSize = 1_000;

/** What is over by our clock is not there to be deleted. */
const byOurClock: ReadingAt = (now) => ({ now, order: new Map(), clockOf: () => now });

/** Ends whoever is known at an address, in all slots. Throws `entry-absent`. */
export async function deleteEntry(
  table: AuthenticationTable,
  tenant: TenantId,
  { ip, tell = nobodyListens }: { ip: IpAddress; tell?: Tell },
): Promise<number> {
  const found = await table.entries.at(tenant, ip);
  const outcomes = await Promise.all(
    found.map(async ({ slot }) => changeOne(table, tenant, { key: { ip, slot }, events: [{ kind: 'deleted' }] })),
  );
  const deleted = found.filter((_, index) => outcomes[index]?.includes('deleted'));
  if (deleted.length === 0) {
    throw new ServiceError('entry-absent', `Nobody is known at ${ip}, so there is nothing to delete.`);
  }
  await tell(deleted);
  return deleted.length;
}

/** Hears of entries that were ended, as they were until then. */
type Tell = (ended: readonly Listed[]) => Promise<void>;
const nobodyListens: Tell = async () => Promise.resolve();

/**
 * Ends every entry that matches; whoever logs on meanwhile is not meant. What was newest stays known: the posts that made these entries bring nobody back, the
 * next newer one does. `more` where the time was over first: the same call again goes on.
 */
export async function deleteEntries(
  table: AuthenticationTable,
  tenant: TenantId,
  { filter, untilAt, tell = nobodyListens }: { filter: EntryFilter; untilAt: number; tell?: Tell },
): Promise<{ deleted: number; complete: 'yes' | 'no' }> {
  let deleted = 0;
  let after: string | undefined;
  do {
    const page = await listEntries(table, tenant, {
      filter,
      limit: pageSize,
      untilAt,
      readingAt: byOurClock,
      ...(after !== undefined && { after }),
    });
    const changes = page.items.map(({ ip, slot, item }) => ({
      key: { ip, slot },
      events: [{ kind: 'deleted' as const, newest: newestLogons(item.order) }],
    }));
    const outcomes = await change(table, tenant, { changes, untilAt });
    const ended = page.items.filter((_, index) => isDeleted(outcomes[index]));
    deleted += ended.length;
    await tell(ended);
    if (outcomes.includes('busy')) return { deleted, complete: 'no' };
    after = page.next;
  } while (after !== undefined && table.now() < untilAt);
  return { deleted, complete: after === undefined ? 'yes' : 'no' };
}

const isDeleted = (outcome: ChangeOutcome | undefined): boolean => outcome !== 'busy' && (outcome?.includes('deleted') ?? false); // prettier-ignore
