import { BatchExecuteStatementCommand, BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { sendBatchesAsJson } from '../../shared/aws/batches-as-json.ts';
import { dynamoEntryStore } from '../../shared/identity/entry-store.ts';
import { entryStoreContract } from '../identity/entry-store.contract.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, startEmbedded, tables } from '../support/engine.ts';

let engine: Engine;
let client: DynamoDBClient;
beforeAll(async () => {
  engine = await startEmbedded();
  client = new DynamoDBClient({
    endpoint: engine.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  sendBatchesAsJson(client);
});
afterAll(async () => {
  client.destroy();
  await engine.stop();
});
beforeEach(async () => emptyTable(engine, tables.entries));

entryStoreContract('the authentication table by a client that sends batches as JSON', () =>
  Promise.resolve(dynamoEntryStore(client, tables.entries)),
);

test('a batch is answered as the SDK would answer it, refused statements and all', async () => {
  const text = 'Zoë said "hello" \\ 你好 \u{1f600}\u2028';
  const Statement = `INSERT INTO "${tables.entries}" VALUE {'pk': ?, 'sk': ?, 'text': ?}`;
  const insert = { Statement, Parameters: [{ S: 'T#acme#00' }, { S: 'one' }, { S: text }] };
  const read = {
    RequestItems: { [tables.entries]: { Keys: [{ pk: { S: 'T#acme#00' }, sk: { S: 'one' } }], ConsistentRead: true } },
  };

  await client.send(new BatchExecuteStatementCommand({ Statements: [insert] }));

  for (const each of [client, engine.client]) {
    const again = await each.send(new BatchExecuteStatementCommand({ Statements: [insert] }));
    const { Responses, UnprocessedKeys } = await each.send(new BatchGetItemCommand(read));

    expect(again.Responses?.map(({ Error }) => Error?.Code)).toEqual(['DuplicateItem']);
    expect(Responses).toEqual({ [tables.entries]: [{ pk: { S: 'T#acme#00' }, sk: { S: 'one' }, text: { S: text } }] });
    expect(UnprocessedKeys).toEqual({});
  }
});

test('a batch that is refused whole is the error that the SDK makes of it', async () => {
  const twice = { pk: { S: 'T#acme#00' }, sk: { S: 'one' } };
  const batch = new BatchGetItemCommand({ RequestItems: { [tables.entries]: { Keys: [twice, twice] } } });

  await expect(client.send(batch)).rejects.toMatchObject({
    name: 'ValidationException',
    $metadata: { httpStatusCode: 400 },
  });
});
