import { gatheredBus } from '../../shared/journal/gathered-bus.ts';
import { publishedEvent, type PublishedEvent } from '../../shared/journal/published-event.ts';
import type { EventBus } from '../../shared/journal/published-events.ts';
import { anEventLine } from '../support/log-lines.ts';
import { acme, globex } from '../support/observations.ts';

const event = (id: string, tenant = acme) => publishedEvent(tenant, anEventLine({ id }));
const idsOf = (events: readonly PublishedEvent[]) => events.map(({ detail }) => detail.id);

/** A bus that takes what it is given when it is told to, and refuses what is called `bad`. */
function aSlowBus() {
  const calls: string[][] = [];
  const open: (() => void)[] = [];
  const bus: EventBus = {
    async put(events) {
      calls.push(idsOf(events));
      await new Promise<void>((take) => open.push(take));
      return events.filter(({ detail }) => detail.id === 'bad').map((each) => ({ event: each, error: 'no' }));
    },
  };
  const takes = async () => {
    while (open.length === 0) await Promise.resolve();
    open.shift()?.();
  };
  return { bus: gatheredBus(bus), calls, takes };
}

test('one that comes alone goes at once, and those that come while it is under way go together', async () => {
  const { bus, calls, takes } = aSlowBus();

  const first = bus.put([event('1')]);
  await Promise.resolve();
  const others = ['2', '3', '4'].map(async (id) => bus.put([event(id)]));
  await takes();
  await first;
  expect(calls).toEqual([['1'], ['2', '3', '4']]);
  await takes();

  expect(await Promise.all(others)).toEqual([[], [], []]);
  const late = bus.put([event('5'), event('6')]);
  await takes();
  expect(await late).toEqual([]);
  expect(calls).toEqual([['1'], ['2', '3', '4'], ['5', '6']]);
});

test('nobody goes on before his own events are there, and each hears of his own that are not', async () => {
  const { bus, takes } = aSlowBus();
  const gone: string[] = [];

  const mine = bus.put([event('bad'), event('good')]).then((left) => (gone.push('mine'), left));
  const theirs = bus.put([event('fine', globex)]).then((left) => (gone.push('theirs'), left));
  await Promise.resolve();
  expect(gone).toEqual([]);
  await takes();

  expect((await mine).map(({ event: { detail } }) => [detail.tenant, detail.id])).toEqual([[acme, 'bad']]);
  expect(await theirs).toEqual([]);
});
