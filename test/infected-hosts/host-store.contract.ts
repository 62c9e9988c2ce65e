/** What every HostStore promises. Run against the fake and against each engine. */
import { advanceHost, type HostStore } from '../../shared/infected-hosts/host-table.ts';
import type { InfectedHost } from '../../shared/infected-hosts/host.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import { laptop, phone } from '../support/endpoints.ts';
import { aHost, aListing, anOperation, isListed } from '../support/hosts.ts';
import { acme, desk, globex, noon } from '../support/observations.ts';

export function hostStoreContract(name: string, open: () => Promise<HostStore>) {
  describe(name, () => {
    let store: HostStore;
    beforeEach(async () => {
      store = await open();
    });

    const address = (last: number) => `198.51.100.${last}` as IpAddress;
    const put = async (host: InfectedHost, tenant = acme) =>
      store.replace(tenant, host.ip, host, await store.read(tenant, host.ip));

    test('a host is read as it was written, by its tenant alone', async () => {
      const full = aHost({
        ip: '2001:db8::7' as IpAddress,
        listings: {
          'atp-cloud': aListing({ heldBy: 'blast-radius', meanwhile: 'quarantined', threatName: 'ü', missedAt: noon }),
          api: aListing({ silencedAt: noon, wanted: 'blocked', calledForAt: noon + 1, spared: { mac: laptop, by: 'role', word: 'Printers' } }), // prettier-ignore
        },
        operations: [anOperation({ answeredAt: noon, detail: 'no', roundTripMs: 3, sentAt: noon, state: 'failed' })],
        investigation: 'in-progress',
      });
      await put(full);

      expect((await store.read(acme, full.ip))?.host).toEqual(full);
      expect(await store.read(globex, full.ip)).toBeUndefined();
    });

    test('whoever was overtaken changes nothing, whether it was to be changed, made or removed', async () => {
      expect(await store.replace(acme, desk, aHost(), undefined)).toBe('replaced');
      const read = await store.read(acme, desk);
      expect(await put(aHost({ investigation: 'in-progress' }))).toBe('replaced');

      expect(await store.replace(acme, desk, aHost(), read)).toBe('conflict');
      expect(await store.replace(acme, desk, undefined, read)).toBe('conflict');
      expect(await store.replace(acme, desk, aHost(), undefined)).toBe('conflict');
      expect((await store.read(acme, desk))?.host.investigation).toBe('in-progress');
    });

    test('one that is removed is nowhere any more, and may come again', async () => {
      await put(aHost({ operations: [anOperation()] }));
      expect(await store.replace(acme, desk, undefined, await store.read(acme, desk))).toBe('replaced');

      expect(await store.read(acme, desk)).toBeUndefined();
      expect(await store.list(acme, { limit: 9 })).toEqual({ hosts: [] });
      expect(await store.due(acme, noon, 9)).toEqual([]);
      expect(await store.replace(acme, desk, undefined, undefined)).toBe('replaced');
      expect(await put(aHost())).toBe('replaced');
    });

    test('a device leads to the hosts whose operations are of it, as long as they are', async () => {
      const of = (mac: Mac) => anOperation({ device: { at: noon, mac } });
      await put(aHost({ ip: address(1), operations: [of(laptop), of(phone)] }));
      await put(aHost({ ip: address(2), operations: [of(laptop)] }));
      await put(aHost({ ip: address(3), operations: [of(laptop)] }), globex);
      await put(aHost({ ip: address(4), operations: [anOperation()] }));
      expect(await store.ofDevice(acme, laptop)).toEqual([address(1), address(2)]);
      expect(await store.ofDevice(acme, phone)).toEqual([address(1)]);

      await put(aHost({ ip: address(1), operations: [of(phone)] }));
      const read = await store.read(acme, address(2));
      await store.replace(acme, address(2), undefined, read);
      expect(await store.ofDevice(acme, laptop)).toEqual([]);
      expect(await store.ofDevice(acme, phone)).toEqual([address(1)]);
    });

    test('those that are to be kept out are found without the others, as long as they are, page by page', async () => {
      const out = async (limit: number, after?: IpAddress) =>
        store.keptOut(acme, { limit, ...(after !== undefined && { after }) });
      const free = { listings: { api: aListing({ silencedAt: noon }) } };
      for (const last of [3, 1, 5]) await put(aHost({ ip: address(last) }));
      await put(aHost({ ip: address(2), ...free }));
      await put(aHost({ ip: address(4) }), globex);
      expect(await out(2)).toEqual({ ips: [address(1), address(3)], next: address(3) });
      expect((await out(2, address(3))).ips).toEqual([address(5)]);

      await put(aHost({ ip: address(1), ...free }));
      await put(aHost({ ip: address(2) }));
      await store.replace(acme, address(5), undefined, await store.read(acme, address(5)));
      expect((await out(9)).ips).toEqual([address(2), address(3)]);
    });

    test('all are listed by address, page by page', async () => {
      for (const last of [3, 1, 5, 2, 4]) await put(aHost({ ip: address(last) }));
      await put(aHost({ ip: address(6) }), globex);

      const told: string[][] = [];
      let after: IpAddress | undefined;
      do {
        const page = await store.list(acme, { limit: 2, ...(after !== undefined && { after }) });
        told.push(page.hosts.map(({ host }) => host.ip));
        after = page.next;
      } while (after !== undefined);
      expect(told.flat()).toEqual([1, 2, 3, 4, 5].map(address));
      expect(Math.max(...told.map(({ length }) => length))).toBe(2);
    });

    test('those whose connectors have to be told are found by when that is, and once each', async () => {
      const due = (last: number, ...after: readonly number[]) =>
        aHost({
          ip: address(last),
          operations: after.map((each) => anOperation({ id: String(each), nextAt: noon + 1_000 * each })),
        });
      await put(due(1, 30, 5));
      await put(due(2, 1));
      await put(due(3, 60));
      await put(due(4, 1), globex);
      await put(aHost({ ip: address(5), operations: [anOperation({ state: 'acknowledged' })] }));

      expect(await store.due(acme, noon, 9)).toEqual([]);
      expect(await store.due(acme, noon + 1_000 * 5, 9)).toEqual([address(2), address(1)]);
      expect(await store.due(acme, noon + 1_000 * 90, 2)).toEqual([address(2), address(1)]);

      await put(due(1, 30));
      await put(aHost({ ip: address(2) }));
      expect(await store.due(acme, noon + 1_000 * 29, 9)).toEqual([]);
      expect(await store.due(acme, noon + 1_000 * 90, 9)).toEqual([address(1), address(3)]);
    });

    test('of many who change a host at once, each finds what the others did', async () => {
      const table = { hosts: store, now: () => noon, newId: () => 'one' };
      const causes = ['one', 'two', 'three'];
      const feeds = ['atp-cloud', 'api', 'api'] as const;
      await Promise.all(
        causes.map(async (cause, at) => advanceHost(table, acme, desk, isListed({ cause, feed: feeds[at] ?? 'api' }))),
      );

      expect(Object.keys((await store.read(acme, desk))?.host.listings ?? {}).sort()).toEqual(['api', 'atp-cloud']);
    });
  });
}
