/** Requests to test doors with, as API Gateway hands them over: bodies in base64, what is absent null. */
import type { APIGatewayProxyEventBase, Context } from 'aws-lambda';
import type { Caller, Role, RouteKey } from '../../shared/contract.ts';
import type { HttpRequest } from '../../shared/edge/http.ts';
import { acme, noon } from './observations.ts';

export const aCaller = (role: Role, told: Partial<Caller> = {}): Caller => ({
  tenant: acme,
  role,
  credentialId: 'credential-1',
  credentialName: 'first',
  orderByArrival: 'false',
  ...told,
});

export interface Sent {
  readonly route: RouteKey | `${string} /${string}`;
  readonly caller: Caller;
  readonly parameters?: Record<string, string>;
  readonly query?: Record<string, string[]>;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

export function anApiEvent({
  route,
  caller,
  parameters,
  query,
  headers = {},
  body,
}: Sent): APIGatewayProxyEventBase<Caller> {
  const [httpMethod = '', resource = ''] = route.split(' ');
  const last = query && Object.fromEntries(Object.entries(query).map(([name, values]) => [name, values.at(-1)]));
  return {
    resource,
    path: resource,
    httpMethod,
    headers,
    multiValueHeaders: {},
    queryStringParameters: last ?? null,
    multiValueQueryStringParameters: query ?? null,
    pathParameters: parameters ?? null,
    stageVariables: null,
    body: body === undefined ? null : Buffer.from(body).toString('base64'),
    isBase64Encoded: body !== undefined,
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      authorizer: caller,
      httpMethod,
      identity: { ...nobody, sourceIp: '203.0.113.9' },
      path: `/live${resource}`,
      protocol: 'HTTP/1.1',
      requestId: 'request-1',
      requestTimeEpoch: noon,
      resourceId: 'resource',
      resourcePath: resource,
      stage: 'live',
    },
  };
}

/** Of the context only the time that is left is ever read. */
export const aContext = (remainingMs = 29_000): Context =>
  ({ awsRequestId: 'invocation-1', getRemainingTimeInMillis: () => remainingMs }) as Context;

/** A request as a door gets it. */
export const aRequest = (told: Partial<HttpRequest> = {}): HttpRequest => ({
  tenant: acme,
  role: 'operator',
  credentialId: 'credential-1',
  credentialName: 'first',
  orderByArrival: false,
  clientAddress: '203.0.113.9',
  requestId: 'request-1',
  route: 'GET /v1/entries',
  parameters: {},
  query: new Map(),
  headers: new Map(),
  body: Buffer.alloc(0),
  receivedAt: noon,
  deadlineAt: noon + 29_000,
  ...told,
});

const nobody = {
  accessKey: null,
  accountId: null,
  apiKey: null,
  apiKeyId: null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  user: null,
  userAgent: null,
  userArn: null,
};
