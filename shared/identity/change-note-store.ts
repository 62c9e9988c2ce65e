/**
 * Change notes beside the entries that they are about.
 *
 *   T#<tenant>#CHANGES#<lane> / <noted at, milliseconds, 15 digits>#<id>
 *
 * Four lanes by chance, so that no partition takes all notes of a tenant; a reader asks all of them at once.
 */
import {
  type AttributeValue,
  BatchExecuteStatementCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { IpAddress } from './address.ts';
import { positionOf, type Slot } from './authentication-table.ts';
import { type ChangeNote, type ChangeNotes, keptMs, notePosition, type NotePosition } from './change-notes.ts';

const lanes = ['0', '1', '2', '3'] as const;

/** Notes of one lane that are read at once; a note of a hundred addresses is 3 kB, and an answer holds a megabyte. */
const pageSize = 250;

/** TTL counts from here, so that no reader whose cursor is young enough misses a note. */
const marginMs = 10 * 60_000;

const oneByOne = 8;

const attributeNames = [keys.partition, keys.sort, 'untilAt', 'changes', keys.timeToLive];

const toAttributes = (tenant: TenantId, note: ChangeNote): AttributeValue[] => [
  { S: partition(tenant, laneOf(note.id)) },
  { S: notePosition(note) },
  { N: String(note.untilAt) },
  { S: note.changes.map((each) => `${positionOf(each)}=${each.read}`).join(' ') },
  { N: String(Math.ceil((note.notedAt + keptMs + marginMs) / 1_000)) },
];

const partition = (tenant: TenantId, lane: string) => `T#${tenant}#CHANGES#${lane}`;

const laneOf = (id: string) => lanes[id.charCodeAt(id.length - 1) % lanes.length] ?? lanes[0];

export function dynamoChangeNotes(client: DynamoDBClient, table: string): ChangeNotes {
  const insert = `INSERT INTO "${table}" VALUE {${attributeNames.map((name) => `'${name}': ?`).join(', ')}}`;

  /** As entries are written, few or many (entry-store.ts): a statement travels as plain JSON, at a third of the time. */
  async function putByStatement(values: AttributeValue[]) {
    const Statements = [{ Statement: insert, Parameters: values }];
    const { Responses } = await client.send(new BatchExecuteStatementCommand({ Statements }));
    const code = Responses?.[0]?.Error?.Code;
    // One that is there already was sent twice, and the first one had arrived.
    if (code === undefined || code === 'DuplicateItem') return;
    throw new ServiceError('busy', `The store did not take a note of the change: ${code}. Repeat the request.`);
  }

  return {
    async put(tenant, note) {
      const values = toAttributes(tenant, note);
      if (note.changes.length > oneByOne) return putByStatement(values);
      const Item = Object.fromEntries(attributeNames.map((name, index) => [name, values[index] ?? { NULL: true }]));
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },

    async after(tenant, position) {
      const pages = await Promise.all(
        lanes.map(async (lane) =>
          client.send(
            new QueryCommand({
              TableName: table,
              ConsistentRead: true,
              KeyConditionExpression: `${keys.partition} = :pk AND ${keys.sort} > :after`,
              ExpressionAttributeValues: { ':pk': { S: partition(tenant, lane) }, ':after': { S: position } },
              Limit: pageSize,
            }),
          ),
        ),
      );
      const [end] = pages.flatMap(({ LastEvaluatedKey }) => LastEvaluatedKey?.[keys.sort]?.S ?? []).sort();
      const told = pages
        .flatMap(({ Items = [] }) => Items)
        .map((item) =>
          noteFrom({ position: item[keys.sort]?.S, untilAt: Number(item.untilAt?.N), changes: item.changes?.S }),
        ) // prettier-ignore
        .sort((one, other) => (notePosition(one) < notePosition(other) ? -1 : 1));
      if (end === undefined) return { notes: told };
      return { notes: told.filter((each) => notePosition(each) <= end), next: end as NotePosition };
    },
  };
}

const stored = v.object({
  position: v.pipe(v.string(), v.regex(/^\d{15}#[^#]+$/)),
  untilAt: v.number(),
  changes: v.pipe(v.string(), v.regex(/^[0-9a-f.:]+#(userid|local|swg|fwauth|uac)=[^ =]*( [0-9a-f.:]+#(userid|local|swg|fwauth|uac)=[^ =]*)*$/)), // prettier-ignore
});

function noteFrom(attributes: Record<keyof v.InferOutput<typeof stored>, unknown>): ChangeNote {
  const { position, untilAt, changes } = v.parse(stored, attributes);
  const [stamp = '', id = ''] = position.split('#');
  return { notedAt: Number(stamp), id, untilAt, changes: changes.split(' ').map(changeFrom) };
}

function changeFrom(text: string) {
  const [place = '', read = ''] = text.split('=');
  const [ip, slot] = place.split('#');
  return { ip: ip as IpAddress, slot: slot as Slot, read };
}
