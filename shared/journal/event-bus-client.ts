/** The bus of events, on EventBridge. */
import type { Logger } from '@aws-lambda-powertools/logger';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { EventLog } from './event-line.ts';
import { dynamoEventLog } from './event-log-store.ts';
import type { Measure } from './measure.ts';
import { measuredEvents } from './measured-events.ts';
import { eventSource, type PublishedEvent } from './published-event.ts';
import { gatheredBus } from './gathered-bus.ts';
import { type EventBus, publishedEvents, type Unpublished } from './published-events.ts';

/** What EventBridge takes in one call. */
const mostEntries = 10;
const mostBytes = 256_000;
/** An event that is refused by itself, in a call that is taken, is offered once more: the SDK repeats whole calls only. */
const mostOffers = 2;

/** The client is made for the first event: most invocations have none. */
export function eventBridgeBus(open: () => Pick<EventBridgeClient, 'send'>, name: string): EventBus {
  let client: Pick<EventBridgeClient, 'send'> | undefined;

  async function offer(batch: readonly PublishedEvent[], times = mostOffers): Promise<readonly Unpublished[]> {
    try {
      client ??= open();
      const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: batch.map(entryOn(name)) }));
      const refused = batch.flatMap((event, index) => {
        const { ErrorCode: code, ErrorMessage: message } = Entries[index] ?? {};
        return code === undefined ? [] : [{ event, error: new Error(`${code}: ${message ?? ''}`) }];
      });
      const isOver = refused.length === 0 || times === 1;
      return isOver ? refused : await offer(refused.map(({ event }) => event), times - 1); // prettier-ignore
    } catch (error) {
      return batch.map((event) => ({ event, error }));
    }
  }

  return {
    async put(events) {
      const left: Unpublished[] = [];
      for (const batch of batchesOf(events)) left.push(...(await offer(batch)));
      return left;
    },
  };
}

const entryOn =
  (EventBusName: string) =>
  ({ type, at, detail }: PublishedEvent): PutEventsRequestEntry => ({
    EventBusName,
    Source: eventSource,
    DetailType: type,
    Time: new Date(at),
    Detail: JSON.stringify(detail),
  });

/** As EventBridge counts them: its own 14 bytes for the time. */
const bytesOf = ({ type, detail }: PublishedEvent) =>
  14 + Buffer.byteLength(eventSource + type + JSON.stringify(detail));

function batchesOf(events: readonly PublishedEvent[]): readonly (readonly PublishedEvent[])[] {
  const batches: PublishedEvent[][] = [];
  let bytes = Infinity;
  for (const event of events) {
    const batch = batches.at(-1);
    bytes += bytesOf(event);
    if (batch !== undefined && batch.length < mostEntries && bytes <= mostBytes) {
      batch.push(event);
    } else {
      batches.push([event]);
      bytes = bytesOf(event);
    }
  }
  return batches;
}

export interface EventPlaces {
  readonly dynamodb: DynamoDBClient;
  readonly journal: string;
  readonly eventBridge: () => Pick<EventBridgeClient, 'send'>;
  readonly bus: string;
}

/** What a function's dependencies need to tell events: the log, counted, and put on the bus. */
export const announcedEvents = (
  { dynamodb, journal, eventBridge, bus }: EventPlaces,
  measure: Measure,
  logger: Logger,
): EventLog =>
  publishedEvents(measuredEvents(dynamoEventLog(dynamodb, journal), measure, Date.now), {
    bus: gatheredBus(eventBridgeBus(eventBridge, bus)),
    measure,
    now: Date.now,
    unpublished: (tenant, { event, error }) =>
      logger.error('event-not-published', { tenant, event: event.detail.id, error: error as Error }),
  });
