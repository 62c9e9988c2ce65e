/**
 * Tenants in the tenants table.
 *
 *   what                                       partition       sort key
 *   how it is with a tenant                    T#_provider     TENANT#<tenant>
 *   the same, for whoever serves it            T#<tenant>      TENANT
 *
 * The provider's list still says how it is with a tenant of which nothing else is left.
 */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import { ServiceError } from '../service-error.ts';
import type { Arrival } from './arrival.ts';
import type { TenantStore } from './create-tenant.ts';
import { listUnder, newCredential, partition, refusals } from './credential-store.ts';
import type { Erasure } from './erasure.ts';
import { provider, type Tenant, type TenantId, tenantId } from './tenant.ts';

const place = v.object({
  section: v.picklist(['logins', 'tenants', 'entries', 'endpoints', 'journal']),
  after: v.exactOptional(v.object({ pk: v.string(), sk: v.string() })),
});
const erasure = v.object({
  requestedAt: v.number(),
  requestedBy: v.object({ id: v.string(), name: v.string() }),
  requestId: v.string(),
  removed: v.object({
    logins: v.number(),
    tenants: v.number(),
    entries: v.number(),
    endpoints: v.number(),
    journal: v.number(),
  }),
  step: v.number(),
  lastFoundAt: v.number(),
  pass: v.exactOptional(v.object({ beganAt: v.number(), found: v.number(), at: place })),
  erasedAt: v.exactOptional(v.number()),
});
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
  erasure: v.exactOptional(erasure),
  arrival: v.exactOptional(
    v.object({
      exportId: v.string(),
      exportedAt: v.number(),
      beganAt: v.number(),
      pages: v.number(),
      finishedAt: v.exactOptional(v.number()),
    }),
  ),
  formerly: v.exactOptional(erasure),
});

const listing = 'TENANT#';

type Condition = Pick<
  NonNullable<TransactWriteItem['Put']>,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

const isNew: Condition = { ConditionExpression: `attribute_not_exists(${keys.partition})` };

/** Over nothing, or over what is left of the tenant that had the id before. */
const overNobody = ({ formerly }: Tenant): Condition =>
  formerly === undefined
    ? isNew
    : {
        ConditionExpression: 'erasure.requestId = :formerly AND attribute_exists(erasure.erasedAt)',
        ExpressionAttributeValues: { ':formerly': { S: formerly.requestId } },
      };

/** All that can be changed of a tenant is as it was, so that nobody's change is lost; and nobody has had it erased. */
const asRead = ({ name, limits }: Tenant): Condition => ({
  ConditionExpression: `#name = :name AND ${limits ? '#limits = :limits' : 'attribute_not_exists(#limits)'} AND attribute_not_exists(erasure)`,
  ExpressionAttributeNames: { '#name': 'name', '#limits': 'limits' },
  ExpressionAttributeValues: { ':name': { S: name }, ...(limits && { ':limits': { M: marshall(limits) } }) },
});

const inList = (id: TenantId) => ({ partition: partition(provider), sort: listing + id });
const ownPlace = (id: TenantId) => ({ partition: partition(id), sort: 'TENANT' });
const keyOf = (at: ReturnType<typeof inList>) => ({
  [keys.partition]: { S: at.partition },
  [keys.sort]: { S: at.sort },
});

export function dynamoTenantStore(client: DynamoDBClient, table: string): TenantStore {
  /** Both are written together. */
  const both = (tenant: Tenant, listed: Condition, own = listed): TransactWriteItem[] =>
    (
      [
        [inList(tenant.id), listed],
        [ownPlace(tenant.id), own],
      ] as const
    ).map(([at, condition]) => ({
      Put: { TableName: table, Item: { ...keyOf(at), ...marshall(tenant) }, ...condition },
    }));

  /** Changes what the list says of a tenant and nothing else does; `condition` names what must hold of it. */
  async function set(
    id: TenantId,
    changed: { readonly erasure: Erasure } | { readonly arrival: Arrival },
    condition: string,
    values: Record<string, AttributeValue> = {},
  ) {
    const [name = ''] = Object.keys(changed);
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(inList(id)),
          UpdateExpression: `SET ${name} = :changed`,
          ConditionExpression: `attribute_exists(${keys.partition}) AND ${condition}`,
          ExpressionAttributeValues: {
            ':changed': { M: marshall(Object.values(changed)[0] as Erasure | Arrival) },
            ...values,
          },
        }),
      );
      return 'saved';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return 'conflict';
      throw error;
    }
  }

  return {
    async create(tenant, credentials) {
      try {
        await client.send(
          new TransactWriteItemsCommand({
            TransactItems: [
              ...both(tenant, overNobody(tenant), isNew),
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
        new GetItemCommand({ TableName: table, Key: keyOf(inList(id)), ConsistentRead: true }),
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

    erase: async (id, erasure) => set(id, { erasure }, 'attribute_not_exists(erasure)'),

    saveErasure: async (id, erasure) =>
      set(id, { erasure }, 'erasure.step = :before', { ':before': { N: String(erasure.step - 1) } }),

    async arrive(tenant) {
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems: both(tenant, overNobody(tenant), isNew) }));
        return 'saved';
      } catch (error) {
        refusals(error);
        return 'conflict';
      }
    },

    saveArrival: async (id, read, arrival) =>
      set(
        id,
        { arrival },
        'arrival.exportId = :export AND arrival.pages = :pages AND attribute_not_exists(arrival.finishedAt) AND attribute_not_exists(erasure)',
        { ':export': { S: read.exportId }, ':pages': { N: String(read.pages) } },
      ),
  };
}
