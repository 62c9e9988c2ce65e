import { GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { dynamoEndpointStore } from '../../shared/endpoints/endpoint-store.ts';
import type { EndpointStore } from '../../shared/endpoints/endpoint-table.ts';
import type { Endpoint } from '../../shared/endpoints/endpoint.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import {
  aChange,
  accessSwitch,
  anAddress,
  anEndpoint,
  aPending,
  aReason,
  aSession,
  laptop,
} from '../support/endpoints.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeEndpointStore } from '../support/fake-endpoint-store.ts';
import { interposed } from '../support/interposed.ts';
import { acme, desk, hours, minutes, noon } from '../support/observations.ts';
import { endpointStoreContract } from './endpoint-store.contract.ts';

endpointStoreContract('the fake', () => Promise.resolve(fakeEndpointStore()));

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  const emptied = async () => {
    await emptyTable(engine, tables.endpoints);
    return dynamoEndpointStore(engine.client, tables.endpoints);
  };

  endpointStoreContract('the store', emptied);

  const days = (count: number) => hours(24 * count);
  const elsewhere = '192.0.2.51' as IpAddress;
  const readOne = async (store: EndpointStore, mac = laptop) => (await store.read(acme, [mac]))[0];
  const put = async (store: EndpointStore, endpoint: Endpoint) =>
    store.replace(acme, endpoint, await readOne(store, endpoint.mac));

  /** When each item of the tenant goes by time, as days after noon; `never` where it does not. */
  const goes = async () => {
    const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: tables.endpoints }));
    return Object.fromEntries(
      Items.map(({ pk, sk, deleteAt }) => [
        `${pk?.S ?? ''} ${sk?.S ?? ''}`.replace('T#acme#', ''),
        deleteAt?.N === undefined ? 'never' : (Number(deleteAt.N) * 1_000 - noon) / days(1),
      ]),
    );
  };

  test('a free endpoint goes after thirty days, and what leads to it ten days later', async () => {
    const store = await emptied();
    await put(store, anEndpoint({ sessions: [aSession()], addresses: [anAddress()], changes: [aChange()] }));

    expect(await goes()).toEqual({
      [`E#14 ${laptop}`]: 30,
      [`IP#${desk} E#${laptop}`]: 40,
      [`NAS#${accessSwitch} ${laptop}`]: 40,
      [`CHANGES ${laptop}`]: 40,
    });
  });

  test('what is written anew once a day outlives the endpoint, however often that changes', async () => {
    const store = await emptied();
    for (let hour = 0; hour <= 73; hour += 1) {
      const heardAt = noon + hours(hour);
      await put(store, anEndpoint({ changedAt: heardAt, sessions: [aSession({ heardAt })], addresses: [anAddress()] }));
      const ends = Object.entries(await goes()).map(([name, day]) => ({ name, day: Number(day) }));
      const own = ends.find(({ name }) => name.startsWith('E#'))?.day ?? 0;
      for (const { name, day } of ends) if (!name.startsWith('E#')) expect(day).toBeGreaterThan(own + 8);
    }
  });

  test('while a reason stands it does not go, nor does what leads to it from the address of the reason', async () => {
    const store = await emptied();
    const held = { reasons: [aReason({ ip: elsewhere, until: noon + days(90) })], addresses: [anAddress()] };
    await put(store, anEndpoint(held));

    const due = `DUE ${String(noon + days(90)).padStart(15, '0')}#E#${laptop}`;
    const ofReason = `IP#${elsewhere} E#${laptop}`;
    const listed = `HELD ${laptop}`;
    expect(await goes()).toEqual({ [`E#14 ${laptop}`]: 'never', [`IP#${desk} E#${laptop}`]: 40, [ofReason]: 'never', [due]: 130, [listed]: 'never' }); // prettier-ignore

    await put(store, anEndpoint({ ...held, changedAt: noon + days(2), addresses: [anAddress({ ip: elsewhere })] }));
    expect(await goes()).toMatchObject({ [ofReason]: 'never' });

    await put(store, anEndpoint({ changedAt: noon + days(3) }));
    expect(await goes()).toMatchObject({ [`E#14 ${laptop}`]: 33, [ofReason]: 43 });
    expect(await goes()).not.toHaveProperty([listed]);

    await put(store, anEndpoint({ ...held, changedAt: noon + days(3) }));
    expect(await goes()).toMatchObject({ [`E#14 ${laptop}`]: 'never', [ofReason]: 'never' });
  });

  test('a slower writer, who thinks that the endpoint is free, does not shorten what leads to it', async () => {
    const store = await emptied();
    await put(store, anEndpoint());
    const read = await readOne(store);
    await put(store, anEndpoint({ reasons: [aReason()] }));

    expect(await store.replace(acme, anEndpoint({ addresses: [anAddress()] }), read)).toBe('conflict');
    expect(await goes()).toMatchObject({ [`IP#${desk} E#${laptop}`]: 'never' });
  });

  test('an address that an operator told of stays as long as the endpoint is held', async () => {
    const store = await emptied();
    const told = anAddress({ session: null, source: 'operator' });
    await put(store, anEndpoint({ addresses: [told] }));
    expect(await goes()).toMatchObject({ [`IP#${desk} E#${laptop}`]: 40 });

    await put(store, anEndpoint({ addresses: [told], reasons: [aReason({ ip: null })] }));
    expect(await goes()).toMatchObject({ [`IP#${desk} E#${laptop}`]: 'never' });
  });

  test('a message that waits goes long after its time, if nobody has seen to it', async () => {
    const store = await emptied();
    await store.putPending(acme, aPending({ until: noon }));

    expect(Object.values(await goes())).toEqual([40, 40]);
  });

  test('a writer that is killed after any of its requests leaves no endpoint that nothing leads to', async () => {
    const before = anEndpoint({ reasons: [aReason({ ip: '192.0.2.99' as IpAddress })] });
    const full = anEndpoint({
      reasons: [aReason({ until: noon + minutes(20) }), aReason({ threatName: 'x', ip: elsewhere })],
      addresses: [anAddress()],
      sessions: [aSession()],
      changes: [aChange()],
    });
    let survived = 0;
    for (let allowed = 0; survived === 0; allowed += 1) {
      for (const first of [undefined, before]) {
        const store = await emptied();
        if (first) await put(store, first);
        let sent = 0;
        const dying = dynamoEndpointStore(
          interposed(engine, async ({ command }, send) => {
            if (!command.startsWith('Get') && ++sent > allowed) throw new Error('killed');
            return send();
          }),
          tables.endpoints,
        );
        const result = await dying.replace(acme, full, await readOne(store)).catch(() => 'killed');
        if (first && result === 'replaced') survived += 1;

        const stored = await readOne(store);
        expect(stored?.endpoint).toEqual(result === 'replaced' ? full : first);
        if (result !== 'replaced') continue;
        expect((await store.at(acme, desk)).macs).toEqual([laptop]);
        expect((await store.at(acme, elsewhere)).macs).toEqual([laptop]);
        expect(await store.onNas(acme, accessSwitch)).toEqual([laptop]);
        expect(await store.withChanges(acme)).toEqual([laptop]);
        expect(await store.held(acme)).toEqual([laptop]);
        expect(await store.due(acme, noon + minutes(20), 9)).toHaveLength(1);
      }
      expect(allowed).toBeLessThan(20);
    }
  });

  test('whoever is killed while a reason is taken away leaves either all or nothing of it', async () => {
    for (let allowed = 0; allowed < 4; allowed += 1) {
      const store = await emptied();
      await put(store, anEndpoint({ reasons: [aReason()] }));
      let sent = 0;
      const dying = dynamoEndpointStore(
        interposed(engine, async ({ command }, send) => {
          if (!command.startsWith('Get') && ++sent > allowed) throw new Error('killed');
          return send();
        }),
        tables.endpoints,
      );
      await dying.replace(acme, anEndpoint(), await readOne(store)).catch(() => 'killed');

      const isHeld = (await readOne(store))?.endpoint.reasons.length === 1;
      expect((await goes())[`IP#${desk} E#${laptop}`]).toBe(isHeld ? 'never' : 40);
      expect(await store.held(acme)).toEqual(isHeld ? [laptop] : []);
    }
  });

  test('a write whose answer was lost, and that was sent again, has been done', async () => {
    const store = await emptied();
    await put(store, anEndpoint());
    const twice = dynamoEndpointStore(
      interposed(engine, async ({ command, sortKey }, send) => {
        if (command === 'PutItem' && sortKey === laptop) await send();
        return send();
      }),
      tables.endpoints,
    );

    expect(await twice.replace(acme, anEndpoint({ investigation: 'in-progress' }), await readOne(store))).toBe('replaced'); // prettier-ignore
    expect((await readOne(store))?.endpoint.investigation).toBe('in-progress');
  });

  test('an endpoint lies as one text, and one that we cannot have written is refused', async () => {
    const store = await emptied();
    await put(store, anEndpoint());
    const TableName = tables.endpoints;
    const { Item } = await engine.client.send(
      new GetItemCommand({ TableName, Key: { pk: { S: 'T#acme#E#14' }, sk: { S: laptop } } }),
    );
    const text = { ...anEndpoint(), reasons: [{ hold: 'forgiven' }] };
    expect(JSON.parse(Item?.endpoint?.S ?? '')).toEqual(anEndpoint());

    await engine.client.send(
      new PutItemCommand({ TableName, Item: { ...Item, endpoint: { S: JSON.stringify(text) } } }),
    );
    await expect(store.read(acme, [laptop])).rejects.toThrow('Invalid type');
  });
});
