import type { EventBridgeClient, PutEventsCommandInput, PutEventsCommandOutput } from '@aws-sdk/client-eventbridge';
import { eventBridgeBus } from '../../shared/journal/event-bus-client.ts';
import { publishedEvent } from '../../shared/journal/published-event.ts';
import { anEventLine } from '../support/log-lines.ts';
import { acme, globex, noon } from '../support/observations.ts';

type Answer = (input: PutEventsCommandInput) => Partial<PutEventsCommandOutput>;

/** EventBridge that answers as it is told: each call by the next of these, and the last for ever. */
function aBus(...answers: readonly Answer[]) {
  const calls: PutEventsCommandInput[] = [];
  const send = async ({ input }: { readonly input: PutEventsCommandInput }) => {
    calls.push(input);
    const answer = answers[Math.min(calls.length, answers.length) - 1] ?? taken;
    return Promise.resolve(answer(input));
  };
  let opened = 0;
  const open = () => {
    opened += 1;
    return { send } as unknown as EventBridgeClient;
  };
  return { bus: eventBridgeBus(open, 'Postern'), calls, opened: () => opened };
}

const taken: Answer = ({ Entries = [] }) => ({ Entries: Entries.map((_, index) => ({ EventId: String(index) })) });
const anEvent = (id: string, message = 'Done.') => publishedEvent(acme, anEventLine({ id, message }));

test('an event is put with its source, its word and its detail, by a client that is made for the first', async () => {
  const { bus, calls, opened } = aBus();
  expect(opened()).toBe(0);

  await bus.put([anEvent('1')]);
  const left = await bus.put([publishedEvent(globex, anEventLine())]);

  expect([left, opened()]).toEqual([[], 1]);
  expect(calls[0]).toEqual({
    Entries: [
      {
        EventBusName: 'Postern',
        Source: 'postern',
        DetailType: 'Hold Applied',
        Time: new Date(noon),
        Detail: JSON.stringify(anEvent('1').detail),
      },
    ],
  });
  expect(calls[1]?.Entries?.[0]?.Detail).toContain('"tenant":"globex"');
});

test('a call takes at most ten events, and no more than 256 kB', async () => {
  const { bus, calls } = aBus();
  const events = Array.from({ length: 25 }, (_, index) => anEvent(String(index)));
  const large = ['a', 'b', 'c'].map((id) => anEvent(id, 'é'.repeat(50_000)));

  await bus.put(events);
  await bus.put(large);

  expect(calls.map(({ Entries }) => Entries?.length)).toEqual([10, 10, 5, 2, 1]);
});

test('what is refused by itself is offered once more, alone; what is refused again is told', async () => {
  const refusing: Answer = ({ Entries = [] }) => ({
    FailedEntryCount: 1,
    Entries: Entries.map(({ Detail = '' }) =>
      Detail.includes('"id":"2"') ? { ErrorCode: 'ThrottlingException', ErrorMessage: 'Slow down.' } : { EventId: 'x' },
    ),
  });
  const [once, twice] = [aBus(refusing, taken), aBus(refusing)];

  expect(await once.bus.put([anEvent('1'), anEvent('2'), anEvent('3')])).toEqual([]);
  expect(once.calls.map(({ Entries }) => Entries?.length)).toEqual([3, 1]);
  const [left, ...others] = await twice.bus.put([anEvent('1'), anEvent('2')]);
  expect([left?.event.detail.id, String(left?.error), others]).toEqual(['2', 'Error: ThrottlingException: Slow down.', []]); // prettier-ignore
});

test('a call that fails is told for each of its events, and those of the others are there', async () => {
  const away: Answer = () => {
    throw new Error('away');
  };
  const { bus } = aBus(away, taken);
  const events = Array.from({ length: 12 }, (_, index) => anEvent(String(index)));

  const left = await bus.put(events);

  expect(left.map(({ event }) => event.detail.id)).toEqual(events.slice(0, 10).map(({ detail }) => detail.id));
});
