/**
 * Polls, pushes, clears and what connectors are told for them, while tables, queues and the systems behind connectors
 * fail and workers are ended in the middle: in the end each system holds exactly whom the rules say.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Role } from '../../shared/contract.ts';
import { seededChance } from '../simulators/behaviour.ts';
import { expectedAfter, type Phase, plannedPhases } from './connector-plan.ts';
import { type ConnectorSystems, type Held, startConnectorSystems } from './connector-systems.ts';
import { dynamodbFaults, seededFates, sqsFaults } from './fates.ts';
import type { Exchange, Fate } from './fault-proxy.ts';
import type { UnderFaults } from './harness.ts';
import { type Tenant, tenants } from './load.ts';
import { answered, inParallel } from './senders.ts';

export interface ConnectorRun {
  readonly hosts: number;
  readonly acts: number;
  /** Attempts that were not answered 200. */
  readonly repeated: number;
  readonly killed: number;
  /** How often the systems behind connectors were asked. */
  readonly provoked: Readonly<Record<string, number>>;
  /** Hosts that are held otherwise than the rules say. */
  readonly wrong: readonly { readonly tenant: Tenant; readonly ip: string; readonly expected: Held; readonly found: Held; readonly told: readonly string[] }[]; // prettier-ignore
  /** Operations that are not over although all has been well for hours. */
  readonly unsettled: readonly string[];
  /** Holds that were acknowledged and then found missing: nobody but us has taken any away. */
  readonly drifted: readonly string[];
  readonly seconds: number;
}

const hostsOfType = 6;
const minuteMs = 60_000;
/** Longer than the longest wait before anything is sent again, and than polls are apart. */
const turnMs = 6 * minuteMs;
const mostTurns = 40;
/** Of a thousand requests to tables: at this one a worker is ended, before the engine has it or once it is done. */
const killsPerThousand = 8;
const workers = ['ActOnHosts', 'WakeConnectors', 'QueryClearPass'] as const;
const killed = [...workers, 'ManageHosts'] as const;

interface Site extends ConnectorSystems {
  readonly tenant: Tenant;
  readonly phases: readonly Phase[];
}

export async function connectorRun(service: UnderFaults, seed: number, phases: number): Promise<ConnectorRun> {
  const startedAt = performance.now();
  const counts = { acts: 0, repeated: 0, killed: 0 };
  const sites: Site[] = [];
  let passing: Promise<void> | undefined;
  try {
    for (const [at, tenant] of tenants.entries()) {
      const systems = await startConnectorSystems(hostsOfType, seed * 100 + at * 10);
      const ips = systems.hosts.map(({ ip }) => ip);
      const site = { ...systems, tenant, phases: plannedPhases(seed * 10 + at, ips, phases) };
      sites.push(site);
      await setUp(site);
    }

    const provoked = provoke();
    for (const site of sites) site.behave({ errorRate: 0.1, resetRate: 0.05, lostAnswerRate: 0.1, jitterMs: 30 });
    for (let phase = 0; phase < phases; phase += 1) await Promise.all(sites.map(async (site) => through(site, phase)));
    service.relent();
    for (const site of sites) site.behave({});
    const unsettled = await settled();

    const all = await operations();
    const wrong = sites.flatMap(({ tenant, hosts, holds, phases: planned }) => {
      const expected = expectedAfter(planned);
      return hosts.flatMap((host) => {
        const [is, found] = [expected.get(host.ip) ?? 'free', holds(host)];
        if (is === found) return [];
        const told = all.filter((each) => each.tenant === tenant && each.ip === host.ip).map(named);
        return [{ tenant, ip: host.ip, expected: is, found, told }];
      });
    });
    const drifted = all.filter(({ why }) => why === 'drift').map(named);
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    const hosts = sites.reduce((sum, site) => sum + site.hosts.length, 0);
    return { hosts, ...counts, provoked: Object.fromEntries(provoked), wrong, unsettled, drifted, seconds };
  } finally {
    service.relent();
    await Promise.all(sites.map(async (site) => site.stop()));
  }

  async function setUp({ tenant, settings, hosts }: Site) {
    const { status, body } = await asked(tenant, 'operator', 'PUT /v1/configuration', { threatResponse: settings });
    if (status !== 200) throw new Error(`The configuration is answered ${status}: ${JSON.stringify(body)}`);
    for (const { ip, mac } of hosts) await asked(tenant, 'operator', `PUT /v1/endpoints/${mac}`, { ip });
  }

  /** By the seed; and now and then a worker ends. */
  function provoke(): ReadonlyMap<string, number> {
    const provoked = new Map<string, number>();
    const fateOf = seededFates(dynamodbFaults, seed, provoked);
    service.proxies.dynamodb.decide((exchange) => killing(exchange, fateOf(exchange)));
    service.proxies.sqs.decide(seededFates(sqsFaults(), seed, provoked));
    return provoked;
  }

  function killing({ number }: Exchange, fate: Fate): Fate {
    const chance = seededChance(seed * 7_907 + number);
    chance();
    if (chance() * 1_000 >= killsPerThousand) return fate;
    const [name, when] = [killed[Math.floor(chance() * killed.length)], chance() < 0.5 ? 'before' : 'after'];
    const kill = async () => {
      if ((await service.runtime.killOneWorker(name)) === 'killed') counts.killed += 1;
    };
    return async (exchange) => {
      if (when === 'before') await kill();
      const done = await exchange.forward();
      if (when === 'after') await kill();
      exchange.answer(done);
    };
  }

  async function through(site: Site, phase: number): Promise<void> {
    const { listed, together, pushes, cleared } = site.phases[phase] ?? { listed: {}, together: {}, pushes: [], cleared: [] }; // prettier-ignore
    const push = async (hosts: Readonly<Record<string, number>>) =>
      acted(site.tenant, 'threat-sender', 'POST /v1/infected-hosts', { hosts: Object.entries(hosts).map(([ip, level]) => ({ ip, level })) }); // prettier-ignore
    site.cloud.list(listed);
    const pushAll = async () => {
      if (Object.keys(together).length > 0) await push(together);
      const ofHosts = [...Map.groupBy(pushes, ({ ip }) => ip).values()];
      await inParallel(ofHosts, 4, async (all) => {
        for (const { ip, level } of all) await push({ [ip]: level });
      });
    };
    await Promise.all([polled(site, Object.keys(listed)), pushAll()]);
    await inParallel(cleared, 4, async (ip) => {
      await acted(site.tenant, 'operator', `PUT /v1/infected-hosts/${ip}`, { investigation: 'resolved-fixed' });
    });
  }

  /** Repeated until it is done. Who clears a host that is none any more is told so. */
  async function acted(tenant: Tenant, role: Role, request: `${string} /${string}`, body: object): Promise<void> {
    const before = counts.repeated;
    const { status } = await asked(tenant, role, request, body);
    if (status !== 200 && status !== 404) throw new Error(`${request} is answered ${status} (after ${counts.repeated - before}).`); // prettier-ignore
    counts.acts += 1;
  }

  async function asked(tenant: Tenant, role: Role, request: `${string} /${string}`, body?: object) {
    const told = await answered(service, [tenant, role], request, body && JSON.stringify(body));
    counts.repeated += told.before;
    return told;
  }

  /** Polls, until what the feed lists is listed here, and whatever it has lost is gone. */
  async function polled({ tenant }: Site, listed: readonly string[]): Promise<void> {
    for (let turn = 0; turn < mostTurns; turn += 1) {
      await later();
      const { body } = await asked(tenant, 'operator', 'GET /v1/infected-hosts?feed=atp-cloud&limit=1000');
      const found = (body.items as readonly { readonly ip: string }[]).map(({ ip }) => ip);
      if (found.toSorted().join() === listed.toSorted().join()) return;
    }
    throw new Error(`After ${mostTurns} polls ${tenant} has not what the feed lists.`);
  }

  /** Whoever waits for it waits for the same one. */
  async function later(): Promise<void> {
    passing ??= pass().finally(() => (passing = undefined));
    return passing;
  }

  /** Only while nobody is at work: no worker lives as long as the clock is moved by. */
  async function pass() {
    await quiet();
    service.runtime.advanceClock(turnMs);
    await service.runtime.tick('EveryMinute');
    await quiet();
  }

  async function quiet() {
    for (
      let looks = 0;
      looks < 4;
      looks = workers.some((name) => service.runtime.busyWorkers(name) > 0) ? 0 : looks + 1
    ) {
      await wait(50);
    }
  }

  /** What is still not over when it should be by far. */
  async function settled(): Promise<readonly string[]> {
    for (let turn = 0; turn < mostTurns; turn += 1) {
      await later();
      const open = (await operations()).filter(({ state }) => isOpen(state));
      if (open.length === 0) break;
    }
    await later();
    return (await operations()).filter(({ state }) => isOpen(state)).map(named);
  }

  async function operations() {
    const all: Named[] = [];
    for (const tenant of tenants) {
      for (let cursor = ''; ;) {
        const { body } = await asked(tenant, 'operator', `GET /v1/operations?kind=connector&limit=1000${cursor}`);
        for (const each of body.items as Omit<Named, 'tenant'>[]) all.push({ ...each, tenant });
        if (body.next === null) break;
        cursor = `&cursor=${encodeURIComponent(body.next as string)}`;
      }
    }
    return all;
  }
}

interface Named {
  readonly tenant: Tenant;
  readonly ip: string;
  readonly connector: string;
  readonly state: string;
  readonly wanted: string;
  readonly why: string;
  readonly detail: string | null;
}

const isOpen = (state: string) => !['acknowledged', 'superseded', 'abandoned'].includes(state);

const named = ({ tenant, ip, connector, state, wanted, why, detail }: Named) =>
  `${tenant} ${ip} ${connector} ${wanted} ${state} ${why}: ${String(detail)}`;
