/**
 * How HTTP requests come in: API Gateway's event becomes a request in our words, is held to the role table, and every
 * failure becomes an answer that says what to do. The gateway's rules that this file rests on: header names come in any
 * case, path parameters still percent-encoded, and every body in base64 (the API takes all types as binary).
 */
import middy from '@middy/core';
import type { APIGatewayProxyEventBase, APIGatewayProxyResult, Context } from 'aws-lambda';
import { type Caller, type Role, type Route, routes, type RouteKey } from '../contract.ts';
import { type ErrorCode, ServiceError } from '../service-error.ts';
import type { Measured } from '../journal/measure.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { asOneLine, type EventLine, type Lines } from './event-line.ts';
import { clientAddressOf } from './front-door.ts';
import { asServiceError, type Problem, problemOf } from './problems.ts';

type ApiEvent = APIGatewayProxyEventBase<Caller>;

export interface HttpRequest {
  readonly tenant: TenantId;
  readonly role: Role;
  readonly credentialId: string;
  readonly credentialName: string;
  readonly orderByArrival: boolean;
  /** `off` where the caller may not call what is under `/api/v1`. */
  readonly restAccess?: 'off';
  readonly clientAddress: string;
  readonly requestId: string;
  /** `METHOD /path/{template}`, as in the route table; one that is not there was refused before the door. */
  readonly route: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** Epoch milliseconds by our clock. */
  readonly receivedAt: number;
  /** Epoch milliseconds by our clock: when the function is ended, finished or not. */
  readonly deadlineAt: number;
}

export interface Answer {
  readonly status: number;
  /** Of what was to be done some is left: the same request with the same key goes on. */
  readonly finished?: 'no';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Door<Dependencies> = (dependencies: Dependencies, request: HttpRequest) => Promise<Answer>;

export interface Entrance<Dependencies> {
  /** Hears of every request that is answered with an error, whoever refused it. */
  readonly refused?: (dependencies: Dependencies, request: HttpRequest, error: ServiceError) => Promise<void>;
  /** Stands between the request and its door, which it opens or not. */
  readonly around?: (dependencies: Dependencies, request: HttpRequest, act: () => Promise<Answer>) => Promise<Answer>;
  /** Writes an error in a form of its own, for callers that do not read JSON. */
  readonly problem?: (problem: Problem, request: HttpRequest) => Answer;
  /** What is measured of the time that an answer took. */
  readonly timed?: (took: Took) => Measured;
  readonly now?: () => number;
  readonly write?: Lines['write'];
}

export interface Took {
  readonly status: number;
  /** From this function's first line on. */
  readonly ms: number;
  /** From when API Gateway had the request: the authorizer and the start of a function are in it. */
  readonly sinceArrivalMs: number;
  /** Whether the function had to be started for it. */
  readonly start: 'cold' | 'warm';
}

export const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(value),
});

/**
 * The handler of a function that answers these routes. `wire` makes the dependencies at the first request and they live
 * as long as the function does, so importing a handler needs no environment.
 */
export function http<Dependencies>(
  wire: () => Dependencies,
  doors: Partial<Record<RouteKey, Door<Dependencies>>>,
  { refused, around = opened, problem = problemJson, timed, now = Date.now, write }: Entrance<Dependencies> = {},
) {
  let wired: Dependencies | undefined;

  async function answered(request: HttpRequest, line: EventLine): Promise<Answered> {
    try {
      const dependencies = (wired ??= wire());
      const door = doorFor(doors, request);
      const readable = decoded(request);
      return await around(dependencies, readable, async () => door(dependencies, readable));
    } catch (cause) {
      const error = asServiceError(cause);
      line.know({ code: error.code });
      if (error !== cause) line.failed(cause);
      if (wired !== undefined) await refused?.(wired, request, error);
      return { ...problem(problemOf(error, request.requestId), request), code: error.code };
    }
  }

  async function answer(event: ApiEvent, context: Context): Promise<APIGatewayProxyResult> {
    const start = wired === undefined ? 'cold' : 'warm';
    const request = requestOf(event, context, now());
    return asOneLine('request', knownOf(request, start), { now, ...(write && { write }) }, async (line) => {
      const told = await answered(request, line);
      const { status } = told;
      const at = now();
      const sinceArrivalMs = Math.max(0, at - event.requestContext.requestTimeEpoch);
      line.know({ status, answeredBytes: Buffer.byteLength(told.body) });
      line.measure({
        ...failureIn(told),
        ...timed?.({ status, ms: at - request.receivedAt, sinceArrivalMs, start }),
      });
      return toResult(told);
    });
  }

  return middy<ApiEvent, APIGatewayProxyResult>().handler(answer);
}

interface Answered extends Answer {
  /** Of a refusal. */
  readonly code?: ErrorCode;
}

const ofLimits = new Set<ErrorCode | undefined>(['tenant-limit', 'too-many-queries']);

/** A tenant at a limit of its own is told to repeat as we do where we have failed, and wakes nobody. */
const failureIn = ({ status, code }: Answered): Measured =>
  status < 500 ? {} : ofLimits.has(code) ? { RequestsLimited: 1 } : { RequestsFailed: 1 };

/** Neither a parameter nor a query: they may name a user. */
const knownOf = (request: HttpRequest, start: Took['start']) => ({
  requestId: request.requestId,
  clientAddress: request.clientAddress,
  tenant: request.tenant,
  role: request.role,
  credentialId: request.credentialId,
  route: request.route,
  start,
  bytes: request.body.length,
});

const opened = async (_: unknown, __: HttpRequest, act: () => Promise<Answer>) => act();

/** The parsed body of a request with JSON in it. Throws `json-invalid`. */
export function readJson({ body }: HttpRequest): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : 'it is not UTF-8';
    throw new ServiceError('json-invalid', `The body is not JSON: ${reason}. Send one JSON document in UTF-8.`);
  }
}

/** As `readJson`; an empty body is an empty document. */
export const readJsonIfAny = (request: HttpRequest): unknown => (request.body.length === 0 ? {} : readJson(request));

function doorFor<Dependencies>(doors: Partial<Record<RouteKey, Door<Dependencies>>>, request: HttpRequest) {
  const { route, role, restAccess } = request;
  const known: Record<string, Route | undefined> = routes;
  const door = (doors as Record<string, Door<Dependencies> | undefined>)[route];
  if (door === undefined) {
    const [, path] = route.split(' ');
    const allow = Object.keys(routes)
      .filter((key) => key.endsWith(` ${path ?? ''}`))
      .map((key) => key.slice(0, key.indexOf(' ')));
    throw new ServiceError('method-not-allowed', `This path takes ${allow.join(', ')} only. Send one of them.`, {
      allow,
    });
  }
  const allowed = known[route]?.roles ?? [];
  if (!allowed.includes(role)) {
    throw new ServiceError(
      'role-refused',
      `A credential of role "${role}" may not call ${route}. Use one of role ${allowed.join(' or ')}.`,
    );
  }
  if (restAccess === 'off' && route.includes(' /api/v1/')) {
    throw new ServiceError(
      'rest-access-off',
      'This credential may not call the REST APIs under /api/v1. Switch its "restAccess" on, or use another one.',
    );
  }
  return door;
}

function requestOf(event: ApiEvent, context: Context, receivedAt: number): HttpRequest {
  const caller = event.requestContext.authorizer;
  return {
    tenant: caller.tenant as TenantId,
    role: caller.role as Role,
    credentialId: caller.credentialId,
    credentialName: caller.credentialName,
    orderByArrival: caller.orderByArrival === 'true',
    ...(caller.restAccess === 'off' && { restAccess: 'off' as const }),
    clientAddress: clientAddressOf(event, caller.clientAddressIn),
    requestId: event.requestContext.requestId,
    route: `${event.httpMethod} ${event.resource}`,
    parameters: (event.pathParameters ?? {}) as Record<string, string>,
    query: new Map(
      Object.entries(event.multiValueQueryStringParameters ?? {}).map(([name, values]) => [name, values ?? []]),
    ),
    headers: new Map(Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value ?? ''])),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    receivedAt,
    deadlineAt: receivedAt + context.getRemainingTimeInMillis(),
  };
}

/** Path parameters are decoded once, here, after routing: the gateway hands them on as they were sent. */
function decoded(request: HttpRequest): HttpRequest {
  try {
    const pairs = Object.entries(request.parameters).map(([name, value]) => [name, decodeURIComponent(value)] as const);
    return { ...request, parameters: Object.fromEntries(pairs) };
  } catch {
    throw new ServiceError(
      'path-invalid',
      'The path holds a "%" that starts no UTF-8 character. Percent-encode it as %25.',
    );
  }
}

export function problemJson(problem: Problem): Answer {
  return {
    status: problem.status,
    headers: { 'Content-Type': 'application/problem+json', ...problem.headers },
    body: JSON.stringify(problem.document),
  };
}

const toResult = ({ status, headers = {}, body }: Answer): APIGatewayProxyResult => ({
  statusCode: status,
  headers: { 'Cache-Control': 'no-store', ...headers },
  body,
});
