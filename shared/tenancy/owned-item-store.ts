/**
 * All that a tenant owns, found by looking through whole tables: a partition of a tenant is found by whoever knows what
 * it is called, and nobody knows all. One request looks through a megabyte of everybody's items.
 */
import {
  type AttributeValue,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  type ScanCommandInput,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as wait } from 'node:timers/promises';
import { keys } from '../contract.ts';
import type { OwnedItemRemover } from './erase-tenants.ts';
import type { OwnedItemReader } from './export-tenant.ts';
import type { OwnedItemWriter } from './import-tenant.ts';
import { isSameItem } from './item-form.ts';
import {
  type Attribute,
  type Item,
  type ItemKey,
  type ItemPlace,
  rosterKey,
  type Section,
  type TableName,
  tableOf,
} from './owned-items.ts';
import type { OwnedItem } from './tenant-page.ts';
import type { TenantId } from './tenant.ts';

export type TableNames = Readonly<Record<TableName, string>>;

type StoredItem = Record<string, AttributeValue>;

/** BatchWriteItem takes no more in one request. */
const itemsAtOnce = 25;
const requestsAtOnce = 4;
const attempts = 6;

/** The tenant's own, and of the others' none: an id is never followed by anything but the end of the key, or by "#". */
function filterOf(
  tenant: TenantId,
  section: Section,
): Pick<ScanCommandInput, 'FilterExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'> {
  // prettier-ignore
  if (section === 'logins') {
    return {
      FilterExpression: 'begins_with(#pk, :login) AND #tenant = :tenant',
      ExpressionAttributeNames: { '#pk': keys.partition, '#tenant': 'tenant' },
      ExpressionAttributeValues: { ':login': { S: 'CREDENTIAL#' }, ':tenant': { S: tenant } },
    };
  }
  const roster = rosterKey(tenant);
  const own = '#pk = :own OR begins_with(#pk, :prefix)';
  const isInRoster = section === 'tenants';
  return {
    FilterExpression: isInRoster ? `${own} OR (#pk = :list AND #sk = :roster)` : own,
    ExpressionAttributeNames: { '#pk': keys.partition, ...(isInRoster && { '#sk': keys.sort }) },
    ExpressionAttributeValues: {
      ':own': { S: `T#${tenant}` },
      ':prefix': { S: `T#${tenant}#` },
      ...(isInRoster && { ':list': { S: roster.pk }, ':roster': { S: roster.sk } }),
    },
  };
}

export function scanning(client: DynamoDBClient, tables: TableNames) {
  return async (tenant: TenantId, { section, after }: ItemPlace, how: Pick<ScanCommandInput, 'ConsistentRead'>) => {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new ScanCommand({
        TableName: tables[tableOf(section)],
        ...filterOf(tenant, section),
        ...how,
        ExclusiveStartKey: after && keyOf(after),
      }),
    );
    const next: ItemPlace | undefined = LastEvaluatedKey && { section, after: placeOf(LastEvaluatedKey) };
    return { items: Items, ...(next && { next }) };
  };
}

const keyOf = ({ pk, sk }: ItemKey) => ({ [keys.partition]: { S: pk }, [keys.sort]: { S: sk } });
const placeOf = (item: StoredItem): ItemKey => ({ pk: item[keys.partition]?.S ?? '', sk: item[keys.sort]?.S ?? '' });

/** Reads all that was there before it began, and adds where nothing is. */
export function dynamoOwnedItems(client: DynamoDBClient, tables: TableNames): OwnedItemReader & OwnedItemWriter {
  const scan = scanning(client, tables);

  async function compare({ table, item }: OwnedItem) {
    const { pk, sk } = placeOf(storedFrom(item));
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tables[table], Key: keyOf({ pk, sk }), ConsistentRead: true }),
    );
    return Item !== undefined && isSameItem(itemFrom(Item), item) ? 'same' : 'other';
  }

  return {
    async read(tenant, place) {
      const { items, next } = await scan(tenant, place, { ConsistentRead: true });
      return { items: items.map(itemFrom), ...(next && { next }) };
    },

    async add(owned) {
      const { table, item } = owned;
      const isNew = `attribute_not_exists(${keys.partition})`;
      try {
        await client.send(
          new PutItemCommand({ TableName: tables[table], Item: storedFrom(item), ConditionExpression: isNew }),
        );
        return 'added';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return compare(owned);
        throw error;
      }
    },

    compare,
  };
}

/** As JSON writes it: what is binary in base64. */
const itemFrom = (stored: StoredItem): Item =>
  Object.fromEntries(Object.entries(stored).map(([name, attribute]) => [name, attributeFrom(attribute)]));

function attributeFrom(stored: AttributeValue): Attribute {
  if (stored.B !== undefined) return { B: Buffer.from(stored.B).toString('base64') };
  if (stored.BS !== undefined) return { BS: stored.BS.map((each) => Buffer.from(each).toString('base64')) };
  if (stored.M !== undefined) return { M: itemFrom(stored.M) };
  if (stored.L !== undefined) return { L: stored.L.map(attributeFrom) };
  return stored as Attribute;
}

const storedFrom = (item: Item): StoredItem =>
  Object.fromEntries(Object.entries(item).map(([name, attribute]) => [name, storedAttribute(attribute)]));

function storedAttribute(attribute: Attribute): AttributeValue {
  if ('B' in attribute) return { B: Buffer.from(attribute.B, 'base64') };
  if ('BS' in attribute) return { BS: attribute.BS.map((each) => Buffer.from(each, 'base64')) };
  if ('M' in attribute) return { M: storedFrom(attribute.M) };
  return 'L' in attribute ? { L: attribute.L.map(storedAttribute) } : (attribute as AttributeValue);
}

export function dynamoOwnedItemRemover(client: DynamoDBClient, tables: TableNames): OwnedItemRemover {
  const scan = scanning(client, tables);

  async function remove(table: string, batch: readonly StoredItem[]) {
    let open = batch.map((item) => ({ DeleteRequest: { Key: keyOf(placeOf(item)) } }));
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (attempt > 0) await wait(50 * 2 ** attempt * (0.5 + Math.random()));
      const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: open } }));
      open = (UnprocessedItems?.[table] ?? []) as typeof open;
      if (open.length === 0) return;
    }
    throw new Error(`${open.length} items could not be removed: the table takes no more at the moment.`);
  }

  return {
    async remove(tenant, place) {
      // What was written a moment ago may not be seen; the last pass begins minutes after anything was.
      const { items, next } = await scan(tenant, place, { ConsistentRead: false });
      const batches = Array.from({ length: Math.ceil(items.length / itemsAtOnce) }, (_, index) =>
        items.slice(index * itemsAtOnce, (index + 1) * itemsAtOnce),
      );
      const worker = async () => {
        for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
          await remove(tables[tableOf(place.section)], batch);
        }
      };
      await Promise.all(Array.from({ length: requestsAtOnce }, worker));
      return { removed: items.length, ...(next && { next }) };
    },
  };
}
