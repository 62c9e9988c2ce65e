import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { dynamoSecretStore } from '../../shared/outbound/secret-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeCipher, fakeSecrets } from '../support/fake-secrets.ts';
import { acme, globex } from '../support/observations.ts';
import { secretsContract } from './secrets.contract.ts';

secretsContract('the fake', () => Promise.resolve(fakeSecrets()));

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  const open = async () => {
    await emptyTable(engine, tables.tenants);
    return dynamoSecretStore(engine.client, tables.tenants, fakeCipher());
  };

  secretsContract('the tenants table', open);

  test('an item that is copied under the keys of another tenant does not open there', async () => {
    const secrets = await open();
    const reference = await secrets.keep({ tenant: acme, name: 'clearpass' }, 'secret');
    const other = await secrets.keep({ tenant: globex, name: 'clearpass' }, 'other');
    const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: tables.tenants }));
    const stolen = Items.find(({ pk }) => pk?.S === `T#${acme}`);
    await engine.client.send(
      new PutItemCommand({
        TableName: tables.tenants,
        Item: { ...stolen, pk: { S: `T#${globex}` }, sk: { S: `SECRET#${reference}` } },
      }),
    );

    await expect(secrets.open({ tenant: globex, name: 'clearpass' }, reference)).rejects.toThrow();
    expect(await secrets.open({ tenant: globex, name: 'clearpass' }, other)).toEqual({ text: 'other' });
  });
});
