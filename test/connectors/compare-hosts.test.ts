import { compareHosts, type CompareHosts } from '../../shared/connectors/compare-hosts.ts';
import type { Enforcer } from '../../shared/connectors/enforcer.ts';
import { type IpAddress, ipAddress } from '../../shared/identity/address.ts';
import { advanceHost } from '../../shared/infected-hosts/host-table.ts';
import type { Wanted } from '../../shared/infected-hosts/host.ts';
import type { EventLine } from '../../shared/journal/event-line.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { fakeActsOnHosts } from '../support/acts-on-hosts.ts';
import { aConnector } from '../support/connectors.ts';
import { fakeHostTable } from '../support/fake-host-store.ts';
import { fakeMeasure } from '../support/fake-measure.ts';
import { fakeRounds } from '../support/fake-rounds.ts';
import { fakeSecrets } from '../support/fake-secrets.ts';
import { isListed } from '../support/hosts.ts';
import { acme, globex, minutes, noon } from '../support/observations.ts';

type Said = 'acknowledged' | 'refused' | 'nothing';

/** A connector that was told of hosts, and what it has by now. */
async function aRound(connector: string | null = 'pps-1') {
  let at = noon;
  const [table, secrets, rounds, { measure, measured }] = [fakeHostTable({ now: () => at }), fakeSecrets(), fakeRounds(), fakeMeasure()]; // prettier-ignore
  const password = await secrets.keep({ tenant: acme, name: 'connector/pps-1' }, 's3cret');
  const has = new Map<IpAddress, Wanted | 'unknown'>();
  const [asked, failed]: [IpAddress[], IpAddress[]] = [[], []];
  const torn = new Set<IpAddress>();
  const [told, lines]: [[TenantId, IpAddress][], EventLine[]] = [[], []];
  const never = async () => Promise.reject(new Error('Nobody is told here.'));
  const read: Enforcer['read'] = async (_, { ip }) => {
    asked.push(ip);
    at += 1_000;
    if (torn.has(ip)) throw new Error('The table does not answer.');
    return Promise.resolve(has.get(ip) ?? 'unknown');
  };
  const deps: CompareHosts = {
    ...table,
    secrets,
    rounds,
    measure,
    settingsOf: async () => Promise.resolve({ connectors: [aConnector({ password })] }),
    enforcers: { 'pulse-policy-secure': { test: never, apply: never, read } },
    connectorOf: async () => Promise.resolve(connector),
    notifier: { tell: async (tenant, ip) => Promise.resolve(void told.push([tenant, ip])) },
    guards: fakeActsOnHosts().deps.guards,
    uncompared: (_, ip) => void failed.push(ip),
    events: { tell: async (_, some) => Promise.resolve(void lines.push(...some)) },
  };
  const host = async (text: string, said: Said, actual: Wanted | 'unknown', tenant = acme) => {
    const ip = ipAddress(text);
    has.set(ip, actual);
    const assigned = { kind: 'assigned', connector: 'pps-1', cause: 'poll-1', why: 'listed' } as const;
    const made = await advanceHost(table, tenant, ip, [isListed({ wanted: 'blocked' }), assigned]);
    const id = made?.operations[0]?.id ?? '';
    const answer = { outcome: said as 'acknowledged', detail: '', roundTripMs: 1 };
    if (said !== 'nothing') await advanceHost(table, tenant, ip, [{ kind: 'operation-taken', id, leaseMs: 9 }, { kind: 'operation-answered', id, answer }]); // prettier-ignore
    return ip;
  };
  const list = async (text: string) => {
    await advanceHost(table, acme, ipAddress(text), isListed({ wanted: 'blocked' }));
    return ipAddress(text);
  };
  return {
    host,
    list,
    told,
    lines,
    asked,
    torn,
    failed,
    measured,
    later: (ms: number) => {
      at += ms;
    },
    round: async ({ forMs = 600_000, name = 'pps-1' } = {}) => compareHosts(deps, acme, name, at + forMs),
    operations: async (ip: IpAddress) => (await table.hosts.read(acme, ip))?.host.operations,
  };
}

test('a host that the other side has otherwise than it acknowledged is told again, once, and the event log says so', async () => {
  const { host, round, told, lines, operations, measured } = await aRound();
  const other = await host('10.1.0.1', 'acknowledged', 'free');
  await host('10.1.0.2', 'acknowledged', 'blocked');
  await host('10.1.0.3', 'acknowledged', 'unknown');
  await host('10.1.0.4', 'nothing', 'free');
  await host('10.1.0.5', 'acknowledged', 'free', globex);

  await round();
  await round();

  expect(told).toEqual([[acme, other]]);
  expect(await operations(other)).toMatchObject([{ why: 'drift', wanted: 'blocked', state: 'requested' }, { state: 'acknowledged' }]); // prettier-ignore
  expect(lines).toMatchObject([{ code: 'drift-repaired', ip: other, sender: { kind: 'postern', name: 'pps-1' } }]);
  expect(measured).toEqual([{ tenant: acme, measured: { DriftFound: 1 } }]);
});

test('what was refused is said again ten minutes later, as a connector that lets us in may have been mended', async () => {
  const { host, round, told, later, operations } = await aRound();
  const refused = await host('10.1.0.1', 'refused', 'free');

  await round();
  expect(told).toEqual([]);
  later(minutes(10));
  await round();

  expect(told).toEqual([[acme, refused]]);
  expect(await operations(refused)).toMatchObject([{ why: 'listed', state: 'requested' }, { state: 'refused' }]);
});

test('a host whose address is no connector’s any more is let go there, and the event log says so', async () => {
  const { host, round, told, asked, lines, operations } = await aRound(null);
  const ip = await host('10.1.0.1', 'acknowledged', 'blocked');

  await round();

  expect([told, asked]).toEqual([[[acme, ip]], []]);
  expect(await operations(ip)).toMatchObject([{ wanted: 'free', state: 'requested' }, { wanted: 'blocked' }]);
  expect(lines).toMatchObject([{ code: 'moved', ip }]);
});

test('a host that was listed and whose connector was never told, as whoever did it was killed, is told now', async () => {
  const { list, round, told, operations } = await aRound();
  const ip = await list('10.1.0.1');

  await round();

  expect(told).toEqual([[acme, ip]]);
  expect(await operations(ip)).toMatchObject([{ wanted: 'blocked', state: 'requested' }]);
});

test('a check that has no time left goes on where it ended, and a round begins again at its end', async () => {
  const { host, round, asked } = await aRound();
  const ips = [await host('10.1.0.1', 'acknowledged', 'blocked'), await host('10.1.0.2', 'acknowledged', 'blocked'), await host('10.1.0.3', 'acknowledged', 'blocked')]; // prettier-ignore

  await round({ forMs: 24_000 });
  expect(asked).toEqual(ips.slice(0, 2));
  await round();
  expect(asked).toEqual(ips);
  await round();
  expect(asked).toEqual([...ips, ...ips]);
});

test('one host that cannot be looked at stops no other, is told of, and comes again in the next round', async () => {
  const { host, round, asked, torn, failed, told } = await aRound();
  const [first, second] = [await host('10.1.0.1', 'acknowledged', 'free'), await host('10.1.0.2', 'acknowledged', 'free')]; // prettier-ignore
  torn.add(first);

  await round();
  expect([asked, failed, told]).toEqual([[first, second], [first], [[acme, second]]]);
  torn.clear();
  await round();
  expect(told).toEqual([
    [acme, second],
    [acme, first],
  ]);
});

test('of a connector that is not there nothing is asked', async () => {
  const { host, round, asked } = await aRound();
  await host('10.1.0.1', 'acknowledged', 'free');

  await round({ name: 'pps-2' });

  expect(asked).toEqual([]);
});
