import type { Address, Endpoint, Reason } from '../../shared/endpoints/endpoint.ts';
import { heldAddress, readHeldAddresses } from '../../shared/endpoints/held-addresses.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { aQuarantine, aReason, aSession, anAddress, anEndpoint, laptop, phone } from '../support/endpoints.ts';
import { fakeEndpointStore } from '../support/fake-endpoint-store.ts';
import { acme, desk, globex, hours, minutes, noon } from '../support/observations.ts';

const elsewhere = '192.0.2.51' as IpAddress;
const having = (reasons: readonly Reason[], told: Partial<Address> = {}, endpoint: Partial<Endpoint> = {}) =>
  anEndpoint({
    sessions: [aSession({ heardAt: noon + hours(1) })],
    addresses: [anAddress(told)],
    reasons,
    ...endpoint,
  });
const at = (endpoints: readonly Endpoint[], now = noon) => heldAddress(endpoints, desk, now);

test('an address is held with the endpoint that has it', () => {
  expect(at([having([aReason({ ip: null })])])).toEqual({
    mac: laptop,
    access: { access: 'blocked' },
    through: 'has-the-address',
    since: noon,
  });
  expect(at([having([aQuarantine({ ip: null })])])).toMatchObject({
    access: { access: 'quarantined', role: 'Quarantine' },
  });
  expect(at([having([])])).toBeUndefined();
  expect(at([])).toBeUndefined();
});

test('not any more when another has it, although it was held through it', () => {
  const left = having([aReason()], { until: noon + 5 });
  const now = noon + minutes(9);

  expect(at([left, having([], { from: now, confirmedAt: now }, { mac: phone })], now)).toBeUndefined();
});

test('of two who have it, the one counts who was confirmed last', () => {
  const stale = having([aReason({ ip: null })]);
  const fresh = having([], { confirmedAt: noon + minutes(6) }, { mac: phone });

  expect(at([stale, fresh], noon + minutes(6))).toBeUndefined();
  expect(at([having([]), having([aReason({ ip: null })], { confirmedAt: noon + minutes(6) })], noon + minutes(6))).toBeDefined(); // prettier-ignore
});

test('of two who were confirmed within five minutes the stricter counts', () => {
  const free = having([], { confirmedAt: noon + minutes(5) }, { mac: phone });
  const blocked = having([aReason({ ip: null })]);
  const quarantined = having([aQuarantine({ ip: null })], {}, { mac: phone });

  expect(at([free, blocked], noon + minutes(5))).toMatchObject({ mac: laptop });
  expect(at([quarantined, blocked])).toMatchObject({ access: { access: 'blocked' } });
});

test('a quarantine for another session does not reach the address of this one', () => {
  const own = having([aQuarantine({ session: aSession().key, ip: null })]);
  const other = having([aQuarantine({ session: 'another', ip: null })], {}, {
    sessions: [aSession(), aSession({ key: 'another' })],
  }); // prettier-ignore

  expect(at([own])).toBeDefined();
  expect(at([other])).toBeUndefined();
});

describe('while nobody has the address', () => {
  const gone = having([aReason()], { until: noon + 5 }, { sessions: [] });

  test('it is held with the endpoint that was held through it', () => {
    expect(at([gone], noon + hours(9_000))).toMatchObject({ mac: laptop, through: 'held-through-the-address' });
    expect(heldAddress([gone], elsewhere, noon)).toBeUndefined();
  });

  test('until another has had it', () => {
    const other = having([], { from: noon + 7, confirmedAt: noon + 7, until: noon + 9 }, { mac: phone, sessions: [] });

    expect(at([gone, other], noon + 9)).toBeUndefined();
    expect(at([gone, having([], { until: noon - 5, confirmedAt: noon - 5 }, { mac: phone })], noon + 9)).toBeDefined();
  });

  test('by the reasons alone that were opened through it', () => {
    const reasons = [aQuarantine(), aReason({ ip: elsewhere })];
    expect(at([having(reasons, { until: noon }, { sessions: [] })])).toMatchObject({
      access: { access: 'quarantined' },
    });
  });
});

test('many addresses are looked up at once, each of its own tenant', async () => {
  const store = fakeEndpointStore();
  await store.replace(acme, having([aReason()]), undefined);
  await store.replace(acme, having([], { ip: elsewhere }, { mac: phone }), undefined);
  await store.replace(globex, having([]), undefined);

  const ips = [desk, elsewhere, '192.0.2.52' as IpAddress];
  expect([...(await readHeldAddresses(store, acme, ips, () => noon)).keys()]).toEqual([desk]);
  expect((await readHeldAddresses(store, globex, ips, () => noon)).size).toBe(0);
});

describe('of those that had an address once', () => {
  const days = (count: number) => noon + count * hours(24);

  /** `phone` had the address long ago, as a guest; `laptop` is held through it. */
  async function storeOf(guest: Endpoint, host: Endpoint) {
    const store = fakeEndpointStore();
    const read: string[][] = [];
    await store.replace(acme, guest, undefined);
    await store.replace(acme, host, undefined);
    await store.replace(globex, { ...host, reasons: [] }, undefined);
    return { read, endpoints: { ...store, read: async (...[tenant, macs]: Parameters<typeof store.read>) => { read.push([...macs]); return store.read(tenant, macs); } } }; // prettier-ignore
  }

  test('none is read while one that has it now says all', async () => {
    const guest = having([], { until: noon + 5 }, { mac: phone, sessions: [], changedAt: noon });
    const host = having([aReason()], { from: days(9), confirmedAt: days(9) }, { sessions: [aSession({ heardAt: days(10) })], changedAt: days(10) }); // prettier-ignore
    const { endpoints, read } = await storeOf(guest, host);

    expect((await readHeldAddresses(endpoints, acme, [desk], () => days(10))).get(desk)).toMatchObject({ mac: laptop });
    expect(read).toEqual([[laptop]]);
    expect(await readHeldAddresses(endpoints, globex, [desk], () => days(10))).toEqual(new Map());
  });

  test('all are read where somebody is held through it, for one of them may have followed', async () => {
    const guest = having([], { from: noon + 7, confirmedAt: noon + 7, until: noon + 9 }, { mac: phone, sessions: [], changedAt: noon + 9 }); // prettier-ignore
    const host = having([aReason()], { until: noon + 5 }, { sessions: [], changedAt: noon + 5 });
    const { endpoints, read } = await storeOf(guest, host);

    expect(await readHeldAddresses(endpoints, acme, [desk], () => days(10))).toEqual(new Map());
    expect(read).toEqual([[laptop], [phone]]);
  });
});

test('an endpoint is held at every address that its reason was said again through', () => {
  const nowhere = anEndpoint({ sessions: [], addresses: [], reasons: [aReason({ ip: desk, alsoIps: [elsewhere] })] });

  expect(heldAddress([nowhere], elsewhere, noon)).toMatchObject({ mac: laptop, through: 'held-through-the-address' });
  expect(heldAddress([nowhere], desk, noon)).toBeDefined();
});
