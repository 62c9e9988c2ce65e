/**
 * Threat logs in the journal, `T#<tenant>#THREATLOGS`: what may still go on in each second (`GRANTED#<second>`), what
 * became of lines by hour and firewall (`COUNT#<hour>#<firewall>`), which firewalls a day has (`NAMES#<day>`), how fast they went out lately (`PACE`), and how far a
 * batch had come that was given back (`SENT#<batch>`). Everything but the pace ends by itself.
 */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  PutItemCommand,
  type QueryCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { keys } from '../contract.ts';
import { digestOf } from '../tenancy/secret.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { groupedByFirewall, mostFirewallsADay } from './count-by-firewall.ts';
import {
  type FirewallHour,
  type Heard,
  isOfArrival,
  type LineFault,
  type LogCount,
  type LogCounts,
  type LogGrants,
  type LogOutcome,
  type LogPace,
} from './log-table.ts';
import type { ThreatTag } from './threat-tag.ts';

const secondsOf = { minute: 60, day: 24 * 60 * 60 } as const;
/** Hours that are told of can be asked for two days long. */
const keptDays = 3;

const partition = (tenant: TenantId) => `T#${tenant}#THREATLOGS`;
const place = (tenant: TenantId, sort: string) => ({
  [keys.partition]: { S: partition(tenant) },
  [keys.sort]: { S: sort },
});

export const dynamoLogGrants = (client: DynamoDBClient, table: string): LogGrants => ({
  async take(tenant, { second, lines, limit }) {
    const { Attributes } = await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: place(tenant, `GRANTED#${second}`),
        UpdateExpression: `ADD #lines :lines, requests :one SET ${keys.timeToLive} = :deleteAt`,
        ExpressionAttributeNames: { '#lines': 'lines' },
        ExpressionAttributeValues: {
          ':lines': { N: String(lines) },
          ':one': { N: '1' },
          ':deleteAt': { N: String(second + 10 * secondsOf.minute) },
        },
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    const before = Number(Attributes?.lines?.N ?? lines) - lines;
    return { lines: Math.max(0, Math.min(lines, limit - before)), request: Number(Attributes?.requests?.N ?? 1) };
  },
});

/** `mostFirewalls`: so many names a day. */
export function dynamoLogCounts(client: DynamoDBClient, table: string, mostFirewalls = mostFirewallsADay): LogCounts {
  const update = async (asked: Asked) => client.send(new UpdateItemCommand({ TableName: table, ...asked }));

  /** Nearly every firewall was heard in the same hour before: that costs one write, and nobody looks whether it is known. */
  async function addIfThere(asked: Asked) {
    try {
      await update({ ...asked, ConditionExpression: `attribute_exists(${keys.partition})` });
      return 'added';
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return 'not-there';
    }
  }

  /** Which names are counted in this day: these too, unless it has as many as it may. */
  async function named(tenant: TenantId, firewalls: readonly string[], receivedAt: number) {
    if (firewalls.length === 0) return new Set<string>();
    const digests = firewalls.map(digestOfName);
    try {
      await update({
        Key: place(tenant, `NAMES#${isoOf(receivedAt).slice(0, '2026-03-01'.length)}`),
        UpdateExpression: `ADD digests :digests SET ${keys.timeToLive} = :deleteAt`,
        ConditionExpression: 'attribute_not_exists(digests) OR size(digests) < :most',
        ExpressionAttributeValues: {
          ':digests': { SS: digests },
          ':most': { N: String(mostFirewalls) },
          ':deleteAt': deleteAfter(receivedAt),
        },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      return new Set(digests);
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return new Set(error.Item?.digests?.SS);
    }
  }

  async function* itemsSince(tenant: TenantId, at: number, asked: Partial<QueryCommandInput> = {}) {
    const query = {
      TableName: table,
      KeyConditionExpression: `${keys.partition} = :pk AND ${keys.sort} BETWEEN :from AND :to`,
      ExpressionAttributeValues: {
        ':pk': { S: partition(tenant) },
        ':from': { S: `COUNT#${hourOf(at)}` },
        ':to': { S: 'COUNT#~' },
      },
      ...asked,
    };
    for await (const { Items = [] } of paginateQuery({ client }, query)) yield* Items;
  }

  return {
    async add(tenant, counts, receivedAt) {
      const groups = [...groupedByFirewall(counts)];
      const asked = groups.map(([firewall, ofIt]) => addition(tenant, firewall, ofIt, receivedAt));
      const outcomes = await Promise.all(asked.map(addIfThere));
      const fresh = groups.filter((_, index) => outcomes[index] === 'not-there');
      const names = await named(tenant, fresh.flatMap(([firewall]) => firewall ?? []), receivedAt); // prettier-ignore
      const isNamed = (firewall: string | null) => firewall !== null && names.has(digestOfName(firewall));
      const known = fresh.flatMap(([firewall, ofIt]) => isNamed(firewall) ? ofIt : ofIt.map((count) => ({ ...count, firewall: null }))); // prettier-ignore
      await Promise.all([...groupedByFirewall(known)].map(async ([firewall, ofIt]) => update(addition(tenant, firewall, ofIt, receivedAt)))); // prettier-ignore
    },

    async since(tenant, at) {
      const hours: FirewallHour[] = [];
      for await (const item of itemsSince(tenant, at)) hours.push(hourIn(item));
      return hours;
    },

    async heardSince(tenant, at) {
      const heard: Heard[] = [];
      for await (const item of itemsSince(tenant, at, { ProjectionExpression: `${keys.sort}, heardAt` })) {
        const { firewall, heardAt } = hourIn(item);
        heard.push({ firewall, heardAt });
      }
      return heard;
    },
  };
}

type Asked = Omit<UpdateItemCommandInput, 'TableName'>;

/** A name may have 765 bytes, and an item 400 kB. */
const digestOfName = (firewall: string) => digestOf(firewall).slice(0, 16);

const isoOf = (at: number) => new Date(at).toISOString();

const deleteAfter = (at: number) => ({ N: String(Math.ceil(at / 1_000) + keptDays * secondsOf.day) });

/** `2026-03-01T12`: sorts as time does. */
const hourOf = (at: number) => isoOf(at).slice(0, '2026-03-01T12'.length);

/** No name of a firewall has a space in it, so that this is none. */
const nobody = ' ';

/** One attribute a number, `sent IDP_ATTACK_LOG_EVENT` or `malformed - no-header`: they are added to by many at once. */
const nameOf = ({ became, tag, fault }: LogCount) =>
  [became, tag ?? (fault && noTag), fault].filter((word) => word !== undefined).join(' ');

const noTag = '-';

function addition(tenant: TenantId, firewall: string | null, counts: readonly LogCount[], at: number) {
  const isHeard = counts.some(({ became }) => isOfArrival(became));
  const added = counts.map((_, index) => `#c${index} :c${index}`).join(', ');
  return {
    Key: place(tenant, `COUNT#${hourOf(at)}#${firewall ?? nobody}`),
    UpdateExpression: `ADD ${added} SET ${keys.timeToLive} = :deleteAt${isHeard ? ', heardAt = :at' : ''}`,
    ExpressionAttributeNames: Object.fromEntries(counts.map((count, index) => [`#c${index}`, nameOf(count)])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(counts.map(({ lines }, index) => [`:c${index}`, { N: String(lines) }])),
      ':deleteAt': deleteAfter(at),
      ...(isHeard && { ':at': { N: String(at) } }),
    },
  };
}

const ofItself = new Set<string>([keys.partition, keys.sort, keys.timeToLive, 'heardAt']);

function hourIn(item: Record<string, AttributeValue>): FirewallHour {
  const sort = item[keys.sort]?.S ?? '';
  const firewall = sort.slice('COUNT#2026-03-01T12#'.length);
  const counts = Object.entries(item)
    .filter(([name]) => !ofItself.has(name))
    .map(([name, { N }]) => {
      const [became, tag = noTag, fault] = name.split(' ') as [LogOutcome, (ThreatTag | typeof noTag)?, LineFault?];
      return { became, tag: tag === noTag ? null : tag, ...(fault && { fault }), lines: Number(N) };
    });
  return {
    firewall: firewall === nobody ? null : firewall,
    counts,
    heardAt: item.heardAt?.N === undefined ? null : Number(item.heardAt.N),
  };
}

export const dynamoLogPace = (client: DynamoDBClient, table: string): LogPace => ({
  async read(tenant) {
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: place(tenant, 'PACE'), ConsistentRead: true })); // prettier-ignore
    const ticks = (Item?.sent?.S ?? '').split(' ').filter((tick) => tick !== '');
    const sent = ticks.map((tick) => {
      const [at, lines] = tick.split(':');
      return { at: Number(at), lines: Number(lines) };
    });
    const { failingSince, failedAt, reason } = Item ?? {};
    const failure =
      reason?.S === undefined ? null : { since: Number(failingSince?.N), at: Number(failedAt?.N), reason: reason.S };
    return { sent, failure };
  },

  async write(tenant, { sent, failure }) {
    const Item = {
      ...place(tenant, 'PACE'),
      sent: { S: sent.map(({ at, lines }) => `${at}:${lines}`).join(' ') },
      ...(failure && {
        failingSince: { N: String(failure.since) },
        failedAt: { N: String(failure.at) },
        reason: { S: failure.reason },
      }),
    };
    await client.send(new PutItemCommand({ TableName: table, Item }));
  },

  async progressOf({ tenant, id }) {
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: place(tenant, `SENT#${id}`), ConsistentRead: true })); // prettier-ignore
    return { sent: Number(Item?.lines?.N ?? 0), tries: Number(Item?.tries?.N ?? 0) };
  },

  async keepProgress({ tenant, id }, { sent, tries }, now) {
    const Item = {
      ...place(tenant, `SENT#${id}`),
      lines: { N: String(sent) },
      tries: { N: String(tries) },
      [keys.timeToLive]: deleteAfter(now),
    };
    await client.send(new PutItemCommand({ TableName: table, Item }));
  },
});
