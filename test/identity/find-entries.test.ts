import { defaults } from '../../shared/configuration/configuration.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { type AuthenticationTable, change, type Revision } from '../../shared/identity/authentication-table.ts';
import { deleteEntries, deleteEntry } from '../../shared/identity/delete-entries.ts';
import { deletionFilter, entryFilter } from '../../shared/identity/entry-filter.ts';
import { countEntries, findEntry, listEntries } from '../../shared/identity/find-entries.ts';
import type { Logon } from '../../shared/identity/observation.ts';
import type { ReadingAt } from '../../shared/identity/reading.ts';
import { heardReading, plainReading } from '../../shared/identity/silence.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { codeOf, codeOfAsync } from '../support/errors.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { acme, aLogoff, aLogon, desk, globex, instant, minutes, noon } from '../support/observations.ts';

let now: number;
let table: AuthenticationTable;
beforeEach(() => {
  now = noon;
  let writes = 0;
  table = { entries: fakeEntryStore(), now: () => now, newRevision: () => `revision-${(writes += 1)}` as Revision };
});

const plain = plainReading(defaults);
const find = async (tenant = acme) => findEntry(table, tenant, desk, Promise.resolve(plain));
const untilAt = noon + minutes(60 * 24);
const ip = (text: string) => text as IpAddress;

async function logon(
  told: Partial<Logon> = {},
  { tenant = acme, timeoutMinutes = 30 }: { tenant?: TenantId; timeoutMinutes?: number } = {},
) {
  const one = aLogon(told);
  const changes = [
    { key: { ip: one.ip, slot: 'userid' as const }, events: [{ kind: 'logon' as const, logon: one, timeoutMinutes }] },
  ];
  return change(table, tenant, { changes, untilAt });
}
const logoff = async () =>
  change(table, acme, {
    changes: [
      { key: { ip: desk, slot: 'userid' }, events: [{ kind: 'logoff', logoff: aLogoff({ instant: instant(1) }) }] },
    ],
    untilAt,
  });
const list = async (
  query: Record<string, string> = {},
  page: { limit?: number; after?: string; readingAt?: ReadingAt } = {},
) => listEntries(table, acme, { filter: entryFilter(query), limit: 100, untilAt, readingAt: plain, ...page });
const addresses = async (query: Record<string, string> = {}) => (await list(query)).items.map((each) => each.ip);

test('a user is found at the address until the very millisecond of expiry', async () => {
  await logon();

  now = noon + minutes(30) - 1;
  expect((await find()).entry?.item.entry?.user).toBe('alice');
  expect(await addresses()).toEqual([desk]);
  expect((await countEntries(table, acme, plain)).total.valid).toBe(1);

  now = noon + minutes(30);
  expect(await codeOfAsync(find())).toBe('entry-absent');
  expect(await addresses()).toEqual([]);
  expect(await addresses({ ip: desk })).toEqual([]);
  expect(await countEntries(table, acme, plain)).toEqual({
    total: { valid: 0, pending: 0, invalid: 0, init: 0 },
    domains: [],
  });
});

test('an entry with timeout 0 never expires', async () => {
  await logon({}, { timeoutMinutes: 0 });

  now = noon + minutes(60 * 24 * 365 * 100);
  expect(await addresses()).toEqual([desk]);
});

test('who logged off is absent from every look-up', async () => {
  await logon();
  await logoff();

  expect(await codeOfAsync(find())).toBe('entry-absent');
  expect(await addresses()).toEqual([]);
  expect((await countEntries(table, acme, plain)).domains).toEqual([]);
});

test('no look-up shows what another tenant has', async () => {
  await logon({}, { tenant: globex });

  expect(await codeOfAsync(find())).toBe('entry-absent');
  expect(await addresses()).toEqual([]);
  expect((await countEntries(table, acme, plain)).total.valid).toBe(0);
  expect(await codeOfAsync(deleteEntry(table, acme, { ip: desk }))).toBe('entry-absent');
  expect(await deleteEntries(table, acme, { filter: { ip: desk }, untilAt })).toEqual({ deleted: 0, complete: 'yes' });
  expect((await find(globex)).entry?.item.entry?.user).toBe('alice');
});

describe('filters', () => {
  beforeEach(async () => {
    await logon({ ip: ip('10.0.0.1'), user: 'alice', domain: 'acme', groups: ['staff'] });
    await logon({ ip: ip('10.0.0.2'), user: 'bob', domain: 'acme', groups: ['staff', 'it'], source: 'PacketFence' });
    await logon({ ip: ip('10.0.0.3'), user: 'alice', domain: 'GLOBAL', groups: [] });
  });

  test.each<[Record<string, string>, string[]]>([
    [{ user: 'ALICE' }, ['10.0.0.1', '10.0.0.3']],
    [{ user: 'alice', domain: 'ACME' }, ['10.0.0.1']],
    [{ domain: 'global' }, ['10.0.0.3']],
    [{ group: 'Staff' }, ['10.0.0.1', '10.0.0.2']],
    [{ source: 'packetfence' }, ['10.0.0.2']],
    [{ source: 'aruba-clearpass' }, ['10.0.0.1', '10.0.0.2', '10.0.0.3']],
    [{ source: 'local' }, []],
    [{ ip: '10.0.0.2', user: 'alice' }, []],
    [{ state: 'valid' }, ['10.0.0.1', '10.0.0.2', '10.0.0.3']],
    [{ state: 'pending' }, []],
  ])('%j finds %j', async (query, expected) => {
    expect(await addresses(query)).toEqual(expected);
  });

  test('a page ends at its limit and says where to go on, with a filter and without', async () => {
    for (const query of [{}, { state: 'valid' }]) {
      const first = await list(query, { limit: 2 });
      const second = await list(query, { limit: 2, after: first.next ?? '' });

      expect([first, second].map(({ items }) => items.map((each) => each.ip))).toEqual([
        ['10.0.0.1', '10.0.0.2'],
        ['10.0.0.3'],
      ]);
      expect(second.next).toBe(undefined);
    }
  });

  test('a search that runs out of time says where to go on instead of ending as if it were done', async () => {
    const page = await listEntries({ ...table, entries: { ...table.entries, list: async () => Promise.resolve({ items: [], next: '10.0.0.1#userid' }) } }, acme, { filter: { user: 'carol' }, limit: 5, untilAt: noon, readingAt: plain }); // prettier-ignore

    expect(page).toEqual({ items: [], next: '10.0.0.1#userid' });
  });

  test('counters tell each domain apart', async () => {
    expect((await countEntries(table, acme, plain)).domains).toEqual([
      { domain: 'acme', valid: 2, pending: 0, invalid: 0, init: 0 },
      { domain: 'GLOBAL', valid: 1, pending: 0, invalid: 0, init: 0 },
    ]);
  });

  test('a delete ends just those that match', async () => {
    const deleted = await deleteEntries(table, acme, {
      filter: deletionFilter({ user: 'alice', domain: 'acme' }),
      untilAt,
    });

    expect(deleted).toEqual({ deleted: 1, complete: 'yes' });
    expect(await addresses()).toEqual(['10.0.0.2', '10.0.0.3']);
  });
});

test('what was deleted stays away when its post is repeated, and comes back with the next newer one', async () => {
  await logon();
  expect(await deleteEntry(table, acme, { ip: desk })).toBe(1);

  expect(await logon()).toEqual([['replayed']]);
  expect(await addresses()).toEqual([]);

  expect(await logon({ instant: instant(1) })).toEqual([['stored']]);
  expect(await addresses()).toEqual([desk]);
});

test('a delete by a filter does not mean whoever logged on since it was looked for', async () => {
  await logon();
  const overtaken = {
    ...table.entries,
    read: async (...asked: Parameters<typeof table.entries.read>) => {
      await logon({ user: 'bob', instant: instant(5) });
      return table.entries.read(...asked);
    },
  };

  const deleted = await deleteEntries({ ...table, entries: overtaken }, acme, {
    filter: { user: 'alice', domain: 'acme' },
    untilAt,
  });

  expect(deleted).toEqual({ deleted: 0, complete: 'yes' });
  expect((await find()).entry?.item.entry?.user).toBe('bob');
});

test.each<[Record<string, string>, string | undefined]>([
  [{}, 'filter-missing'],
  [{ user: 'alice' }, 'filter-too-wide'],
  [{ group: 'staff' }, 'filter-too-wide'],
  [{ user: 'alice', domain: 'acme' }, undefined],
  [{ group: 'staff', domain: 'acme' }, undefined],
  [{ domain: 'acme' }, undefined],
  [{ state: 'invalid' }, undefined],
])('a delete by %j is answered with %s', (query, code) => {
  expect(codeOf(() => deletionFilter(query))).toBe(code);
});

test.each<[Record<string, string>, string]>([
  [{ ip: '10.1' }, 'address-invalid'],
  [{ state: 'ended' }, 'parameter-invalid'],
  [{ user: '' }, 'parameter-invalid'],
])('a filter %j is refused with %s', (query, code) => {
  expect(codeOf(() => entryFilter(query))).toBe(code);
});

describe('while a source is silent whose entries are kept', () => {
  const whenSilent = { ...defaults.whenSilent, 'aruba-clearpass': { action: 'keep', afterMinutes: 5 } as const };
  const keeping = heardReading(
    { ...defaults, whenSilent },
    new Map([['aruba-clearpass', { lastHeardAt: noon, gaps: [] }]]),
  );
  const kept = { readingOf: async () => Promise.resolve(keeping) };

  test('what has expired by our clock is found, listed and counted', async () => {
    await logon();
    now = noon + minutes(31);

    const found = await findEntry(table, acme, desk, Promise.resolve(keeping));
    expect([found.entry?.item.entry?.user, found.silence?.action]).toEqual(['alice', 'keep']);
    expect((await list({}, { readingAt: keeping })).items.length).toBe(1);
    expect((await countEntries(table, acme, keeping)).total.valid).toBe(1);
  });

  test('an operator ends it all the same, by its address and by a filter', async () => {
    await logon();
    await logon({ ip: ip('10.0.0.1') });
    now = noon + minutes(31);

    expect(await codeOfAsync(deleteEntry(table, acme, { ip: desk }))).toBe('entry-absent');
    expect(await deleteEntry({ ...table, ...kept }, acme, { ip: desk })).toBe(1);
    expect(await deleteEntries({ ...table, ...kept }, acme, { filter: { domain: 'acme' }, untilAt })).toMatchObject({
      deleted: 1,
    });
    expect((await list({}, { readingAt: keeping })).items).toEqual([]);
    expect(await codeOfAsync(deleteEntry({ ...table, ...kept }, acme, { ip: desk }))).toBe('entry-absent');
  });
});
