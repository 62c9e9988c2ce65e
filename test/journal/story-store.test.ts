import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoStoryStore } from '../../shared/journal/story-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeStoryStore } from '../support/fake-story-store.ts';
import { acme } from '../support/observations.ts';
import { aLine, storyStoreContract } from './story-store.contract.ts';

storyStoreContract('the fake', async () => Promise.resolve(fakeStoryStore()));

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  storyStoreContract('the journal', async () => {
    await emptyTable(engine, tables.journal);
    return dynamoStoryStore(engine.client, tables.journal, new Logger());
  });
});

test('a story that cannot be written harms nothing, and says how much of it is missing', async () => {
  const unreachable = new DynamoDBClient({
    endpoint: 'http://127.0.0.1:1',
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  const store = dynamoStoryStore(unreachable, tables.journal, new Logger());
  const lines = [aLine({ id: 'one' }), aLine({ id: 'other' })];

  expect(await store.add(acme, lines, { days: 14 })).toEqual({ leftOut: 2 });
});

test('no more of a story is begun when time is over', async () => {
  const unreachable = new DynamoDBClient({ endpoint: 'http://127.0.0.1:1', region: 'eu-central-1' });
  const store = dynamoStoryStore(unreachable, tables.journal, new Logger());

  expect(await store.add(acme, [aLine()], { days: 14, untilAt: Date.now() })).toEqual({ leftOut: 1 });
});
