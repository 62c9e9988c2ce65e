/** What the event log is told goes out on a bus too, for whoever listens there. What was done does not hang on it. */
import type { TenantId } from '../tenancy/tenant.ts';
import type { EventLog } from './event-line.ts';
import type { Measure } from './measure.ts';
import { type PublishedEvent, publishedEvent } from './published-event.ts';

export interface EventBus {
  /** Never throws: tells which events it could not put there, and why. */
  readonly put: (events: readonly PublishedEvent[]) => Promise<readonly Unpublished[]>;
}

export interface Unpublished {
  readonly event: PublishedEvent;
  readonly error: unknown;
}

export interface Publishing {
  readonly bus: EventBus;
  readonly measure: Measure;
  readonly now: () => number;
  readonly unpublished: (tenant: TenantId, unpublished: Unpublished) => void;
}

/** A bus that fails is left alone for so long, as a request of many lines must not wait for it line by line. */
export const restMs = 10_000;

/** Puts lines on the bus once they have been written. One that is told twice, after a crash, is there twice, with one id. */
export function publishedEvents(log: EventLog, { bus, measure, now, unpublished }: Publishing): EventLog {
  let restsUntil = -Infinity;

  async function put(events: readonly PublishedEvent[]): Promise<readonly Unpublished[]> {
    if (now() < restsUntil) return events.map((event) => ({ event, error: new Error('The bus has just failed.') }));
    const left = await bus.put(events);
    if (left.length > 0) restsUntil = now() + restMs;
    return left;
  }

  return {
    ...log,
    async tell(tenant, lines) {
      await log.tell(tenant, lines);
      if (lines.length === 0) return;
      const left = await put(lines.map((line) => publishedEvent(tenant, line)));
      for (const each of left) unpublished(tenant, each);
      const published = lines.length - left.length;
      measure(tenant, now(), {
        ...(published > 0 && { EventsPublished: published }),
        ...(left.length > 0 && { EventsUnpublished: left.length }),
      });
    },
  };
}
