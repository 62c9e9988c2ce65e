/** `npm run tenant -- export`, `erase` and `import`, with files, at the very doors of the service. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { doors as manageDoors } from '../../functions/manage-tenants/handler.ts';
import { doors as moveDoors } from '../../functions/move-tenants/handler.ts';
import { tenantCommand } from '../../infra/tenant.ts';
import { http } from '../../shared/edge/http.ts';
import { onceByKey } from '../../shared/edge/once.ts';
import { fakeAttemptStore } from '../support/fake-attempt-store.ts';
import { fakeOwnedItems, type OwnedItems } from '../support/fake-owned-items.ts';
import { fakeLoginCache, fakeTenancy } from '../support/fake-tenancy.ts';
import { noon } from '../support/observations.ts';
import { aCaller, aContext, anApiEvent } from '../support/requests.ts';
import { isKeptHereOfT1, itemsOf, keptHere, removeAll, t1, t10 } from '../tenancy/owned-items.contract.ts';

let folder: string;
let file: string;
let server: Server;
let tenancy: ReturnType<typeof fakeTenancy>;
let items: OwnedItems;
/** An export has so little time that a page holds little. */
const remainingMsOf = (act?: string) => (act === 'export' ? 5_000 : 29_000);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-move-'));
  file = join(folder, 'tenant.ndjson');
  [tenancy, items] = [fakeTenancy(), fakeOwnedItems()];
  for (const id of [t1, t10]) {
    await tenancy.tenants.create({ id, name: `The ${id}`, createdAt: noon }, []);
    for (const [table, item] of itemsOf(id)) await items.put(table, item);
  }
  const now = () => noon;
  const deps = {
    ...tenancy,
    loginCache: fakeLoginCache(),
    attempts: fakeAttemptStore(),
    items,
    secretsKey: 'key-1',
    now,
  };
  const manage = http(() => deps, manageDoors, { ...onceByKey, now });
  const move = http(() => deps, moveDoors, { now });
  server = createServer((request, answer) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://postern.example');
    const [, , , tenant = '', act] = pathname.split('/');
    const route = `${request.method ?? ''} /v1/tenants/{tenant}${act === undefined ? '' : `/${act}`}` as const;
    void textOf(request).then(async (body) => {
      const event = anApiEvent({
        route,
        caller: aCaller('provider', { tenant: '_provider' }),
        parameters: { tenant },
        query: Object.fromEntries([...searchParams].map(([name, value]) => [name, [value]])),
        ...(body !== '' && { body }),
      });
      const told = await (act === undefined ? manage : move)(event, aContext(remainingMsOf(act)));
      answer.writeHead(told.statusCode, { ...told.headers } as Record<string, string>).end(told.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(join(folder, 'sandbox.json'), JSON.stringify({ url, credentials: { provider: { token: 'token' } } }));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const tenant = async (...words: string[]) =>
  tenantCommand(words, { environment: {}, sandboxFile: join(folder, 'sandbox.json'), outputsFile: 'none' });

/** What the worker does after an order. */
async function erased() {
  await removeAll(items, t1);
  const erasure = (await tenancy.tenants.find(t1))?.erasure;
  if (erasure === undefined) throw new Error('Nobody ordered the erasure.');
  await tenancy.tenants.saveErasure(t1, { ...erasure, step: erasure.step + 1, erasedAt: noon });
}

test('a tenant is exported to a file, erased and imported from it, and those called almost alike keep all that they have', async () => {
  const many = itemsOf(t1).length - keptHere;
  const before = (await items.keys()).filter((key) => !isKeptHereOfT1(key)).sort();

  expect(await tenant('export', t1, '--to', file)).toContain(`lies in ${file}, on `);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain(t10);
  const printed = await tenant('export', t1);
  expect(await tenant('erase', t1, '--confirm', t1)).toContain(`Tenant ${t1}: erasing`);
  await erased();
  expect(await items.keys()).toHaveLength(before.length - many);
  const imported = await tenant('import', t1, file);
  const again = await tenant('import', t1, file);

  expect(imported).toContain(`Tenant ${t1}: live; ${many} items on `);
  expect(imported).toContain(` pages: ${many} added, 0 the same, 0 kept`);
  expect(again).toContain(` pages: 0 added, ${many} the same, 0 kept`);
  expect([...(await items.keys())].sort()).toEqual(before);
  const linesOf = (text: string) => text.split('\n').filter((line) => line.startsWith('{"table"'));
  expect(linesOf(await tenant('export', t1))).toEqual(linesOf(printed));
  expect(linesOf(readFileSync(file, 'utf8'))).toEqual(linesOf(printed));
});

test('nothing is erased without its name said twice, and nothing is sent of a file whose end is missing', async () => {
  await tenant('export', t1, '--to', file);
  await expect(tenant('erase', t1)).rejects.toThrow('confirm');
  await expect(tenant('erase', t1, '--confirm', t10)).rejects.toThrow('confirm');
  expect((await tenancy.tenants.find(t1))?.erasure).toBeUndefined();
  await expect(tenant('import', t1, file)).rejects.toThrow('tenant-exists');

  await tenant('erase', t1, '--confirm', t1);
  await erased();
  const beside = await items.keys();
  writeFileSync(file, readFileSync(file, 'utf8').trimEnd().split('\n').slice(0, -1).join('\n'));

  await expect(tenant('import', t1, file)).rejects.toThrow('not a whole export');
  expect(await items.keys()).toEqual(beside);
});
