/** The feed for firewalls: which addresses are in it, who makes it when, and what is served where it cannot be made. */
import type { EndpointStore } from '../../shared/endpoints/endpoint-table.ts';
import type { Endpoint } from '../../shared/endpoints/endpoint.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { makeFeed, serveFeed, type ServeFeed, textOf } from '../../shared/infected-hosts/feed-out.ts';
import type { HostRevision, StoredHost } from '../../shared/infected-hosts/host-table.ts';
import { isKeptOut, type Listing } from '../../shared/infected-hosts/host.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { anAddress, anEndpoint, aQuarantine, aReason, aSession, phone } from '../support/endpoints.ts';
import { fakeEndpointStore } from '../support/fake-endpoint-store.ts';
import { fakeFeedOutStore } from '../support/fake-feed-out-store.ts';
import { aHost, aListing } from '../support/hosts.ts';
import { acme, desk, globex, hours, minutes, noon } from '../support/observations.ts';

const elsewhere = '192.0.2.51' as IpAddress;
const sixth = '2001:db8::1' as IpAddress;

let now: number;
let hosts: StoredHost[];
let endpoints: EndpointStore;
let service: ServeFeed;
let failures: unknown[];
beforeEach(() => {
  now = noon;
  hosts = [];
  failures = [];
  let ids = 0;
  endpoints = fakeEndpointStore();
  service = {
    endpoints,
    hosts: {
      // Few on a page, so that there are several.
      keptOut: async (tenant, { after }) => {
        const out = hosts.filter(({ host }) => isKeptOut(host)).map(({ host }) => host.ip);
        const all = tenant === acme ? out.filter((ip) => after === undefined || ip > after) : [];
        const [page, next] = [all.slice(0, 999), all[998]];
        return Promise.resolve({ ips: page, ...(all.length > 999 && next !== undefined && { next }) });
      },
    },
    feeds: fakeFeedOutStore(),
    now: () => now,
    newId: () => `id-${++ids}`,
    notMade: (tenant, error) => failures.push([tenant, error]),
  };
});

const replace = async (endpoint: Endpoint, tenant: TenantId = acme) => {
  const [read] = await endpoints.read(tenant, [endpoint.mac]);
  expect(await endpoints.replace(tenant, endpoint, read)).toBe('replaced');
};
const linesOf = async (tenant: TenantId = acme) => (await makeFeed(service, tenant)).text.split('\n').slice(0, -1);

const listed = (ip: string, told: Partial<Listing> = {}): StoredHost => ({
  host: aHost({ ip: ip as IpAddress, listings: { 'atp-cloud': aListing(told) } }),
  revision: 'one' as HostRevision,
});

describe('which addresses are in it', () => {
  test('IPv4 before IPv6, each by number, no double, a line feed after each; nothing at all where there is none', () => {
    const ips = ['2001:db8::10', '192.0.2.9', '10.0.1.10', '192.0.2.10', '2001:db8::9', '10.0.1.10'] as IpAddress[];
    expect(textOf(ips)).toBe('10.0.1.10/32\n192.0.2.9/32\n192.0.2.10/32\n2001:db8::9/128\n2001:db8::10/128\n');
    expect(textOf([])).toBe('');
  });

  test('all that a held endpoint has now, and none of a free one or of another tenant', async () => {
    const addresses = [anAddress(), anAddress({ ip: sixth })];
    await replace(anEndpoint({ reasons: [aReason({ ip: null })], sessions: [aSession()], addresses }));
    await replace(anEndpoint({ mac: phone, addresses: [anAddress({ ip: elsewhere })] }));
    await replace(anEndpoint({ mac: phone, reasons: [aReason({ ip: elsewhere })] }), globex);

    expect(await linesOf()).toEqual([`${desk}/32`, `${sixth}/128`]);
    expect(await linesOf(globex)).toEqual([`${elsewhere}/32`]);
  });

  test('the address of the event stays until another has it, and does not come back when that one leaves', async () => {
    const moved = anAddress({ ip: elsewhere, from: noon + minutes(1) });
    await replace(anEndpoint({ reasons: [aReason({ alsoIps: [sixth] })], sessions: [aSession()], addresses: [moved] }));
    now = noon + minutes(2);
    expect(await linesOf()).toEqual([`${desk}/32`, `${elsewhere}/32`, `${sixth}/128`]);

    const at = noon + minutes(3);
    const had = anAddress({ session: null, source: 'operator', from: at, confirmedAt: at });
    await replace(anEndpoint({ mac: phone, changedAt: at, addresses: [had] }));
    now = noon + minutes(4);
    expect(await linesOf()).toEqual([`${elsewhere}/32`, `${sixth}/128`]);

    await replace(anEndpoint({ mac: phone, changedAt: at + 1, addresses: [{ ...had, until: at + 1 }] }));
    expect(await linesOf()).toEqual([`${elsewhere}/32`, `${sixth}/128`]);
  });

  test('a hold that has ended by its time is none, nor is one of a session for another session', async () => {
    await replace(anEndpoint({ reasons: [aReason({ until: noon + minutes(5) })], addresses: [anAddress()] }));
    const one = aSession({ key: 'one' });
    const other = aSession({ key: 'other' });
    const addresses = [anAddress({ ip: elsewhere, session: 'one' }), anAddress({ ip: sixth, session: 'other' })];
    const reasons = [aQuarantine({ ip: null, session: 'one' })];
    await replace(anEndpoint({ mac: phone, sessions: [one, other], reasons, addresses }));

    expect(await linesOf()).toEqual([`${desk}/32`, `${elsewhere}/32`]);
    now = noon + minutes(5);
    expect(await linesOf()).toEqual([`${elsewhere}/32`]);
  });

  test('infected hosts of feeds that are to be kept out, however many, and none that is silenced or waits', async () => {
    hosts = Array.from({ length: 2_500 }, (_, index) => listed(`10.1.${index >> 8}.${index & 255}`));
    hosts.sort((one, other) => (one.host.ip < other.host.ip ? -1 : 1));
    expect(await linesOf()).toHaveLength(2_500);
    expect(await linesOf(globex)).toEqual([]);

    hosts = [listed('10.1.0.1'), listed('10.1.0.2', { wanted: 'blocked' }), listed('10.1.0.3', { wanted: 'free' }), listed('10.1.0.4', { silencedAt: noon }), listed('10.1.0.5', { heldBy: 'blast-radius' })]; // prettier-ignore
    expect(await linesOf()).toEqual(['10.1.0.1/32', '10.1.0.2/32']);
  });
});

describe('who makes it', () => {
  const ask = async (tenant: TenantId = acme) => serveFeed(service, tenant, now + 30_000);
  /** What is asked of endpoints from now on: the making begins, and goes on when it is let. */
  const held = () => {
    const begun: (() => void)[] = [];
    service = {
      ...service,
      endpoints: {
        ...endpoints,
        held: async (tenant) =>
          new Promise<void>((resolve) => begun.push(resolve)).then(async () => endpoints.held(tenant)),
      },
    };
    return begun;
  };

  test('fifteen seconds long what stands is served, and then it is made anew', async () => {
    const first = await ask();
    await replace(anEndpoint({ reasons: [aReason()] }));
    now = noon + 14_999;
    expect(await ask()).toEqual(first);
    now = noon + 15_000;
    expect(await ask()).toEqual({ text: `${desk}/32\n`, version: expect.any(String) as string, madeAt: noon + 15_000 });
    expect((await ask(globex)).text).toBe('');
  });

  test('the same addresses have the same version, whoever made it and when, and others have another', async () => {
    const first = await ask();
    now += hours(1);
    expect((await ask()).version).toBe(first.version);
    expect((await ask(globex)).version).toBe(first.version);
    await replace(anEndpoint({ reasons: [aReason()] }));
    now += hours(1);
    expect((await ask()).version).not.toBe(first.version);
  });

  test('while one makes it the others get the one that stands', async () => {
    await ask();
    await replace(anEndpoint({ reasons: [aReason()] }));
    now += 15_000;
    const begun = held();
    const maker = ask();
    while (begun.length === 0) await new Promise(setImmediate);

    expect((await Promise.all([ask(), ask(), ask()])).map(({ text }) => text)).toEqual(['', '', '']);
    expect(begun).toHaveLength(1);
    begun[0]?.();
    expect((await maker).text).toBe(`${desk}/32\n`);
    expect((await ask()).text).toBe(`${desk}/32\n`);
  });

  test('where none stands yet whoever asks makes it, for himself if another is at it', async () => {
    await replace(anEndpoint({ reasons: [aReason()] }));
    const begun = held();
    const both = Promise.all([ask(), ask()]);
    while (begun.length < 2) await new Promise(setImmediate);
    begun.forEach((go) => {
      go();
    });

    expect((await both).map(({ text }) => text)).toEqual([`${desk}/32\n`, `${desk}/32\n`]);
  });

  test('where it cannot be made the last one is served, why is told once in a while, and then it is tried again', async () => {
    await replace(anEndpoint({ reasons: [aReason()] }));
    const first = await ask();
    service = { ...service, endpoints: { ...endpoints, held: async () => Promise.reject(new Error('no table')) } };
    now += 15_000;
    expect(await ask()).toEqual(first);
    expect(await ask()).toEqual(first);
    expect(failures).toEqual([[acme, new Error('no table')]]);

    now += 30_000;
    expect(await ask()).toEqual(first);
    expect(failures).toHaveLength(2);
    service = { ...service, endpoints };
    now += 30_000;
    expect((await ask()).madeAt).toBe(now);
  });

  test('where there is no last one whoever asks is told of the failure: nothing is not the same as nobody', async () => {
    service = { ...service, endpoints: { ...endpoints, held: async () => Promise.reject(new Error('no table')) } };

    await expect(ask()).rejects.toThrow('no table');
    expect(failures).toEqual([]);
  });
});
