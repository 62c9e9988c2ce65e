import type { EntryKey, EntryStore, Listed, Stored } from '../../shared/identity/authentication-table.ts';
import { type ChangeNote, notePosition } from '../../shared/identity/change-notes.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

/** The authentication table in memory, held to the contract of the real one. `remove` is what TTL does. */
export function fakeEntryStore(): EntryStore & { remove(tenant: TenantId, key: EntryKey): void } {
  const tenants = new Map<TenantId, Map<string, Stored & EntryKey>>();
  const nameOf = ({ ip, slot }: EntryKey) => `${ip}#${slot}`;
  const of = (tenant: TenantId) => {
    const items = tenants.get(tenant) ?? new Map<string, Stored & EntryKey>();
    tenants.set(tenant, items);
    return items;
  };

  const notes = new Map<TenantId, Map<string, ChangeNote>>();
  const notesOf = (tenant: TenantId) => {
    const own = notes.get(tenant) ?? new Map<string, ChangeNote>();
    notes.set(tenant, own);
    return own;
  };

  return {
    async read(tenant, keys) {
      return Promise.resolve(
        keys.map((key) => {
          const found = of(tenant).get(nameOf(key));
          return found && { revision: found.revision, item: found.item };
        }),
      );
    },
    async replace(tenant, replacements) {
      return Promise.resolve(
        replacements.map(({ key, read, revision, item }) => {
          if (of(tenant).get(nameOf(key))?.revision !== read) return 'conflict';
          of(tenant).set(nameOf(key), { ...key, revision, item });
          return 'replaced';
        }),
      );
    },
    async at(tenant, ip) {
      const found = [...of(tenant).values()].filter((each) => each.ip === ip);
      return Promise.resolve(found.map(listed));
    },
    async list(tenant, { after = '', limit }) {
      const names = [...of(tenant).keys()].filter((name) => name > after).sort();
      const page = names.slice(0, limit);
      const items = page.flatMap((name) => of(tenant).get(name) ?? []).map(listed);
      const last = page.at(-1);
      return Promise.resolve({ items, ...(names.length > limit && last !== undefined && { next: last }) });
    },
    async walk(tenant, { after = '', limit }) {
      const names = [...of(tenant).keys()].filter((name) => name > after).sort();
      const addressOf = (name: string) => name.slice(0, name.indexOf('#'));
      const following = names.at(limit - 1);
      const end = following === undefined ? undefined : addressOf(following);
      const page = end === undefined ? names : names.filter((name, index) => index < limit || addressOf(name) === end);
      const last = page.at(-1);
      const items = page.flatMap((name) => of(tenant).get(name) ?? []).map(listed);
      return Promise.resolve({ items, ...(names.length > page.length && last !== undefined && { next: last }) });
    },
    notes: {
      async put(tenant, note) {
        notesOf(tenant).set(notePosition(note), note);
        return Promise.resolve();
      },
      async after(tenant, position) {
        const found = [...notesOf(tenant)].filter(([each]) => each > position).sort(([one], [other]) => (one < other ? -1 : 1)); // prettier-ignore
        return Promise.resolve({ notes: found.map(([, note]) => note) });
      },
    },
    remove(tenant, key) {
      of(tenant).delete(nameOf(key));
    },
  };
}

const listed = ({ ip, slot, item }: Stored & EntryKey): Listed => ({ ip, slot, item });
