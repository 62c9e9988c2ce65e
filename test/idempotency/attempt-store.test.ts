import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { dynamoAttemptStore } from '../../shared/idempotency/attempt-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeAttemptStore } from '../support/fake-attempt-store.ts';
import { fakeCipher } from '../support/fake-secrets.ts';
import { interposed } from '../support/interposed.ts';
import { acme, globex } from '../support/observations.ts';
import { attempt, attemptStoreContract, place } from './attempt-store.contract.ts';

attemptStoreContract('the fake', async () => Promise.resolve(fakeAttemptStore()));

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  const open = async () => {
    await emptyTable(engine, tables.journal);
    return dynamoAttemptStore(engine.client, tables.journal, fakeCipher());
  };

  attemptStoreContract('the journal', open);

  test('nothing of an answer stands in an item, and every item ends by itself', async () => {
    const store = await open();
    const body = JSON.stringify({ password: 'hunter2', filler: 'x'.repeat(100) });

    await store.replace(place, undefined, { ...attempt, answer: { status: 200, body } });

    const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: tables.journal }));
    expect(Items).toHaveLength(1);
    for (const item of Items) {
      expect(Buffer.from(item.answer?.B ?? []).toString('latin1')).not.toContain('hunter2');
      expect(item.pk?.S).toBe(`T#${acme}#IDEMPOTENCY#credential-1`);
      expect(item.deleteAt?.N).toBe(String(attempt.keptUntilAt / 1_000));
      expect(JSON.stringify(item)).not.toContain('key-1');
    }
  });

  test('an item that is copied under the keys of another tenant does not open there', async () => {
    const store = await open();
    await store.replace(place, undefined, { ...attempt, answer: { status: 200, body: 'secret' } });
    const { Items: [stolen] = [] } = await engine.client.send(new ScanCommand({ TableName: tables.journal }));
    await engine.client.send(
      new PutItemCommand({
        TableName: tables.journal,
        Item: { ...stolen, pk: { S: `T#${globex}#IDEMPOTENCY#credential-1` } },
      }),
    );

    await expect(store.read({ ...place, tenant: globex })).rejects.toThrow();
  });

  test('a write that arrived, whose answer was lost, and that is refused when it is sent again, has succeeded', async () => {
    await open();
    const twice = interposed(engine, async ({ command }, send) => {
      if (command === 'PutItem') await send();
      return send();
    });
    const store = dynamoAttemptStore(twice, tables.journal, fakeCipher());

    const begun = await store.replace(place, undefined, attempt);

    expect(begun).toMatchObject(attempt);
    expect(await store.read(place)).toEqual(begun);
  });
});
