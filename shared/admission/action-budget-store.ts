/**
 * The automatic actions of the last ten minutes, in the endpoints table: one item a tenant, `T#<tenant>#GUARDS` /
 * `ACTIONS`, replaced if it is still as it was read. Once the cap is reached it is only read, so that a flood writes
 * nothing. An act takes 26 characters in it: the most that a cap may be, 1,000, are 26 kB.
 */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { keys } from '../contract.ts';
import { ServiceError } from '../service-error.ts';
import { digestOf } from '../tenancy/secret.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type ActionBudget, budgetWindowMs, spend, type SpentAct } from './action-budget.ts';

/** Of those who ask at once one gets on in each round. */
const tries = 40;
const longestWaitMs = 60;

const place = (tenant: TenantId) => ({
  [keys.partition]: { S: `T#${tenant}#GUARDS` },
  [keys.sort]: { S: 'ACTIONS' },
});

export function dynamoActionBudget(client: DynamoDBClient, table: string): ActionBudget {
  async function replace(tenant: TenantId, acts: readonly SpentAct[], read: string | undefined, now: number) {
    const Item = {
      ...place(tenant),
      revision: { S: randomUUID() },
      acts: { S: acts.map(written).join(' ') },
      [keys.timeToLive]: { N: String(Math.ceil((now + 2 * budgetWindowMs) / 1_000)) },
    };
    const condition =
      read === undefined
        ? { ConditionExpression: `attribute_not_exists(${keys.partition})` }
        : { ConditionExpression: 'revision = :read', ExpressionAttributeValues: { ':read': { S: read } } };
    try {
      await client.send(new PutItemCommand({ TableName: table, Item, ...condition }));
      return 'replaced';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return 'conflict';
      throw error;
    }
  }

  return {
    async take(tenant, wanted) {
      if (wanted.most === 0) return 'taken';
      const key = digestOf(wanted.key).slice(0, 16);
      for (let attempt = 0; attempt < tries; attempt += 1) {
        if (attempt > 0) await wait(Math.random() * Math.min(longestWaitMs, 4 * attempt));
        const { Item } = await client.send(
          new GetItemCommand({ TableName: table, Key: place(tenant), ConsistentRead: true }),
        );
        const spending = spend(actsIn(Item), { ...wanted, key });
        if (spending.outcome === 'counted') return 'taken';
        if (spending.outcome === 'exceeded') return 'exceeded';
        if ((await replace(tenant, spending.acts, Item?.revision?.S, wanted.now)) === 'replaced') return 'taken';
      }
      throw new ServiceError('busy', 'Too many automatic actions are counted at this moment. Repeat the request.');
    },
  };
}

const written = ({ key, at }: SpentAct) => `${key}@${at.toString(36)}`;

const actsIn = (item: Record<string, AttributeValue> | undefined): readonly SpentAct[] =>
  (item?.acts?.S ?? '')
    .split(' ')
    .filter((act) => act !== '')
    .map((act) => {
      const [key = '', at = ''] = act.split('@');
      return { key, at: Number.parseInt(at, 36) };
    });
