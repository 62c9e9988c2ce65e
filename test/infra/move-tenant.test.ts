/** The file that a tenant is exported into and imported from. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportToFile, importFromFile } from '../../infra/move-tenant.ts';
import type { Api } from '../../infra/tenant-api.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-move-'));
  file = join(folder, 'tenant.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const page = (tenant: string, text: string, follows: string) =>
  [{ tenant }, { table: 'journal', item: { text } }, { items: 1, follows }]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');

/** Takes every page, and gives those of a tenant. */
function fakeApi(pages: Readonly<Record<string, readonly string[]>> = {}) {
  const sent: [string, unknown][] = [];
  const api: Api = async (request, body) => {
    if (body !== undefined) sent.push([request, body]);
    const [, tenant = '', cursor = '0'] = /tenants\/([^/]+)\/export(?:\?cursor=(\d+))?$/.exec(request) ?? [];
    const next = Number(cursor) + 1;
    const isMore = pages[tenant]?.[next] !== undefined;
    const headers = new Headers(isMore ? { link: `</v1/tenants/${tenant}/export?cursor=${next}>; rel="next"` } : {});
    const told = { state: 'live', items: 1, added: 1, same: 0, kept: 0, secrets: 'openable' };
    return Promise.resolve({ status: 200, headers, body: body === undefined ? pages[tenant]?.[Number(cursor)] : told });
  };
  return { api, sent };
}

test('what is sent is what was exported, whatever ends a line elsewhere stands in it', async () => {
  const odd = 'a\u2028b\u2029c\u0085d\u000be';
  const pages = {
    acme: [page('acme', odd, 'another'), page('acme', `${odd}\r\n`.repeat(40_000), 'nothing')],
    globex: [page('globex', odd, 'nothing')],
  };
  const { api, sent } = fakeApi(pages);

  for (const tenant of ['acme', 'globex']) {
    await exportToFile(api, tenant, file);
    await importFromFile(api, tenant, file);
  }

  expect(sent.map(([request]) => request.split('/')[3])).toEqual(['acme', 'acme', 'globex']);
  expect(sent.map(([, body]) => body)).toEqual([...pages.acme, ...pages.globex]);
});

test('only its owner reads the file, also where others could read the one that was there', async () => {
  writeFileSync(file, 'older');
  chmodSync(file, 0o644);
  const pages = [page('acme', 'x', 'nothing')];

  await exportToFile(fakeApi({ acme: pages }).api, 'acme', file);

  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toBe(pages.join(''));
});
