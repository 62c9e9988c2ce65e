import { DeleteItemCommand, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { randomBytes } from 'node:crypto';
import { type Configuration, defaults, noVersion } from '../../shared/configuration/configuration.ts';
import { completed } from '../../shared/configuration/completed.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { versionsOf } from '../../shared/configuration/versions.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { interposed } from '../support/interposed.ts';
import { fakeConfigurationStore } from '../support/fake-configuration-store.ts';
import { acme, globex } from '../support/observations.ts';
import { configurationStoreContract, over, stored, withNetworks } from './configuration-store.contract.ts';

configurationStoreContract('the fake', () => Promise.resolve(fakeConfigurationStore()));

/** About 2.7 kB that gzip makes nothing smaller of. */
const anApplication = () => ({ name: randomBytes(2_000).toString('base64'), protocol: 'tcp' as const, ports: [443] });

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());
  beforeEach(async () => emptyTable(engine, tables.tenants));

  const open = (client: DynamoDBClient = engine.client) => dynamoConfigurationStore(client, tables.tenants);

  configurationStoreContract('the tenants table', () => Promise.resolve(open()));

  test('a configuration of 4 MB that does not compress is stored and read whole, and its chunks go with it', async () => {
    const large: Configuration = { ...defaults, applications: Array.from({ length: 1_500 }, anApplication) };
    expect(JSON.stringify(large).length).toBeGreaterThan(4_000_000);

    const first = await stored(open(), over(noVersion, large));
    const second = await stored(open(), over(first.version, defaults));

    expect(await open().version(acme, first)).toEqual(large);
    expect((await sortKeys(acme)).length).toBeGreaterThan(10);
    await open().remove(acme, first);
    expect(await sortKeys(acme)).toEqual([
      `CONFIGURATION#${second.version}#000`,
      'CURRENT',
      `VERSION#${second.version}`,
    ]);
  });

  test('the chunks are read again only when the version changes, and the pointer each time', async () => {
    const reads: string[] = [];
    const store = open(
      interposed(engine, async ({ command, sortKey }, send) => {
        if (command === 'GetItem') reads.push(sortKey ?? '');
        return send();
      }),
    );
    const first = await stored(store, over(noVersion, withNetworks(['10.0.0.0/8'])));
    await store.current(acme);
    reads.length = 0;

    await store.current(acme);
    expect(reads).toEqual(['CURRENT']);
    await open().replace(acme, over(first.version, withNetworks(['192.0.2.0/24'])));

    expect((await store.current(acme)).configuration.networks).toEqual(['192.0.2.0/24']);
  });

  test.each([
    ['its record', /^VERSION#/],
    ['a chunk', /^CONFIGURATION#/],
    ['its pointer', /^CURRENT$/],
  ])('a change that stops before %s is written leaves what holds, and the chain that led to it', async (_, stops) => {
    const first = await stored(open(), over(noVersion, withNetworks(['10.0.0.0/8'])));
    const breaking = open(
      interposed(engine, async ({ command, sortKey = '' }, send) => {
        if (command === 'PutItem' && stops.test(sortKey)) throw new Error('out of order');
        return send();
      }),
    );

    await expect(breaking.replace(acme, over(first.version, defaults))).rejects.toThrow('out of order');

    expect((await open().current(acme)).configuration.networks).toEqual(['10.0.0.0/8']);
    expect(versionsOf(await open().history(acme))).toEqual([first]);
    const second = await stored(open(), over(first.version, defaults));
    expect(versionsOf(await open().history(acme))).toEqual([second, first]);
    for (const record of await lostAttempts()) await open().remove(acme, record);
    expect(await sortKeys(acme)).toHaveLength(5);
  });

  test('a change whose pointer was written but never confirmed counts as made, even if it was replaced since', async () => {
    const first = await stored(open(), over(noVersion, defaults));
    let second = first;
    const store = open(
      interposed(engine, async ({ command, sortKey }, send) => {
        if (command !== 'PutItem' || sortKey !== 'CURRENT') return send();
        await send(); // its answer is lost, so the client repeats it
        second = await stored(open(), over((await open().current(acme)).version, withNetworks(['192.0.2.0/24'])));
        return send();
      }),
    );

    const unsure = await stored(store, over(first.version, withNetworks(['10.0.0.0/8'])));

    expect(versionsOf(await open().history(acme))).toEqual([second, unsure, first]);
  });

  test('a reader that finds a chunk gone reads the version that came after, and never half of one', async () => {
    const first = await stored(open(), over(noVersion, withNetworks(['10.0.0.0/8'])));
    let changes = 0;
    const store = open(
      interposed(engine, async ({ sortKey }, send) => {
        if (sortKey !== 'CURRENT' && changes === 0) {
          changes += 1;
          await open().replace(acme, over(first.version, withNetworks(['192.0.2.0/24'])));
          await open().remove(acme, first);
        }
        return send();
      }),
    );

    expect((await store.current(acme)).configuration.networks).toEqual(['192.0.2.0/24']);
  });

  test('a removal that stops halfway is found again by the record that it left', async () => {
    const large: Configuration = { ...defaults, applications: Array.from({ length: 300 }, anApplication) };
    const first = await stored(open(), over(noVersion, large));
    const second = await stored(open(), over(first.version, defaults));
    const breaking = open(
      interposed(engine, async ({ sortKey = '' }, send) => {
        if (sortKey.endsWith('#001')) throw new Error('out of order');
        return send();
      }),
    );
    await expect(breaking.remove(acme, first)).rejects.toThrow('out of order');
    expect((await open().history(acme)).records).toContainEqual(first);

    await open().remove(acme, first);

    expect(await sortKeys(acme)).toHaveLength(3);
    expect((await open().current(acme)).version).toBe(second.version);
  });

  test('a lost chunk is an error, not a configuration with less in it', async () => {
    await open().replace(acme, over(noVersion, withNetworks(['10.0.0.0/8'])));
    const [chunk] = await sortKeys(acme);
    const Key = { pk: { S: `T#${acme}` }, sk: { S: chunk ?? '' } };
    await engine.client.send(new DeleteItemCommand({ TableName: tables.tenants, Key }));

    await expect(open().current(acme)).rejects.toThrow('a chunk of it is lost');
    expect((await open().current(globex)).version).toBe(noVersion);
  });

  async function lostAttempts() {
    const history = await open().history(acme);
    const held = versionsOf(history);
    return history.records.filter((record) => !held.includes(record));
  }

  async function sortKeys(tenant: string) {
    const found: string[] = [];
    const query = {
      TableName: tables.tenants,
      KeyConditionExpression: 'pk = :tenant',
      ExpressionAttributeValues: { ':tenant': { S: `T#${tenant}` } },
    };
    for await (const { Items = [] } of paginateQuery({ client: engine.client }, query)) {
      found.push(...Items.flatMap(({ sk }) => sk?.S ?? []));
    }
    return found;
  }
});

test('what a later release adds to the form has its default in a configuration that was stored before', () => {
  const old = { ...defaults, clearpass: { entryTimeout: 60 }, threatLogs: undefined };

  expect(completed(JSON.parse(JSON.stringify(old)))).toEqual({
    ...defaults,
    clearpass: { ...defaults.clearpass, entryTimeout: 60 },
  });
});
