/** All that admission control keeps for itself, in the endpoints table. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoActionBudget } from './action-budget-store.ts';
import type { Admission } from './admission.ts';
import { dynamoApprovalStore } from './approval-store.ts';
import { dynamoEventMemory } from './event-memory-store.ts';
import { dynamoTraceStore } from './trace-store.ts';

export const dynamoAdmission = (
  client: DynamoDBClient,
  endpointsTable: string,
): Pick<Admission, 'memory' | 'approvals' | 'budget' | 'traces'> => ({
  memory: dynamoEventMemory(client, endpointsTable),
  approvals: dynamoApprovalStore(client, endpointsTable),
  budget: dynamoActionBudget(client, endpointsTable),
  traces: dynamoTraceStore(client, endpointsTable),
});
