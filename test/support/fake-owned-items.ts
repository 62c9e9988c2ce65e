/** What tenants own, in memory: all items of all tables, looked through a few at a time. */
import type { OwnedItemRemover } from '../../shared/tenancy/erase-tenants.ts';
import type { OwnedItemReader } from '../../shared/tenancy/export-tenant.ts';
import type { OwnedItemWriter } from '../../shared/tenancy/import-tenant.ts';
import { isSameItem } from '../../shared/tenancy/item-form.ts';
import {
  foreign,
  type Item,
  type ItemKey,
  type ItemPlace,
  type Section,
  tableNames,
  type TableName,
  tableOf,
} from '../../shared/tenancy/owned-items.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

export interface OwnedItems extends OwnedItemRemover, OwnedItemReader, OwnedItemWriter {
  readonly put: (table: TableName, item: Item) => Promise<void>;
  /** The keys of all that is there, of whomever. */
  readonly keys: () => Promise<readonly string[]>;
}

export const keyOf = (item: Item): ItemKey => {
  const text = (name: string) => (item[name] as { S: string } | undefined)?.S ?? '';
  return { pk: text('pk'), sk: text('sk') };
};
const written = ({ pk, sk }: ItemKey) => `${pk} / ${sk}`;

/** Looks at so many items at once, whomever they belong to. */
export function fakeOwnedItems(atOnce = 3): OwnedItems {
  const tables = Object.fromEntries(tableNames.map((name) => [name, new Map<string, Item>()])) as Record<
    TableName,
    Map<string, Item>
  >;

  function look(tenant: TenantId, { section, after }: ItemPlace) {
    const all = [...tables[tableOf(section)]].sort(([one], [other]) => (one < other ? -1 : 1));
    const rest = all.filter(([key]) => after === undefined || key > written(after));
    const looked = rest.slice(0, atOnce).map(([, item]) => item);
    const last = looked.at(-1);
    const items = looked.filter((item) => isIn(section, item) && foreign(tenant, tableOf(section), item) === undefined);
    return { items, ...(rest.length > atOnce && last && { next: { section, after: keyOf(last) } }) };
  }

  return {
    async put(table, item) {
      tables[table].set(written(keyOf(item)), item);
      return Promise.resolve();
    },
    async keys() {
      return Promise.resolve(tableNames.flatMap((name) => [...tables[name].keys()].map((key) => `${name} ${key}`)));
    },
    read: async (tenant, place) => Promise.resolve(look(tenant, place)),
    async add(owned) {
      const key = written(keyOf(owned.item));
      if (tables[owned.table].has(key)) return this.compare(owned);
      tables[owned.table].set(key, JSON.parse(JSON.stringify(owned.item)) as Item);
      return Promise.resolve('added');
    },
    async compare({ table, item }) {
      const there = tables[table].get(written(keyOf(item)));
      return Promise.resolve(there !== undefined && isSameItem(there, item) ? 'same' : 'other');
    },
    async remove(tenant, place) {
      const { items, next } = look(tenant, place);
      for (const item of items) tables[tableOf(place.section)].delete(written(keyOf(item)));
      return Promise.resolve({ removed: items.length, ...(next && { next }) });
    },
  };
}

const isIn = (section: Section, item: Item) =>
  tableOf(section) !== 'tenants' || keyOf(item).pk.startsWith('CREDENTIAL#') === (section === 'logins');
