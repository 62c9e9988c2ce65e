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
import type { Construct } from 'constructs';

import { authorizerCacheSeconds, frontDoorHeaders, routes, stageName } from '../../shared/contract.ts';
import type { FrontDoor } from '../front-door.ts';
import type { Stage } from '../stage.ts';
import { gatewayResponses } from './gateway-responses.ts';

export type FunctionOfRoute = (typeof routes)[keyof typeof routes]['function'];

export interface ApiProps {
  readonly stage: Stage;
  readonly frontDoor: FrontDoor['kind'];
  /** Says who is calling, before anything else looks at the request. */
  readonly authorizer: LambdaFunction;
  readonly functions: Readonly<Record<FunctionOfRoute, LambdaFunction>>;
}

/** The one door: every route of the contract, behind one authorizer. */
export class Api extends RestApi {
  constructor(scope: Construct, id: string, { stage, frontDoor, authorizer, functions }: ApiProps) {
    // Who does not come by CloudFront shows no secret, and is turned away before anything is asked.
    const identity = ['Authorization', ...(frontDoor === 'cloudfront' ? [frontDoorHeaders.origin] : [])];
    const bareAddress = frontDoor === 'domain' ? 'closed' : 'open';
    const accessLog = new LogGroup(scope, `${id}AccessLog`, {
      retention: stage.logRetention,
      removalPolicy: stage.removalPolicy,
    });
    super(scope, id, {
      restApiName: 'Postern',
      endpointTypes: [EndpointType.REGIONAL],
      ...(bareAddress === 'closed' && { disableExecuteApiEndpoint: true }),
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
        authorizer: new RequestAuthorizer(scope, `${id}Authorizer`, {
          handler: authorizer,
          identitySources: identity.map((header) => IdentitySource.header(header)),
          resultsCacheTtl: Duration.seconds(authorizerCacheSeconds),
        }),
      },
    });
    // Otherwise a change of these makes no new deployment, and the stage goes on with the old one.
    this.latestDeployment?.addToLogicalId({ authorizerCacheSeconds, identity, bareAddress });

    for (const response of gatewayResponses) this.addGatewayResponse(response.type.responseType, response);
    for (const { method, path, name } of methods) {
      // One permission for the whole API: with one a method, a function outgrows the policy that Lambda gives it.
      const integration = new LambdaIntegration(functions[name], { scopePermissionToMethod: false });
      this.root.resourceForPath(path).addMethod(method, integration);
    }
    this.#explainToNag();
  }

  #explainToNag() {
    NagSuppressions.addResourceSuppressions(this, [
      { id: 'AwsSolutions-APIG2', reason: 'Bodies are XML as often as JSON; the functions check both.' },
    ]);
    NagSuppressions.addResourceSuppressions(this.deploymentStage, [
      { id: 'AwsSolutions-APIG3', reason: 'The firewall is a stack of its own, on in production.' },
      { id: 'AwsSolutions-APIG6', reason: 'The access log has every request; an execution log may hold what it said.' },
    ]);
    NagSuppressions.addResourceSuppressions(this.methods, [
      {
        id: 'AwsSolutions-COG4',
        reason: 'Callers are devices that know Basic or Bearer only; our authorizer asks them.',
      },
    ]);
    NagSuppressions.addResourceSuppressions(this.node.findChild('CloudWatchRole'), [
      {
        id: 'AwsSolutions-IAM4',
        reason: 'This is the policy that API Gateway asks for before it writes a log.',
        appliesTo: ['Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs'],
      },
    ]);
  }
}

const served = Object.entries(routes).map(([route, { function: name }]) => {
  const [method = '', path = ''] = route.split(' ');
  return { method, path, name };
});

/** Every path takes every method: a wrong one is refused by a function of ours, in our words and with `Allow`. */
const methods = [...Map.groupBy(served, ({ path }) => path).values()].flatMap((ofPath) => {
  const anyOther = ofPath.slice(0, 1).map((first) => ({ ...first, method: 'ANY' }));
  return new Set(ofPath.map(({ name }) => name)).size > 1 ? [...ofPath, ...anyOther] : anyOther;
});

/**
 * Who, what, with which outcome, also of what no function ever saw. Neither a header nor `error.message`: for a path
 * that API Gateway does not know, that repeats the caller's Authorization.
 */
const accessLogLine = {
  requestId: '$context.requestId',
  at: '$context.requestTimeEpoch',
  clientAddress: '$context.identity.sourceIp',
  tenant: '$context.authorizer.tenant',
  credential: '$context.authorizer.credentialId',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  refusedAs: '$context.error.responseType',
  authorizerStatus: '$context.authorizer.status',
  authorizerError: '$context.authorizer.error',
  integrationStatus: '$context.integration.status',
  integrationMs: '$context.integration.latency',
  answeredMs: '$context.responseLatency',
  answeredBytes: '$context.responseLength',
};
