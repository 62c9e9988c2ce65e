import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { dynamoHostStore } from '../../shared/infected-hosts/host-store.ts';
import type { Listing } from '../../shared/infected-hosts/host.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeHostStore } from '../support/fake-host-store.ts';
import { aHost, aListing, anOperation } from '../support/hosts.ts';
import { acme, desk, noon } from '../support/observations.ts';
import { hostStoreContract } from './host-store.contract.ts';

hostStoreContract('the fake', () => Promise.resolve(fakeHostStore()));

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  const emptied = async () => {
    await emptyTable(engine, tables.endpoints);
    return dynamoHostStore(engine.client, tables.endpoints);
  };
  const items = async () => (await engine.client.send(new ScanCommand({ TableName: tables.endpoints }))).Items ?? [];

  const hostItem = async () => (await items()).find(({ pk }) => pk?.S === 'T#acme#HOSTS');

  hostStoreContract('the store', emptied);

  test('a host lies as one text beside the one place where it is due, and all of it under its tenant', async () => {
    const store = await emptied();
    await store.replace(acme, desk, aHost({ operations: [anOperation()] }), undefined);
    const later = aHost({ operations: [anOperation({ nextAt: noon + 1 })] });
    await store.replace(acme, desk, later, await store.read(acme, desk));

    const places = (await items()).map(({ pk, sk }) => `${pk?.S ?? ''} ${sk?.S ?? ''}`).sort();
    expect(places).toEqual([
      `T#acme#HOSTS ${desk}`,
      `T#acme#HOSTSDUE ${String(noon + 1).padStart(15, '0')}#${desk}`,
      `T#acme#HOSTSOUT ${desk}`,
    ]);
  });

  test('of a host that was written before that was kept, what is called for was so when it appeared', async () => {
    const store = await emptied();
    await store.replace(acme, desk, aHost(), undefined);
    const Item = await hostItem();
    const { calledForAt, spared, ...before } = aListing({ listedAt: noon - 1 });
    const host = { S: JSON.stringify(aHost({ listings: { api: before as Listing } })) };
    await engine.client.send(new PutItemCommand({ TableName: tables.endpoints, Item: { ...Item, host } }));

    const read = (await store.read(acme, desk))?.host.listings.api;
    expect(read).toEqual({ ...before, calledForAt: noon - 1, spared });
    expect(calledForAt).toBe(noon);
  });

  test('a host that we cannot have written is refused', async () => {
    const store = await emptied();
    await store.replace(acme, desk, aHost(), undefined);
    const Item = await hostItem();
    const host = { S: JSON.stringify({ ...aHost(), investigation: 'forgotten' }) };
    await engine.client.send(new PutItemCommand({ TableName: tables.endpoints, Item: { ...Item, host } }));

    await expect(store.read(acme, desk)).rejects.toThrow('Invalid type');
  });
});
