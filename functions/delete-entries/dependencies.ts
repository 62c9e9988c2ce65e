import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import type { AuthenticationTable } from '../../shared/identity/authentication-table.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';

export const dependencies = (): AuthenticationTable =>
  dynamoAuthenticationTable(dynamodb(), required(variables.entriesTable));
