/** Questions to a ClearPass while queue and tables fail: in the end each address has whom ClearPass knows there. */
import { setTimeout as wait } from 'node:timers/promises';
import { call } from '../end-to-end/service.ts';
import type { ClearPass } from '../simulators/clearpass.ts';
import type { UnderFaults } from './harness.ts';
import { type Tenant, tenants } from './load.ts';
import { inParallel } from './senders.ts';

export interface QuestionRun {
  readonly asked: number;
  /** How often somebody wanted to know again, as the question or its answer had been lost. */
  readonly passes: number;
  readonly provoked: Readonly<Record<string, number>>;
  /** Addresses at which somebody else stands, or nobody. */
  readonly wrong: readonly string[];
  readonly maxOpenSockets: number;
}

/** By then every mark that a lost question has left is over. */
const marksMs = 17 * 60_000;
const mostPasses = 12;

export async function questionRun(
  service: UnderFaults,
  clearPass: ClearPass,
  seed: number,
  count: number,
): Promise<QuestionRun> {
  const addresses = tenants.flatMap((tenant) =>
    Array.from({ length: count }, (_, index) => ({ tenant, ip: `10.230.0.${1 + index}` })),
  );
  for (const tenant of tenants) await haveAsked(service, clearPass, tenant);
  for (const { ip } of addresses) clearPass.setEndpoint(ip, { ip, user: 'whoever', is_online: true });

  const provoked = service.provoke(seed);
  let open = addresses;
  let passes = 0;
  for (; open.length > 0 && passes < mostPasses; passes += 1) {
    await inParallel(open, 8, async ({ tenant, ip }) => {
      await answered(service, 'POST /v1/queries', tenant, JSON.stringify({ ip }));
    });
    for (let look = 0; look < 20 && open.length > 0; look += 1) {
      await wait(200);
      const found = await Promise.all(open.map(async ({ tenant, ip }) => userAt(service, tenant, ip)));
      open = open.filter((_, index) => found[index] === null);
    }
    service.runtime.advanceClock(marksMs);
  }
  service.relent();

  const stands = await Promise.all(addresses.map(async ({ tenant, ip }) => userAt(service, tenant, ip)));
  const wrong = addresses.filter((_, index) => stands[index] !== 'whoever').map(({ tenant, ip }) => `${tenant} ${ip}`);
  const { maxOpenSockets } = clearPass.statistics();
  return { asked: addresses.length, passes, provoked: Object.fromEntries(provoked), wrong, maxOpenSockets };
}

async function haveAsked(service: UnderFaults, clearPass: ClearPass, tenant: Tenant) {
  const server = { name: 'cppm', ...clearPass.server, connectMethod: 'http' };
  const userQuery = { enabled: true, server, clientId: tenant, clientSecret: 'a secret', delayQueryTime: 0 };
  const document = JSON.stringify({ clearpass: { entryTimeout: 0, userQuery } });
  await answered(service, 'PUT /v1/configuration', tenant, document);
}

async function userAt(service: UnderFaults, tenant: Tenant, ip: string): Promise<string | null> {
  const { status, body } = await answered(service, `GET /v1/entries/${ip}`, tenant);
  return status === 200 ? (body.entry as { user: string | null }).user : null;
}

/** Whoever is answered 503 asks again; no other fault of ours is ever told. */
async function answered(service: UnderFaults, request: `${string} /${string}`, tenant: Tenant, body?: string) {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const told = await call(service.url, request, service.as('operator', tenant), body);
    if (told.status < 500) return told;
    if (told.status !== 503) throw new Error(`${request} is answered ${told.status}.`);
    await wait(50);
  }
  throw new Error(`${request} is answered 503 again and again.`);
}
