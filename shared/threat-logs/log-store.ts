/**
 * Threat logs in the journal, `T#<tenant>#THREATLOGS`: what may still go on in each second (`GRANTED#<second>`), what
 * became of lines by hour and firewall (`COUNT#<hour>#<firewall>`), how fast they went out lately (`PACE`), and how far a
 * batch had come that was given back (`SENT#<batch>`). Everything but the pace ends by itself.
 */
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { keys } from '../contract.ts';
import { groupedByFirewall } from './count-by-firewall.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import {
  type FirewallHour,
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
const hourMs = 60 * 60_000;
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
        UpdateExpression: `ADD #lines :lines SET ${keys.timeToLive} = :deleteAt`,
        ExpressionAttributeNames: { '#lines': 'lines' },
        ExpressionAttributeValues: {
          ':lines': { N: String(lines) },
          ':deleteAt': { N: String(second + 10 * secondsOf.minute) },
        },
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    const before = Number(Attributes?.lines?.N ?? lines) - lines;
    return Math.max(0, Math.min(lines, limit - before));
  },
});

export const dynamoLogCounts = (client: DynamoDBClient, table: string): LogCounts => ({
  async add(tenant, counts, at) {
    const additions = [...groupedByFirewall(counts)].map(([firewall, ofIt]) => addition(tenant, firewall, ofIt, at));
    await Promise.all(additions.map(async (each) => client.send(new UpdateItemCommand({ TableName: table, ...each }))));
  },

  async since(tenant, at) {
    const query = {
      TableName: table,
      KeyConditionExpression: `${keys.partition} = :pk AND ${keys.sort} BETWEEN :from AND :to`,
      ExpressionAttributeValues: {
        ':pk': { S: partition(tenant) },
        ':from': { S: `COUNT#${hourOf(at)}` },
        ':to': { S: 'COUNT#~' },
      },
    };
    const hours: FirewallHour[] = [];
    for await (const { Items = [] } of paginateQuery({ client }, query)) hours.push(...Items.map(hourIn));
    return hours;
  },
});

/** `2026-03-01T12`: sorts as time does. */
const hourOf = (at: number) => new Date(Math.floor(at / hourMs) * hourMs).toISOString().slice(0, 13);

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
      ':deleteAt': { N: String(Math.ceil(at / 1_000) + keptDays * secondsOf.day) },
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
    return { sent, failedAt: Item?.failedAt?.N === undefined ? null : Number(Item.failedAt.N) };
  },

  async write(tenant, { sent, failedAt }) {
    const Item = {
      ...place(tenant, 'PACE'),
      sent: { S: sent.map(({ at, lines }) => `${at}:${lines}`).join(' ') },
      ...(failedAt !== null && { failedAt: { N: String(failedAt) } }),
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
      [keys.timeToLive]: { N: String(Math.ceil(now / 1_000) + keptDays * secondsOf.day) },
    };
    await client.send(new PutItemCommand({ TableName: table, Item }));
  },
});
