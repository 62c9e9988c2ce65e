import type { PublishedEvent } from '../../shared/journal/published-event.ts';
import type { EventBus } from '../../shared/journal/published-events.ts';

/** A bus that fails when it is told to. */
export function fakeEventBus() {
  const published: PublishedEvent[] = [];
  let fault: Error | undefined;
  let times = 0;
  const bus: EventBus = {
    async put(events) {
      times += 1;
      if (fault) return Promise.resolve(events.map((event) => ({ event, error: fault })));
      published.push(...events);
      return Promise.resolve([]);
    },
  };
  return { bus, published, asked: () => times, fail: (error: Error | undefined) => void (fault = error) };
}
