/** Which device connectors are told of, while addresses move from one to another. */
import { compareHosts } from '../../shared/connectors/compare-hosts.ts';
import { tellHost, type TellHost } from '../../shared/connectors/tell-host.ts';
import { advanceEndpoint } from '../../shared/endpoints/endpoint-table.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import { type IpAddress, ipAddress } from '../../shared/identity/address.ts';
import type { HostEvent } from '../../shared/infected-hosts/events.ts';
import { advanceHost } from '../../shared/infected-hosts/host-table.ts';
import type { EventLine } from '../../shared/journal/event-line.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { fakeActsOnHosts } from '../support/acts-on-hosts.ts';
import { aConnector } from '../support/connectors.ts';
import { deviceKeeper } from '../support/device-keeper.ts';
import { aRecord, laptop, phone } from '../support/endpoints.ts';
import { fakeEndpointTable } from '../support/fake-endpoint-store.ts';
import { fakeHostTable } from '../support/fake-host-store.ts';
import { fakeMeasure } from '../support/fake-measure.ts';
import { fakeRounds } from '../support/fake-rounds.ts';
import { fakeSecrets } from '../support/fake-secrets.ts';
import { fakeWorkQueues } from '../support/fake-work-queues.ts';
import { isListed } from '../support/hosts.ts';
import { acme, globex, minutes, noon } from '../support/observations.ts';

const address = ipAddress('10.1.0.50');
const another = ipAddress('2001:db8::50');

async function aWorld({
  known = new Map<IpAddress, Mac>(),
  keeps = 'devices',
}: { readonly known?: Map<IpAddress, Mac>; readonly keeps?: 'devices' | 'devices-and-addresses' | 'addresses' } = {}) {
  let at = noon;
  const now = () => at;
  const [table, endpointTable, secrets] = [fakeHostTable({ now }), fakeEndpointTable(), fakeSecrets()];
  const lines: EventLine[] = [];
  const keeper = deviceKeeper(known, [], keeps);
  const connector = async (name: string) =>
    aConnector({ name, type: 'cisco-ise', password: await secrets.keep({ tenant: acme, name: `connector/${name}` }, 's3cret') }); // prettier-ignore
  const later = (ms: number) => {
    at += ms;
    endpointTable.moveTo(at);
  };
  let connectors = [await connector('nac')];
  const deps: TellHost = {
    ...table,
    ...fakeWorkQueues(),
    endpoints: endpointTable.endpoints,
    secrets,
    measure: fakeMeasure().measure,
    events: { tell: async (_, some) => Promise.resolve(void lines.push(...some)) },
    settingsOf: async () => Promise.resolve({ connectors }),
    enforcers: { 'cisco-ise': keeper.enforcer },
  };
  const rounds = fakeRounds();
  const nobody = { tell: async () => Promise.resolve() };
  const { guards } = fakeActsOnHosts().deps;
  const uncompared = (_tenant: TenantId, _ip: IpAddress, error: unknown) => {
    throw error;
  };
  const comparing = { ...deps, uncompared, rounds, guards, notifier: nobody, events: nobody, connectorOf: async () => Promise.resolve('nac') }; // prettier-ignore
  const happens = async (ip: IpAddress, event: HostEvent, connector: string | null = 'nac', tenant = acme) =>
    advanceHost(table, tenant, ip, [event, { kind: 'assigned', connector, cause: 'poll', why: 'listed' }]);
  return {
    keeper,
    codes: () => lines.map(({ code }) => code),
    later,
    /** A session of the device begins there; whoever had the address has left it. */
    has: async (mac: Mac, ip: IpAddress, from?: Mac) => {
      const record = (told: Parameters<typeof aRecord>[0]) => ({ kind: 'accounted', record: aRecord({ instant: at, ip, ...told }) }) as const; // prettier-ignore
      if (from) await advanceEndpoint(endpointTable, acme, from, record({ status: 'stop', acctSessionId: from })); // prettier-ignore
      await advanceEndpoint(endpointTable, acme, mac, record({ acctSessionId: mac }));
      later(1_000);
    },
    /** The same session has this address too. */
    also: async (mac: Mac, ip: IpAddress) =>
      advanceEndpoint(endpointTable, acme, mac, { kind: 'accounted', record: aRecord({ instant: at, ip, acctSessionId: mac, status: 'interim' }) }), // prettier-ignore
    lists: async (ip = address, wanted: 'quarantined' | 'blocked' = 'quarantined', tenant: TenantId = acme) => {
      await happens(ip, isListed({ wanted, cause: `poll-${at}` }), 'nac', tenant);
      later(1_000);
    },
    /** The feed lists it, and it waits for an operator, who approves it later. */
    holdsBack: async () => {
      await advanceHost(table, acme, address, isListed({ heldBy: 'blast-radius' }));
      later(1_000);
    },
    approves: async () => happens(address, { kind: 'released', feed: 'atp-cloud' }),
    loses: async (ip = address) => happens(ip, { kind: 'freed', feed: 'atp-cloud' }),
    moves: async (connector: string | null, ip = address) =>
      advanceHost(table, acme, ip, { kind: 'assigned', connector, cause: 'moved', why: 'moved' }),
    tells: async (ip = address, tenant = acme) =>
      tellHost(deps, { tenant, ip }, { place: 'connectors', deadlineAt: at + 60_000 }),
    compares: async () => compareHosts(comparing, acme, 'nac', at + 600_000),
    set: async (names: readonly string[]) => {
      connectors = await Promise.all(names.map(connector));
    },
    states: async (ip = address) =>
      (await table.hosts.read(acme, ip))?.host.operations.map(({ wanted, state, device }) => `${wanted} ${device.mac ?? 'nobody'} ${state}`), // prettier-ignore
  };
}

test('a hold that is said again is said of the device that had the address, whoever has it by then', async () => {
  const { keeper, has, lists, tells, later } = await aWorld();
  await has(laptop, address);
  await lists();
  keeper.fates.push('fails', 'done-and-lost');
  await tells();
  await has(phone, address, laptop);
  later(5_000);
  await expect(tells()).rejects.toThrow('killed');
  later(70_000);
  await tells();

  expect(keeper.told.map(({ mac }) => mac)).toEqual([laptop, laptop, laptop]);
  expect(keeper.held()).toEqual({ [laptop]: 'quarantined' });
});

test('a device that leaves before it was ever told is held all the same, and not whoever got its address', async () => {
  const { keeper, has, lists, tells } = await aWorld();
  await has(laptop, address);
  await lists();
  await has(phone, address, laptop);
  await tells();

  expect(keeper.held()).toEqual({ [laptop]: 'quarantined' });
});

test('what is approved an hour later is told of the device that had the address when it was listed', async () => {
  const { keeper, has, holdsBack, approves, tells, later } = await aWorld();
  await has(laptop, address);
  await holdsBack();
  await has(phone, address, laptop);
  later(minutes(60));
  await approves();
  await tells();

  expect(keeper.held()).toEqual({ [laptop]: 'quarantined' });
});

test('a level that rises, and a repair of drift, are about the device that is held', async () => {
  const { keeper, has, lists, tells, compares } = await aWorld();
  await has(laptop, address);
  await lists();
  await tells();
  await has(phone, address, laptop);
  await lists(address, 'blocked');
  await tells();
  expect(keeper.held()).toEqual({ [laptop]: 'blocked' });

  keeper.set(laptop, 'free');
  await compares();
  await tells();
  expect(keeper.held()).toEqual({ [laptop]: 'blocked' });
});

test('the device that was held is freed, whoever has its address by then, and a host that comes back is a new one', async () => {
  const { keeper, has, lists, loses, tells, later } = await aWorld();
  await has(laptop, address);
  await lists();
  await tells();
  await has(phone, address, laptop);
  await loses();
  keeper.fates.push('fails');
  await tells();
  later(1_000);
  await lists();
  later(minutes(5));
  await tells();

  expect(keeper.held()).toEqual({ [phone]: 'quarantined' });
  await loses();
  await tells();
  expect(keeper.held()).toEqual({});
});

test('a connector that refuses to free a device is asked again by checks, until it has', async () => {
  const { keeper, has, lists, loses, tells, later, compares, states, codes } = await aWorld();
  await has(laptop, address);
  await lists();
  await tells();
  await loses();
  keeper.fates.push('refuses');
  await tells();
  expect(await states()).toEqual([`free ${laptop} refused`, `quarantined ${laptop} acknowledged`]);

  await compares();
  await tells();
  expect(keeper.held()).toEqual({ [laptop]: 'quarantined' });
  keeper.fates.push('refuses');
  for (let round = 0; round < 2; round += 1) {
    later(minutes(10));
    await compares();
    await tells();
  }
  expect(keeper.held()).toEqual({});
  expect(codes()).toEqual(['operation-acknowledged', 'operation-refused', 'operation-acknowledged']);
});

test('a device without a known MAC is looked up where the system knows it, and that one is kept to', async () => {
  const known = new Map([[address, laptop]]);
  const { keeper, has, lists, loses, tells, later } = await aWorld({ known });
  keeper.fates.push('fails');
  await lists();
  await tells();
  known.set(address, phone);
  later(5_000);
  await has(phone, address);
  await tells();
  expect(keeper.held()).toEqual({ [laptop]: 'quarantined' });
  await loses();
  await tells();
  expect(keeper.told.map(({ mac }) => mac)).toEqual([laptop, laptop, laptop]);
  expect(keeper.held()).toEqual({});
});

test('whoever comes to an address after it was to be held is not meant, and where nobody was there nothing is to be freed', async () => {
  const { keeper, has, lists, loses, tells, later, states } = await aWorld();
  await lists();
  await tells();
  later(5_000);
  await has(phone, address);
  await tells();
  expect(keeper.held()).toEqual({});
  expect((await states())?.[0]).toBe('quarantined nobody failed');

  await loses();
  await tells();
  expect((await states())?.filter((each) => /requested|failed|sent/.test(each)) ?? []).toEqual([]);
});

test.each(['devices', 'devices-and-addresses'] as const)(
  'of two listed addresses of one device the last that leaves the feed frees it, and the stricter one holds, where %s are kept',
  async (keeps) => {
    const { keeper, has, also, lists, loses, tells } = await aWorld({ keeps });
    await has(laptop, address);
    await also(laptop, another);
    await lists(address, 'blocked');
    await tells(address);
    await lists(another);
    await tells(another);
    expect(keeper.held()).toEqual({ [laptop]: 'blocked' });
    await loses(address);
    await tells(address);
    expect(keeper.held()).toEqual({ [laptop]: 'quarantined' });
    await loses(another);
    await tells(another);
    expect(keeper.held()).toEqual({});
  },
);

test('a host that another connector has now is the same device there', async () => {
  const { keeper, has, lists, tells, moves, set } = await aWorld();
  await set(['nac', 'other']);
  await has(laptop, address);
  await lists();
  await tells();
  await has(phone, address, laptop);
  await moves(null);
  await tells();
  expect(keeper.held()).toEqual({});
  await moves('other');
  await tells();
  expect(keeper.held()).toEqual({ [laptop]: 'quarantined' });
});

test('a connector that is taken out of the configuration is not told, and the operation says that its hold may stand', async () => {
  const { keeper, has, lists, loses, tells, set, states, codes } = await aWorld();
  await has(laptop, address);
  await lists();
  await tells();
  await set([]);
  await loses();
  await tells();
  expect(keeper.told).toHaveLength(1);
  expect((await states())?.[0]).toBe(`free ${laptop} abandoned`);
  expect(codes()).toEqual(['operation-acknowledged', 'operation-abandoned']);
});

test('where addresses are kept, who is let go late is not told of again while another device is held there', async () => {
  const { keeper, has, lists, loses, tells, later } = await aWorld({ keeps: 'addresses' });
  await has(laptop, address);
  await lists();
  await tells();
  await loses();
  keeper.fates.push('fails');
  await tells();
  await has(phone, address, laptop);
  await lists();
  await tells();
  later(minutes(5));
  await tells();

  expect(keeper.told.slice(-2).map(({ mac, wanted }) => [mac, wanted])).toEqual([[phone, 'quarantined'], [phone, 'quarantined']]); // prettier-ignore
});

test('what was told last and not taken back is remembered however often the rest is refused', async () => {
  const { keeper, has, lists, loses, tells, later, compares } = await aWorld();
  await has(laptop, address);
  await lists(address, 'blocked');
  await tells();
  await loses();
  for (let round = 0; round < 20; round += 1) {
    keeper.fates.push('refuses');
    await tells();
    later(minutes(10));
    await compares();
  }
  await tells();

  expect(keeper.told.at(-1)).toMatchObject({ wanted: 'free', former: 'blocked', mac: laptop });
  expect(keeper.held()).toEqual({});
});

test('a connector that is put back is told what it was not', async () => {
  const { keeper, has, lists, loses, tells, set, compares } = await aWorld();
  await has(laptop, address);
  await lists();
  await tells();
  await set([]);
  await loses();
  await tells();
  await set(['nac']);
  await compares();
  await tells();

  expect(keeper.held()).toEqual({});
});

test('devices of one tenant say nothing of those of another', async () => {
  const { keeper, has, lists, loses, tells } = await aWorld();
  await has(laptop, address);
  await lists();
  await tells();
  await lists(another, 'quarantined', globex);
  await loses();
  await tells();
  expect(keeper.held()).toEqual({});
});
