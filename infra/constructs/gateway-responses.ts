/** What API Gateway itself answers, in the form of our own problems: before a function is reached, or when one fails. */
import { ResponseType, type GatewayResponseOptions } from 'aws-cdk-lib/aws-apigateway';

/** How long a client waits before it tries again. ClearPass repeats what was answered 503. */
const retryAfterSeconds = 5;

interface Problem {
  readonly status: number;
  readonly title: string;
  readonly code: string;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const unauthorized: Problem = {
  status: 401,
  title: 'Unauthorized',
  code: 'unauthorized',
  detail: 'The credentials are missing, unknown or revoked. Send an Authorization header with Basic or Bearer.',
  headers: { 'WWW-Authenticate': 'Basic realm="Postern"' },
};

const forbidden: Problem = {
  status: 403,
  title: 'Forbidden',
  code: 'access-denied',
  detail: 'These credentials may not call this API.',
};

const unknownRoute: Problem = {
  status: 404,
  title: 'Not Found',
  code: 'route-unknown',
  detail: 'There is nothing at this path. Look up the paths of the API in its documentation.',
};

const tooLarge: Problem = {
  status: 413,
  title: 'Content Too Large',
  code: 'body-too-large',
  detail: 'The body is larger than any that is taken. Send less at once.',
};

const busy: Problem = {
  status: 503,
  title: 'Service Unavailable',
  code: 'busy',
  detail: 'The request could not be served now. Send it again, unchanged, after the time in Retry-After.',
  headers: { 'Retry-After': String(retryAfterSeconds) },
};

const responses: readonly (readonly [ResponseType, Problem])[] = [
  [ResponseType.UNAUTHORIZED, unauthorized],
  [ResponseType.ACCESS_DENIED, forbidden],
  [ResponseType.MISSING_AUTHENTICATION_TOKEN, unknownRoute],
  [ResponseType.REQUEST_TOO_LARGE, tooLarge],
  [ResponseType.THROTTLED, busy],
  [ResponseType.QUOTA_EXCEEDED, busy],
  [ResponseType.AUTHORIZER_FAILURE, busy],
  [ResponseType.AUTHORIZER_CONFIGURATION_ERROR, busy],
  [ResponseType.INTEGRATION_FAILURE, busy],
  [ResponseType.INTEGRATION_TIMEOUT, busy],
  [ResponseType.DEFAULT_5XX, busy],
];

export const gatewayResponses: readonly GatewayResponseOptions[] = responses.map(([type, { headers, ...problem }]) => ({
  type,
  statusCode: String(problem.status),
  templates: { 'application/json': JSON.stringify({ type: 'about:blank', ...problem }) },
  responseHeaders: Object.fromEntries(
    Object.entries({ 'Content-Type': 'application/problem+json', ...headers }).map(([name, text]) => [
      name,
      `'${text}'`,
    ]),
  ),
}));
