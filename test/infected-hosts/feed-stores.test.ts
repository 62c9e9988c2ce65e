import { dynamoFeedStore } from '../../shared/infected-hosts/feed-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeFeedStore } from '../support/fake-feed-store.ts';
import { feedStoreContract } from './feed-store.contract.ts';

feedStoreContract('the fake', async () => Promise.resolve(fakeFeedStore()));

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  feedStoreContract('the store of feeds', async () => {
    await emptyTable(engine, tables.endpoints);
    return dynamoFeedStore(engine.client, tables.endpoints);
  });
});
