/** The resources and methods of the API, and which of them a request means. */
import * as v from 'valibot';
import { immaterial, madeUpId, type Place, resourceType, type Template } from './template.ts';

export const apiId = { id: (place: Place) => madeUpId(place, 10) };

/** The URI of an integration or an authorizer, as the ARN of its function. */
export const functionOfUri = v.pipe(
  v.string(),
  v.regex(/\/functions\/arn:[^/]+\/invocations$/),
  v.transform((uri) => uri.replace(/^.*\/functions\/(.*)\/invocations$/, '$1')),
);

export const restApi = resourceType(
  'AWS::ApiGateway::RestApi',
  v.strictObject({
    BinaryMediaTypes: v.tuple([v.literal('*/*')]),
    Description: immaterial('it is for people'),
    EndpointConfiguration: immaterial('there is one endpoint here'),
    Name: immaterial('it is for people'),
  }),
  { ...apiId, attributes: { RootResourceId: (id) => `${id}-root` } },
);

const resource = resourceType(
  'AWS::ApiGateway::Resource',
  v.strictObject({ ParentId: v.string(), PathPart: v.string(), RestApiId: v.string() }),
  apiId,
);

const method = resourceType(
  'AWS::ApiGateway::Method',
  v.pipe(
    v.strictObject({
      AuthorizationType: v.picklist(['CUSTOM', 'NONE']),
      AuthorizerId: v.optional(v.string()),
      HttpMethod: v.string(),
      Integration: v.strictObject({
        IntegrationHttpMethod: v.literal('POST'),
        TimeoutInMillis: v.optional(v.number(), 29_000),
        Type: v.literal('AWS_PROXY'),
        Uri: functionOfUri,
      }),
      ResourceId: v.string(),
      RestApiId: v.string(),
    }),
    v.check(({ AuthorizationType, AuthorizerId }) => (AuthorizationType === 'CUSTOM') === (AuthorizerId !== undefined)),
  ),
);
type Method = v.InferOutput<typeof method.properties>;

export const routeTypes = [restApi, resource, method];

export interface Route {
  readonly resource: string;
  readonly resourceId: string;
  /** Still percent-encoded, as they were sent. */
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly authorizerId: string | undefined;
  readonly integration: Method['Integration'];
}

export type FindRoute = (method: string, path: string) => Route | undefined;

/** How to find the route of a request. Of two resources that fit, the one with more literal words is meant. */
export function routesOf(template: Template): FindRoute {
  const parents = new Map(template.all(resource).map(({ id, properties }) => [id, properties]));
  const segmentsOf = (id: string): string[] => {
    const found = parents.get(id);
    return found ? [...segmentsOf(found.ParentId), found.PathPart] : [];
  };
  const methods = Map.groupBy(
    template.all(method).map(({ properties }) => properties),
    ({ ResourceId }) => ResourceId,
  );
  const resources = [...methods].map(([resourceId, served]) => ({
    resourceId,
    served,
    segments: segmentsOf(resourceId),
  }));
  resources.sort((a, b) => (rank(a.segments) < rank(b.segments) ? -1 : 1));

  return (asked, path) => {
    const sent = path.split('/').slice(1);
    if (sent.at(-1) === '') sent.pop(); // a trailing slash makes no other resource
    for (const { resourceId, served, segments } of resources) {
      const pathParameters = parametersOf(segments, sent);
      if (pathParameters === undefined) continue;
      const found =
        served.find((each) => each.HttpMethod === asked) ?? served.find((each) => each.HttpMethod === 'ANY');
      if (found === undefined) return undefined;
      const { AuthorizerId: authorizerId, Integration: integration } = found;
      return { resource: `/${segments.join('/')}`, resourceId, pathParameters, authorizerId, integration };
    }
    return undefined;
  };
}

/** Literal words come before parameters, and greedy parameters last. */
const rank = (segments: readonly string[]) =>
  segments.map((segment) => (segment.endsWith('+}') ? '2' : segment.startsWith('{') ? '1' : '0')).join('');

function parametersOf(segments: readonly string[], sent: readonly string[]): Record<string, string> | undefined {
  const greedy = segments.at(-1)?.endsWith('+}') === true;
  if (greedy ? sent.length < segments.length : sent.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = segment.endsWith('+}') ? sent.slice(index).join('/') : (sent[index] ?? '');
    if (segment.startsWith('{') && value !== '') parameters[segment.replaceAll(/[{+}]/g, '')] = value;
    else if (segment !== value) return undefined;
  }
  return parameters;
}
