/** API Gateway: the template's REST API, at the root of one port. */
import type { ServerResponse } from 'node:http';
import * as v from 'valibot';
import { answerOf } from './api-gateway-answer.ts';
import { Authorizer, authorizerType } from './api-gateway-authorizer.ts';
import {
  type ApiNames,
  type Arrival,
  arrivalOf,
  bodyOf,
  eventOf,
  newIds,
  readRequest,
  type RequestIds,
  sent,
} from './api-gateway-request.ts';
import {
  badGateway,
  type FaultAnswers,
  faultAnswers,
  GatewayFault,
  gatewayResponseTypes,
  type HttpAnswer,
  substituted,
  type Variables,
} from './api-gateway-responses.ts';
import { apiId, type FindRoute, restApi, type Route, routesOf, routeTypes } from './api-gateway-routes.ts';
import type { Certificate } from './certificate.ts';
import { type HttpServer, listen } from './http-server.ts';
import { type Lambda, tooLarge } from './lambda.ts';
import { account, immaterial, region, resourceType, type Template } from './template.ts';

const deployment = resourceType(
  'AWS::ApiGateway::Deployment',
  v.strictObject({ Description: immaterial('it is for people'), RestApiId: v.string() }),
  apiId,
);

const methodSettings = v.strictObject({
  DataTraceEnabled: immaterial('there is no execution log on one machine'),
  HttpMethod: v.literal('*'),
  LoggingLevel: immaterial('there is no execution log on one machine'),
  MetricsEnabled: immaterial('there is no CloudWatch on one machine'),
  ResourcePath: v.literal('/*'),
  ThrottlingBurstLimit: v.optional(v.number(), 5_000),
  ThrottlingRateLimit: v.optional(v.number(), 10_000),
});

const stage = resourceType(
  'AWS::ApiGateway::Stage',
  v.strictObject({
    AccessLogSetting: v.optional(
      v.strictObject({ DestinationArn: immaterial('there is one log here'), Format: v.string() }),
    ),
    DeploymentId: v.string(),
    MethodSettings: v.optional(v.pipe(v.array(methodSettings), v.maxLength(1)), []),
    RestApiId: v.string(),
    StageName: v.string(),
    TracingEnabled: immaterial('there is no X-Ray on one machine'),
  }),
  { id: (_, property) => String(property('StageName')) },
);

const accountSettings = resourceType(
  'AWS::ApiGateway::Account',
  v.strictObject({ CloudWatchRoleArn: immaterial('there is one log here') }),
);

export const apiGatewayTypes = [
  ...gatewayResponseTypes,
  ...routeTypes,
  accountSettings,
  authorizerType,
  deployment,
  stage,
];

/** What API Gateway bears at most. Tests that cannot wait for it, or send as much, lower it. */
export interface ApiLimits {
  readonly bodyBytes: number;
  readonly integrationMs: number;
}

export interface ApiGatewayOptions {
  readonly lambda: Lambda;
  readonly now: () => number;
  readonly log: (line: string) => void;
  readonly limits: ApiLimits;
}

/** Who stands before the gateway: hands a request on as it makes it, or answers in the gateway's place. */
export type Front = (arrival: Arrival) => Arrival | HttpAnswer;

export interface Listening {
  readonly certificate?: Certificate | undefined;
  readonly front?: Front | undefined;
}

export class ApiGateway {
  readonly names: ApiNames;
  readonly #options: ApiGatewayOptions;
  readonly #routeOf: FindRoute;
  readonly #authorizers: ReadonlyMap<string, Authorizer>;
  readonly #faultAnswer: FaultAnswers;
  readonly #accessLog: string | undefined;
  readonly #throttle: () => 'served' | 'throttled';

  constructor(template: Template, options: ApiGatewayOptions) {
    const { id, properties } = template.only(stage);
    this.#options = options;
    this.names = {
      apiId: template.only(restApi).id,
      stage: id,
      deploymentId: properties.DeploymentId,
    };
    this.#routeOf = routesOf(template);
    this.#authorizers = new Map(
      template
        .all(authorizerType)
        .map((authorizer) => [authorizer.id, new Authorizer({ ...options, authorizer, names: this.names })]),
    );
    this.#faultAnswer = faultAnswers(template);
    this.#accessLog = properties.AccessLogSetting?.Format;
    const [settings] = properties.MethodSettings;
    this.#throttle = settings
      ? tokenBucket(settings.ThrottlingBurstLimit, settings.ThrottlingRateLimit, options.now)
      : () => 'served';
  }

  /** Serves the API, with a certificate over HTTPS, as the front makes it look. Port 0 picks a free one. */
  listen(port: number, { certificate, front = (arrival) => arrival }: Listening = {}): Promise<HttpServer> {
    // What is too long is answered by the rules of API Gateway, not by those of Node.
    const options = { maxHeaderSize: 65_536, certificate };
    return listen(port, (message, response) => void this.#serve(front(arrivalOf(message)), response), options);
  }

  /** Forgets who was let in: every caller is asked for anew. */
  flushAuthorizers(): void {
    for (const authorizer of this.#authorizers.values()) authorizer.flush();
  }

  async #serve(arrival: ReturnType<Front>, response: ServerResponse): Promise<void> {
    const arrivedAt = performance.now();
    const ids = newIds(this.#options.now());
    const variables: Variables = { ...ids };
    try {
      const answer = 'status' in arrival ? arrival : await this.#answer(arrival, ids, variables);
      send(response, answer, ids);
      variables.status = answer.status;
      variables.responseLength = answer.body.length;
      variables.responseLatency = Math.round(performance.now() - arrivedAt);
      if (this.#accessLog !== undefined) this.#options.log(substituted(this.#accessLog, variables, '-'));
    } catch (error) {
      this.#options.log(`A request went without an answer: ${String(error)}`); // its client left, or we stop
      response.destroy();
    }
  }

  /** The whole way of a request. What is learned on it goes to `variables`, for the templates and the access log. */
  async #answer(arrival: Arrival, ids: RequestIds, variables: Variables): Promise<HttpAnswer> {
    const { lambda, limits, log } = this.#options;
    try {
      const request = await readRequest(arrival, this.names, ids, limits.bodyBytes);
      Object.assign(variables, request.context);
      const route = this.#routeOf(request.method, request.path);
      if (!route) throw new GatewayFault('MISSING_AUTHENTICATION_TOKEN', 'Missing Authentication Token');
      variables.resourcePath = route.resource;
      const authorizer = await this.#authorizers.get(route.authorizerId ?? '')?.authorize(request, route);
      variables.authorizer = authorizer;
      if (this.#throttle() === 'throttled') throw new GatewayFault('THROTTLED', 'Too Many Requests');
      this.#demandPermission(request.method, route);
      const event = { ...eventOf(request, route, authorizer), ...bodyOf(request) };
      const milliseconds = Math.min(route.integration.TimeoutInMillis, limits.integrationMs);
      const askedAt = performance.now();
      const outcome = await within(milliseconds, lambda.invoke(route.integration.Uri, event));
      variables.integration = { status: 200, latency: Math.round(performance.now() - askedAt) };
      if (outcome.outcome === 'failed')
        throw outcome.errorType === tooLarge ? new GatewayFault('REQUEST_TOO_LARGE', 'Request Too Long') : badGateway();
      return answerOf(outcome.payload, log);
    } catch (fault) {
      if (!(fault instanceof GatewayFault)) throw fault;
      variables.error = { message: fault.text, responseType: fault.type };
      return this.#faultAnswer(fault, variables, sent(arrival, 'accept') ?? '');
    }
  }

  #demandPermission(method: string, { integration, resource }: Route): void {
    const place = `${this.names.apiId}/${this.names.stage}/${method}${resource}`;
    const source = `arn:aws:execute-api:${region}:${account}:${place}`;
    if (this.#options.lambda.permission(integration.Uri, source) === 'granted') return;
    this.#options.log(`API Gateway has no permission to call ${integration.Uri} for ${source}.`);
    throw new GatewayFault('API_CONFIGURATION_ERROR', 'Internal server error');
  }
}

function send(response: ServerResponse, { status, headers, body }: HttpAnswer, ids: RequestIds): void {
  response.statusCode = status;
  for (const [name, value] of headers) response.appendHeader(name, value);
  response.setHeader('x-amzn-RequestId', ids.requestId);
  response.setHeader('x-amz-apigw-id', ids.extendedRequestId);
  response.setHeader('X-Amzn-Trace-Id', ids.xrayTraceId);
  if (status !== 204 && status !== 304) response.setHeader('Content-Length', body.length);
  response.end(body);
}

/** The outcome, if it comes in time. AWS lets a function that is too slow go on, unheard. */
async function within<Outcome>(milliseconds: number, outcome: Promise<Outcome>): Promise<Outcome> {
  const { promise, reject } = Promise.withResolvers<never>();
  const fault = new GatewayFault('INTEGRATION_TIMEOUT', 'Endpoint request timed out');
  const timer = setTimeout(() => reject(fault), milliseconds);
  return Promise.race([outcome, promise]).finally(() => clearTimeout(timer));
}

/** Lets `burst` requests through at once, and so many a second from then on. */
function tokenBucket(burst: number, perSecond: number, now: () => number): () => 'served' | 'throttled' {
  let tokens = burst;
  let filledAt = now();
  return () => {
    tokens = Math.min(burst, tokens + ((now() - filledAt) / 1_000) * perSecond);
    filledAt = now();
    if (tokens < 1) return 'throttled';
    tokens -= 1;
    return 'served';
  };
}
