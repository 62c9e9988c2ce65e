/** A tenant is exported page by page. It is not held still meanwhile: whoever moves it stops its senders first. */
import { foreign, isKeptHere, type Item, type ItemPlace, type Section, tableOf } from './owned-items.ts';
import type { OwnedItem, PageHead } from './tenant-page.ts';
import type { Tenant, TenantId } from './tenant.ts';

export interface OwnedItemReader {
  /** What a part of a section holds of a tenant. */
  readonly read: (
    tenant: TenantId,
    place: ItemPlace,
  ) => Promise<{ readonly items: readonly Item[]; readonly next?: ItemPlace }>;
}

/** Where an export goes on; it carries what is the same on all pages. */
export interface Continuation extends Pick<PageHead, 'exportId' | 'exportedAt' | 'page'> {
  readonly at: ItemPlace;
}

/** Logins come last, so that an import lets nobody in before all else is there. */
const exportedInOrder = ['entries', 'endpoints', 'journal', 'tenants', 'logins'] as const satisfies Section[];

export const beginning = (exportId: string, exportedAt: number): Continuation => ({
  exportId,
  exportedAt,
  page: 1,
  at: { section: exportedInOrder[0] },
});

/** Written as JSON within JSON, an answer of this size stays under the 6 MB that Lambda gives. */
const mostBytes = 2_500_000;

export interface ExportTenant {
  readonly items: OwnedItemReader;
  readonly now: () => number;
}

/** The items of one page, as many as there is room and time for, and where the next one begins. */
export async function exportPage(
  { items, now }: ExportTenant,
  tenant: Tenant,
  from: Continuation,
  untilAt: number,
): Promise<{ readonly items: readonly OwnedItem[]; readonly next?: Continuation }> {
  const page: OwnedItem[] = [];
  let bytes = 0;
  let at: ItemPlace | undefined = from.at;
  while (at !== undefined) {
    const place: ItemPlace = at;
    const { section } = place;
    const found = await items.read(tenant.id, place);
    for (const item of found.items) {
      const owned = { table: tableOf(section), item };
      if (isKeptHere(tenant.id, owned.table, item)) continue;
      const reason = foreign(tenant.id, owned.table, item);
      if (reason !== undefined) throw new Error(`An item of ${tenant.id} cannot be exported. ${reason}`);
      bytes += Buffer.byteLength(JSON.stringify(owned)) + 1;
      if (bytes > mostBytes && page.length > 0) return { items: page, next: goingOn(from, behind(section, page)) };
      page.push(owned);
    }
    at = found.next ?? sectionAfter(section);
    if (at !== undefined && now() >= untilAt) return { items: page, next: goingOn(from, at) };
  }
  return { items: page };
}

const goingOn = (from: Continuation, at: ItemPlace): Continuation => ({ ...from, page: from.page + 1, at });

function behind(section: Section, page: readonly OwnedItem[]): ItemPlace {
  const last = page.at(-1);
  // What was put on the page last may be of the section before: then this one begins anew.
  if (last === undefined || sectionOf(last) !== section) return { section };
  const { pk, sk } = last.item as Record<'pk' | 'sk', { S: string }>;
  return { section, after: { pk: pk.S, sk: sk.S } };
}

const sectionOf = ({ table, item }: OwnedItem): Section =>
  table === 'tenants' && (item.pk as { S: string }).S.startsWith('CREDENTIAL#') ? 'logins' : table;

function sectionAfter(section: Section): ItemPlace | undefined {
  const next = exportedInOrder[exportedInOrder.indexOf(section) + 1];
  return next && { section: next };
}
