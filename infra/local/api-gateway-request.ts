/** What API Gateway makes of an HTTP request: the event that functions and the authorizer are given. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { clientFault, GatewayFault } from './api-gateway-responses.ts';
import type { Route } from './api-gateway-routes.ts';
import { account, region } from './template.ts';

/** The names of the one API, as they stand in events and ARNs. */
export interface ApiNames {
  readonly apiId: string;
  readonly stage: string;
  readonly deploymentId: string;
}

/** A request on its way to the gateway, from its caller or from who stands in front. */
export interface Arrival {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[];
  /** Who is connected. */
  readonly sourceIp: string;
  readonly port: number;
  readonly scheme: 'http' | 'https';
  readonly body: AsyncIterable<Buffer>;
}

export const arrivalOf = (message: IncomingMessage): Arrival => ({
  method: message.method ?? 'GET',
  url: message.url ?? '/',
  httpVersion: message.httpVersion,
  rawHeaders: message.rawHeaders,
  sourceIp: message.socket.remoteAddress ?? '',
  port: message.socket.localPort ?? 0,
  scheme: message.socket instanceof TLSSocket ? 'https' : 'http',
  body: message,
});

export interface ApiRequest {
  readonly method: string;
  /** As it was sent, still percent-encoded. */
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: Buffer;
  /** The request context of the event, and the variables of templates. */
  readonly context: Readonly<Record<string, unknown>>;
}

const longestUrl = 10_240;
const longestHeaders = 10_240;

export type RequestIds = ReturnType<typeof newIds>;

/** What a request is found again by, in answers, logs and events. */
export const newIds = (now: number) => ({
  requestId: randomUUID(),
  extendedRequestId: randomBytes(11).toString('base64'),
  requestTimeEpoch: now,
  xrayTraceId: `Root=1-${Math.floor(now / 1_000).toString(16)}-${randomBytes(12).toString('hex')}`,
});

/** Reads a request to its end. Throws `GatewayFault` where it is longer than API Gateway takes. */
export async function readRequest(
  arrival: Arrival,
  names: ApiNames,
  { xrayTraceId, ...ids }: RequestIds,
  bodyBytes: number,
): Promise<ApiRequest> {
  const { method, sourceIp } = arrival;
  const { path, query } = target(arrival.url);
  const domainName = sent(arrival, 'host')?.replace(/:\d+$/, '') ?? '';
  const context = {
    ...ids,
    accountId: account,
    apiId: names.apiId,
    deploymentId: names.deploymentId,
    domainName,
    domainPrefix: domainName.split('.')[0],
    httpMethod: method,
    identity: { ...nobody, sourceIp, userAgent: sent(arrival, 'user-agent') ?? null },
    path, // without the stage: the API answers at the root of its host, as behind a domain of its own
    protocol: `HTTP/${arrival.httpVersion}`,
    requestTime: requestTime(ids.requestTimeEpoch),
    stage: names.stage,
  };
  const headers = headersOf(arrival, xrayTraceId);
  return { method, path, query, headers, body: await readBody(arrival, bodyBytes), context };
}

/** The event of a request at its route, with what the authorizer said where there is one. */
export function eventOf(request: ApiRequest, route: Route, authorizer?: object) {
  const query = parsedQuery(request.query);
  return {
    resource: route.resource,
    path: request.path,
    httpMethod: request.method,
    headers: lasts(request.headers),
    multiValueHeaders: request.headers,
    queryStringParameters: orNull(lasts(query)),
    multiValueQueryStringParameters: orNull(query),
    pathParameters: orNull(route.pathParameters),
    stageVariables: null,
    requestContext: {
      ...request.context,
      resourceId: route.resourceId,
      resourcePath: route.resource,
      ...(authorizer && { authorizer }),
    },
  };
}

export const bodyOf = ({ body }: ApiRequest) =>
  body.length === 0 ? { body: null, isBase64Encoded: false } : { body: body.toString('base64'), isBase64Encoded: true }; // every type is binary to this API

export const methodArn = ({ method, path }: ApiRequest, { apiId, stage }: ApiNames) =>
  `arn:aws:execute-api:${region}:${account}:${apiId}/${stage}/${method}${path}`;

/** The last value of a header, whatever the case of its name. */
export function header({ headers }: Pick<ApiRequest, 'headers'>, name: string): string | undefined {
  return Object.entries(headers)
    .find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1]
    .at(-1);
}

/** The first value of a header of a request that was not read yet. The name in small letters. */
export function sent({ rawHeaders }: Arrival, name: string): string | undefined {
  const at = rawHeaders.findIndex((each, index) => index % 2 === 0 && each.toLowerCase() === name);
  return at < 0 ? undefined : rawHeaders[at + 1];
}

const unset =
  'accessKey accountId caller cognitoAuthenticationProvider cognitoAuthenticationType cognitoIdentityId cognitoIdentityPoolId principalOrgId user userArn';
const nobody = Object.fromEntries(unset.split(' ').map((name) => [name, null]));

function target(url: string): { path: string; query: string } {
  if (url.length > longestUrl) throw clientFault(414);
  if (/[|{}]/.test(url)) throw clientFault(400); // API Gateway takes them percent-encoded only
  const [path = '/', ...query] = url.replace(/^https?:\/\/[^/?]*/, '').split('?');
  return { path: path === '' ? '/' : path, query: query.join('?') };
}

/** Kept to the connection, or of no use to a function. */
const dropped = new Set(
  'connection content-length content-md5 expect max-forwards proxy-authenticate server te trailer transfer-encoding upgrade www-authenticate'.split(
    ' ',
  ),
);

/** Names keep the case in which they were sent, but for these. */
const recapitalised = new Map(['Authorization', 'Host', 'User-Agent'].map((name) => [name.toLowerCase(), name]));

function headersOf({ rawHeaders, ...arrival }: Arrival, traceId: string): Record<string, string[]> {
  const named = new Map<string, { name: string; values: string[] }>();
  let length = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    const key = name.toLowerCase();
    length += name.length + value.length + 4;
    if (dropped.has(key)) continue;
    const entry = named.get(key) ?? { name: recapitalised.get(key) ?? name, values: [] };
    entry.values.push(value);
    named.set(key, entry);
  }
  if (length > longestHeaders) throw clientFault(431);
  const before = named.get('x-forwarded-for')?.values ?? [];
  const ours = {
    'X-Amzn-Trace-Id': traceId,
    'X-Forwarded-For': [...before, arrival.sourceIp].join(', '),
    'X-Forwarded-Port': String(arrival.port),
    'X-Forwarded-Proto': arrival.scheme,
  };
  for (const [name, value] of Object.entries(ours)) named.set(name.toLowerCase(), { name, values: [value] });
  return Object.fromEntries([...named.values()].map(({ name, values }) => [name, values]));
}

/** What is too long is read to its end all the same, or the client would see a broken connection and no answer. */
async function readBody({ body }: Arrival, bodyBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length <= bodyBytes) chunks.push(chunk);
  }
  if (length > bodyBytes) throw new GatewayFault('REQUEST_TOO_LARGE', 'Request Too Long');
  return Buffer.concat(chunks);
}

function parsedQuery(query: string): Record<string, string[]> {
  const values = new Map<string, string[]>();
  // A semicolon separates too, which AWS documents as not supported.
  for (const pair of query.split(/[&;]/).filter((each) => each !== '')) {
    const [name = '', ...value] = pair.split('=');
    const key = decoded(name);
    values.set(key, [...(values.get(key) ?? []), decoded(value.join('='))]);
  }
  return Object.fromEntries(values);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

const lasts = (multi: Readonly<Record<string, readonly string[]>>): Record<string, string> =>
  Object.fromEntries(Object.entries(multi).map(([name, values]) => [name, values.at(-1) ?? '']));

const orNull = <Map extends object>(map: Map): Map | null => (Object.keys(map).length === 0 ? null : map);

function requestTime(now: number): string {
  const [, day, month, year, time] = new Date(now).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
