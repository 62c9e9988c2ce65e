/**
 * Credentials in the tenants table, each with the logins that follow from it, written together or not at all.
 *
 *   what                               partition                       sort key
 *   a credential, as people see it     T#<holder>                      CREDENTIAL#<id>
 *   a login, as the authorizer finds   CREDENTIAL#<sha-256 in hex of   CREDENTIAL
 *   it with one read                   the user, or of the token>
 *
 * Logins are only ever put here, never read: everything in them follows from the credential.
 */
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import { ServiceError } from '../service-error.ts';
import { credentialRecord } from './credential-record.ts';
import { type Change, type Credential, loginsOf } from './credential.ts';
import { loginPlace } from './login-store.ts';
import type { CredentialStore, Listed, Page } from './manage-credentials.ts';
import type { TenantId } from './tenant.ts';

export const partition = (holder: TenantId): string => `T#${holder}`;

const place = (holder: TenantId, id: string) => ({
  [keys.partition]: { S: partition(holder) },
  [keys.sort]: { S: `CREDENTIAL#${id}` },
});

function storedFrom(holder: TenantId, item: Record<string, AttributeValue>) {
  const { revision, ...credential } = v.parse(credentialRecord, unmarshall(item));
  return { revision, credential: { holder, ...credential } };
}

type Condition = Pick<
  NonNullable<TransactWriteItem['Put']>,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

const isNew: Condition = { ConditionExpression: `attribute_not_exists(${keys.partition})` };

/** A record may name a user or a digest that is another tenant's: a change of it never reaches that one's login. */
const overOwn = (holder: TenantId): Condition => ({
  ConditionExpression: `attribute_not_exists(${keys.partition}) OR #tenant = :holder`,
  ExpressionAttributeNames: { '#tenant': 'tenant' },
  ExpressionAttributeValues: { ':holder': { S: holder } },
});

/** The writes of a credential: first its record, then its logins. */
function writes(table: string, change: Change, now: number, record: Condition, login: Condition): TransactWriteItem[] {
  const { holder, ...credential } = change.credential;
  const revision = randomBytes(8).toString('hex');
  return [
    { Put: { TableName: table, Item: { ...place(holder, credential.id), ...attributes({ ...credential, revision }) }, ...record } }, // prettier-ignore
    ...[...loginsOf(change, now)].map(([digest, found]) => ({
      Put: { TableName: table, Item: { ...loginPlace(digest), ...attributes(found) }, ...login },
    })),
  ];
}

const attributes = (value: object) => marshall(value, { removeUndefinedValues: true });

/** The writes of a new credential, which replace nothing that is there. */
export const newCredential = (table: string, credential: Credential): TransactWriteItem[] =>
  writes(table, { credential, withdrawn: [] }, credential.createdAt, isNew, isNew);

/** Which of a transaction's writes were refused; rethrows what is no refusal. */
export function refusals(error: unknown): readonly ('refused' | 'passed')[] {
  if (!(error instanceof TransactionCanceledException)) throw error;
  const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code ?? 'None');
  const foreign = codes.find((code) => !['None', 'ConditionalCheckFailed', 'TransactionConflict'].includes(code));
  if (foreign !== undefined) throw error;
  return codes.map((code) => (code === 'None' ? 'passed' : 'refused'));
}

export function dynamoCredentialStore(client: DynamoDBClient, table: string): CredentialStore {
  return {
    async add(credential) {
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems: newCredential(table, credential) }));
      } catch (error) {
        refusals(error);
        throw new ServiceError('busy', 'The credential could not be stored. Nothing was changed: repeat the request.');
      }
    },

    async find(holder, id) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: place(holder, id), ConsistentRead: true }),
      );
      return Item && storedFrom(holder, Item);
    },

    async replace({ revision }, change, now) {
      const asRead = {
        ConditionExpression: 'revision = :read',
        ExpressionAttributeValues: { ':read': { S: revision } },
      };
      try {
        const own = overOwn(change.credential.holder);
        await client.send(new TransactWriteItemsCommand({ TransactItems: writes(table, change, now, asRead, own) }));
        return 'replaced';
      } catch (error) {
        refusals(error);
        return 'conflict';
      }
    },

    async list(holder, page) {
      const { items, next } = await listUnder(client, table, { partition: partition(holder), prefix: 'CREDENTIAL#', page }); // prettier-ignore
      return { items: items.map((item) => storedFrom(holder, item).credential), ...(next !== undefined && { next }) };
    },
  };
}

/** One page of the items whose sort keys begin alike; what follows the prefix is the position in the list. */
export async function listUnder(
  client: DynamoDBClient,
  table: string,
  { partition, prefix, page: { limit, after } }: { partition: string; prefix: string; page: Page },
): Promise<Listed<Record<string, AttributeValue>>> {
  const start = after !== undefined && {
    ExclusiveStartKey: { [keys.partition]: { S: partition }, [keys.sort]: { S: prefix + after } },
  };
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: `${keys.partition} = :partition AND begins_with(${keys.sort}, :prefix)`,
      ExpressionAttributeValues: { ':partition': { S: partition }, ':prefix': { S: prefix } },
      Limit: limit + 1, // one more than wanted, so that a full page knows whether it is the last
      ...start,
    }),
  );
  const items = Items.slice(0, limit);
  const last = items.at(-1)?.[keys.sort]?.S;
  return { items, ...(Items.length > limit && last !== undefined && { next: last.slice(prefix.length) }) };
}
