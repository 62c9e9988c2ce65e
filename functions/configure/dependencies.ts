import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { kms } from '../../shared/aws/kms.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import type { ReplaceConfiguration } from '../../shared/configuration/replace-configuration.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { kmsCipher } from '../../shared/outbound/kms-client.ts';
import { dynamoSecretStore } from '../../shared/outbound/secret-store.ts';

export function dependencies(): ReplaceConfiguration {
  const client = dynamodb();
  const table = required(variables.tenantsTable);
  return {
    configurations: dynamoConfigurationStore(client, table),
    secrets: dynamoSecretStore(client, table, kmsCipher(kms(), required(variables.secretsKey))),
    now: Date.now,
  };
}
