/** Threat logs while tables, the queue and the receivers fail: in the end each that was accepted has arrived. */
import { setTimeout as wait } from 'node:timers/promises';
import { seededChance } from '../simulators/behaviour.ts';
import { startSyslogReceiver } from '../simulators/syslog-receiver.ts';
import { seededFates, dynamodbFaults, sqsFaults } from './fates.ts';
import { passed } from './fault-proxy.ts';
import type { UnderFaults } from './harness.ts';
import { type Tenant, tenants } from './load.ts';
import { answered, inParallel } from './senders.ts';

export interface LogRun {
  readonly lines: number;
  /** Requests that were answered 503, or not at all, before they were taken. */
  readonly repeated: number;
  readonly provoked: Readonly<Record<string, number>>;
  /** How often a receiver hung up in the middle of lines. */
  readonly hungUp: number;
  /** Lines that came more than once. */
  readonly cameAgain: number;
  readonly missing: readonly string[];
  /** Lines that reached another tenant's receiver, or came before an earlier one of their firewall had come. */
  readonly wrong: readonly string[];
  /** The most that any of the receivers had in a second. */
  readonly mostInASecond: number;
}

/** Of each tenant, in a second; what piles up while a receiver is left alone is more. */
export const rateLimit = 200;
const linesAtOnce = 5;
const firewalls = 3;

const lineOf = (tenant: Tenant, firewall: string, number: number) =>
  `<14>1 2026-03-01T12:00:00Z ${firewall} RT_IDP - IDP_ATTACK_LOG_EVENT [junos@2636 source-address="192.0.2.1" name="${tenant} ${number}"]`;

/** `requests`: of each firewall. */
export async function logRun(service: UnderFaults, seed: number, requests: number): Promise<LogRun> {
  const chance = seededChance(seed);
  const sites = await Promise.all(tenants.map(async (tenant) => aSite(service, tenant)));
  try {
    const provoked = provoke(service, seed);
    let repeated = 0;
    await inParallel(
      sites.flatMap((site) => site.firewalls.map((firewall) => ({ site, firewall }))),
      99,
      async ({ site, firewall }) => {
        for (let request = 0; request < requests; request += 1) {
          const fails = site.receiver.statistics().hungUp === 0 || chance() < 0.4;
          site.receiver.behave(fails ? { resetsAfter: Math.floor(chance() * linesAtOnce) } : {});
          const lines = Array.from({ length: linesAtOnce }, (_, index) =>
            lineOf(site.tenant, firewall, request * linesAtOnce + index),
          );
          const told = await answered(service, [site.tenant, 'log-sender'], 'POST /v1/threat-logs', lines.join('\n'));
          if (told.body.accepted !== linesAtOnce) throw new Error(`Not all are accepted: ${JSON.stringify(told)}`);
          repeated += told.before;
          site.sent.push(...lines);
          await wait(chance() * 300);
        }
      },
    );
    service.relent();
    while (sites.some(({ receiver }) => receiver.statistics().hungUp === 0)) await wait(50);
    for (const { receiver } of sites) receiver.behave({});
    while (sites.some(({ missing }) => missing().length > 0)) await wait(200);

    return {
      lines: sites.reduce((sum, { sent }) => sum + sent.length, 0),
      repeated,
      provoked: Object.fromEntries(provoked),
      hungUp: sites.reduce((sum, { receiver }) => sum + receiver.statistics().hungUp, 0),
      cameAgain: sites.reduce((sum, { receiver, sent }) => sum + receiver.lines().length - sent.length, 0),
      missing: sites.flatMap(({ missing }) => missing()),
      wrong: sites.flatMap(({ wrong }) => wrong()),
      mostInASecond: Math.max(...sites.map(({ receiver }) => receiver.mostInASecond())),
    };
  } finally {
    service.relent();
    await Promise.all(sites.map(async ({ receiver }) => receiver.stop()));
  }
}

async function aSite(service: UnderFaults, tenant: Tenant) {
  const receiver = await startSyslogReceiver({ transport: 'tcp' });
  const { body } = await answered(service, [tenant, 'operator'], 'GET /v1/configuration');
  const { address, port } = receiver;
  const threatLogs = { rateLimit, destination: { address, port, transport: 'tcp' } };
  const put = await answered(
    service,
    [tenant, 'operator'],
    'PUT /v1/configuration',
    JSON.stringify({ ...body, threatLogs }),
  );
  if (put.status !== 200) throw new Error(`The configuration is answered ${put.status}.`);
  const sent: string[] = [];
  const named = Array.from({ length: firewalls }, (_, index) => `fw-${index}`);
  return {
    tenant,
    receiver,
    sent,
    firewalls: named,
    missing: () => {
      const came = new Set(receiver.lines());
      return sent.filter((line) => !came.has(line));
    },
    wrong: () => {
      const known = new Set(sent);
      const came = [...new Set(receiver.lines())];
      const foreign = came.filter((line) => !known.has(line));
      const early = named.flatMap((firewall) => {
        const ofIt = (line: string) => line.includes(` ${firewall} `);
        const expected = sent.filter(ofIt);
        return came.filter(ofIt).filter((line, index) => line !== expected[index]);
      });
      return [...foreign, ...early];
    },
  };
}

/**
 * Of the queue only what is sent to it fails. A receive whose answer is lost, and a delete, leave a message in nobody's hands until
 * its time is over, and those behind it wait: minutes, in which nothing would be seen but waiting.
 */
function provoke(service: UnderFaults, seed: number): ReadonlyMap<string, number> {
  const provoked = new Map<string, number>();
  const ofQueue = seededFates(sqsFaults(), seed, provoked);
  service.proxies.dynamodb.decide(seededFates(dynamodbFaults, seed, provoked));
  service.proxies.sqs.decide((exchange) => (exchange.operation === 'SendMessage' ? ofQueue(exchange) : passed));
  return provoked;
}
