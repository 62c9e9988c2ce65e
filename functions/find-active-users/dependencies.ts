import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { dynamoEndpointStore } from '../../shared/endpoints/endpoint-store.ts';
import { dynamoReceiptStore } from '../../shared/journal/receipt-store.ts';

export function dependencies() {
  const client = dynamodb();
  return {
    endpoints: dynamoEndpointStore(client, required(variables.endpointsTable)),
    receipts: dynamoReceiptStore(client, required(variables.journalTable), logger),
    now: Date.now,
  };
}
