import { Logger } from '@aws-lambda-powertools/logger';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import type { FindReceipts } from '../../shared/journal/find-receipts.ts';
import { dynamoReceiptStore } from '../../shared/journal/receipt-store.ts';

export const dependencies = (): FindReceipts => ({
  receipts: dynamoReceiptStore(dynamodb(), required(variables.journalTable), new Logger({ serviceName: 'postern' })),
  now: Date.now,
});
