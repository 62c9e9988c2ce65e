/** Events of one invocation that are told at once go out together: while one call is under way, the next one gathers. */
import type { PublishedEvent } from './published-event.ts';
import type { EventBus, Unpublished } from './published-events.ts';

interface Gathering {
  readonly events: PublishedEvent[];
  readonly put: Promise<readonly Unpublished[]>;
}

/** Whoever puts waits until it is there, so nothing is left behind where an invocation ends. */
export function gatheredBus(bus: EventBus): EventBus {
  let next: Gathering | undefined;
  let last: Promise<unknown> = Promise.resolve();

  function gather(): Gathering {
    const events: PublishedEvent[] = [];
    const put = last.then(async () => {
      next = undefined;
      return bus.put(events);
    });
    last = put;
    return { events, put };
  }

  return {
    async put(events) {
      const gathering = (next ??= gather());
      gathering.events.push(...events);
      const left = await gathering.put;
      return left.filter(({ event }) => events.includes(event));
    },
  };
}
