import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { type Attributes, endpointItem, placeItem } from '../../shared/endpoints/endpoint-item.ts';
import { dynamoEndpointStore } from '../../shared/endpoints/endpoint-store.ts';
import type { EndpointRevision } from '../../shared/endpoints/endpoint-table.ts';
import type { Endpoint } from '../../shared/endpoints/endpoint.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import { placesOf } from '../../shared/endpoints/places.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { dynamoFeedOutStore } from '../../shared/infected-hosts/feed-out-store.ts';
import { serveFeed } from '../../shared/infected-hosts/feed-out.ts';
import { keptOutKey } from '../../shared/infected-hosts/host-item.ts';
import { dynamoHostStore } from '../../shared/infected-hosts/host-store.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { emptyTable } from '../support/empty-table.ts';
import { anAddress, anEndpoint, aReason } from '../support/endpoints.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeFeedOutStore } from '../support/fake-feed-out-store.ts';
import { interposed } from '../support/interposed.ts';
import { acme, globex, noon } from '../support/observations.ts';
import { feedOutStoreContract } from './feed-out-store.contract.ts';

feedOutStoreContract('the fake', () => Promise.resolve(fakeFeedOutStore()));

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  feedOutStoreContract('the store', async () => {
    await emptyTable(engine, tables.endpoints);
    return dynamoFeedOutStore(engine.client, tables.endpoints);
  });

  const held = 10_000;
  const free = 1_000;
  const macOf = (index: number) => (index + 0x1000).toString(16).padStart(12, '0').match(/../g)?.join(':') as Mac;
  const ipOf = (index: number) => `10.1.${index >> 8}.${index & 255}` as IpAddress;

  const itemsOf = (tenant: TenantId, endpoint: Endpoint) => [
    endpointItem(tenant, { endpoint, revision: 'one' as EndpointRevision }),
    ...placesOf(endpoint)
      .filter(({ kind }) => kind === 'held')
      .map((place) => placeItem(tenant, endpoint, place)),
  ];
  const putAll = async (items: readonly Attributes[]) => {
    for (let from = 0; from < items.length; from += 25) {
      const RequestItems = {
        [tables.endpoints]: items.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } })),
      };
      await engine.client.send(new BatchWriteItemCommand({ RequestItems }));
    }
  };

  test('among any number of endpoints those that are held cost a request for a hundred, hosts of feeds one for all, and the next poll costs one', async () => {
    await emptyTable(engine, tables.endpoints);
    const ofAcme = Array.from({ length: held + free }, (_, index) => {
      const ip = ipOf(index);
      const reasons = index < held ? [aReason({ ip })] : [];
      return itemsOf(acme, anEndpoint({ mac: macOf(index), addresses: [anAddress({ ip })], reasons }));
    });
    const listed = Array.from({ length: held }, (_, index) => keptOutKey(acme, ipOf(index)));
    await putAll([...ofAcme.flat(), ...listed, ...itemsOf(globex, anEndpoint({ reasons: [aReason()] }))]);

    const commands: string[] = [];
    const counted = interposed(engine, async ({ command }, send) => {
      commands.push(command);
      return send();
    });
    let now = noon;
    const asked = async () =>
      serveFeed(
        {
          endpoints: dynamoEndpointStore(counted, tables.endpoints),
          hosts: dynamoHostStore(counted, tables.endpoints),
          feeds: dynamoFeedOutStore(counted, tables.endpoints),
          now: () => now,
          newId: () => 'a',
          notMade: (_tenant, error) => {
            throw error;
          },
        },
        acme,
        now + 30_000,
      );

    const { text } = await asked();
    expect(text.split('\n')).toHaveLength(held + 1);
    expect(text.startsWith(`${ipOf(0)}/32\n`)).toBe(true);
    const times = (name: string) => commands.filter((each) => each === name).length;
    expect({ batches: times('BatchGetItem'), all: commands.length }).toEqual({ batches: held / 100, all: held / 100 + 5 }); // prettier-ignore

    commands.length = 0;
    now += 14_999;
    expect((await asked()).text).toBe(text);
    expect(commands).toEqual(['GetItem']);
  });
});
