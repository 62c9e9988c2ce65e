import { dynamoEntryStore } from '../../shared/identity/entry-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { entryStoreContract } from './entry-store.contract.ts';

entryStoreContract('the fake', () => Promise.resolve(fakeEntryStore()));

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  entryStoreContract('the authentication table', async () => {
    await emptyTable(engine, tables.entries);
    return dynamoEntryStore(engine.client, tables.entries);
  });
});
