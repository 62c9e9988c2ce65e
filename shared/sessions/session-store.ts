/** Sessions in DynamoDB. `session-item.ts` tells where what lies. */
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactionConflictException,
  TransactWriteItemsCommand,
  type TransactWriteItem,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { keys } from '../contract.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import {
  type Attributes,
  counterFrom,
  counterPlace,
  idItem,
  idPlace,
  openItem,
  openPlace,
  overItem,
  partition,
  pointerFrom,
  sessionFrom,
} from './session-item.ts';
import { type ClosedSession, forgottenAt, type Session, type SessionKey } from './session.ts';
import { counterKeptMs, type SessionStore } from './sessions.ts';

const oneByOne = 8;
const number = (value: number) => ({ N: String(value) });
const seconds = (at: number) => number(Math.ceil(at / 1_000));

export function dynamoSessionStore(client: DynamoDBClient, table: string): SessionStore {
  async function get(Key: Attributes): Promise<Attributes | undefined> {
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    return Item;
  }

  /** Up to a hundred. What DynamoDB leaves out is asked for one by one: traffic waits, so nothing is waited for here. */
  async function getAll(wanted: readonly Attributes[]): Promise<readonly (Attributes | undefined)[]> {
    if (wanted.length <= oneByOne) return Promise.all(wanted.map(get));
    const nameOf = (place: Attributes) => JSON.stringify([place[keys.partition]?.S, place[keys.sort]?.S]);
    const distinct = new Map(wanted.map((place) => [nameOf(place), place]));
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [...distinct.values()], ConsistentRead: true } } }),
    );
    const late = await Promise.all((UnprocessedKeys?.[table]?.Keys ?? []).map(get));
    const found = new Map<string, Attributes>();
    for (const item of [...(Responses?.[table] ?? []), ...late]) if (item) found.set(nameOf(item), item);
    return wanted.map((place) => found.get(nameOf(place)));
  }

  const update = async (Key: Attributes, change: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>) =>
    client.send(new UpdateItemCommand({ TableName: table, Key, ...change }));

  async function findOnce(tenant: TenantId, key: SessionKey): Promise<Session | ClosedSession | 'moving' | undefined> {
    const found = await get(idPlace(tenant, key));
    if (found === undefined) return undefined;
    const { ip, over } = pointerFrom(found);
    const open = openPlace(tenant, { ...key, ip });
    const item = await get(over === undefined ? open : { ...open, [keys.sort]: { S: over } });
    return item ? sessionFrom(item) : 'moving';
  }

  async function transact(items: readonly TransactWriteItem[]): Promise<readonly string[]> {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: [...items] }));
      return [];
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code ?? 'None');
      const foreign = codes.some((code) => !['None', 'ConditionalCheckFailed', 'TransactionConflict'].includes(code));
      if (foreign || codes.length === 0) throw error;
      return codes;
    }
  }

  return {
    async read(tenant, places) {
      const found = await getAll(places.map((place) => openPlace(tenant, place)));
      return found.map((item) => item && sessionFrom(item));
    },

    async find(tenant, key) {
      let found = await findOnce(tenant, key);
      // It was being closed between the two reads; what is not there the second time has been swept.
      if (found === 'moving') found = await findOnce(tenant, key);
      return found === 'moving' ? undefined : found;
    },

    async open(tenant, session, over) {
      if (over) await client.send(new PutItemCommand({ TableName: table, Item: overItem(tenant, over) }));
      const condition = over
        ? { ConditionExpression: 'openedAt = :read', ExpressionAttributeValues: { ':read': number(over.openedAt) } }
        : { ConditionExpression: `attribute_not_exists(${keys.partition})` };
      try {
        await client.send(new PutItemCommand({ TableName: table, Item: openItem(tenant, session), ...condition }));
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return { outcome: 'conflict' };
        throw error;
      }
      const { Attributes } = await client.send(
        new PutItemCommand({ TableName: table, Item: idItem(tenant, session), ReturnValues: 'ALL_OLD' }),
      );
      const before = Attributes && pointerFrom(Attributes);
      const moved = before !== undefined && before.ip !== session.ip && before.over === undefined;
      return { outcome: 'opened', ...(moved && { movedFrom: before.ip }) };
    },

    async hear(tenant, session, heardAt) {
      const deleteAt = seconds(forgottenAt({ ...session, heardAt }));
      const [heard] = await Promise.allSettled([
        update(openPlace(tenant, session), {
          UpdateExpression: `SET heardAt = :heardAt, ${keys.timeToLive} = :deleteAt`,
          ConditionExpression: 'openedAt = :openedAt',
          ExpressionAttributeValues: {
            ':heardAt': number(heardAt),
            ':deleteAt': deleteAt,
            ':openedAt': number(session.openedAt),
          },
        }),
        update(idPlace(tenant, session), {
          UpdateExpression: `SET ${keys.timeToLive} = :deleteAt`,
          ConditionExpression: 'ip = :ip',
          ExpressionAttributeValues: { ':deleteAt': deleteAt, ':ip': { S: session.ip } },
        }),
      ]);
      if (heard.status === 'fulfilled') return 'heard';
      if (heard.reason instanceof ConditionalCheckFailedException) return 'gone';
      throw heard.reason;
    },

    async close(tenant, closed, { place, id }) {
      const asRead = {
        ConditionExpression: 'openedAt = :openedAt',
        ExpressionAttributeValues: { ':openedAt': number(closed.openedAt) },
      };
      const items: TransactWriteItem[] = [
        { Delete: { TableName: table, Key: openPlace(tenant, closed), ...asRead } },
        { Put: { TableName: table, Item: overItem(tenant, closed) } },
        ...(id === 'elsewhere' ? [] : [{ Put: { TableName: table, Item: idItem(tenant, closed), ...still(closed.ip) } }]), // prettier-ignore
      ];
      if (place !== 'free' || closed.tenure === undefined) {
        return (await transact(items)).length === 0 ? 'closed' : 'conflict';
      }
      const Key = counterPlace(tenant, { ip: closed.ip, tenure: closed.tenure });
      const refused = await transact([
        ...items,
        {
          Update: {
            TableName: table,
            Key,
            UpdateExpression: 'ADD managed :less, changes :one',
            ConditionExpression: 'managed > :none',
            ExpressionAttributeValues: { ':less': number(-1), ':one': number(1), ':none': number(0) },
          },
        },
      ]);
      if (refused.length === 0) return 'closed';
      // Its counter may have been swept: then there is nothing to give back.
      const uncounted = refused.every((code, index) => code === (index === items.length ? 'ConditionalCheckFailed' : 'None')); // prettier-ignore
      return uncounted && (await transact(items)).length === 0 ? 'closed' : 'conflict';
    },

    async list(tenant, ip, { credentialId, only, after, limit }) {
      const own = credentialId === undefined ? '' : `${credentialId}#`;
      const kinds = only === 'open' ? ['OPEN#'] : ['OPEN#', 'OVER#'];
      const prefixes = kinds.map((kind) => kind + own).filter((prefix) => after === undefined || prefix.slice(0, 5) >= after.slice(0, 5)); // prettier-ignore
      const items: Attributes[] = [];
      for (const prefix of prefixes) {
        let more = after?.startsWith(prefix) ? { ...keyOf(partition(tenant, ip), after) } : undefined;
        do {
          const { Items = [], LastEvaluatedKey } = await client.send(
            new QueryCommand({
              TableName: table,
              ConsistentRead: true,
              KeyConditionExpression: `${keys.partition} = :pk AND begins_with(${keys.sort}, :prefix)`,
              ExpressionAttributeValues: { ':pk': { S: partition(tenant, ip) }, ':prefix': { S: prefix } },
              Limit: limit + 1 - items.length,
              ExclusiveStartKey: more,
            }),
          );
          items.push(...Items);
          more = LastEvaluatedKey;
        } while (more !== undefined && items.length <= limit);
        if (items.length > limit) break;
      }
      const shown = items.slice(0, limit);
      const next = items.length > limit ? shown.at(-1)?.[keys.sort]?.S : undefined;
      return { sessions: shown.map(sessionFrom), ...(next !== undefined && { next }) };
    },

    async take(tenant, entry, { places, most, now, uncounted }) {
      const Key = counterPlace(tenant, entry);
      const fits = 'managed <= :most';
      try {
        await update(Key, {
          UpdateExpression: `SET countedAt = :now, ${keys.timeToLive} = :deleteAt ADD managed :places, changes :one`,
          ConditionExpression: uncounted === 'none' ? `attribute_not_exists(managed) OR ${fits}` : fits,
          ExpressionAttributeValues: {
            ':now': number(now),
            ':deleteAt': seconds(now + counterKeptMs),
            ':places': number(places),
            ':one': number(1),
            ':most': number(most - places),
          },
        });
        return 'taken';
      } catch (error) {
        const isRefused = error instanceof ConditionalCheckFailedException;
        if (!isRefused && !(error instanceof TransactionConflictException)) throw error;
        const item = await get(Key);
        return item && counterFrom(item);
      }
    },

    async setCounter(tenant, entry, { read, managed, now }) {
      try {
        await update(counterPlace(tenant, entry), {
          UpdateExpression: `SET managed = :managed, countedAt = :now, ${keys.timeToLive} = :deleteAt ADD changes :one`,
          ExpressionAttributeValues: {
            ':managed': number(managed),
            ':now': number(now),
            ':deleteAt': seconds(now + counterKeptMs),
            ':one': number(1),
            ...(read && { ':read': number(read.changes) }),
          },
          ConditionExpression: read ? 'changes = :read' : 'attribute_not_exists(managed)',
        });
        return 'set';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException || error instanceof TransactionConflictException) return 'conflict'; // prettier-ignore
        throw error;
      }
    },
  };
}

/** Its id may be in use at another address by now. */
const still = (ip: string) => ({ ConditionExpression: 'ip = :ip', ExpressionAttributeValues: { ':ip': { S: ip } } });

const keyOf = (pk: string, sk: string): Attributes => ({ [keys.partition]: { S: pk }, [keys.sort]: { S: sk } });
