/** Open questions in the entries table, an item for each tenant and minute: `T#<tenant>#QUESTIONS` / `<minute>`. */
import { type DynamoDBClient, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { QuestionStore } from './questions.ts';

/** An hour: longer than a minute is ever asked for. */
const keptSeconds = 3_600;

const partition = (tenant: TenantId) => `T#${tenant}#QUESTIONS`;
/** Of one length until the year 3871, so that text is in the order of time. */
const sortKey = (minute: number) => String(minute).padStart(9, '0');

const counted = v.object({ asked: v.optional(v.number(), 0), settled: v.optional(v.number(), 0) });

export function dynamoQuestionStore(client: DynamoDBClient, table: string): QuestionStore {
  return {
    async add(tenant, minute, what, count = 1) {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { [keys.partition]: { S: partition(tenant) }, [keys.sort]: { S: sortKey(minute) } },
          UpdateExpression: `SET ${keys.timeToLive} = :deleteAt ADD ${what} :count`,
          ExpressionAttributeValues: {
            ':count': { N: String(count) },
            ':deleteAt': { N: String(minute * 60 + keptSeconds) },
          },
        }),
      );
    },

    async since(tenant, minute) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: `${keys.partition} = :pk AND ${keys.sort} >= :from`,
          ExpressionAttributeValues: { ':pk': { S: partition(tenant) }, ':from': { S: sortKey(minute) } },
          ConsistentRead: true,
        }),
      );
      const minutes = Items.map((item) => v.parse(counted, unmarshall(item)));
      const sum = (what: keyof (typeof minutes)[number]) => minutes.reduce((total, each) => total + each[what], 0);
      return { asked: sum('asked'), settled: sum('settled') };
    },
  };
}
