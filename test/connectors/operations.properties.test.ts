/**
 * Whatever happens in whatever order, once all is delivered and checked, whoever was accused is held and nobody else: a
 * device that a connector was told to hold is free once nothing calls for it, although workers were killed before and
 * after the other side had acted, answers were failures and refusals, and addresses moved from device to device.
 */
import fc from 'fast-check';
import { compareHosts, type CompareHosts } from '../../shared/connectors/compare-hosts.ts';
import type { Enforcer } from '../../shared/connectors/enforcer.ts';
import { tellHost, type TellHost } from '../../shared/connectors/tell-host.ts';
import { type Mac, macAddress } from '../../shared/endpoints/mac.ts';
import { type IpAddress, ipAddress } from '../../shared/identity/address.ts';
import type { HostEvent } from '../../shared/infected-hosts/events.ts';
import { advanceHost } from '../../shared/infected-hosts/host-table.ts';
import { isMore, type Wanted, wantedOf } from '../../shared/infected-hosts/host.ts';
import { forgottenAt, isLetGo } from '../../shared/infected-hosts/operations.ts';
import { fakeActsOnHosts } from '../support/acts-on-hosts.ts';
import { aConnector } from '../support/connectors.ts';
import { deviceKeeper, type Fate } from '../support/device-keeper.ts';
import { anAddress, anEndpoint } from '../support/endpoints.ts';
import { fakeHostTable } from '../support/fake-host-store.ts';
import { fakeMeasure } from '../support/fake-measure.ts';
import { fakeRounds } from '../support/fake-rounds.ts';
import { fakeWorkQueues } from '../support/fake-work-queues.ts';
import { isListed } from '../support/hosts.ts';
import type { SecretReference } from '../../shared/outbound/secrets.ts';
import { acme, hours, minutes, noon } from '../support/observations.ts';

const addresses = ['10.1.0.1', '10.1.0.2'].map(ipAddress);
const devices = ['00:11:22:00:00:01', '00:11:22:00:00:02', '00:11:22:00:00:03'].map(macAddress);
const names = ['nac-1', 'nac-2'] as const;

type Step =
  | { readonly kind: 'has'; readonly ip: IpAddress; readonly mac: Mac }
  | { readonly kind: 'listed'; readonly ip: IpAddress; readonly wanted: 'quarantined' | 'blocked' }
  | { readonly kind: 'freed' | 'cleared' | 'deliver'; readonly ip: IpAddress }
  | { readonly kind: 'moves'; readonly ip: IpAddress; readonly to: string | null }
  | { readonly kind: 'fate'; readonly fate: Fate }
  | { readonly kind: 'check' }
  | { readonly kind: 'waits'; readonly ms: number };

const ip = fc.constantFrom(...addresses);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('has' as const), ip, mac: fc.constantFrom(...devices) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('listed' as const), ip, wanted: fc.constantFrom('quarantined' as const, 'blocked' as const) }) }, // prettier-ignore
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('freed' as const, 'cleared' as const), ip }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('deliver' as const), ip }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('moves' as const), ip, to: fc.constantFrom(null, ...names) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('fate' as const), fate: fc.constantFrom<Fate>('fails', 'refuses', 'lost', 'done-and-lost') }) }, // prettier-ignore
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'check' }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('waits' as const), ms: fc.constantFrom(1_000, 70_000, minutes(11), hours(25)) }) }, // prettier-ignore
);

/** The rules once more, as plainly as can be: who is accused through which address, from when it is listed until it is free. */
class Model {
  private readonly history: {
    readonly ip: IpAddress;
    readonly mac: Mac;
    readonly from: number;
    until: number | null;
  }[] = [];
  readonly accused = new Map<IpAddress, { wanted: Wanted; readonly mac: Mac | undefined; isSilenced: boolean }>();
  readonly holders = new Map<IpAddress, Mac>();
  readonly connectors = new Map<IpAddress, string | null>(addresses.map((each) => [each, 'nac-1']));

  /** As accounting would have taught it. */
  readonly endpoints: TellHost['endpoints'] = {
    at: async () => Promise.resolve({ macs: devices, renewedAt: new Map(), pending: [] }),
    read: async (_, macs) => Promise.resolve(macs.map((mac) => ({ endpoint: this.endpoint(mac), revision: 'r' as never }))), // prettier-ignore
  };

  private endpoint(mac: Mac) {
    const own = this.history.filter((each) => each.mac === mac);
    return anEndpoint({ mac, addresses: own.map(({ ip: at, from, until }) => anAddress({ ip: at, session: null, source: 'operator', from, until, confirmedAt: from })) }); // prettier-ignore
  }

  follow(one: Step, now: number): void {
    if (one.kind === 'has') {
      for (const each of this.history) if (each.ip === one.ip) each.until ??= now;
      this.history.push({ ip: one.ip, mac: one.mac, from: now, until: null });
      this.holders.set(one.ip, one.mac);
    }
    if (one.kind === 'moves') this.connectors.set(one.ip, one.to);
    if (one.kind === 'freed') this.accused.delete(one.ip);
    if (one.kind === 'cleared') {
      const known = this.accused.get(one.ip);
      if (known) known.isSilenced = true;
    }
    if (one.kind === 'listed') {
      const known = this.accused.get(one.ip);
      if (known === undefined)
        this.accused.set(one.ip, { wanted: one.wanted, mac: this.holders.get(one.ip), isSilenced: false }); // prettier-ignore
      else if (isMore(one.wanted, known.wanted)) known.wanted = one.wanted;
    }
  }

  held(connector: string): Readonly<Record<string, Wanted>> {
    const held = new Map<Mac, Wanted>();
    for (const [at, { wanted, mac, isSilenced }] of this.accused) {
      if (isSilenced || mac === undefined || this.connectors.get(at) !== connector) continue;
      const before = held.get(mac) ?? 'free';
      held.set(mac, isMore(wanted, before) ? wanted : before);
    }
    return Object.fromEntries(held);
  }
}

function aService() {
  let at = noon;
  const model = new Model();
  const table = fakeHostTable({ now: () => at });
  const [queues, rounds, fates] = [fakeWorkQueues(), fakeRounds(), [] as Fate[]];
  const keepers = new Map(names.map((name) => [name as string, deviceKeeper(new Map(), fates)]));
  const connectors = names.map((name) => aConnector({ name, type: 'cisco-ise', password: 'kept' as SecretReference }));
  const { measure, measured } = fakeMeasure();
  const nobody = { tell: async () => Promise.resolve() };
  const of = ({ name }: { readonly name: string }): Enforcer => {
    const keeper = keepers.get(name);
    if (keeper === undefined) throw new Error('There is no such connector.');
    return keeper.enforcer;
  };
  const enforcer: Enforcer = {
    keeps: 'devices',
    test: async (one) => of(one).test(one),
    apply: async (one, what) => of(one).apply(one, what),
    read: async (one, about) => of(one).read(one, about),
  };
  const deps: TellHost & CompareHosts = {
    ...table,
    ...queues,
    rounds,
    secrets: { open: async () => Promise.resolve({ text: 's3cret' }) },
    endpoints: model.endpoints,
    measure,
    uncompared: (_tenant, _ip, error) => {
      throw error;
    },
    events: nobody,
    notifier: nobody,
    guards: fakeActsOnHosts().deps.guards,
    connectorOf: async (_, ip) => Promise.resolve(model.connectors.get(ip) ?? null),
    settingsOf: async () => Promise.resolve({ connectors }),
    enforcers: { 'cisco-ise': enforcer },
  };
  const happens = async (ip: IpAddress, event: HostEvent, why: 'listed' | 'cleared') => {
    const connector = model.connectors.get(ip) ?? null;
    await advanceHost(table, acme, ip, [event, { kind: 'assigned', connector, cause: 'poll', why }]);
  };
  const deliver = async (ip: IpAddress) => {
    // Whoever is killed leaves the rest to whoever finds it due.
    await tellHost(deps, { tenant: acme, ip }, { place: 'connectors', deadlineAt: at + 60_000 }).catch(() => 'killed');
  };
  const check = async () => {
    for (const name of names) await compareHosts(deps, acme, name, at + minutes(10));
  };
  /** As the table forgets by itself. */
  const sweep = async () => {
    for (const stored of (await table.hosts.list(acme, { limit: 9 })).hosts) {
      if ((forgottenAt(stored.host) ?? Infinity) <= at)
        await table.hosts.replace(acme, stored.host.ip, undefined, stored);
    }
  };
  const play = async (one: Step) => {
    at += 1_000;
    model.follow(one, at);
    if (one.kind === 'listed') await happens(one.ip, isListed({ wanted: one.wanted }), 'listed');
    if (one.kind === 'freed') await happens(one.ip, { kind: 'freed', feed: 'atp-cloud' }, 'cleared');
    if (one.kind === 'cleared') await happens(one.ip, { kind: 'cleared' }, 'cleared');
    if (one.kind === 'moves') await advanceHost(table, acme, one.ip, { kind: 'assigned', connector: one.to, cause: 'moved', why: 'moved' }); // prettier-ignore
    if (one.kind === 'deliver') await deliver(one.ip);
    if (one.kind === 'fate') fates.push(one.fate);
    if (one.kind === 'check') await check();
    if (one.kind === 'waits') at += one.ms;
    await sweep();
  };
  const comesToRest = async () => {
    fates.length = 0;
    for (let round = 0; round < 4; round += 1) {
      at += minutes(11);
      for (const each of addresses) await deliver(each);
      await check();
    }
  };
  const hosts = async () => (await table.hosts.list(acme, { limit: 9 })).hosts.map(({ host }) => host);
  const drifts = () => measured.filter((each) => 'DriftFound' in each.measured);
  return { model, keepers, play, comesToRest, hosts, drifts };
}

const steps = fc.array(step, { maxLength: 40, size: 'max' });

test('whatever was killed, failed or refused, and whoever has the addresses by then: the accused are held, and nobody else', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const { model, keepers, play, comesToRest, hosts, drifts } = aService();
      for (const one of all) await play(one);
      await comesToRest();

      for (const [name, { held }] of keepers) expect([name, held()]).toEqual([name, model.held(name)]);
      expect(drifts()).toEqual([]); // nobody else changes anything there
      const left = await hosts();
      for (const host of left) {
        const isAccused = wantedOf(host) !== 'free';
        if (!isAccused) expect([host.ip, isLetGo(host)]).toEqual([host.ip, true]);
      }
    }),
    { numRuns: 200 },
  );
});
