import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { type FrontDoor, frontDoorShowing } from '../../shared/edge/front-door.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { dynamoReceiptStore } from '../../shared/journal/receipt-store.ts';
import { dynamoSenderStore } from '../../shared/journal/sender-store.ts';
import type { Authorize } from '../../shared/tenancy/authorize.ts';
import { dynamoLoginStore } from '../../shared/tenancy/login-store.ts';

export function dependencies(): Authorize & { readonly frontDoor: FrontDoor } {
  const client = dynamodb();
  return {
    logins: dynamoLoginStore(client, required(variables.tenantsTable)),
    receipts: dynamoReceiptStore(client, required(variables.journalTable), logger),
    senders: dynamoSenderStore(client, required(variables.journalTable), logger),
    measure: embeddedMetrics(),
    frontDoor: frontDoorShowing(process.env[variables.originSecret], process.env[variables.formerOriginSecret]),
    now: Date.now,
  };
}
