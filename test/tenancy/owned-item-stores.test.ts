import { paginateScan } from '@aws-sdk/client-dynamodb';
import { dynamoOwnedItemRemover, dynamoOwnedItems } from '../../shared/tenancy/owned-item-store.ts';
import { type Item, tableNames, type TableName } from '../../shared/tenancy/owned-items.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeOwnedItems } from '../support/fake-owned-items.ts';
import { anItem, ownedItemsContract, removeAll, t1, t10 } from './owned-items.contract.ts';

ownedItemsContract('the fake', () => Promise.resolve(fakeOwnedItems()));

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  const open = async () => {
    for (const name of tableNames) await emptyTable(engine, tables[name]);
    return {
      ...dynamoOwnedItemRemover(engine.client, tables),
      ...dynamoOwnedItems(engine.client, tables),
      async put(table: TableName, item: Item) {
        await dynamoOwnedItems(engine.client, tables).add({ table, item });
      },
      async keys() {
        const found: string[] = [];
        for (const name of tableNames) {
          for await (const { Items = [] } of paginateScan({ client: engine.client }, { TableName: tables[name] })) {
            found.push(...Items.map(({ pk, sk }) => `${name} ${pk?.S ?? ''} / ${sk?.S ?? ''}`));
          }
        }
        return found;
      },
    };
  };

  ownedItemsContract('all tables', open);

  test('more than one request looks through is gone through to its end', async () => {
    const items = await open();
    const text = { S: 'x'.repeat(90_000) };
    for (let number = 0; number < 60; number += 1) {
      await items.put('journal', anItem(`T#${number % 2 === 0 ? t1 : t10}#EVENTS#${number}`, 'x', { text }));
    }
    expect(await items.remove(t1, { section: 'journal' })).toHaveProperty('next.after.pk');

    await removeAll(items, t1);

    expect((await items.keys()).filter((key) => key.includes('T#t10#'))).toHaveLength(30);
    expect(await items.keys()).toHaveLength(30);
  });
});
