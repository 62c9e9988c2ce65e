/** What every EndpointStore promises. Run against the fake and against each engine. */
import { advanceEndpoint, type EndpointStore, type EndpointTable } from '../../shared/endpoints/endpoint-table.ts';
import type { Endpoint } from '../../shared/endpoints/endpoint.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { tenantId } from '../../shared/tenancy/tenant.ts';
import {
  aChange,
  accessSwitch,
  aHold,
  aMessage,
  anAddress,
  anEndpoint,
  aPending,
  aQuarantine,
  aReason,
  aSession,
  enforcer,
  laptop,
  operator,
  phone,
  quarantinedAs,
} from '../support/endpoints.ts';
import { hours, acme, desk, globex, minutes, noon } from '../support/observations.ts';

export function endpointStoreContract(name: string, open: () => Promise<EndpointStore>) {
  describe(name, () => {
    let store: EndpointStore;
    beforeEach(async () => {
      store = await open();
    });

    const elsewhere = '192.0.2.51' as IpAddress;
    const readOne = async (mac = laptop, tenant = acme) => (await store.read(tenant, [mac]))[0];
    const put = async (endpoint: Endpoint, tenant = acme) => {
      expect(await store.replace(tenant, endpoint, await readOne(endpoint.mac, tenant))).toBe('replaced');
    };
    const macs = (count: number): Mac[] =>
      Array.from({ length: count }, (_, index) => `00:11:22:33:44:${index.toString(16).padStart(2, '0')}` as Mac);

    const everything = anEndpoint({
      reasons: [
        aReason({ alsoIps: [elsewhere] }),
        aQuarantine({ sender: operator, until: noon + minutes(5), session: aSession().key, note: 'ü' }),
      ],
      sessions: [aSession({ granted: quarantinedAs() }), aSession({ key: 'x', port: null, user: null, endedAt: noon, endedBy: 'stop' })], // prettier-ignore
      addresses: [anAddress(), anAddress({ ip: elsewhere, session: null, source: 'operator', until: noon })],
      waiting: [{ message: aMessage({ endpointMac: laptop, occurredAt: noon }), client: 'one', template: 'two', receivedAt: noon }], // prettier-ignore
      lastApplied: { 'client:policy-enforcer': noon },
      changes: [aChange({ errorCause: 503, detail: 'gone' })],
      investigation: 'in-progress',
    });

    test('an endpoint is read as it was written, in the order in which they are asked for', async () => {
      await put(everything);
      await put(anEndpoint({ mac: phone }));

      const read = await store.read(acme, [phone, '00:11:22:33:44:55' as Mac, laptop, phone]);
      expect(read.map((each) => each?.endpoint)).toEqual([anEndpoint({ mac: phone }), undefined, everything, anEndpoint({ mac: phone })]); // prettier-ignore
      expect(await store.read(globex, [laptop])).toEqual([undefined]);
    });

    test('many are read at once, the same one twice too', async () => {
      for (const mac of macs(12)) await put(anEndpoint({ mac }));

      const asked = [...macs(14), ...macs(2)];
      const read = await store.read(acme, asked);
      expect(read.map((each) => each?.endpoint.mac)).toEqual([...macs(12), undefined, undefined, ...macs(2)]);
      expect(await store.read(acme, [])).toEqual([]);
    });

    test('an endpoint is replaced only as it was read', async () => {
      await put(anEndpoint());
      const read = await readOne();

      expect(await store.replace(acme, anEndpoint({ investigation: 'in-progress' }), undefined)).toBe('conflict');
      expect(await store.replace(acme, anEndpoint({ investigation: 'in-progress' }), read)).toBe('replaced');
      expect(await store.replace(acme, anEndpoint({ investigation: 'open' }), read)).toBe('conflict');
      expect((await readOne())?.endpoint.investigation).toBe('in-progress');
      expect(await store.replace(globex, anEndpoint(), read)).toBe('conflict');
    });

    test('of twenty who replace the same at once one does', async () => {
      await put(anEndpoint({ reasons: [aReason()] }));
      const read = await readOne();
      const tries = Array.from({ length: 20 }, async (_, index) =>
        // Some of them take a reason away, which is another way to write.
        store.replace(acme, anEndpoint({ firstSeenAt: index, reasons: index % 2 === 0 ? [aReason()] : [] }), read),
      );

      expect((await Promise.all(tries)).filter((each) => each === 'replaced')).toHaveLength(1);
    });

    test('addresses that it has, had, or is held through lead to it, and to nobody else', async () => {
      await put(anEndpoint({ addresses: [anAddress(), anAddress({ ip: '2001:db8::1' as IpAddress, until: noon })] }));
      await put(
        anEndpoint({ mac: phone, reasons: [aReason({ ip: elsewhere }), aReason({ threatName: 'x', ip: null })] }),
      );

      expect((await store.at(acme, desk)).macs).toEqual([laptop]);
      expect((await store.at(acme, '2001:db8::1' as IpAddress)).macs).toEqual([laptop]);
      expect((await store.at(acme, elsewhere)).macs).toEqual([phone]);
      expect((await store.at(acme, '192.0.2.5' as IpAddress)).macs).toEqual([]);
      expect((await store.at(globex, desk)).macs).toEqual([]);
    });

    test('two endpoints may have had one address', async () => {
      for (const mac of [laptop, phone]) await put(anEndpoint({ mac, addresses: [anAddress()] }));

      const renewedAt = new Map([laptop, phone].map((mac) => [mac, noon]));
      expect(await store.at(acme, desk)).toEqual({ macs: [laptop, phone], renewedAt, pending: [] });
    });

    test('what leads to an endpoint says when it was written last, or that it lasts while a reason stands', async () => {
      const renewed = async () => (await store.at(acme, desk)).renewedAt.get(laptop);
      await put(anEndpoint({ addresses: [anAddress()] }));
      await put(anEndpoint({ addresses: [anAddress()], changedAt: noon + hours(24) }));
      expect(await renewed()).toBe(noon + hours(24));

      await put(anEndpoint({ addresses: [anAddress()], reasons: [aReason()], changedAt: noon + hours(25) }));
      expect(await renewed()).toBe(Infinity);
      await put(anEndpoint({ addresses: [anAddress()], changedAt: noon + hours(26) }));
      expect(await renewed()).toBe(noon + hours(26));
    });

    test('a switch leads to those with sessions on it', async () => {
      await put(anEndpoint({ sessions: [aSession()] }));
      await put(anEndpoint({ mac: phone, sessions: [aSession({ endedAt: noon, endedBy: 'stop' })] }));

      expect(await store.onNas(acme, accessSwitch)).toEqual([laptop]);
      expect(await store.onNas(globex, accessSwitch)).toEqual([]);
      expect(await store.onNas(acme, '198.51.100.1' as IpAddress)).toEqual([]);
    });

    test('those with changes of authorization are listed until they are taken from the list as they were read', async () => {
      await put(anEndpoint({ changes: [aChange()] }));
      await put(anEndpoint({ mac: phone, changes: [aChange({ state: 'acknowledged' })] }));
      expect(await store.withChanges(acme)).toEqual([laptop]);
      expect(await store.withChanges(globex)).toEqual([]);

      await put(anEndpoint({ changes: [aChange({ state: 'acknowledged' })] }));
      const settled = await readOne();
      if (settled === undefined) throw new Error('It is there.');
      await put(anEndpoint({ changes: [aChange({ id: 'change-2' })] }));
      await store.withoutChanges(acme, settled);
      expect(await store.withChanges(acme)).toEqual([laptop]);

      await put(settled.endpoint);
      const again = await readOne();
      if (again === undefined) throw new Error('It is there.');
      await store.withoutChanges(acme, again);
      expect(await store.withChanges(acme)).toEqual([]);
      expect((await readOne())?.endpoint).toEqual(settled.endpoint);
    });

    test('who read it before it was taken from the list does not write a change that nobody finds', async () => {
      await put(anEndpoint());
      const read = await readOne();
      if (read === undefined) throw new Error('It is there.');
      await store.withoutChanges(acme, read);

      expect(await store.replace(acme, anEndpoint({ changes: [aChange()] }), read)).toBe('conflict');
      await put(anEndpoint({ changes: [aChange()] }));
      expect(await store.withChanges(acme)).toEqual([laptop]);
    });

    test('those that are held are listed until their last reason is taken away, however many others change them', async () => {
      await put(anEndpoint({ reasons: [aReason(), aQuarantine()] }));
      await put(anEndpoint({ mac: phone }));
      await put(anEndpoint({ mac: phone, reasons: [aReason()] }), globex);
      expect(await store.held(acme)).toEqual([laptop]);
      expect(await store.held(globex)).toEqual([phone]);

      await put(anEndpoint({ reasons: [aQuarantine()] }));
      expect(await store.held(acme)).toEqual([laptop]);
      await put(anEndpoint());
      expect(await store.held(acme)).toEqual([]);
      await put(anEndpoint({ reasons: [aReason()] }));
      expect(await store.held(acme)).toEqual([laptop]);
    });

    test('whoever frees an endpoint that is held anew meanwhile takes it from no list', async () => {
      await put(anEndpoint({ reasons: [aReason()] }));
      const read = await readOne();
      await put(anEndpoint({ reasons: [aReason(), aQuarantine()] }));

      expect(await store.replace(acme, anEndpoint(), read)).toBe('conflict');
      expect(await store.held(acme)).toEqual([laptop]);
    });

    test('who read it before it was freed does not hold it where nobody finds it', async () => {
      await put(anEndpoint({ reasons: [aReason()] }));
      const read = await readOne();
      await put(anEndpoint());

      expect(await store.replace(acme, anEndpoint({ reasons: [aQuarantine()] }), read)).toBe('conflict');
      await put(anEndpoint({ reasons: [aQuarantine()] }));
      expect(await store.held(acme)).toEqual([laptop]);
    });

    test('a list goes by MAC, page by page', async () => {
      const all = macs(40);
      for (const mac of all.toReversed()) await put(anEndpoint({ mac }));
      await put(anEndpoint(), globex);

      for (const limit of [1, 7, 39, 40, 100]) {
        const seen: Mac[] = [];
        let after: Mac | undefined;
        do {
          const { endpoints, next } = await store.list(acme, { limit, ...(after && { after }) });
          expect(endpoints.length).toBeLessThanOrEqual(limit);
          seen.push(...endpoints.map(({ mac }) => mac));
          after = next;
        } while (after !== undefined);
        expect(seen).toEqual(all);
      }
      expect(await store.list(tenantId('acm'), { limit: 9 })).toEqual({ endpoints: [] });
    });

    test('a message waits for its address, and is taken away by one', async () => {
      const [one, other] = [aPending(), aPending({ message: aMessage({ eventId: 'ü#'.repeat(900) }) })];
      await store.putPending(acme, one);
      await store.putPending(acme, one);
      await store.putPending(acme, other);
      await store.putPending(acme, { ...one, client: 'another' });
      await put(anEndpoint({ addresses: [anAddress()] }));

      const { macs: there, pending } = await store.at(acme, desk);
      expect(there).toEqual([laptop]);
      expect(pending).toHaveLength(3);
      expect(pending).toEqual(expect.arrayContaining([one, other, { ...one, client: 'another' }]));
      expect(await store.at(globex, desk)).toEqual({ macs: [], renewedAt: new Map(), pending: [] });

      const tries = await Promise.all(Array.from({ length: 9 }, async () => store.removePending(acme, one)));
      expect(tries.filter((each) => each === 'removed')).toHaveLength(1);
      expect(await store.removePending(globex, other)).toBe('absent');
      expect((await store.at(acme, desk)).pending).toHaveLength(2);
    });

    test('what is due comes by its time, and goes when it has been seen to', async () => {
      await put(anEndpoint({ reasons: [aReason({ until: noon + minutes(20) }), aReason({ threatName: 'x' })] }));
      await put(anEndpoint({ mac: phone, reasons: [aQuarantine({ until: noon + minutes(5) })] }));
      await store.putPending(acme, aPending());
      const [soon, pending, late] = [
        { kind: 'endpoint', mac: phone, at: noon + minutes(5) },
        { kind: 'pending', ip: desk, at: noon + minutes(10) },
        { kind: 'endpoint', mac: laptop, at: noon + minutes(20) },
      ] as const;

      expect(await store.due(acme, noon + minutes(5) - 1, 9)).toEqual([]);
      expect(await store.due(acme, noon + minutes(5), 9)).toEqual([soon]);
      expect(await store.due(acme, noon + minutes(30), 9)).toEqual([soon, pending, late]);
      expect(await store.due(acme, noon + minutes(30), 2)).toEqual([soon, pending]);
      expect(await store.due(globex, noon + minutes(30), 9)).toEqual([]);
      await store.removeDue(globex, soon);
      await store.removeDue(acme, pending);
      await store.removeDue(acme, pending);
      expect(await store.due(acme, noon + minutes(30), 9)).toEqual([soon, late]);
    });

    test('of many who advance one endpoint at once each has its say', async () => {
      const table: EndpointTable = { endpoints: store, now: () => noon, newId: () => 'id' };
      const senders = ['one', 'two', 'three', 'four'].map((each) => ({ ...enforcer, name: each }));
      const advanced = await Promise.all(
        senders.map(async (sender) => advanceEndpoint(table, acme, laptop, aHold({ sender }))),
      );

      expect(advanced.map((each) => each?.outcome)).toEqual(['applied', 'applied', 'applied', 'applied']);
      const names = (await readOne())?.endpoint.reasons.map(({ sender }) => sender.name);
      expect(names?.toSorted()).toEqual(['four', 'one', 'three', 'two']);
      expect(await readOne(laptop, globex)).toBeUndefined();
    });
  });
}
