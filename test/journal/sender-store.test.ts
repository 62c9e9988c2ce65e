import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoSenderStore } from '../../shared/journal/sender-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeSenderStore } from '../support/fake-sender-store.ts';
import { acme, minutes, noon } from '../support/observations.ts';
import { news, senderStoreContract } from './sender-store.contract.ts';

senderStoreContract('the fake', async () => Promise.resolve(fakeSenderStore()));

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());
  const open = () => dynamoSenderStore(engine.client, tables.journal, new Logger());

  senderStoreContract('the journal', async () => {
    await emptyTable(engine, tables.journal);
    return open();
  });

  test('what is accepted within five seconds is noted together, and what is refused at once', async () => {
    await emptyTable(engine, tables.journal);
    const store = open();
    const sent = async () => (await store.all(acme, noon))[0]?.sent;

    for (let second = 0; second < 5; second += 1) await store.note(acme, news({ at: noon + second * 1_000 }));
    expect(await sent()).toBe(1);

    await store.note(acme, news({ at: noon + 4_500, outcome: 'refused', code: 'busy' }));
    expect(await sent()).toBe(6);
    await store.note(acme, news({ at: noon + 4_600 }));
    expect(await store.all(acme, noon)).toMatchObject([{ sent: 7, acceptedAt: noon + 4_600 }]);
    expect((await store.all(acme, noon))[0]?.row).toBe(undefined);
  });

  test('several environments tell of one sender', async () => {
    await emptyTable(engine, tables.journal);
    const [one, other] = [open(), open()];

    await one.note(acme, news());
    await other.note(acme, news({ at: noon + 10_000, outcome: 'refused', code: 'busy' }));
    await one.note(acme, news({ at: noon + minutes(1) }));
    await other.note(acme, news({ at: noon + minutes(1) + 11_000, outcome: 'refused', code: 'busy' }));

    expect(await one.all(acme, noon)).toMatchObject([
      { sent: 4, beganAt: [noon + minutes(1), noon], row: { count: 1, since: noon + minutes(1) + 11_000 } },
    ]);
  });
});

test('a journal that cannot be written turns nobody away', async () => {
  const unreachable = new DynamoDBClient({
    endpoint: 'http://127.0.0.1:1',
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  const store = dynamoSenderStore(unreachable, tables.journal, new Logger());

  expect(await store.note(acme, news())).toEqual({ refusedInARow: 0 });
});
