import { mayHaveEndpoints, teaching, type ToldAddress, toldBy } from '../../shared/endpoints/taught-addresses.ts';
import { advanceEndpoint } from '../../shared/endpoints/endpoint-table.ts';
import { type Mac, macAddress } from '../../shared/endpoints/mac.ts';
import { addressesAt } from '../../shared/endpoints/sessions.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { aLogin, anAccounting } from '../support/endpoint-steps.ts';
import { fakeEndpointStore } from '../support/fake-endpoint-store.ts';
import { laptop } from '../support/log-lines.ts';
import { acme, aLogon, desk, globex, minutes, noon } from '../support/observations.ts';

let now: number;
let store: ReturnType<typeof fakeEndpointStore>;
let read: Mac[];
let settled: string[];
let untaught: ToldAddress[];
beforeEach(() => {
  [now, store, read, settled, untaught] = [noon, fakeEndpointStore(), [], [], []];
});

let ids = 0;
const table = () => ({
  endpoints: {
    ...store,
    read: async (tenant: TenantId, macs: readonly Mac[]) => {
      read.push(...macs);
      return store.read(tenant, macs);
    },
  },
  now: () => now,
  newId: () => `id-${(ids += 1)}`,
});
const deps = () => ({
  ...table(),
  settle: async (tenant: TenantId, mac: Mac, ip: IpAddress) => Promise.resolve(settled.push(`${tenant} ${mac} ${ip}`)),
  untaught: (_: TenantId, left: readonly ToldAddress[]) => void untaught.push(...left),
});
const teach = async (told: readonly ToldAddress[], tenant = acme, untilAt = noon + minutes(60)) =>
  teaching(deps())(tenant, told, { source: 'post', untilAt });
const addressesOf = async (mac: Mac, tenant = acme) => {
  const [stored] = await store.read(tenant, [mac]);
  return (
    stored && addressesAt(stored.endpoint, now).map(({ ip, source, confirmedAt }) => ({ ip, source, confirmedAt }))
  );
};
const knows = async (mac: Mac, tenant = acme) => advanceEndpoint(table(), tenant, mac, aLogin());
const atDesk = { mac: laptop, ip: desk };

test('an endpoint that is known has the address that a post told, and what waits for it is decided', async () => {
  await knows(laptop);

  await teach([atDesk]);

  expect(await addressesOf(laptop)).toEqual([{ ip: desk, source: 'post', confirmedAt: noon }]);
  expect(settled).toEqual([`${acme} ${laptop} ${desk}`]);
});

test('a MAC that nobody knows becomes no endpoint', async () => {
  await teach([atDesk]);

  expect(await addressesOf(laptop)).toBeUndefined();
  expect(settled).toEqual([]);
});

test('one tenant’s post teaches no other’s endpoint', async () => {
  await knows(laptop, globex);

  await teach([atDesk]);

  expect(await addressesOf(laptop, globex)).toEqual([]);
});

test.each([
  [[], [], 'none'],
  [[{}], [], 'some'],
  [[], [{}], 'some'],
])('a tenant with the switches %j and the clients %j may have endpoints: %s', (radiusClients, clients, may) => {
  expect(mayHaveEndpoints({ radiusClients, clients } as never)).toBe(may);
});

test('what is told again at once writes nothing, and later it is confirmed', async () => {
  await knows(laptop);
  await teach([atDesk]);
  const [before] = await store.read(acme, [laptop]);
  now += minutes(4);
  await teach([atDesk]);
  const [again] = await store.read(acme, [laptop]);
  now += minutes(1);
  await teach([atDesk]);

  expect(again?.revision).toBe(before?.revision);
  expect(await addressesOf(laptop)).toEqual([{ ip: desk, source: 'post', confirmedAt: noon + minutes(5) }]);
});

test('the address that accounting told is confirmed, and not doubled', async () => {
  await knows(laptop);
  await advanceEndpoint(table(), acme, laptop, anAccounting());
  now += minutes(10);

  await teach([atDesk]);

  expect(await addressesOf(laptop)).toEqual([{ ip: desk, source: 'accounting', confirmedAt: now }]);
});

test('a post of three thousand entries reads each MAC once, and writes the endpoints that are known', async () => {
  const macs = Array.from({ length: 3_000 }, (_, index) =>
    macAddress(`00112233${index.toString(16).padStart(4, '0')}`),
  );
  const told = macs.map((mac, index) => ({ mac, ip: `10.0.${index >> 8}.${index & 255}` as IpAddress }));
  for (const mac of macs.slice(0, 40)) await knows(mac);
  read = [];

  await teach([...told, ...told]);

  expect(read.length).toBe(3_000 + 40);
  expect(settled).toHaveLength(40);
});

test('an address that a device gave itself is not taught', async () => {
  await knows(laptop);

  await teach([{ mac: laptop, ip: '169.254.1.2' as IpAddress }]);

  expect(await addressesOf(laptop)).toEqual([]);
});

test('what there is no time for is said, and so is what fails', async () => {
  await knows(laptop);

  await teach([atDesk], acme, noon);
  expect(untaught).toEqual([atDesk]);

  store = { ...store, read: async () => Promise.reject(new Error('The table does not answer.')) };
  await teach([atDesk]);
  expect(untaught).toEqual([atDesk, atDesk]);
});

test('one endpoint that fails keeps no other from being taught, and the next telling teaches it', async () => {
  const macs = Array.from({ length: 40 }, (_, index) => macAddress(`0011223300${(index + 16).toString(16)}`));
  const told = macs.map((mac, index) => ({ mac, ip: `10.0.0.${index + 1}` as IpAddress }));
  for (const mac of macs) await knows(mac);
  const [busy = laptop] = macs;
  const whole = store;
  const replace: typeof whole.replace = async (tenant, endpoint, read) =>
    endpoint.mac === busy
      ? Promise.reject(new Error('The table is throttled.'))
      : whole.replace(tenant, endpoint, read);

  store = { ...whole, replace };
  await teach(told);
  expect(settled).toEqual(told.slice(1).map(({ mac, ip }) => `${acme} ${mac} ${ip}`));
  expect(untaught).toEqual(told.slice(0, 1));

  [store, settled] = [whole, []];
  await teach(told);
  expect(settled).toEqual([`${acme} ${busy} 10.0.0.1`]);
  expect(untaught).toEqual(told.slice(0, 1));
});

test.each([
  ['MAC-Address', '00:11:22:33:ca:fe'],
  ['mac-address', '0011.2233.cafe'],
  ['Mac-Address', '00-11-22-33-ca-fe'],
])('a logon whose device has %s %s tells the MAC', (name, value) => {
  expect(toldBy(aLogon({ device: { custom: { vendor: 'x', [name]: value } } }))).toEqual([atDesk]);
});

test.each([[{}], [{ custom: { 'MAC-Address': 'laptop' } }], [{ custom: { 'MAC-Vendor': '00:11:22:33:ca:fe' } }]])(
  'a logon with %j tells none',
  (device) => {
    expect(toldBy(aLogon({ device }))).toEqual([]);
  },
);
