import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { dynamoEndpointStore } from '../../shared/endpoints/endpoint-store.ts';
import { dynamoHostStore } from '../../shared/infected-hosts/host-store.ts';
import { dynamoAccessLog } from '../../shared/journal/access-log-store.ts';
import { dynamoDebugLog, dynamoDebugSwitch } from '../../shared/journal/debug-store.ts';
import { dynamoEventLog } from '../../shared/journal/event-log-store.ts';
import type { Reports } from './reports.ts';

export function dependencies(): Reports {
  const client = dynamodb();
  const [journal, table] = [required(variables.journalTable), required(variables.endpointsTable)];
  return {
    events: dynamoEventLog(client, journal),
    accesses: dynamoAccessLog(client, journal),
    debugLog: dynamoDebugLog(client, journal),
    debugSwitch: dynamoDebugSwitch(client, journal),
    endpoints: dynamoEndpointStore(client, table),
    hosts: dynamoHostStore(client, table),
    now: Date.now,
  };
}
