import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { dynamoQuestionStore } from '../../shared/user-query/question-store.ts';
import { dynamoPinStore, dynamoServerStore } from '../../shared/user-query/server-store.ts';
import { dynamoTokenStore } from '../../shared/user-query/token-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeQuestionStore } from '../support/fake-question-store.ts';
import { fakeCipher } from '../support/fake-secrets.ts';
import { fakePinStore, fakeServerStore } from '../support/fake-server-store.ts';
import { fakeTokenStore } from '../support/fake-token-store.ts';
import { acme, noon } from '../support/observations.ts';
import { questionStoreContract } from './question-store.contract.ts';
import { cppm, pinStoreContract, serverStoreContract } from './server-store.contract.ts';
import { aPlace, aToken, tokenStoreContract } from './token-store.contract.ts';

describe('the fakes', () => {
  tokenStoreContract('of tokens', () => Promise.resolve(fakeTokenStore()));
  pinStoreContract('of pins', () => Promise.resolve(fakePinStore()));
  serverStoreContract('of servers', () => Promise.resolve(fakeServerStore()));
  questionStoreContract('of questions', () => Promise.resolve(fakeQuestionStore()));
});

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  const emptied = async (table: string) => {
    await emptyTable(engine, table);
    return [engine.client, table] as const;
  };
  const itemsIn = async (table: string) => {
    const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: table }));
    return Items;
  };

  tokenStoreContract('tokens', async () => dynamoTokenStore(...(await emptied(tables.tenants)), fakeCipher()));
  pinStoreContract('pins', async () => dynamoPinStore(...(await emptied(tables.tenants))));
  serverStoreContract('servers', async () => dynamoServerStore(...(await emptied(tables.tenants))));
  questionStoreContract('the store of questions', async () => dynamoQuestionStore(...(await emptied(tables.entries))));

  test('a pin holds its cell, and nothing of the tenant that named the server', async () => {
    await dynamoPinStore(...(await emptied(tables.tenants))).pin(cppm, 2);

    expect(await itemsIn(tables.tenants)).toEqual([
      { pk: { S: 'SERVER#clearpass.example.net:443' }, sk: { S: 'CELL' }, cell: { N: '2' } },
    ]);
  });

  test('counts of open questions are swept an hour later', async () => {
    await dynamoQuestionStore(...(await emptied(tables.entries))).add(acme, noon / 60_000, 'asked');

    expect(await itemsIn(tables.entries)).toMatchObject([{ deleteAt: { N: String(noon / 1_000 + 3_600) } }]);
  });

  test('a token lies in the table encrypted for its own place', async () => {
    const cipher = fakeCipher();
    const store = dynamoTokenStore(...(await emptied(tables.tenants)), {
      ...cipher,
      encrypt: async (purpose, text) => {
        expect(purpose).toEqual({ tenant: acme, name: 'TOKEN#clearpass.example.net:443#postern' });
        return cipher.encrypt(purpose, Buffer.from(text).toString('hex'));
      },
    });
    await store.lease(aPlace(), { id: 'first', now: noon, untilAt: noon + 8_000 });
    await store.keep(aPlace(), aToken());

    expect(JSON.stringify(await itemsIn(tables.tenants))).not.toContain('secret token');
  });
});
