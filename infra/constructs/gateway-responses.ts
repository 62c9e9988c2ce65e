/**
 * What API Gateway itself answers, before a function is reached or when one fails: problem documents like our own. No
 * text of API Gateway's is repeated: for a path that it does not know, its message holds the caller's Authorization.
 */
import { ResponseType, type GatewayResponseOptions } from 'aws-cdk-lib/aws-apigateway';

interface Problem {
  /** Left out, API Gateway's own status stays. */
  readonly status?: number;
  readonly title: string;
  readonly code: string;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const unauthorized: Problem = {
  status: 401,
  title: 'Unauthorized',
  code: 'unauthorized',
  detail: 'The credentials are missing, unknown or revoked. Send an Authorization header, Basic or Bearer.',
  headers: { 'WWW-Authenticate': 'Basic realm="Postern"' },
};

const accessDenied: Problem = {
  status: 403,
  title: 'Forbidden',
  code: 'access-denied',
  detail: 'These credentials may not call this API. Use others.',
};

const routeUnknown: Problem = {
  status: 404,
  title: 'Not Found',
  code: 'route-unknown',
  detail: 'There is nothing at this path. Check its spelling.',
};

const bodyTooLarge: Problem = {
  status: 413,
  title: 'Content Too Large',
  code: 'body-too-large',
  detail: 'The body is larger than any that is taken. Send less at once.',
};

const requestRefused: Problem = {
  title: 'Request Refused',
  code: 'request-refused',
  detail: 'The request is not one that can be served ($context.error.responseType).',
};

/** Never 500, 502 or 504: senders of posts repeat what is answered 503, and drop what is not. */
const busy: Problem = {
  status: 503,
  title: 'Service Unavailable',
  code: 'busy',
  detail: 'The request cannot be served now. Send it again, unchanged, after the seconds that Retry-After names.',
  headers: { 'Retry-After': '5' },
};

/** What a rule of ours stops by mistake is not lost: its sender repeats it, and finds the rule mended. */
const stopped: Problem = {
  status: 503,
  title: 'Service Unavailable',
  code: 'firewall-stopped',
  detail:
    'A rule of the firewall stopped the request for its address, its headers or its path. Tell the provider, with requestId.',
  headers: { 'Retry-After': '60' },
};

const problems: readonly (readonly [ResponseType, Problem])[] = [
  [ResponseType.UNAUTHORIZED, unauthorized],
  [ResponseType.ACCESS_DENIED, accessDenied],
  [ResponseType.MISSING_AUTHENTICATION_TOKEN, routeUnknown],
  // No method of ours takes signatures: API Gateway looks for one where it knows no path and there are credentials.
  [ResponseType.INVALID_SIGNATURE, routeUnknown],
  [ResponseType.REQUEST_TOO_LARGE, bodyTooLarge],
  [ResponseType.WAF_FILTERED, stopped],
  [ResponseType.DEFAULT_4XX, requestRefused],
  [ResponseType.THROTTLED, busy],
  [ResponseType.QUOTA_EXCEEDED, busy],
  [ResponseType.AUTHORIZER_FAILURE, busy],
  [ResponseType.AUTHORIZER_CONFIGURATION_ERROR, busy],
  [ResponseType.INTEGRATION_FAILURE, busy],
  [ResponseType.INTEGRATION_TIMEOUT, busy],
  [ResponseType.DEFAULT_5XX, busy],
];

export const gatewayResponses: readonly GatewayResponseOptions[] = problems.map(([type, { headers, ...problem }]) => ({
  type,
  ...(problem.status && { statusCode: String(problem.status) }),
  templates: {
    'application/json': JSON.stringify({
      type: `urn:postern:problem:${problem.code}`,
      ...problem,
      requestId: '$context.requestId',
    }),
  },
  responseHeaders: quoted({ 'Content-Type': 'application/problem+json', ...headers }),
}));

/** API Gateway takes a header's literal text in single quotes. */
function quoted(headers: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, `'${text}'`]));
}
