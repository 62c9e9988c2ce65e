/** The API of tenants and credentials, as a provider's tools call it. */
import type { Role } from '../shared/contract.ts';

/** A credential as the API tells of it; `password` or `token` stand in the one answer that makes them. */
export interface ToldCredential {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly kind: 'basic' | 'token';
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly secrets: readonly { readonly fingerprint: string; readonly createdAt: string }[];
  readonly takesEffect?: string;
}

export interface ToldTenant {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly limits: { readonly postsPerMinute: number; readonly openQuestions: number; readonly entries: number };
  readonly state: string;
  readonly erasure?: { readonly erasedAt: string | null; readonly removed: Readonly<Record<string, number>> };
}

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Calls the API with a token. Throws only where nothing answers: whoever asks decides what a status means. Text is sent as it is. */
export type Api = (
  request: `${string} /${string}`,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Told>;

export const apiAt =
  (url: string, authorization: string): Api =>
  async (request, body, headers = {}) => {
    const [method = '', path = ''] = request.split(' ');
    const answer = await reach(url, path, {
      method,
      headers: { Authorization: authorization, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    const isLines = answer.headers.get('content-type') === 'application/x-ndjson';
    return {
      status: answer.status,
      headers: answer.headers,
      body: isLines ? text : JSON.parse(text === '' ? '{}' : text),
    };
  };

async function reach(url: string, path: string, request: RequestInit): Promise<Response> {
  const address = url.replace(/\/$/, '') + path;
  try {
    return await fetch(address, request);
  } catch (cause) {
    throw new Error(`Nothing answers at ${address}. Is the service running, and is this its address?`, { cause });
  }
}

/** What was asked for. Throws with what the API says is wrong. */
export async function wanted<Body>(answer: Promise<Told>): Promise<Body> {
  const { status, body } = await answer;
  if (status < 300) return body as Body;
  const { code = 'unauthorized', detail = '' } = body as { code?: string; detail?: string };
  throw new Error(`${status} ${code}: ${detail}`);
}

/** All of a list, page after page. */
export async function all<Item>(api: Api, path: `/${string}`): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor = '';
  do {
    const page = await wanted<{ items: Item[]; next: string | null }>(api(`GET ${path}?limit=1000${cursor}`));
    items.push(...page.items);
    cursor = page.next === null ? '' : `&cursor=${page.next}`;
  } while (cursor !== '');
  return items;
}

export const bearer = (token: string): string => `Bearer ${token}`;
export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
