/** Senders as they are in the field: one that is answered 503, or not at all, waits a little and sends the same again. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Role } from '../../shared/contract.ts';
import { basic, call } from '../end-to-end/service.ts';
import type { UnderFaults } from './harness.ts';
import type { Tenant } from './load.ts';

export interface Delivered {
  readonly receipt: string;
  /** What was answered before it was taken: 503, or 0 where nothing came. */
  readonly before: readonly number[];
}

const patience = 60;

/** Throws where it is answered anything but 200 and 503, and where it is never taken. */
export async function deliver(url: string, authorization: string, body: string): Promise<Delivered> {
  const before: number[] = [];
  while (before.length < patience) {
    const { status, retryAfter, receipt } = await postOnce(url, authorization, body);
    if (status === 200) return { receipt, before };
    if (status !== 503 && status !== 0) throw new Error(`A post is answered ${status}.`);
    if (status === 503 && !(Number(retryAfter) > 0)) throw new Error('A post is answered 503 without Retry-After.');
    before.push(status);
    await wait(20 * Math.min(before.length, 10)); // what Retry-After says, for somebody who has no time
  }
  throw new Error(`A post is not taken in ${patience} attempts: ${before.join(' ')}.`);
}

export interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown>;
  /** How often it was answered 503, or not at all, before. */
  readonly before: number;
}

/** As callers of the API do: whoever is answered 503, or not at all, asks again. No other fault of ours is ever told. */
export async function answered(
  service: UnderFaults,
  [tenant, role]: readonly [Tenant, Role],
  request: `${string} /${string}`,
  body?: string,
): Promise<Answered> {
  for (let before = 0; before < 2 * patience; before += 1) {
    const told = await call(service.url, request, service.as(role, tenant), body).catch(() => undefined);
    if (told && told.status < 500) return { status: told.status, body: told.body, before };
    if (told && told.status !== 503) throw new Error(`${request} is answered ${told.status}.`);
    await wait(50);
  }
  throw new Error(`${request} is answered 503, or not at all, again and again.`);
}

async function postOnce(url: string, authorization: string, body: string) {
  try {
    const { status, headers, body: told } = await call(url, 'POST /api/userfw/v1/post-entry', authorization, body);
    return { status, retryAfter: headers.get('retry-after'), receipt: String(told.receipt) };
  } catch {
    return { status: 0, retryAfter: null, receipt: '' };
  }
}

/** So many at once, each in its turn. */
export async function inParallel<Each>(
  all: readonly Each[],
  atOnce: number,
  act: (each: Each, index: number) => Promise<void>,
) {
  const left = all.entries();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [index, each] of left) await act(each, index);
    }),
  );
}

/** Credentials of so many new senders of a tenant. */
export async function issueSenders(url: string, provider: string, tenant: string, count: number) {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const wish = JSON.stringify({ role: 'web-api', name: `sender-${index}` });
      const { status, body } = await call(url, `POST /v1/tenants/${tenant}/credentials`, provider, wish);
      if (status >= 300) throw new Error(`No credential: ${status} ${JSON.stringify(body)}`);
      return basic(String(body.user), String(body.password));
    }),
  );
}
