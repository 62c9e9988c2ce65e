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
import type { Reading, ReadingAt } from './reading.ts';
import { plainly } from './silence.ts';

const pageSize = 1_000;

export interface DeleteEntries extends AuthenticationTable {
  /** What is there to be deleted: by our clock alone where this is left out. */
  readonly readingOf?: (tenant: TenantId) => Promise<ReadingAt>;
}

/** Its end is over by our clock, or not: an operator ends whatever is shown. */
const deletion = ({ item }: Listed, { clockOf, now }: Reading) => ({
  kind: 'deleted' as const,
  ...(clockOf(item) !== now && { expired: 'too' as const }),
});

/** Ends whoever is known at an address, in all slots. Throws `entry-absent`. */
export async function deleteEntry(
  table: DeleteEntries,
  tenant: TenantId,
  { ip, tell = nobodyListens }: { ip: IpAddress; tell?: Tell },
): Promise<number> {
  const [found, readingAt] = await Promise.all([table.entries.at(tenant, ip), table.readingOf?.(tenant) ?? plainly()]);
  const reading = readingAt(table.now());
  const outcomes = await Promise.all(
    found.map(async (each) =>
      changeOne(table, tenant, { key: { ip, slot: each.slot }, events: [deletion(each, reading)] }),
    ),
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
  table: DeleteEntries,
  tenant: TenantId,
  { filter, untilAt, tell = nobodyListens }: { filter: EntryFilter; untilAt: number; tell?: Tell },
): Promise<{ deleted: number; complete: 'yes' | 'no' }> {
  const readingAt = (await table.readingOf?.(tenant)) ?? plainly();
  let deleted = 0;
  let after: string | undefined;
  do {
    const page = await listEntries(table, tenant, {
      filter,
      limit: pageSize,
      untilAt,
      readingAt,
      ...(after !== undefined && { after }),
    });
    const reading = readingAt(table.now());
    const changes = page.items.map((each) => ({
      key: { ip: each.ip, slot: each.slot },
      events: [{ ...deletion(each, reading), newest: newestLogons(each.item.order) }],
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
