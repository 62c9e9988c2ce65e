/**
 * Tenants in the tenants table.
 *
 *   what                    partition       sort key
 *   a tenant                T#<tenant>      TENANT
 *   the provider's list     T#_provider     TENANT#<tenant>
 */
import {
  type DynamoDBClient,
  GetItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantStore } from './create-tenant.ts';
import { listUnder, newCredential, partition, refusals } from './credential-store.ts';
import { provider, type Tenant, tenantId } from './tenant.ts';

const record = v.object({
  id: v.pipe(v.string(), v.transform(tenantId)),
  name: v.string(),
  createdAt: v.number(),
  limits: v.exactOptional(
    v.object({
      postsPerMinute: v.exactOptional(v.number()),
      openQuestions: v.exactOptional(v.number()),
      entries: v.exactOptional(v.number()),
    }),
  ),
});

const listing = 'TENANT#';

type Condition = Pick<
  NonNullable<TransactWriteItem['Put']>,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

const isNew: Condition = { ConditionExpression: `attribute_not_exists(${keys.partition})` };

/** All that can be changed of a tenant is as it was, so that nobody's change is lost. */
const asRead = ({ name, limits }: Tenant): Condition => ({
  ConditionExpression: `#name = :name AND ${limits ? '#limits = :limits' : 'attribute_not_exists(#limits)'}`,
  ExpressionAttributeNames: { '#name': 'name', '#limits': 'limits' },
  ExpressionAttributeValues: { ':name': { S: name }, ...(limits && { ':limits': { M: marshall(limits) } }) },
});

export function dynamoTenantStore(client: DynamoDBClient, table: string): TenantStore {
  const put = (tenant: Tenant, place: { readonly partition: string; readonly sort: string }, condition: Condition) => ({
    Put: {
      TableName: table,
      Item: { [keys.partition]: { S: place.partition }, [keys.sort]: { S: place.sort }, ...marshall(tenant) },
      ...condition,
    },
  });
  /** What is asked for by id, and what is in the list, are one: they are written together. */
  const both = (tenant: Tenant, condition: Condition) => [
    put(tenant, { partition: partition(tenant.id), sort: 'TENANT' }, condition),
    put(tenant, { partition: partition(provider), sort: listing + tenant.id }, condition),
  ];

  return {
    async create(tenant, credentials) {
      try {
        await client.send(
          new TransactWriteItemsCommand({
            TransactItems: [
              ...both(tenant, isNew),
              ...credentials.flatMap((credential) => newCredential(table, credential)),
            ],
          }),
        );
        return 'created';
      } catch (error) {
        const [ofTenant] = refusals(error);
        if (ofTenant === 'refused') return 'exists';
        throw new ServiceError('busy', 'The tenant could not be stored. Nothing was changed: repeat the request.');
      }
    },

    async find(id) {
      const { Item } = await client.send(
        new GetItemCommand({
          TableName: table,
          Key: { [keys.partition]: { S: partition(id) }, [keys.sort]: { S: 'TENANT' } },
          ConsistentRead: true,
        }),
      );
      return Item && v.parse(record, unmarshall(Item));
    },

    async list(page) {
      const { items, next } = await listUnder(client, table, { partition: partition(provider), prefix: listing, page }); // prettier-ignore
      return { items: items.map((item) => v.parse(record, unmarshall(item))), ...(next !== undefined && { next }) };
    },

    async replace(read, tenant) {
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems: both(tenant, asRead(read)) }));
        return 'replaced';
      } catch (error) {
        refusals(error);
        return 'conflict';
      }
    },
  };
}
