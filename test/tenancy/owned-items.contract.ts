/** What stores of all that a tenant owns promise. Run against the fake and against each engine. */
import { erasedInOrder } from '../../shared/tenancy/erasure.ts';
import type { Item, ItemPlace, TableName } from '../../shared/tenancy/owned-items.ts';
import { digestOf } from '../../shared/tenancy/secret.ts';
import { type TenantId, tenantId } from '../../shared/tenancy/tenant.ts';
import type { OwnedItems } from '../support/fake-owned-items.ts';

export const [t1, t10] = [tenantId('t1'), tenantId('t10')];

export const anItem = (pk: string, sk: string, more: Item = {}): Item => ({ pk: { S: pk }, sk: { S: sk }, ...more });

export const aLogin = (tenant: string, name: string, more: Item = {}): Item =>
  anItem(`CREDENTIAL#${digestOf(name)}`, 'CREDENTIAL', {
    tenant: { S: tenant },
    kind: { S: 'token' },
    role: { S: 'operator' },
    credentialId: { S: 'abc' },
    credentialName: { S: 'first' },
    passwords: { L: [] },
    orderByArrival: { BOOL: false },
    ...more,
  });

export const aKey = (tenant: string, name: string, more: Item = {}): Item =>
  aLogin(tenant, name, {
    kind: { S: 'key' },
    user: { S: digestOf(`${tenant}-user`) },
    password: { S: digestOf('password') },
    createdAt: { N: '1' },
    expiresAt: { N: '2' },
    ...more,
  });

/** The record of a credential, as people see it. */
export const aCredential = (tenant: string, id: string, more: Item = {}): Item =>
  anItem(`T#${tenant}`, `CREDENTIAL#${id}`, {
    id: { S: id },
    name: { S: 'first' },
    role: { S: 'web-api' },
    kind: { S: 'basic' },
    user: { S: `${tenant}-abcd0123` },
    orderByArrival: { BOOL: false },
    createdAt: { N: '1' },
    secrets: { L: [{ M: { digest: { S: digestOf('password') }, createdAt: { N: '1' } } }] },
    revision: { S: 'r' },
    ...more,
  });

/** Something of a tenant in every table, and what is called almost like it. */
export const itemsOf = (tenant: TenantId): readonly (readonly [TableName, Item])[] => [
  ['entries', anItem(`T#${tenant}#07`, '192.0.2.50#userid')],
  ['entries', anItem(`T#${tenant}#SESSIONS#192.0.2.50`, 'OPEN#a#1')],
  ['endpoints', anItem(`T#${tenant}#E#03`, '00:11:22:33:ca:fe')],
  ['journal', anItem(`T#${tenant}`, 'SENDER#a')],
  ['journal', anItem(`T#${tenant}#EVENTS#2026-03-01`, '2026-03-01T12:00:00.000Z#1')],
  ['tenants', anItem(`T#${tenant}`, 'TENANT')],
  ['tenants', aCredential(tenant, 'abc')],
  ['tenants', anItem('T#_provider', `BATCH#${tenant}`)],
  ['tenants', aLogin(tenant, `${tenant}-user`)],
  ['tenants', aKey(tenant, `${tenant}-key`)],
  ['journal', anItem(`T#${tenant}#USAGE`, 'POSTS', { counted: { N: '1' } })],
  ['journal', anItem(`T#${tenant}#THREATLOGS`, 'COUNT#2026-03-01T12#fw-1', { filtered: { N: '1' } })],
  ['journal', anItem(`T#${tenant}#THREATLOGS`, 'GRANTED#1772366400', { lines: { N: '1' } })],
  ['journal', anItem(`T#${tenant}#THREATLOGS`, 'NAMES#2026-03-01', { digests: { SS: ['0123456789abcdef'] } })],
  ['journal', anItem(`T#${tenant}#THREATLOGS`, 'PACE', { sent: { S: '1772366400000:1' } })],
  ['journal', anItem(`T#${tenant}#THREATLOGS`, 'SENT#request-1-0', { lines: { N: '1' } })],
];

/** Of them what is made anew wherever the tenant is. */
export const keptHere = 6;
export const isKeptHereOfT1 = (key: string) =>
  / T#t1( \/ TENANT|#USAGE \/ POSTS|#THREATLOGS \/ (GRANTED#\d+|NAMES#.+|PACE|SENT#.+))$/.test(key);

/** An attribute of every kind that DynamoDB knows. */
const everyKind: Item = {
  S: { S: 'Größe \u2028 "1"' },
  N: { N: '1.5' },
  B: { B: Buffer.from([0, 255, 10]).toString('base64') },
  BOOL: { BOOL: false },
  NULL: { NULL: true },
  M: { M: { inner: { B: 'AAEC' } } },
  L: { L: [{ S: 'x' }, { M: {} }] },
  SS: { SS: ['a', 'b'] },
  NS: { NS: ['1', '2'] },
  BS: { BS: ['AAEC'] },
};

/** What is nobody's of these two, and stays whatever is erased. */
const others: readonly (readonly [TableName, Item])[] = [
  ['tenants', anItem('T#_provider', 'TENANT#t1')],
  ['tenants', anItem('T#_provider', 'BATCH#t100')],
  ['tenants', anItem('SERVER#clearpass.example.net:443', 'CELL')],
  ['tenants', aLogin('_provider', 'provider', { role: { S: 'provider' } })],
  ['entries', anItem('T#t1x', 'x')],
  ['entries', anItem('T#T1#07', 'x')],
  ['entries', anItem('T#', 'x')],
  ['journal', anItem('T#t', 'x')],
];

export async function removeAll(items: OwnedItems, tenant: TenantId): Promise<number> {
  let removed = 0;
  for (const section of erasedInOrder) {
    let place: ItemPlace | undefined = { section };
    while (place !== undefined) {
      const removal = await items.remove(tenant, place);
      removed += removal.removed;
      place = removal.next;
    }
  }
  return removed;
}

export function ownedItemsContract(name: string, open: () => Promise<OwnedItems>) {
  describe(name, () => {
    let items: OwnedItems;
    beforeEach(async () => {
      items = await open();
      for (const [table, item] of [...itemsOf(t1), ...itemsOf(t10), ...others]) await items.put(table, item);
    });

    test('removes all of a tenant from every table, and nothing of the one that is called almost alike', async () => {
      const before = await items.keys();

      expect(await removeAll(items, t1)).toBe(itemsOf(t1).length);

      const isOfT1 = (key: string) => / T#t1( |#)|BATCH#t1$/.test(key) || key.includes(digestOf('t1-user')) || key.includes(digestOf('t1-key')); // prettier-ignore
      expect([...(await items.keys())].sort()).toEqual(before.filter((key) => !isOfT1(key)).sort());
    });

    test('reads all of a tenant as it was put, and nothing of another', async () => {
      const read: string[] = [];
      for (const section of erasedInOrder) {
        let place: ItemPlace | undefined = { section };
        while (place !== undefined) {
          const { items: found, next }: { items: readonly Item[]; next?: ItemPlace } = await items.read(t1, place);
          read.push(...found.map(inOrder));
          place = next;
        }
      }

      expect(read.sort()).toEqual(
        itemsOf(t1)
          .map(([, item]) => inOrder(item))
          .sort(),
      );
    });

    test('adds what is not there, and tells of what is whether it says the same', async () => {
      const item = anItem('T#t1#07', '192.0.2.99#userid', everyKind);
      const owned = { table: 'entries', item } as const;

      expect(await items.compare(owned)).toBe('other');
      expect(await items.add(owned)).toBe('added');
      expect(await items.add(owned)).toBe('same');
      expect(await items.add({ ...owned, item: { ...item, SS: { SS: ['b', 'a'] }, N: { N: '1.50' } } })).toBe('same');
      expect(await items.add({ ...owned, item: { ...item, S: { S: 'another' } } })).toBe('other');

      expect(await items.compare(owned)).toBe('same');
    });

    test('finds nothing where there is nothing left', async () => {
      await removeAll(items, t10);

      expect(await removeAll(items, t10)).toBe(0);
      expect(await removeAll(items, t1)).toBe(itemsOf(t1).length);
    });
  });
}

/** An engine gives the members of a map in any order. */
const inOrder = (item: Item) =>
  JSON.stringify(item, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
