/** What a tenant owns, fetched into a file and sent from one, page by page. */
import { appendFileSync, closeSync, createReadStream, fchmodSync, openSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type Api, type Told, wanted } from './tenant-api.ts';

const attempts = 6;

/** Once more where the service says that it is busy: a page that is repeated is the same. */
export async function patiently(ask: () => Promise<Told>): Promise<Told> {
  for (let attempt = 1; ; attempt += 1) {
    const told = await ask();
    if ((told.status !== 503 && !isInProgress(told)) || attempt === attempts) return told;
    await wait(1_000 * Number(told.headers.get('retry-after') ?? 1));
  }
}

/** The request that was asked with the same key, by somebody who has ended since, is being answered. */
const isInProgress = ({ body }: Told) => (body as { code?: string } | null)?.code === 'request-in-progress';

/** Hands over page after page. Throws with what the API says is wrong. */
export async function exportTenant(api: Api, tenant: string, take: (page: string) => void): Promise<number> {
  let path: string | undefined = `/v1/tenants/${encodeURIComponent(tenant)}/export`;
  let pages = 0;
  while (path !== undefined) {
    const request = `GET ${path}` as `GET /${string}`;
    const told = await patiently(async () => api(request));
    take(await wanted<string>(Promise.resolve(told)));
    pages += 1;
    path = /^<([^>]+)>; rel="next"$/.exec(told.headers.get('link') ?? '')?.[1];
  }
  return pages;
}

/** Into a file that only its owner reads. */
export async function exportToFile(api: Api, tenant: string, file: string): Promise<number> {
  const descriptor = openSync(file, 'w', 0o600);
  try {
    fchmodSync(descriptor, 0o600); // one that was there keeps its mode otherwise
    return await exportTenant(api, tenant, (page) => appendFileSync(descriptor, page));
  } finally {
    closeSync(descriptor);
  }
}

interface Sent {
  readonly state: string;
  readonly items: number;
  readonly added: number;
  readonly same: number;
  readonly kept: number;
  readonly secrets: string;
}

export interface ImportedFile extends Sent {
  readonly pages: number;
}

/** Throws before anything is sent where the file is not whole, and with what the API says is wrong. */
export async function importFromFile(api: Api, tenant: string, file: string): Promise<ImportedFile> {
  let end = 'another';
  for await (const { follows } of pagesIn(file)) end = follows;
  if (end !== 'nothing') throw new Error(`${file} is not a whole export: its last page is missing. Export the tenant again.`); // prettier-ignore
  let all: ImportedFile = { state: '', pages: 0, items: 0, added: 0, same: 0, kept: 0, secrets: 'openable' };
  for await (const { text } of pagesIn(file)) {
    const request = `POST /v1/tenants/${encodeURIComponent(tenant)}/import` as const;
    const sent = await wanted<Sent>(patiently(async () => api(request, text)));
    all = {
      state: sent.state,
      secrets: sent.secrets,
      pages: all.pages + 1,
      items: all.items + sent.items,
      added: all.added + sent.added,
      same: all.same + sent.same,
      kept: all.kept + sent.kept,
    };
  }
  return all;
}

/** A page ends with the line that says what follows. */
async function* pagesIn(file: string) {
  let lines: string[] = [];
  for await (const line of linesIn(file)) {
    lines.push(line);
    const [, follows] = /^\{"items":\d+,"follows":"(another|nothing)"\}$/.exec(line) ?? [];
    if (follows === undefined) continue;
    yield { text: `${lines.join('\n')}\n`, follows };
    lines = [];
  }
  if (lines.length > 0) yield { text: lines.join('\n'), follows: 'another' };
}

/** Lines end with a line feed alone: what Node's `readline` takes for an end too may stand within a value. */
async function* linesIn(file: string) {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = `${rest}${chunk as string}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.replace(/\r$/, '');
  }
  if (rest !== '') yield rest;
}
