/** One run: posts of a seed are delivered while everything fails that may, and then all is compared with what must be. */
import { call } from '../end-to-end/service.ts';
import type { UnderFaults } from './harness.ts';
import { isOfSeed, plannedPosts, type Tenant, tenants } from './load.ts';
import { compare, expectedOf, observationsIn, standingIn, type Wrong } from './oracle.ts';
import { deliver, inParallel } from './senders.ts';

export interface FaultRun {
  readonly posts: number;
  readonly entries: number;
  /** Attempts that were answered 503 before the post was taken. */
  readonly repeated: number;
  readonly provoked: Readonly<Record<string, number>>;
  readonly addresses: number;
  readonly wrong: readonly Wrong[];
  /** Receipts that are neither to be read nor in the log. */
  readonly receiptsMissing: readonly string[];
  /** Receipts that could not be stored, and stand in the log. */
  readonly receiptsLogged: number;
  readonly seconds: number;
}

const atOnce = 12;

export async function faultRun(service: UnderFaults, seed: number, posts: number): Promise<FaultRun> {
  const startedAt = performance.now();
  const { url, senders } = service;
  const now = Date.now();
  const planned = plannedPosts({ seed, posts, senders: senders.acme.length, addresses: 400, now });

  const provoked = service.provoke(seed);
  let repeated = 0;
  const receipts: string[] = [];
  await inParallel(planned, atOnce, async (post) => {
    const { receipt, before } = await deliver(url, senders[post.tenant][post.sender] ?? '', post.body);
    repeated += before.length;
    receipts.push(receipt);
  });
  service.relent();

  let [entries, addresses] = [0, 0];
  const wrong: Wrong[] = [];
  for (const tenant of tenants) {
    const bodies = planned.filter((post) => post.tenant === tenant).map(({ body }) => body);
    const observations = observationsIn(bodies, now);
    const expected = expectedOf(observations);
    const found = await standingIn(url, service.as('operator', tenant), (ip) => isOfSeed(ip, seed));
    entries += observations.length;
    addresses += new Set(observations.map(({ ip }) => ip)).size;
    wrong.push(...compare(expected, found));
  }

  const logged = service.lines.filter((line) => line.includes('receipt-lost')).join('\n');
  const kept = new Set<string>();
  for (const tenant of tenants) for (const id of await receiptsOf(service, tenant, now)) kept.add(id);
  const unread = receipts.filter((receipt) => !kept.has(receipt));
  return {
    posts,
    entries,
    repeated,
    provoked: Object.fromEntries(provoked),
    addresses,
    wrong,
    receiptsMissing: unread.filter((receipt) => !logged.includes(receipt)),
    receiptsLogged: unread.filter((receipt) => logged.includes(receipt)).length,
    seconds: Math.round((performance.now() - startedAt) / 1_000),
  };
}

/** The ids of all receipts that a tenant has since then (epoch milliseconds). */
async function receiptsOf(service: UnderFaults, tenant: Tenant, since: number): Promise<readonly string[]> {
  const path = `/v1/receipts?limit=1000&from=${new Date(since - 1_000).toISOString()}` as const;
  const ids: string[] = [];
  for (let cursor = ''; ;) {
    const { status, body } = await call(service.url, `GET ${path}${cursor}`, service.as('operator', tenant));
    if (status !== 200) throw new Error(`The list of receipts is answered ${status}.`);
    ids.push(...(body.items as { id: string }[]).map(({ id }) => id));
    if (body.next === null) return ids;
    cursor = `&cursor=${encodeURIComponent(body.next as string)}`;
  }
}
