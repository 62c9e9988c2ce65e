import { DeleteItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { dynamoEntryStore } from '../../shared/identity/entry-store.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { entryStoreContract } from './entry-store.contract.ts';

entryStoreContract('the fake', () => Promise.resolve(fakeEntryStore()));

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  }, 30_000);
  afterAll(async () => engine.stop());

  entryStoreContract('the authentication table', async () => {
    await empty(engine);
    return dynamoEntryStore(engine.client, tables.entries);
  });
});

async function empty({ client }: Engine) {
  for await (const { Items = [] } of paginateScan(
    { client },
    { TableName: tables.entries, ProjectionExpression: 'pk, sk' },
  )) {
    await Promise.all(Items.map(async (Key) => client.send(new DeleteItemCommand({ TableName: tables.entries, Key }))));
  }
}
