import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { type BusEvent, eventBusTypes, startEventBus } from '../../../infra/local/event-bus.ts';
import type { HttpServer } from '../../../infra/local/http-server.ts';
import { readTemplate } from '../../../infra/local/template.ts';
import { assemblyOf, cleanUp } from './example-app.ts';

let server: HttpServer;
let client: EventBridgeClient;
beforeEach(async () => {
  const Resources = { Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'Here' } } };
  server = await startEventBus(readTemplate(assemblyOf({ stacks: { Data: { Resources } } }), eventBusTypes), { now });
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
  client = new EventBridgeClient({ endpoint: server.url, region: 'us-east-1', credentials, maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  await server.stop();
});
afterAll(cleanUp);

const now = () => Date.parse('2026-03-01T12:00:00.500Z');
const entry = (change: Partial<PutEventsRequestEntry> = {}): PutEventsRequestEntry => ({
  EventBusName: 'Here',
  Source: 'test',
  DetailType: 'Tested',
  Detail: '{"one":1}',
  ...change,
});
const put = async (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries }));
const kept = async () => (await (await fetch(server.url)).json()) as BusEvent[];

test('what was put is shown as a rule sees it, in its order', async () => {
  const answer = await put(entry(), entry({ Time: new Date('2026-02-01T00:00:00Z'), Detail: '{"two":2}' }));

  const events = await kept();
  expect(events).toMatchObject([
    { version: '0', source: 'test', 'detail-type': 'Tested', time: '2026-03-01T12:00:00Z', detail: { one: 1 } },
    { time: '2026-02-01T00:00:00Z', detail: { two: 2 }, resources: [], account: '000000000000', region: 'us-east-1' },
  ]);
  expect(answer).toMatchObject({ FailedEntryCount: 0, Entries: events.map(({ id }) => ({ EventId: id })) });
});

test('a detail that is no object is refused by itself', async () => {
  const answer = await put(entry({ Detail: '[1]' }), entry(), entry({ Detail: '{' }));

  expect(answer.FailedEntryCount).toBe(2);
  expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual(['MalformedDetail', undefined, 'MalformedDetail']);
  expect(await kept()).toHaveLength(1);
});

test.each([
  ['more than ten events', Array.from({ length: 11 }, () => entry())],
  ['more than 256 kB', [entry({ Detail: JSON.stringify({ long: 'x'.repeat(262_144) }) })]],
  ['a bus that there is not', [entry({ EventBusName: 'Elsewhere' })]],
  ['no source', [entry({ Source: '' })]],
])('%s are refused as a whole', async (_, entries) => {
  await expect(put(...entries)).rejects.toMatchObject({ name: 'ValidationException' });

  expect(await kept()).toEqual([]);
});
