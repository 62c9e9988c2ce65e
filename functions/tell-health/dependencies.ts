import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';

export const dependencies = () => ({
  configurations: dynamoConfigurationStore(dynamodb(), required(variables.tenantsTable)),
});
