/** Questions to a ClearPass while queue and tables fail: in the end each address has whom ClearPass knows there. */
import { setTimeout as wait } from 'node:timers/promises';
import type { ClearPass } from '../simulators/clearpass.ts';
import type { UnderFaults } from './harness.ts';
import { type Tenant, tenants } from './load.ts';
import { answered, inParallel } from './senders.ts';

export interface QuestionRun {
  readonly asked: number;
  /** How often somebody wanted to know again, as the question or its answer had been lost. */
  readonly passes: number;
  readonly provoked: Readonly<Record<string, number>>;
  /** Addresses at which another stands than ClearPass knows there, or nobody in the end, or a failure without a reason. */
  readonly wrong: readonly string[];
  /** Addresses that are still asked about although the time of their question is over. */
  readonly pendingForEver: readonly string[];
  readonly maxOpenSockets: number;
}

interface Place {
  readonly tenant: Tenant;
  readonly ip: string;
}

/** By then every mark that a lost question has left is over. */
const marksMs = 17 * 60_000;
/** A late message still asks, although its mark has ended: where that begins just after the clock went on, it may. */
const mostMoves = 3;
const mostPasses = 12;
/** Questions are asked until these have come: how few requests a pass takes is a matter of how busy the machine is. */
const ofQueues = ['refused', 'delivered again'] as const;
/** Another at each address, so that an answer that reaches the wrong one is seen. */
const userAt = (ip: string) => `user-of-${ip}`;
const places: Readonly<Record<Tenant, string>> = { acme: '10.230.0', globex: '10.231.0' };

export async function questionRun(
  service: UnderFaults,
  clearPass: ClearPass,
  seed: number,
  count: number,
): Promise<QuestionRun> {
  const all: readonly Place[] = tenants.flatMap((tenant) =>
    Array.from({ length: count }, (_, index) => ({ tenant, ip: `${places[tenant]}.${1 + index}` })),
  );
  for (const tenant of tenants) await haveAsked(service, clearPass, tenant);
  for (const { ip } of all) clearPass.setEndpoint(ip, { ip, user: userAt(ip), is_online: true });
  const standings = async (open: readonly Place[]) =>
    Promise.all(open.map(async (place) => ({ place, is: await standingAt(service, place) })));
  const wrong = new Set<string>();
  const pendingForEver = new Set<string>();

  const provoked = service.provoke(seed);
  let open = all;
  let passes = 0;
  const haveCome = () => ofQueues.every((fault) => provoked.has(fault));
  for (; (open.length > 0 || !haveCome()) && passes < mostPasses; passes += 1) {
    if (open.length === 0) open = all;
    await inParallel(open, 8, async ({ tenant, ip }) => {
      await answered(service, [tenant, 'operator'], 'POST /v1/queries', JSON.stringify({ ip }));
    });
    for (let look = 0; look < 20 && open.length > 0; look += 1) {
      await wait(200);
      const found = await standings(open);
      for (const { place, is } of found) if (is === 'failed for no reason') wrong.add(`${place.ip} ${is}`);
      open = found.filter(({ is }) => is !== 'valid').map(({ place }) => place);
    }
    let pending = open;
    for (let move = 0; move === 0 || (move < mostMoves && pending.length > 0); move += 1) {
      service.runtime.advanceClock(marksMs);
      pending = (await standings(pending)).filter(({ is }) => is === 'pending').map(({ place }) => place);
    }
    for (const { ip } of pending) pendingForEver.add(ip);
  }
  service.relent();

  for (const { place, is } of await standings(all)) if (is !== 'valid') wrong.add(`${place.ip} ${is}`);
  const { maxOpenSockets } = clearPass.statistics();
  return {
    asked: all.length,
    passes,
    provoked: Object.fromEntries(provoked),
    wrong: [...wrong],
    pendingForEver: [...pendingForEver],
    maxOpenSockets,
  };
}

async function haveAsked(service: UnderFaults, clearPass: ClearPass, tenant: Tenant) {
  const server = { name: 'cppm', ...clearPass.server, connectMethod: 'http' };
  const userQuery = { enabled: true, server, clientId: tenant, clientSecret: 'a secret', delayQueryTime: 0 };
  const document = JSON.stringify({ clearpass: { entryTimeout: 0, userQuery } });
  await answered(service, [tenant, 'operator'], 'PUT /v1/configuration', document);
}

interface Found {
  readonly state: string;
  readonly user: string | null;
  readonly reason: string | null;
}

/** How a question stands: answered rightly, failed with a reason, waited for, or something that must not be. */
async function standingAt(service: UnderFaults, { tenant, ip }: Place) {
  const { status, body } = await answered(service, [tenant, 'operator'], `GET /v1/entries/${ip}`);
  if (status !== 200) return 'nobody';
  const { state, user, reason } = body.entry as Found;
  if (state === 'valid') return user === userAt(ip) ? 'valid' : `of ${String(user)}`;
  if (state === 'invalid') return reason === null ? 'failed for no reason' : 'failed';
  return state;
}
