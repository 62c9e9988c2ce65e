/** The REQUEST authorizer of the API: who is calling, asked of a function and kept for as long as the template says. */
import * as v from 'valibot';
import { type ApiNames, type ApiRequest, eventOf, header, methodArn } from './api-gateway-request.ts';
import { clientFault, GatewayFault } from './api-gateway-responses.ts';
import { functionOfUri, type Route } from './api-gateway-routes.ts';
import { type Lambda, matches } from './lambda.ts';
import { account, region, type Resource, resourceType } from './template.ts';

export const authorizerType = resourceType(
  'AWS::ApiGateway::Authorizer',
  v.strictObject({
    AuthorizerResultTtlInSeconds: v.optional(v.pipe(v.number(), v.maxValue(3_600)), 300),
    AuthorizerUri: functionOfUri,
    IdentitySource: v.pipe(
      v.optional(v.string(), ''),
      v.regex(/^(method\.request\.header\.[\w-]+(, ?|$))*$/),
      v.transform((sources) => [...sources.matchAll(/header\.([\w-]+)/g)].map(([, name = '']) => name)),
    ),
    Name: v.string(),
    RestApiId: v.string(),
    Type: v.literal('REQUEST'),
  }),
);
const list = <Schema extends v.GenericSchema>(item: Schema) =>
  v.union([
    v.array(item),
    v.pipe(
      item,
      v.transform((single) => [single]),
    ),
  ]);

const resultSchema = v.object({
  principalId: v.string(),
  policyDocument: v.object({
    Statement: list(
      v.strictObject({
        Action: list(v.string()),
        Effect: v.picklist(['Allow', 'Deny']),
        Resource: list(v.string()),
        Sid: v.optional(v.string()),
      }),
    ),
  }),
  context: v.nullish(
    v.record(v.string(), v.nullable(v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String)))),
    {},
  ),
});
type Result = v.InferOutput<typeof resultSchema>;

export interface AuthorizerOptions {
  readonly authorizer: Resource<v.InferOutput<typeof authorizerType.properties>>;
  readonly names: ApiNames;
  readonly lambda: Lambda;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

/** More credentials than this at once are somebody guessing: what is kept of them is not worth its memory. */
const mostKept = 10_000;

export class Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #kept = new Map<string, { readonly result: Result; readonly until: number }>();

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** Forgets every answer, so that the next request of each caller asks the function again. */
  flush(): void {
    this.#kept.clear();
  }

  /** What the functions are told of the caller. Throws `GatewayFault` for everybody who may not pass. */
  async authorize(request: ApiRequest, route: Route): Promise<object> {
    const { names } = this.#options;
    const arn = methodArn(request, names);
    if (Buffer.byteLength(arn) > 1_600) throw clientFault(414);
    const askedAt = performance.now();
    const { principalId, policyDocument, context } = await this.#result(request, route, arn);
    // The policy is judged at every request: it may have been made for another method or path.
    const effects = policyDocument.Statement.filter(
      ({ Action, Resource }) =>
        Action.some((action) => matches(action, 'execute-api:Invoke')) && Resource.some((each) => matches(each, arn)),
    ).map(({ Effect }) => Effect);
    const refused = 'User is not authorized to access this resource';
    if (effects.includes('Deny')) throw new GatewayFault('ACCESS_DENIED', `${refused} with an explicit deny`);
    if (effects.length === 0) throw new GatewayFault('ACCESS_DENIED', refused);
    return { ...context, principalId, integrationLatency: Math.round(performance.now() - askedAt) };
  }

  async #result(request: ApiRequest, route: Route, arn: string): Promise<Result> {
    const { AuthorizerResultTtlInSeconds, IdentitySource } = this.#options.authorizer.properties;
    if (AuthorizerResultTtlInSeconds === 0) return this.#ask(request, route, arn);
    const identity = IdentitySource.map((name) => header(request, name) ?? '');
    if (identity.includes('')) throw new GatewayFault('UNAUTHORIZED', 'Unauthorized');
    const key = JSON.stringify(identity);
    const kept = this.#kept.get(key);
    if (kept && kept.until > this.#options.now()) return kept.result;
    const result = await this.#ask(request, route, arn);
    if (this.#kept.size >= mostKept) this.flush();
    this.#kept.set(key, { result, until: this.#options.now() + AuthorizerResultTtlInSeconds * 1_000 });
    return result;
  }

  async #ask(request: ApiRequest, route: Route, arn: string): Promise<Result> {
    const { authorizer, lambda, log, names } = this.#options;
    const functionArn = authorizer.properties.AuthorizerUri;
    const source = `arn:aws:execute-api:${region}:${account}:${names.apiId}/authorizers/${authorizer.id}`;
    if (lambda.permission(functionArn, source) === 'missing') {
      log(`API Gateway has no permission to call the authorizer ${functionArn}.`);
      throw new GatewayFault('AUTHORIZER_CONFIGURATION_ERROR', null);
    }
    const event = { type: 'REQUEST', methodArn: arn, ...eventOf(request, route) };
    const outcome = await lambda.invoke(functionArn, event);
    if (outcome.outcome === 'failed') {
      if (outcome.message === 'Unauthorized') throw new GatewayFault('UNAUTHORIZED', 'Unauthorized');
      throw new GatewayFault('AUTHORIZER_FAILURE', null);
    }
    const result = v.safeParse(resultSchema, JSON.parse(outcome.payload));
    if (result.success) return result.output;
    log(`The authorizer's answer is malformed: ${v.getDotPath(result.issues[0]) ?? 'all of it'}.`);
    throw new GatewayFault('AUTHORIZER_CONFIGURATION_ERROR', null);
  }
}
