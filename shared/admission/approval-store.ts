/** Approvals in the endpoints table: `T#<tenant>#APPROVALS` / `<id>`. An open one stays until somebody decides it. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';
import { feedNames } from '../infected-hosts/host.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type Approval, approvalReasons, type ApprovalStore, approvalStates, askedPrefix, decidedKeptMs } from './approval.ts'; // prettier-ignore

const mac = v.custom<Mac>((value) => typeof value === 'string');
const text = v.nullable(v.string());
const ip = v.custom<IpAddress>((value) => typeof value === 'string');
const feed = v.picklist(feedNames);
const received = v.object({
  message: v.object({
    event: v.string(),
    endpointIp: ip,
    endpointMac: v.nullable(mac),
    userName: text,
    severity: text,
    threatName: text,
    eventId: v.string(),
    occurredAt: v.nullable(v.number()),
  }),
  client: v.string(),
  template: v.string(),
  receivedAt: v.number(),
});
const subject = v.variant('kind', [
  v.object({ kind: v.literal('message'), received, macs: v.array(mac) }),
  v.object({
    kind: v.literal('host'),
    ip,
    feed,
    wanted: v.picklist(['quarantined', 'blocked']),
    level: v.number(),
    cause: v.string(),
  }),
  v.object({ kind: v.literal('feed-loss'), feed, pollId: v.string(), lost: v.number() }),
]);
const about = {
  id: v.string(),
  openedAt: v.number(),
  reason: v.picklist(approvalReasons),
  state: v.picklist(approvalStates),
  mac: v.nullable(mac),
  decidedAt: v.nullable(v.number()),
  decidedBy: text,
  // Those from before it was kept have been seen to.
  settledAt: v.optional(v.nullable(v.number()), 0),
};
const stored: v.GenericSchema<unknown, Approval> = v.union([
  v.object({ ...about, subject }),
  // Before there were other subjects a message was told beside what was decided.
  v.pipe(
    v.object({ ...about, received, macs: v.array(mac) }),
    v.transform(({ received: message, macs, ...rest }) => ({
      ...rest,
      subject: { kind: 'message' as const, received: message, macs },
    })),
  ),
]);

/** DynamoDB refuses to look for a longer one, and people may ask for any. */
const longestSortKey = 1_024;

const partition = (tenant: TenantId) => `T#${tenant}#APPROVALS`;
const place = (tenant: TenantId, id: string) => ({
  [keys.partition]: { S: partition(tenant) },
  [keys.sort]: { S: id },
});

export function dynamoApprovalStore(dynamodb: DynamoDBClient, table: string): ApprovalStore {
  return {
    async read(tenant, id) {
      if (Buffer.byteLength(id) > longestSortKey) return undefined;
      const { Item } = await dynamodb.send(
        new GetItemCommand({ TableName: table, Key: place(tenant, id), ConsistentRead: true }),
      );
      return Item && fromItem(Item);
    },

    async list(tenant, { limit, after }) {
      const { Items = [] } = await dynamodb.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: `${keys.partition} = :pk AND ${keys.sort} > :after`,
          // A sort key is never empty, so this is before the first.
          ExpressionAttributeValues: { ':pk': { S: partition(tenant) }, ':after': { S: after ?? ' ' } },
          ConsistentRead: true,
          Limit: limit + 1,
        }),
      );
      const approvals = Items.map(fromItem);
      const shown = approvals.slice(0, limit);
      const last = shown.at(-1);
      return { approvals: shown, ...(approvals.length > limit && last && { next: last.id }) };
    },

    async about(tenant, client, ip) {
      const found: Approval[] = [];
      let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await dynamodb.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: `${keys.partition} = :pk AND begins_with(${keys.sort}, :asked)`,
            ExpressionAttributeValues: { ':pk': { S: partition(tenant) }, ':asked': { S: askedPrefix(client, ip) } },
            ConsistentRead: true,
            ExclusiveStartKey,
          }),
        );
        found.push(...Items.map(fromItem));
        ExclusiveStartKey = LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
      return found;
    },

    async open(tenant, approval) {
      await dynamodb.send(new PutItemCommand({ TableName: table, Item: toItem(tenant, approval) }));
    },

    async decide(tenant, approval, now) {
      const condition = {
        ConditionExpression: '#status = :open',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':open': { S: 'open' } },
      };
      return (await replace(tenant, approval, now, condition)) === 'replaced' ? 'decided' : 'decided-already';
    },

    async settle(tenant, approval) {
      const { state, decidedAt } = approval;
      if (decidedAt === null) return;
      await replace(tenant, approval, decidedAt, {
        ConditionExpression: '#status = :state AND decidedAt = :decidedAt',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':state': { S: state }, ':decidedAt': { N: String(decidedAt) } },
      });
    },
  };

  async function replace(
    tenant: TenantId,
    approval: Approval,
    decidedAt: number,
    condition: Pick<PutItemCommandInput, 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>, // prettier-ignore
  ): Promise<'replaced' | 'otherwise'> {
    const deleteAt = { [keys.timeToLive]: { N: String(Math.ceil((decidedAt + decidedKeptMs) / 1_000)) } };
    try {
      await dynamodb.send(
        new PutItemCommand({ TableName: table, Item: { ...toItem(tenant, approval), ...deleteAt }, ...condition }),
      );
      return 'replaced';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return 'otherwise';
      throw error;
    }
  }
}

const toItem = (tenant: TenantId, approval: Approval): Record<string, AttributeValue> => ({
  ...place(tenant, approval.id),
  status: { S: approval.state },
  ...(approval.decidedAt !== null && { decidedAt: { N: String(approval.decidedAt) } }),
  approval: { S: JSON.stringify(approval) },
});

const fromItem = ({ approval }: Record<string, AttributeValue>): Approval =>
  v.parse(stored, JSON.parse(approval?.S ?? ''));
