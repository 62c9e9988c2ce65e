import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { kms } from '../../shared/aws/kms.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { sqsChangeQueue } from '../../shared/endpoints/change-queue.ts';
import { dynamoEndpointTable } from '../../shared/endpoints/endpoint-store.ts';
import type { SendChanges } from '../../shared/endpoints/send-changes.ts';
import { dynamoDebug } from '../../shared/journal/debug-store.ts';
import { addressGuardFrom } from '../../shared/outbound/address-guard.ts';
import { udpSwitches } from '../../shared/outbound/coa-client.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';
import { dynamoSecretStore } from '../../shared/outbound/secret-store.ts';

export function dependencies(): SendChanges {
  const client = dynamodb();
  const tenants = required(variables.tenantsTable);
  const configurations = dynamoConfigurationStore(client, tenants);
  return {
    ...dynamoEndpointTable(client, required(variables.endpointsTable)),
    measure: embeddedMetrics(),
    settingsOf: async (tenant) => (await configurations.current(tenant)).configuration.threatResponse,
    secrets: dynamoSecretStore(client, tenants, kmsCipher(kms(), required(variables.secretsKey))),
    switches: udpSwitches(addressGuardFrom(process.env[variables.outboundAllow])),
    debug: dynamoDebug(client, required(variables.journalTable), logger),
    queue: sqsChangeQueue(sqs(), required(variables.changesQueue)),
  };
}
