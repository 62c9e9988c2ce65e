/**
 * A tenant is made of the pages of an export. An import only ever adds: it begins where nobody is, what is there and says
 * otherwise stays as it is and is told, and a page that is sent again changes nothing.
 */
import { ServiceError } from '../service-error.ts';
import { type Arrival, wayOf, withPage } from './arrival.ts';
import { beingErased, type TenantStore } from './create-tenant.ts';
import type { OwnedItem, TenantPage } from './tenant-page.ts';
import { stateOf, type Tenant } from './tenant.ts';

export interface OwnedItemWriter {
  /** Adds an item where nothing is; else tells whether what is there is the same. */
  readonly add: (item: OwnedItem) => Promise<'added' | 'same' | 'other'>;
  readonly compare: (item: OwnedItem) => Promise<'same' | 'other'>;
}

export interface ImportTenant {
  readonly tenants: Pick<TenantStore, 'find' | 'arrive' | 'saveArrival'>;
  readonly items: OwnedItemWriter;
  readonly now: () => number;
}

export interface Imported {
  readonly tenant: Tenant;
  readonly added: number;
  readonly same: number;
  /** Lines of the page whose items are here and say otherwise. They are left alone. */
  readonly others: readonly number[];
}

const atOnce = 32;

/** Throws `tenant-erasing`, `tenant-exists`, `import-page-missing`; `busy` where the time did not suffice. */
export async function importPage(deps: ImportTenant, page: TenantPage, untilAt: number): Promise<Imported> {
  const { tenants, items, now } = deps;
  const tenant = await arriving(deps, page);
  const { arrival } = tenant;
  const isOver = arrival.finishedAt !== undefined;
  const outcomes = { added: 0, same: 0, other: [] as number[] };
  const open = [...page.items];
  const worker = async () => {
    for (let line = open.shift(); line !== undefined; line = open.shift()) {
      if (now() >= untilAt) throw unfinished();
      const [number, item] = line;
      const outcome = isOver ? await items.compare(item) : await items.add(item);
      if (outcome === 'other') outcomes.other.push(number);
      else outcomes[outcome] += 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, open.length) }, worker));

  const after = isOver ? arrival : withPage(arrival, page.page, page.follows, now());
  if (after.pages !== arrival.pages || after.finishedAt !== arrival.finishedAt) {
    if ((await tenants.saveArrival(tenant.id, arrival, after)) === 'conflict') throw unfinished();
  }
  const { added, same, other } = outcomes;
  return { tenant: { ...tenant, arrival: after }, added, same, others: other.sort((one, two) => one - two) };
}

async function arriving(
  { tenants, now }: ImportTenant,
  page: TenantPage,
): Promise<Tenant & { readonly arrival: Arrival }> {
  const { tenant, exportId, exportedAt } = page;
  const before = await tenants.find(tenant.id);
  if (before !== undefined && stateOf(before) === 'erasing') throw beingErased(tenant.id);
  const way = wayOf(before, page);
  if (way !== 'begin' && before?.arrival !== undefined) return { ...before, arrival: before.arrival };
  const arrived = {
    ...tenant,
    arrival: { exportId, exportedAt, beganAt: now(), pages: 0 },
    ...(before?.erasure && { formerly: before.erasure }),
  };
  if ((await tenants.arrive(arrived)) === 'conflict') throw unfinished();
  return arrived;
}

const unfinished = () =>
  new ServiceError('busy', 'The page could not be stored whole in time, or others are at it. Send it once more.');
