import { eraseTenants, type EraseTenants } from '../../shared/tenancy/erase-tenants.ts';
import { type Erasure, ordered, quietMs } from '../../shared/tenancy/erasure.ts';
import { stateOf, type Tenant } from '../../shared/tenancy/tenant.ts';
import { fakeOwnedItems, type OwnedItems } from '../support/fake-owned-items.ts';
import { fakeTenancy } from '../support/fake-tenancy.ts';
import { minutes, noon } from '../support/observations.ts';
import { aLogin, anItem, itemsOf, t1, t10 } from './owned-items.contract.ts';

const order = { requestedAt: noon, requestedBy: { id: 'credential-1', name: 'first' }, requestId: 'request-1' };

let now: number;
let tenancy: ReturnType<typeof fakeTenancy>;
let items: OwnedItems;
let erased: Tenant[];
beforeEach(async () => {
  [now, tenancy, items, erased] = [noon, fakeTenancy(), fakeOwnedItems(), []];
  for (const id of [t1, t10]) {
    await tenancy.tenants.create({ id, name: id, createdAt: noon }, []);
    for (const [table, item] of itemsOf(id)) await items.put(table, item);
  }
});

const worker = (told: Partial<EraseTenants> = {}): EraseTenants => ({
  tenants: tenancy.tenants,
  items,
  now: () => now,
  erased: (tenant) => erased.push(tenant),
  unerased: (_, error) => {
    throw error;
  },
  ...told,
});
const run = async (told: Partial<EraseTenants> = {}) => eraseTenants(worker(told), { deadlineAt: now + 50_000 });
const begin = async () => tenancy.tenants.erase(t1, ordered(order));
const found = async () => (await tenancy.tenants.find(t1)) as Tenant & { erasure: Erasure };
const ofT10 = async () => (await items.keys()).filter((key) => / T#t10( |#)|BATCH#t10$/.test(key));
/** What of a tenant is in the journal when it is to be erased. */
const inJournal = itemsOf(t1).filter(([table]) => table === 'journal').length;
const left = async () => (await items.keys()).filter((key) => / T#t1( |#)|BATCH#t1$/.test(key));

test('a tenant that nobody has ordered to be erased is left alone', async () => {
  const before = await items.keys();

  await run();

  expect(await items.keys()).toEqual(before);
});

test('all is removed at once, and the tenant is erased when a later pass has found nothing more', async () => {
  const ofAnother = await ofT10();
  await begin();

  await run();
  expect(await left()).toEqual([]);
  expect(stateOf(await found())).toBe('erasing');
  now += quietMs - 1;
  await run();
  expect(stateOf(await found())).toBe('erasing');
  now += 1;
  await run();

  const { erasure } = await found();
  expect(erasure).toMatchObject({ ...order, erasedAt: now });
  expect(erasure.removed).toEqual({ logins: 2, tenants: 3, entries: 2, endpoints: 1, journal: inJournal });
  expect(erased.map(({ id }) => id)).toEqual([t1]);
  expect(await ofT10()).toEqual(ofAnother);
});

test('what comes in the meantime is removed too, and the quiet begins anew', async () => {
  await begin();
  await run();
  await items.put('journal', anItem('T#t1#RECEIPT#refused#2026-03-01', 'late'));
  await items.put('tenants', aLogin('t1', 'late'));
  now += quietMs;
  await run();
  expect(await left()).toEqual([]);
  expect(stateOf(await found())).toBe('erasing');

  now += quietMs;
  await run();

  expect(stateOf(await found())).toBe('erased');
  expect((await found()).erasure.removed).toMatchObject({ logins: 3, journal: inJournal + 1 });
});

test('a worker that is killed anywhere is followed by one that goes on, and nothing is left out', async () => {
  await begin();
  let steps = 0;
  for (let round = 0; stateOf(await found()) === 'erasing' && round < 400; round += 1) {
    steps = 0;
    const dying: EraseTenants['items'] = {
      async remove(tenant, place) {
        const removal = await items.remove(tenant, place);
        steps += 1;
        if (steps > round % 3) throw new Error('killed');
        return removal;
      },
    };
    await run({ items: dying, unerased: () => undefined });
    now += minutes(1);
  }

  expect(stateOf(await found())).toBe('erased');
  expect(await left()).toEqual([]);
});

test('of two workers at once one finds that it is not alone, and the other finishes', async () => {
  await begin();

  await Promise.all([run(), run()]);
  now += quietMs;
  await Promise.all([run(), run()]);

  expect(stateOf(await found())).toBe('erased');
  expect(erased).toHaveLength(1);
});

test('no pass is begun that could not be put down in time', async () => {
  await begin();

  await eraseTenants(worker(), { deadlineAt: now + 15_000 });

  expect(await left()).not.toEqual([]);
});

test('a tenant that cannot be erased at the moment does not keep others from it', async () => {
  await begin();
  await tenancy.tenants.erase(t10, ordered(order));
  const failed: unknown[] = [];
  const halting: EraseTenants['items'] = {
    remove: async (tenant, place) =>
      tenant === t1 ? Promise.reject(new Error('throttled')) : items.remove(tenant, place),
  };

  await run({ items: halting, unerased: (tenant) => failed.push(tenant) });

  expect(failed).toEqual([t1]);
  expect((await items.keys()).filter((key) => key.includes('T#t10'))).toEqual([]);
});
