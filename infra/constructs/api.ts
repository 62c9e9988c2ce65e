import { Duration } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  EndpointType,
  IdentitySource,
  LambdaIntegration,
  LogGroupLogDestination,
  RequestAuthorizer,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { NagSuppressions } from 'cdk-nag';
import { Construct } from 'constructs';

import { authorizerCacheSeconds, routes, stageName } from '../../shared/contract.ts';
import type { Stage } from '../stage.ts';
import { gatewayResponses } from './gateway-responses.ts';

export type FunctionOfRoute = (typeof routes)[keyof typeof routes]['function'];

export interface ApiProps {
  readonly stage: Stage;
  /** Says who is calling, before anything else looks at the request. */
  readonly authorizer: LambdaFunction;
  readonly functions: Readonly<Record<FunctionOfRoute, LambdaFunction>>;
}

/** The one door: every route of the contract behind one authorizer. */
export class Api extends Construct {
  readonly restApi: RestApi;

  constructor(scope: Construct, id: string, { stage, authorizer, functions }: ApiProps) {
    super(scope, id);
    // Otherwise a changed authorizer makes no new deployment, and the stage goes on with the old one.
    this.node.setContext('@aws-cdk/aws-apigateway:authorizerChangeDeploymentLogicalId', true);

    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: stage.logRetention,
      removalPolicy: stage.removalPolicy,
    });
    this.restApi = new RestApi(this, 'RestApi', {
      restApiName: 'Postern',
      endpointTypes: [EndpointType.REGIONAL],
      binaryMediaTypes: ['*/*'], // bodies reach the functions as the bytes that were sent
      cloudWatchRole: true, // without this setting of the account there is no access log
      cloudWatchRoleRemovalPolicy: stage.removalPolicy,
      deployOptions: {
        stageName,
        throttlingRateLimit: stage.throttle.requestsPerSecond,
        throttlingBurstLimit: stage.throttle.burst,
        tracingEnabled: true,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(accessLogLine)),
      },
      defaultMethodOptions: {
        authorizer: new RequestAuthorizer(this, 'Authorizer', {
          handler: authorizer,
          identitySources: [IdentitySource.header('Authorization')],
          resultsCacheTtl: Duration.seconds(authorizerCacheSeconds),
        }),
      },
    });
    for (const response of gatewayResponses) this.restApi.addGatewayResponse(response.type.responseType, response);
    for (const [path, methods] of methodsOfPaths()) this.#serve(path, methods, functions);

    NagSuppressions.addResourceSuppressions(this.restApi, suppressions, true);
  }

  /** A resource answers every method, so that a wrong one is refused by its function in our own words. */
  #serve(path: string, methods: Methods, functions: ApiProps['functions']) {
    const resource = this.restApi.root.resourceForPath(path);
    const [[, first] = never(path)] = methods;
    const shared = new Set(methods.values()).size > 1;
    for (const [method, name] of [...(shared ? methods : []), ['ANY', first] as const]) {
      // One permission for the whole API: one a method grows over the size that Lambda allows a policy.
      resource.addMethod(method, new LambdaIntegration(functions[name], { scopePermissionToMethod: false }));
    }
  }
}

type Methods = Map<string, FunctionOfRoute>;

function methodsOfPaths() {
  const paths = new Map<string, Methods>();
  for (const [route, { function: name }] of Object.entries(routes)) {
    const [method = '', path = ''] = route.split(' ');
    paths.set(path, (paths.get(path) ?? new Map<string, FunctionOfRoute>()).set(method, name));
  }
  return paths;
}

function never(path: string): never {
  throw new Error(`${path} has no method.`);
}

/** Who, what and with which outcome, also of what no function ever saw. No header stands here: one holds a password. */
const accessLogLine = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  clientAddress: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  responseType: '$context.error.responseType',
  error: '$context.error.message',
  authorizerError: '$context.authorizer.error',
  tenant: '$context.authorizer.tenant',
  credential: '$context.authorizer.credentialId',
  integrationStatus: '$context.integration.status',
  integrationLatency: '$context.integration.latency',
  latency: '$context.responseLatency',
  responseBytes: '$context.responseLength',
};

const suppressions = [
  { id: 'AwsSolutions-APIG2', reason: 'Bodies are XML as often as JSON; the functions validate both.' },
  { id: 'AwsSolutions-APIG3', reason: 'A web application firewall comes with a later issue.' },
  {
    id: 'AwsSolutions-APIG6',
    reason: 'The access log names the error of each request; an execution log could show what was posted.',
  },
  {
    id: 'AwsSolutions-COG4',
    reason: 'Callers are devices that can do Basic or Bearer only; the one authorizer guards every method.',
  },
  {
    id: 'AwsSolutions-IAM4',
    reason: 'API Gateway asks for its own managed policy to be able to write logs.',
    appliesTo: ['Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs'],
  },
];
