import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

import { authorizerFunction, routes, stageName, variables } from '../shared/contract.ts';
import { Api, type FunctionOfRoute } from './constructs/api.ts';
import { ServiceFunction } from './constructs/service-function.ts';
import type { DataStack } from './data-stack.ts';
import type { Stage } from './stage.ts';

export type FunctionName = FunctionOfRoute | typeof authorizerFunction;

/** Every folder under `functions/` that this stack puts on Lambda. */
export const functionNames: readonly FunctionName[] = [
  authorizerFunction,
  ...new Set(Object.values(routes).map((route) => route.function)),
];

interface ServiceStackProps extends StackProps {
  readonly stage: Stage;
  readonly data: DataStack;
  readonly codeOf: (name: FunctionName) => Code;
}

/** The whole service: what it does, what it may touch, what calls what. It can be replaced at any time: it holds nothing. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { stage, data, codeOf, ...props }: ServiceStackProps) {
    super(scope, id, props);
    const { entries, tenants, journal, secretsKey } = data;

    const make = (constructId: string, name: FunctionName, memoryMegabytes: number, timeoutSeconds: number) =>
      new ServiceFunction(this, constructId, { code: codeOf(name), stage, memoryMegabytes, timeoutSeconds });

    const authorize = make('Authorize', 'authorize', 512, 5);
    const postEntries = make('PostEntries', 'post-entries', 1_769, 29);
    const findEntries = make('FindEntries', 'find-entries', 1_024, 15);
    const deleteEntries = make('DeleteEntries', 'delete-entries', 1_024, 29);
    const findReceipts = make('FindReceipts', 'find-receipts', 512, 15);
    const configure = make('Configure', 'configure', 1_024, 15);
    const manageTenants = make('ManageTenants', 'manage-tenants', 512, 15);
    const tellHealth = make('TellHealth', 'tell-health', 256, 5);

    const { restApi } = new Api(this, 'Api', {
      stage,
      authorizer: authorize,
      functions: {
        'post-entries': postEntries,
        'find-entries': findEntries,
        'delete-entries': deleteEntries,
        'find-receipts': findReceipts,
        configure,
        'manage-tenants': manageTenants,
        'tell-health': tellHealth,
      },
    });

    const ofTenants = 'T#*';
    const ofCredentials = 'CREDENTIAL#*';
    const batches = ['BatchGetItem', 'PartiQLUpdate', 'PartiQLInsert'];

    tenants.allow(authorize, { actions: ['GetItem'], on: ofCredentials });
    journal.allow(authorize, { actions: ['PutItem'] });

    entries.allow(postEntries, { actions: ['GetItem', 'PutItem', 'UpdateItem', ...batches] });
    tenants.allow(postEntries, { actions: ['GetItem'], on: ofTenants });
    journal.allow(postEntries, { actions: ['PutItem'] });

    entries.allow(findEntries, { actions: ['GetItem', 'Query'] });
    tenants.allow(findEntries, { actions: ['GetItem'], on: ofTenants });

    entries.allow(deleteEntries, { actions: ['GetItem', 'Query', 'PutItem', 'UpdateItem', ...batches] });
    tenants.allow(deleteEntries, { actions: ['GetItem'], on: ofTenants });

    journal.allow(findReceipts, { actions: ['Query'] });

    tenants.allow(configure, { actions: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'], on: ofTenants });
    configure.addEnvironment(variables.secretsKey, secretsKey.keyId);
    secretsKey.grant(configure, 'kms:Encrypt'); // what was entrusted is written, never read back

    tenants.allow(manageTenants, { actions: ['GetItem', 'Query', 'PutItem', 'UpdateItem'], on: ofTenants });
    tenants.allow(manageTenants, { actions: ['PutItem', 'UpdateItem', 'DeleteItem'], on: ofCredentials });
    manageTenants.addEnvironment(variables.restApi, restApi.restApiId);
    manageTenants.addToRolePolicy(
      new PolicyStatement({
        actions: ['apigateway:DELETE'],
        resources: [
          this.formatArn({
            service: 'apigateway',
            account: '',
            resource: `/restapis/${restApi.restApiId}/stages/${stageName}/cache/authorizers`,
          }),
        ],
      }),
    );

    tenants.allow(tellHealth, { actions: ['GetItem'], on: ofTenants });

    new CfnOutput(this, 'ApiUrl', { value: restApi.url, description: 'Where the API answers' });
    new CfnOutput(this, 'RestApiId', { value: restApi.restApiId });
    new CfnOutput(this, 'TenantsTableName', { value: tenants.tableName });
  }
}
