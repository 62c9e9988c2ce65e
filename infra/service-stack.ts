import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

import { authorizerFunction, routes, stageName, variables } from '../shared/contract.ts';
import { Api, type FunctionOfRoute } from './constructs/api.ts';
import { ServiceFunction, type Size } from './constructs/service-function.ts';
import type { DataStack } from './data-stack.ts';
import type { Stage } from './stage.ts';

export type FunctionName = FunctionOfRoute | typeof authorizerFunction;

/** Every folder under `functions/` that this stack puts on Lambda. */
export const functionNames: readonly FunctionName[] = [
  authorizerFunction,
  ...new Set(Object.values(routes).map((route) => route.function)),
];

/** API Gateway gives up after 29 s, so no function that it waits for is given more. */
const sizes: Readonly<Record<FunctionName, Size>> = {
  // Reads one item. Every caller waits for it once a minute, and a failing one must fail long before its caller gives up.
  authorize: { memoryMegabytes: 512, timeoutSeconds: 5 },
  // Parses 2 MB and folds 28,000 entries on one thread: a whole processor, and no more, which it could not use.
  'post-entries': { memoryMegabytes: 1_769, timeoutSeconds: 29 },
  // A listing is 16 queries in parallel, decoded and sorted on one thread.
  'find-entries': { memoryMegabytes: 1_024, timeoutSeconds: 15 },
  // A filter may end as many entries as a post brings.
  'delete-entries': { memoryMegabytes: 1_024, timeoutSeconds: 29 },
  // One page of one partition.
  'find-receipts': { memoryMegabytes: 512, timeoutSeconds: 15 },
  // Checks and compresses up to 4 MB of JSON, which is held several times over while it does.
  configure: { memoryMegabytes: 1_024, timeoutSeconds: 15 },
  // A few small items and a call of API Gateway's own interface.
  'manage-tenants': { memoryMegabytes: 512, timeoutSeconds: 15 },
  // One read, so that it tells whether the tables answer. A health check that hangs is an answer too late.
  'tell-health': { memoryMegabytes: 256, timeoutSeconds: 5 },
};

/** Forms of the partition keys of the tenants table: what a tenant owns, and what only the authorizer may read. */
const ofTenants = ['T#*'];
const ofCredentials = ['CREDENTIAL#*'];

/** What reads and writes many entries in one request. */
const inBatches = ['BatchGetItem', 'PartiQLUpdate', 'PartiQLInsert'];

interface ServiceStackProps extends StackProps {
  readonly stage: Stage;
  readonly data: DataStack;
  readonly codeOf: (name: FunctionName) => Code;
}

/** The whole service: what it does, what it may touch, what calls what. It holds nothing, so it can be replaced whole. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { stage, data, codeOf, ...props }: ServiceStackProps) {
    super(scope, id, props);
    const { entries, tenants, journal, secretsKey } = data;
    const make = (constructId: string, name: FunctionName) =>
      new ServiceFunction(this, constructId, { code: codeOf(name), stage, ...sizes[name] });

    const authorize = make('Authorize', 'authorize');
    const postEntries = make('PostEntries', 'post-entries');
    const findEntries = make('FindEntries', 'find-entries');
    const deleteEntries = make('DeleteEntries', 'delete-entries');
    const findReceipts = make('FindReceipts', 'find-receipts');
    const configure = make('Configure', 'configure');
    const manageTenants = make('ManageTenants', 'manage-tenants');
    const tellHealth = make('TellHealth', 'tell-health');

    const api = new Api(this, 'Api', {
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

    tenants.allow(authorize, { actions: ['GetItem'], on: ofCredentials });
    journal.allow(authorize, { actions: ['PutItem'] });

    entries.allow(postEntries, { actions: ['GetItem', 'PutItem', ...inBatches] });
    tenants.allow(postEntries, { actions: ['GetItem'], on: ofTenants });
    journal.allow(postEntries, { actions: ['PutItem'] });

    entries.allow(findEntries, { actions: ['GetItem', 'Query'] });
    tenants.allow(findEntries, { actions: ['GetItem'], on: ofTenants });

    entries.allow(deleteEntries, { actions: ['GetItem', 'Query', 'PutItem', ...inBatches] });

    journal.allow(findReceipts, { actions: ['Query'] });

    tenants.allow(configure, { actions: ['GetItem', 'Query', 'PutItem', 'DeleteItem'], on: ofTenants });
    configure.addEnvironment(variables.secretsKey, secretsKey.keyId);
    secretsKey.grant(configure, 'kms:Encrypt'); // no Decrypt: a secret is written here, and never read back

    tenants.allow(manageTenants, { actions: ['GetItem', 'Query'], on: ofTenants });
    // A tenant and its logins are written in one transaction, so one statement allows both.
    tenants.allow(manageTenants, { actions: ['PutItem'], on: [...ofTenants, ...ofCredentials], answering: 'nothing' });
    manageTenants.addEnvironment(variables.restApi, api.restApiId);
    manageTenants.addToRolePolicy(this.#flushOfAuthorizersOf(api));

    tenants.allow(tellHealth, { actions: ['GetItem'], on: ofTenants });

    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'RestApiId', { value: api.restApiId });
    new CfnOutput(this, 'TenantsTableName', { value: tenants.tableName });
  }

  /** A revoked credential is to end at once, not when the authorizer's answer leaves API Gateway's cache. */
  #flushOfAuthorizersOf({ restApiId }: Api) {
    const resource = `/restapis/${restApiId}/stages/${stageName}/cache/authorizers`;
    return new PolicyStatement({
      actions: ['apigateway:DELETE'],
      resources: [this.formatArn({ service: 'apigateway', account: '', resource })],
    });
  }
}
