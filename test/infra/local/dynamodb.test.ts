import {
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Runtime } from '../../../infra/local/runtime.ts';
import { anApi, aTable, assemblyOf, cleanUp, echo, run, temporaryFolder } from './example-app.ts';
import { startRuntime } from '../../../infra/local/runtime.ts';

afterAll(cleanUp);

const TimeToLiveSpecification = { AttributeName: 'deleteAt', Enabled: true };
const app = (properties: Record<string, unknown> = { TimeToLiveSpecification }) =>
  anApi({ routes: { 'ANY /': 'echo' }, functions: { echo }, resources: { Entries: aTable(properties) } });

const TableName = 'Service-Entries';
const clientOf = ({ endpoints }: Runtime) =>
  new DynamoDBClient({
    endpoint: endpoints.dynamodb,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });

async function aRuntimeWith(items: Readonly<Record<string, number | string>>) {
  const runtime = await run(app());
  const client = clientOf(runtime);
  for (const [sk, deleteAt] of Object.entries(items)) {
    const value = typeof deleteAt === 'number' ? { N: String(deleteAt) } : { S: deleteAt };
    await client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'T#acme' }, sk: { S: sk }, deleteAt: value } }));
  }
  const left = async () => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName, ConsistentRead: true }));
    return Items.map(({ sk }) => sk?.S).sort();
  };
  return { ...runtime, client, left };
}

const seconds = () => Math.floor(Date.now() / 1_000);

test('tables are made as the template says', async () => {
  const { client } = await aRuntimeWith({});

  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));

  expect(TimeToLiveDescription).toMatchObject({ AttributeName: 'deleteAt' });
});

test('the sweep deletes what is past its time by the moved clock, and nothing else', async () => {
  const yearsAgo = seconds() - 6 * 365 * 86_400;
  const { left, sweep, advanceClock } = await aRuntimeWith({
    past: seconds() - 1,
    soon: seconds() + 3_600,
    never: seconds() + 86_400,
    text: '1',
    mistake: yearsAgo,
  });

  expect(await sweep()).toBe(1);
  expect(await left()).toEqual(['mistake', 'never', 'soon', 'text']);
  advanceClock(3_601_000);
  expect(await sweep()).toBe(1);
  expect(await left()).toEqual(['mistake', 'never', 'text']);
});

test('a sweep never takes what was renewed since it looked', async () => {
  const names = Array.from({ length: 300 }, (_, index) => `item-${index}`);
  const { client, left, sweep } = await aRuntimeWith(Object.fromEntries(names.map((name) => [name, seconds() - 1])));
  const renew = async (name: string) => {
    const renewal = new UpdateItemCommand({
      TableName,
      Key: { pk: { S: 'T#acme' }, sk: { S: name } },
      UpdateExpression: 'SET deleteAt = :later',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ':later': { N: String(seconds() + 3_600) } },
    });
    return client.send(renewal).then(
      () => [name],
      () => [],
    );
  };

  const sweeping = sweep();
  const renewed = (await Promise.all(names.toReversed().map(renew))).flat();

  expect((await sweeping) + renewed.length).toBe(names.length);
  expect(await left()).toEqual(renewed.sort());
});

test('with a data folder the data is there after the next start', async () => {
  const dataFolder = temporaryFolder();
  const first = await run(app(), { dataFolder });
  await clientOf(first).send(new PutItemCommand({ TableName, Item: { pk: { S: 'T#acme' }, sk: { S: 'kept' } } }));
  await first.stop();

  const second = await run(app(), { dataFolder });

  const { Items } = await clientOf(second).send(new ScanCommand({ TableName }));
  expect(Items).toMatchObject([{ sk: { S: 'kept' } }]);
});

test('kept data with other keys than the template stops the start', async () => {
  const dataFolder = temporaryFolder();
  await (await run(app(), { dataFolder })).stop();
  const KeySchema = [{ AttributeName: 'pk', KeyType: 'HASH' }];

  await expect(run(app({ KeySchema }), { dataFolder })).rejects.toThrow('Point POSTERN_DATA at a new folder');
});

test('two runtimes in one process share nothing', async () => {
  const [one, other] = [await aRuntimeWith({ mine: 1 }), await aRuntimeWith({})];

  expect(await one.left()).toEqual(['mine']);
  expect(await other.left()).toEqual([]);
  expect(one.url).not.toBe(other.url);
});

test('a port in use stops the start, in one line, and leaves no engine', async () => {
  const { url } = await run(app());
  const port = Number(new URL(url).port);

  await expect(startRuntime({ assembly: assemblyOf(app()), port })).rejects.toThrow(
    `Port ${port} is in use. End what listens there, or choose another: POSTERN_PORT=8081 npm start`,
  );
});
