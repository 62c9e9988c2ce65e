/**
 * Logs in the journal: a partition for each tenant and day, in it by time. Lines that somebody asks for by a subject lie
 * in a partition of that subject as well, over all days.
 */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { keys } from '../contract.ts';
import type { LogPage } from './event-line.ts';
import { logPosition } from './log-line.ts';
import { endOfReceipt } from './receipt.ts';

const dayMs = 24 * 60 * 60 * 1_000;
/** Some 24 MB a call may read; then it answers what it has, and where to go on. A unit of the table's is 4 kB. */
const unitsOfMegabyte = 256;
const unitsAtMost = 24 * unitsOfMegabyte;
const daysAtOnce = 8;

type Item = Record<string, AttributeValue>;

interface Line {
  readonly id: string;
  readonly at: number;
}

/** A stretch of a partition, by sort keys, the ends included. */
interface Stretch {
  readonly partition: string;
  readonly oldest: string;
  readonly newest: string;
}

export interface Reading<Told extends Line> {
  /** The newest first. */
  readonly stretches: Iterable<Stretch>;
  readonly page: LogPage;
  readonly lineFrom: (stored: unknown) => Told;
  /** All are, where there is none. */
  readonly isWanted?: (line: Told) => boolean;
}

export interface LogByDay {
  /** Writes a line into each partition, unless it is there. */
  readonly write: (partitions: readonly string[], line: Line, days: number) => Promise<void>;
  readonly read: <Told extends Line>(reading: Reading<Told>) => Promise<{ lines: Told[]; next?: string }>;
}

export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Instants, and a position below which all lies that is told. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly after?: string | undefined;
}

/** One partition, or that of every day, the first and the last day in part. */
export function* stretchesOf(partition: string | ((day: string) => string), span: Span): Generator<Stretch> {
  const { from, to, after = '~' } = span;
  if (from > to) return;
  const oldest = new Date(from).toISOString();
  const last = `${new Date(to).toISOString()}$`; // "$" is what follows "#"
  const newest = after < last ? after : last;
  if (newest < oldest) return;
  if (typeof partition === 'string') {
    yield { partition, oldest, newest };
    return;
  }
  for (let day = newest.slice(0, 10); day >= dayOf(from); day = dayOf(Date.parse(day) - dayMs)) {
    const end = `${day}T23:59:59.999Z#~`; // A position, above every line of the day.
    yield { partition: partition(day), oldest, newest: newest < end ? newest : end };
  }
}

/** The newest by itself, as most pages end there, then several at once: most days of most tenants are nearly empty. */
function* inGroups(stretches: Iterable<Stretch>): Generator<Stretch[]> {
  let group: Stretch[] = [];
  let size = 1;
  for (const stretch of stretches) {
    group.push(stretch);
    if (group.length < size) continue;
    yield group;
    group = [];
    size = daysAtOnce;
  }
  if (group.length > 0) yield group;
}

export function logByDay(client: DynamoDBClient, table: string, now: () => number): LogByDay {
  async function writeOnce(partition: string, line: Line, days: number) {
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...marshall(line),
            [keys.partition]: { S: partition },
            [keys.sort]: { S: logPosition(line) },
            [keys.timeToLive]: { N: String(Math.ceil(endOfReceipt(line.at, days) / 1_000)) },
          },
          ConditionExpression: `attribute_not_exists(${keys.partition})`,
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error; // it is there already
    }
  }

  const query = async ({ partition, oldest, newest }: Stretch, limit: number | undefined, more: Item | undefined) =>
    client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: `${keys.partition} = :pk AND ${keys.sort} BETWEEN :oldest AND :newest`,
        ExpressionAttributeValues: { ':pk': { S: partition }, ':oldest': { S: oldest }, ':newest': { S: newest } },
        ScanIndexForward: false,
        ConsistentRead: true,
        ...(limit !== undefined && { Limit: limit }),
        ExclusiveStartKey: more,
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );

  return {
    write: async (partitions, line, days) => {
      await Promise.all(partitions.map(async (partition) => writeOnce(partition, line, days)));
    },

    async read({ stretches, page: { limit, cursor, untilAt = Infinity }, lineFrom, isWanted }) {
      const found = [];
      let units = 0;
      const mayReadOn = () => units < unitsAtMost && now() < untilAt;
      // Where much is passed over, a query reads as much as it can.
      const begin = async (stretch: Stretch, more?: Item) => {
        const read = await query(stretch, isWanted ? undefined : limit + 2, more);
        units += read.ConsumedCapacity?.CapacityUnits ?? unitsOfMegabyte;
        return read;
      };
      for (const together of inGroups(stretches)) {
        const [first] = together;
        if (first && units > 0 && !mayReadOn()) return { lines: found, next: first.newest };
        const begun = await Promise.all(together.map(async (stretch) => ({ stretch, read: await begin(stretch) })));
        for (const { stretch, read } of begun) {
          let { Items = [], LastEvaluatedKey: more } = read;
          for (;;) {
            const lines = Items.filter((item) => item[keys.sort]?.S !== cursor).map((item) =>
              lineFrom(unmarshall(item)),
            );
            found.push(...(isWanted ? lines.filter(isWanted) : lines));
            if (more === undefined || found.length > limit || !mayReadOn()) break;
            ({ Items = [], LastEvaluatedKey: more } = await begin(stretch, more));
          }
          const last = found.length > limit ? found[limit - 1] : undefined;
          const next = last ? logPosition(last) : more?.[keys.sort]?.S;
          if (next !== undefined) return { lines: found.slice(0, limit), next };
        }
      }
      return { lines: found };
    },
  };
}
