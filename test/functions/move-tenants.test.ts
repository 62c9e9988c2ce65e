import { doors } from '../../functions/move-tenants/handler.ts';
import { mostImportBytes } from '../../functions/move-tenants/reading.ts';
import { http } from '../../shared/edge/http.ts';
import { ordered } from '../../shared/tenancy/erasure.ts';
import { stateOf } from '../../shared/tenancy/tenant.ts';
import { fakeOwnedItems, type OwnedItems } from '../support/fake-owned-items.ts';
import { fakeTenancy } from '../support/fake-tenancy.ts';
import { noon } from '../support/observations.ts';
import { aCaller, aContext, anApiEvent } from '../support/requests.ts';
import {
  aCredential,
  aKey,
  aLogin,
  anItem,
  isKeptHereOfT1,
  itemsOf,
  keptHere,
  removeAll,
  t1,
  t10,
} from '../tenancy/owned-items.contract.ts';

let now: number;
let tenancy: ReturnType<typeof fakeTenancy>;
let items: OwnedItems;
beforeEach(async () => {
  [now, tenancy, items] = [noon, fakeTenancy(), fakeOwnedItems()];
  for (const id of [t1, t10]) {
    await tenancy.tenants.create({ id, name: `The ${id}`, createdAt: noon }, []);
    for (const [table, item] of itemsOf(id)) await items.put(table, item);
  }
});

interface Told {
  readonly tenant?: string;
  readonly cursor?: string;
  readonly body?: string | Uint8Array;
  readonly remainingMs?: number;
  readonly secretsKey?: string;
}

async function call(
  route: keyof typeof doors,
  { tenant = t1, cursor, body, remainingMs = 29_000, secretsKey = 'key-1' }: Told = {},
) {
  const deps = { tenants: tenancy.tenants, items, secretsKey, now: () => now };
  const handler = http(() => deps, doors, { now: () => now });
  const event = anApiEvent({
    route,
    caller: aCaller('provider', { tenant: '_provider' }),
    parameters: { tenant },
    ...(cursor !== undefined && { query: { cursor: [cursor] } }),
    ...(body !== undefined && { body }),
  });
  const { statusCode, headers = {}, body: text } = await handler(event, aContext(remainingMs));
  return { status: statusCode, headers, text };
}

/** All pages of an export. Where there is hardly any time left, each holds little. */
async function exported(told: Told = {}): Promise<string[]> {
  const pages: string[] = [];
  let cursor: string | undefined;
  do {
    const { status, headers, text } = await call('GET /v1/tenants/{tenant}/export', { ...told, ...(cursor !== undefined && { cursor }) }); // prettier-ignore
    expect({ status, type: headers['Content-Type'] }).toEqual({ status: 200, type: 'application/x-ndjson' });
    pages.push(text);
    cursor = /cursor=([^>]+)>; rel="next"/.exec(String(headers.Link ?? ''))?.[1];
  } while (cursor !== undefined);
  return pages;
}
/** Of all that the tenant has, what an export holds. */
const carried = itemsOf(t1).length - keptHere;
/** Where `withLine` puts one: behind the line of the page, and all that is carried. */
const lastLine = `/${carried + 2}`;
const inParts = { remainingMs: 5_000 };

const send = async (body: string | Uint8Array, told: Told = {}) => {
  const { status, text } = await call('POST /v1/tenants/{tenant}/import', { ...told, body });
  return { status, ...(JSON.parse(text) as { code?: string; violations?: { pointer: string }[]; state?: string; added?: number; same?: number; kept?: number; keptLines?: number[]; secrets?: string; page?: number }) }; // prettier-ignore
};

async function wipe(tenant = t1) {
  await removeAll(items, tenant);
  const erasure = ordered({ requestedAt: noon, requestedBy: { id: 'c', name: 'c' }, requestId: 'request-0' });
  await tenancy.tenants.erase(tenant, erasure);
  await tenancy.tenants.saveErasure(tenant, { ...erasure, step: 1, erasedAt: noon });
}
const lines = (page = '') => page.trimEnd().split('\n');

test('a tenant is exported whole, its logins last, and nothing of one that is called almost alike', async () => {
  const [page = '', ...more] = await exported();

  expect(more).toEqual([]);
  const [first, ...rest] = lines(page).map((line) => JSON.parse(line) as { item?: { pk: { S: string } } });
  expect(first).toEqual({
    format: 'postern-tenant-1',
    tenant: { id: 't1', name: 'The t1', createdAt: '2026-03-01T12:00:00.000Z' },
    export: { id: 'request-1', exportedAt: '2026-03-01T12:00:00.000Z' },
    page: 1,
    secretsKey: 'key-1',
  });
  expect(rest.pop()).toEqual({ items: carried, follows: 'nothing' });
  expect(rest.slice(-2).every(({ item }) => item?.pk.S.startsWith('CREDENTIAL#'))).toBe(true);
  expect(page).not.toContain('t10');
});

test('how it is with the tenant here, and what it has used up, is in no export', async () => {
  const [page = ''] = await exported();

  expect(page).not.toContain('"TENANT"');
  expect(page).not.toContain('#USAGE');
  expect(page).not.toMatch(/GRANTED#|PACE|SENT#/);
  expect(page).toContain('COUNT#2026-03-01T12#fw-1'); // what became of threat logs is history
});

test('an export, a wipe and an import leave just what was there, page by page', async () => {
  const before = (await items.keys()).filter((key) => !isKeptHereOfT1(key)).sort();
  const pages = await exported(inParts);
  expect(pages.length).toBeGreaterThan(4);
  await wipe();
  expect(await items.keys()).toHaveLength(before.length - carried);

  for (const [index, page] of pages.entries()) {
    const told = await send(page);
    expect(told).toMatchObject({
      status: 200,
      page: index + 1,
      same: 0,
      kept: 0,
      secrets: 'openable',
      state: index + 1 < pages.length ? 'importing' : 'live',
    });
  }

  expect([...(await items.keys())].sort()).toEqual(before);
  expect((await exported()).map((page) => lines(page).slice(1))).toEqual([pages.flatMap((page) => lines(page).slice(1, -1)).concat(`{"items":${carried},"follows":"nothing"}`)]); // prettier-ignore
  expect(await tenancy.tenants.find(t1)).toMatchObject({
    name: 'The t1',
    createdAt: noon,
    formerly: { erasedAt: noon },
  });
});

test('a page that is sent again changes nothing, during the import and after it', async () => {
  const pages = await exported(inParts);
  await wipe();
  for (const page of pages) {
    await send(page);
    expect(await send(page)).toMatchObject({ status: 200, added: 0, kept: 0, same: lines(page).length - 2 });
  }
  await items.remove(t1, { section: 'endpoints' });
  const kept = await items.keys();

  for (const page of pages) expect(await send(page)).toMatchObject({ status: 200, added: 0 });

  expect(await items.keys()).toEqual(kept); // what is gone since does not come back
});

test('what is there and says otherwise is left alone, and its line is told', async () => {
  const [page = ''] = await exported();
  await wipe();
  await items.put('journal', anItem('T#t1', 'SENDER#a', { newer: { BOOL: true } }));

  const told = await send(page);

  expect(told).toMatchObject({ status: 200, kept: 1, added: carried - 1 });
  expect(lines(page)[(told.keptLines?.[0] ?? 0) - 1]).toContain('SENDER#a');
});

test.each(['0', '0e999', '9.9e125', '-1e-130', '0.0001e126', '1'.repeat(38), `${'1'.repeat(38)}.000`, '007'])(
  'the number %s is taken, as DynamoDB keeps it',
  async (N) => {
    await items.put('journal', anItem('T#t1', 'SENDER#b', { N: { N } }));
    const [page = ''] = await exported();
    await wipe();

    expect(await send(page)).toMatchObject({ status: 200, added: carried + 1, kept: 0 });
  },
);

test('says where secrets were encrypted with the key of another deployment', async () => {
  const [page = ''] = await exported();
  await wipe();

  expect(await send(page, { secretsKey: 'key-2' })).toMatchObject({ status: 200, secrets: 'of-another-key' });
});

test('a tenant that lives is not imported over, nor over another import, nor with a page left out', async () => {
  const pages = await exported(inParts);
  expect(await send(pages[0] ?? '')).toMatchObject({ status: 409, code: 'tenant-exists' });
  await wipe();
  expect(await send(pages[1] ?? '')).toMatchObject({ status: 409, code: 'import-page-missing' });
  await send(pages[0] ?? '');
  expect(await send(pages[2] ?? '')).toMatchObject({ status: 409, code: 'import-page-missing' });
  expect(await send((pages[1] ?? '').replace('"id":"request-1"', '"id":"request-2"'))).toMatchObject({ status: 409, code: 'tenant-exists' }); // prettier-ignore
});

test('a tenant that is being erased, imported or is none is neither exported nor, but for the last, imported', async () => {
  const [page = ''] = await exported();
  const outcome = async () => JSON.parse((await call('GET /v1/tenants/{tenant}/export')).text) as { code: string };
  await tenancy.tenants.erase(t1, ordered({ requestedAt: noon, requestedBy: { id: 'c', name: 'c' }, requestId: 'r' }));
  expect(await outcome()).toMatchObject({ code: 'tenant-erasing' });
  expect(await send(page)).toMatchObject({ status: 409, code: 'tenant-erasing' });
  const { erasure } = (await tenancy.tenants.find(t1)) ?? {};
  if (erasure) await tenancy.tenants.saveErasure(t1, { ...erasure, step: 1, erasedAt: noon });
  expect(await outcome()).toMatchObject({ code: 'tenant-absent' });
  await removeAll(items, t1);
  await send(page.replace('"follows":"nothing"', '"follows":"another"'));
  expect(await outcome()).toMatchObject({ code: 'tenant-importing' });
});

test('a page that there is no time for is sent once more', async () => {
  const [page = ''] = await exported();
  await wipe();

  expect(await send(page, { remainingMs: 5_000 })).toMatchObject({ status: 503, code: 'busy' });
  expect(stateOf((await tenancy.tenants.find(t1)) ?? { id: t1, name: '', createdAt: 0 })).toBe('importing');

  expect(await send(page)).toMatchObject({ status: 200, state: 'live' });
});

describe('a page is refused whole, with its bad lines,', () => {
  const owned = (item: object, table = 'tenants') => JSON.stringify({ table, item });
  const withLine = (line: string) => (page: readonly string[]) => [
    ...page.slice(0, -1),
    line,
    JSON.stringify({ items: page.length - 1, follows: 'nothing' }),
  ];
  const digest = 'a'.repeat(64);

  test.each<readonly [string, (page: readonly string[]) => readonly string[], string]>([
    ['of another tenant', (page) => page.map((line) => line.replaceAll('t1', 't10')), '/1'],
    ['with an item of another tenant', withLine(owned(anItem('T#t10#07', 'x'), 'entries')), lastLine],
    ['with an item whose id only begins alike', withLine(owned(anItem('T#t1x', 'x'), 'entries')), lastLine],
    ['with a Cyrillic letter in its key', withLine(owned(anItem('Т#t1#07', 'x'), 'entries')), lastLine],
    ['with a full-width digit in its key', withLine(owned(anItem('T#t１#07', 'x'), 'entries')), lastLine],
    ['with a capital in its key', withLine(owned(anItem('T#T1#07', 'x'), 'entries')), lastLine],
    ['with an item of the provider', withLine(owned(anItem('T#_provider', 'TENANT#t1'))), lastLine],
    [
      'with a line of the provider’s list of another tenant',
      withLine(owned(anItem('T#_provider', 'BATCH#t10'))),
      lastLine,
    ],
    ['with the list in another table', withLine(owned(anItem('T#_provider', 'BATCH#t1'), 'journal')), lastLine],
    ['with a server’s cell', withLine(owned(anItem('SERVER#a:443', 'CELL'))), lastLine],
    ['with a login of another tenant', withLine(owned(aLogin('t10', 'x'))), lastLine],
    ['with a login of the provider’s role', withLine(owned(aLogin('t1', 'x', { role: { S: 'provider' } }))), lastLine],
    ['with a login of no tenant', withLine(owned(aLogin('_provider', 'x', { role: { S: 'provider' } }))), lastLine],
    ['with a login in another table', withLine(owned(aLogin('t1', 'x'), 'journal')), lastLine],
    ['with a login of no kind', withLine(owned(aLogin('t1', 'x', { kind: { S: 'certificate' } }))), lastLine],
    [
      'with a login that is no digest',
      withLine(owned(anItem('CREDENTIAL#x', 'CREDENTIAL', { tenant: { S: 't1' } }))),
      lastLine,
    ],
    [
      'with a login’s other sort key',
      withLine(owned(anItem(`CREDENTIAL#${digest}`, 'X', { tenant: { S: 't1' } }))),
      lastLine,
    ],
    [
      'with a credential of the provider’s role',
      withLine(owned(anItem('T#t1', 'CREDENTIAL#x', { role: { S: 'provider' } }))),
      lastLine,
    ],
    ['with how it is with the tenant', withLine(owned(anItem('T#t1', 'TENANT'))), lastLine],
    ['with what it has used up', withLine(owned(anItem('T#t1#USAGE', 'POSTS'), 'journal')), lastLine],
    ...['GRANTED#1772366400', 'PACE', 'SENT#request-1-0'].map(
      (sort) =>
        [
          `with how its threat logs are on their way, ${sort}`,
          withLine(owned(anItem('T#t1#THREATLOGS', sort), 'journal')),
          lastLine,
        ] as const,
    ),
    ...[
      { user: { S: 't10-abcd0123' } },
      { user: { S: 't1-0-abcd0123' } },
      { user: { S: 'admin' } },
      { kind: { S: 'token' } },
      { id: { S: 'other' } },
      { secrets: { L: [{ M: { digest: { S: 'x' }, createdAt: { N: '1' } } }] } },
      { secrets: { S: 'x' } },
      { createdAt: { S: 'x' } },
    ].map(
      (more) =>
        [
          `with a credential that says ${JSON.stringify(more)}`,
          withLine(owned(aCredential('t1', 'x', more))),
          lastLine,
        ] as const,
    ),
    [
      'with a login that does not say whose',
      withLine(owned(aLogin('t1', 'x', { credentialId: { N: '1' } }))),
      lastLine,
    ],
    ['with an API key of no user', withLine(owned(aKey('t1', 'x', { user: { S: 't10-abcd0123' } }))), lastLine],
    ...['postsPerMinute', 'openQuestions', 'entries'].map(
      (name) =>
        [
          `that sets ${name} beyond what can be set`,
          (page: readonly string[]) =>
            page.map((line) => line.replace('"createdAt":"2', `"limits":{"${name}":1000000000},"createdAt":"2`)),
          '/1',
        ] as const,
    ),
    ['with a table that is none', withLine(owned(anItem('T#t1', 'x'), 'users')), lastLine],
    ['with a number for a key', withLine(owned({ pk: { S: 'T#t1' }, sk: { N: '1' } })), lastLine],
    ['without a key', withLine(owned({ pk: { S: 'T#t1' } })), lastLine],
    ['with an empty key', withLine(owned(anItem('T#t1', ''))), lastLine],
    ['with an attribute of no type', withLine(owned(anItem('T#t1', 'x', { a: { X: '1' } as never }))), lastLine],
    [
      'with an attribute of two types',
      withLine(owned(anItem('T#t1', 'x', { a: { S: '1', N: '1' } as never }))),
      lastLine,
    ],
    ['with a number that is none', withLine(owned(anItem('T#t1', 'x', { a: { N: 'NaN' } }))), lastLine],
    ...['1e126', '-1e200', '1e-131', '0.1e-130', `1${'0'.repeat(37)}e100`, `${'1'.repeat(38)}.5`].map(
      (N) => [`with the number ${N}`, withLine(owned(anItem('T#t1', 'x', { a: { N } }))), lastLine] as const,
    ),
    [
      'with half a character',
      withLine('{"table":"tenants","item":{"pk":{"S":"T#t1"},"sk":{"S":"\\ud800"}}}'),
      lastLine,
    ],
    ['with bytes that are no base64', withLine(owned(anItem('T#t1', 'x', { a: { B: '?' } }))), lastLine],
    [
      'with an item that DynamoDB has no room for',
      withLine(owned(anItem('T#t1', 'x', { a: { S: 'x'.repeat(410_000) } }))),
      lastLine,
    ],
    [
      'with a word more in a line',
      withLine(JSON.stringify({ table: 'tenants', item: anItem('T#t1', 'x'), by: 'me' })),
      lastLine,
    ],
    ['with an empty line', withLine(''), lastLine],
    ['with half a line', withLine('{"table":"tenants","item":{"pk":{"S":"T#'), lastLine],
    ['that was cut off after a line', (page) => page.slice(0, -1), `/${carried + 1}`],
    ['without its first line', (page) => page.slice(1), '/1'],
    ['with lines lost', (page) => [...page.slice(0, 3), ...page.slice(4)], `/${carried + 1}`],
    ['with two pages in it', (page) => [...page, ...page], lastLine],
    ['of another format', (page) => page.map((line) => line.replace('tenant-1"', 'tenant-9"')), '/1'],
    ['of nothing', () => [], '/1'],
  ])('%s', async (_, edited, pointer) => {
    const [page = ''] = await exported();
    await wipe();
    const before = await items.keys();

    const told = await send(`${edited(lines(page)).join('\n')}\n`);

    expect(told).toMatchObject({ status: 400, code: 'import-invalid' });
    expect(told.violations?.map((each) => each.pointer)).toContain(pointer);
    expect(await items.keys()).toEqual(before);
    expect(stateOf((await tenancy.tenants.find(t1)) ?? { id: t1, name: '', createdAt: 0 })).toBe('erased');
  });

  test('that is not UTF-8, or has too many bytes', async () => {
    await wipe();

    expect(await send(Buffer.from([0xff, 0x0a]))).toMatchObject({ status: 400, code: 'import-invalid' });
    expect(await send(Buffer.alloc(mostImportBytes + 1, 0x20))).toMatchObject({ status: 413, code: 'body-too-large' });
  });

  test('and no secret or foreign text of it is repeated', async () => {
    const [page = ''] = await exported();
    const { text } = await call('POST /v1/tenants/{tenant}/import', { tenant: 'other', body: page });

    expect(text).not.toContain('SENDER#a');
  });
});

test.each([
  'x',
  Buffer.from('{"at":{"section":"users"}}').toString('base64url'),
  Buffer.from('null').toString('base64url'),
  ...[
    { pk: '', sk: 'x' },
    { pk: 'T#t10', sk: '' },
    { pk: 'x'.repeat(2_049), sk: 'x' },
  ].map((after) =>
    Buffer.from(JSON.stringify({ exportId: 'e', exportedAt: 1, page: 2, at: { section: 'journal', after } })).toString(
      'base64url',
    ),
  ),
])('the cursor %s is refused', async (cursor) => {
  const { status, text } = await call('GET /v1/tenants/{tenant}/export', { cursor });

  expect({ status, code: (JSON.parse(text) as { code: string }).code }).toEqual({
    status: 400,
    code: 'cursor-invalid',
  });
});

test('an item that has no room beside the others is on the next page, and none is lost between them', async () => {
  for (let number = 0; number < 12; number += 1) {
    await items.put('journal', anItem(`T#t1#EVENTS#${number}`, 'x', { text: { S: '"'.repeat(150_000) } }));
  }
  const pages = await exported();

  expect(pages.length).toBeGreaterThan(1);
  expect(Math.max(...pages.map((page) => Buffer.byteLength(JSON.stringify(page))))).toBeLessThan(6_000_000);
  await wipe();
  for (const page of pages) expect(await send(page)).toMatchObject({ status: 200, kept: 0, same: 0 });
  expect((await items.keys()).filter((key) => key.includes('T#t1#EVENTS#'))).toHaveLength(13);
});
