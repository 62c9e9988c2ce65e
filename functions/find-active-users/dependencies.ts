import { Logger } from '@aws-lambda-powertools/logger';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { dynamoEndpointStore } from '../../shared/endpoints/endpoint-store.ts';
import { dynamoReceiptStore } from '../../shared/journal/receipt-store.ts';

export function dependencies() {
  const client = dynamodb();
  const logger = new Logger({ serviceName: 'postern' });
  return {
    endpoints: dynamoEndpointStore(client, required(variables.endpointsTable)),
    receipts: dynamoReceiptStore(client, required(variables.journalTable), logger),
    now: Date.now,
  };
}
