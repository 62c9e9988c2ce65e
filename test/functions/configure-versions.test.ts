import { aFullConfiguration } from '../support/configurations.ts';
import { configureDoors, versionRoute, versionsRoute } from '../support/configure-doors.ts';

let { send, call } = configureDoors();
beforeEach(() => {
  ({ send, call } = configureDoors());
});

const list = async (query: Record<string, string> = {}, tenant = 'acme') =>
  (await send(`GET ${versionsRoute}`, { query, tenant })).body as {
    items: { number: number }[];
    next: string | null;
  };

test('are listed newest first, with who made them, when and why', async () => {
  const first = await call('PUT', { body: { networks: ['10.0.0.0/8'] }, query: { message: 'the lab' } });
  const second = await call('PUT', { body: {} });

  const told = { changedAt: '2026-03-01T12:00:00.000Z', credential: { id: 'credential-1', name: 'first' }, restored: null }; // prettier-ignore
  expect(await list()).toEqual({
    items: [
      { number: 2, version: second.etag.slice(1, -1), message: null, ...told },
      { number: 1, version: first.etag.slice(1, -1), message: 'the lab', ...told },
    ],
    next: null,
  });
  expect(await list({}, 'globex')).toEqual({ items: [], next: null });
});

test('come page by page', async () => {
  for (let count = 0; count < 5; count += 1) await call('PUT', { body: {} });
  const pages: number[][] = [];
  let next: string | null | undefined;
  while (next !== null) {
    const page = await list({ limit: '2', ...(next !== undefined && { cursor: next }) });
    pages.push(page.items.map(({ number }) => number));
    next = page.next;
  }

  expect(pages).toEqual([[5, 4], [3, 2], [1]]);
  expect((await send(`GET ${versionsRoute}`, { query: { cursor: 'x' } })).body.code).toBe('cursor-invalid');
});

test('are shown as they were, by number or ETag', async () => {
  const first = await call('PUT', { body: aFullConfiguration });
  await call('PUT', { body: {} });

  for (const version of [1, first.etag.slice(1, -1)])
    expect(await send(`GET ${versionRoute}`, { version })).toEqual(first);
});

test.each([
  ['GET', versionRoute, 7],
  ['GET', versionRoute, 'latest'],
  ['GET', `${versionRoute}/diff`, 7],
  ['POST', `${versionRoute}/restore`, 7],
] as const)('%s %s answers 404 for version %s, which is not there', async (method, route, version) => {
  await call('PUT', { body: {} });

  expect(await send(`${method} ${route}`, { version })).toMatchObject({
    status: 404,
    body: { code: 'version-absent' },
  });
  expect(await send(`${method} ${route}`, { version: 1, tenant: 'globex' })).toMatchObject({ status: 404 });
});

test('are told apart, against the one before or any other, the defaults included', async () => {
  await call('PUT', { body: { networks: ['10.0.0.0/8'] } });
  await call('PUT', { body: { networks: ['10.0.0.0/8'], defaultPolicy: 'reject' } });
  await call('PUT', { body: { networks: [], defaultPolicy: 'reject' } });
  const diff = async (version: number, query: Record<string, string> = {}) =>
    (await send(`GET ${versionRoute}/diff`, { version, query })).body;
  const added = { change: 'added', pointer: '/networks/0', after: '10.0.0.0/8' };
  const removed = { change: 'removed', pointer: '/networks/0', before: '10.0.0.0/8' };
  const changed = { change: 'changed', pointer: '/defaultPolicy', before: 'deny', after: 'reject' };

  expect(await diff(1)).toEqual({ version: 1, against: null, items: [added], next: null });
  expect(await diff(2)).toEqual({ version: 2, against: 1, items: [changed], next: null });
  expect(await diff(3, { against: '1' })).toMatchObject({ against: 1, items: [changed, removed] });
  expect(await diff(1, { against: '3' })).toMatchObject({ against: 3, items: [{ change: 'changed', before: 'reject', after: 'deny' }, added] }); // prettier-ignore
  expect(await diff(3, { against: 'none' })).toMatchObject({ against: null, items: [changed] });
  expect(await diff(3, { against: '9' })).toMatchObject({ code: 'version-absent' });
  const first = await diff(3, { against: '1', limit: '1' });
  expect(first.items).toEqual([changed]);
  expect(await diff(3, { against: '1', limit: '1', cursor: String(first.next) })).toMatchObject({ items: [removed], next: null }); // prettier-ignore
});

test('are restored as new ones, over the one that was read', async () => {
  const first = await call('PUT', { body: aFullConfiguration });
  const second = await call('PUT', { body: {} });
  const restore = async (told: Parameters<typeof send>[1]) =>
    send(`POST ${versionRoute}/restore`, { version: 1, ...told });

  expect(await restore({ ifMatch: first.etag })).toMatchObject({ status: 412, body: { code: 'version-changed' } });
  const restored = await restore({ ifMatch: second.etag, query: { message: 'as it was' } });

  expect(restored).toMatchObject({ status: 200, body: first.body });
  expect(await call('GET')).toEqual(restored);
  expect((await list()).items[0]).toMatchObject({ number: 3, restored: 1, message: 'as it was' });
});

test.each([
  ['of 200 characters', 'x'.repeat(200), 200],
  ['that is empty', '', 200],
  ['of 201 characters', 'x'.repeat(201), 400],
  ['on two lines', 'a\nb', 400],
])('a message %s answers', async (_, message, status) => {
  expect((await call('PUT', { body: {}, query: { message } })).status).toBe(status);
  expect((await list()).items).toHaveLength(status === 200 ? 1 : 0);
});
