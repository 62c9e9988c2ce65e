import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoReceiptStore } from '../../shared/journal/receipt-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeReceiptStore } from '../support/fake-receipt-store.ts';
import { acme } from '../support/observations.ts';
import { aReceipt, receiptStoreContract } from './receipt-store.contract.ts';

receiptStoreContract('the fake', async () => Promise.resolve(fakeReceiptStore()));

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  receiptStoreContract('the journal', async () => {
    await emptyTable(engine, tables.journal);
    return dynamoReceiptStore(engine.client, tables.journal, new Logger());
  });
});

test('a journal that cannot be written turns nobody away', async () => {
  const unreachable = new DynamoDBClient({
    endpoint: 'http://127.0.0.1:1',
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });

  const store = dynamoReceiptStore(unreachable, tables.journal, new Logger());
  await expect(store.record(acme, aReceipt(), [], { days: 14 })).resolves.toBe('lost');
});
