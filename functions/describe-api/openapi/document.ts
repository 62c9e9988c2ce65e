/** The OpenAPI 3.1 document of the API, made of the route table, the descriptions of the functions and the error codes. */
import { type RouteKey, routes } from '../../../shared/contract.ts';
import { idempotencyKey } from '../../../shared/api/operation.ts';
import type { Answered, Body, Operation, Parameter } from '../../../shared/api/operation.ts';
import { actingOnce } from '../../../shared/idempotency/acting-once.ts';
import { statuses } from '../../../shared/service-error.ts';
import { beyondRoutes, type Code, envelopedStatusOf, errorsOf, gatewayStatuses, isEnveloped, statusOf } from './errors.ts'; // prettier-ignore
import { schemaOf } from './schema-of.ts';

export function documentOf(described: Readonly<Record<RouteKey, Operation>>) {
  const operations = (Object.keys(routes) as RouteKey[]).map((route) => {
    const [method = '', path = ''] = route.split(' ');
    return { path, method: method.toLowerCase(), told: operationOf(route, described[route]) };
  });
  const paths = [...Map.groupBy(operations, ({ path }) => path)].map(
    ([path, all]) => [path, Object.fromEntries(all.map(({ method, told }) => [method, told]))] as const,
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'Postern',
      version: '1',
      description: about,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The root of the host: no path stands in front.' }],
    security: [{ basic: [] }, { bearer: [] }],
    paths: Object.fromEntries(paths),
    components: { securitySchemes, schemas: { Problem: problem }, headers, responses },
  };
}

const about = [
  'Who is behind every IP address, for the firewalls that ask.',
  'The credential says which tenant a call is about, and its role which calls it may make (`x-roles`).',
  'Errors are problem documents (RFC 9457): `code` is stable, `detail` says how to mend it.',
  'Under `/api/v1` and `/api/v2` they stand in the envelope of Pulse Policy Secure, with our `code` beside it.',
  'What is answered 503 may be sent again after `Retry-After`. An unknown path is a 404 `route-unknown`,',
  'a method that a path does not take a 405 `method-not-allowed` with `Allow`.',
  'Lists are read page by page until `next` is null; a page may hold fewer items than `limit`.',
  'Members may be added to answers: pass over what you do not know. What is sent is held to its schema, and nothing else is taken.',
].join(' ');

const securitySchemes = {
  basic: { type: 'http', scheme: 'basic', description: 'User and password of a credential of kind `basic`.' },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'The token of a credential of kind `token`; also taken as the password of the Basic user `token`.',
  },
};

const headers = {
  ETag: { description: 'The version of what is answered.', schema: { type: 'string' } },
  'Cache-Control': { description: 'How long the answer may be kept, and by whom.', schema: { type: 'string' } },
  'Content-Disposition': { description: 'Of a file: what it is called.', schema: { type: 'string' } },
  Link: { description: 'Of a file: where it goes on, where there is more.', schema: { type: 'string' } },
  Location: { description: 'Where it is found from now on.', schema: { type: 'string' } },
  'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 0 } },
  'WWW-Authenticate': { description: 'The challenge.', required: true, schema: { type: 'string' } },
  Allow: { description: 'The methods that the path takes.', required: true, schema: { type: 'string' } },
};

const problem = {
  type: 'object',
  description: 'What went wrong (RFC 9457).',
  required: ['type', 'title', 'code', 'detail', 'requestId'],
  properties: {
    type: { type: 'string', pattern: '^urn:postern:problem:', description: 'The code as a URN.' },
    title: { type: 'string', description: 'The name of the status.' },
    status: { type: 'integer' },
    code: {
      enum: [...new Set([...Object.keys(gatewayStatuses), ...Object.keys(statuses), ...beyondRoutes])],
      description: 'Stable. Codes are added, never renamed.',
    },
    detail: { type: 'string', description: 'What is wrong, where, and how to mend it.' },
    requestId: { type: 'string', description: 'By which the request is found in a log.' },
    line: { type: 'integer', minimum: 1, description: 'Where a posted document goes wrong.' },
    column: { type: 'integer', minimum: 1 },
    violations: {
      type: 'array',
      description: 'All that is wrong with a JSON document, at most 1000.',
      items: {
        type: 'object',
        required: ['pointer', 'rule', 'message', 'mend'],
        properties: {
          pointer: { type: 'string', description: 'A JSON pointer (RFC 6901).' },
          value: {
            description: 'What stands there, shortened; absent where nothing does, and where it may be a secret.',
          },
          rule: { type: 'string' },
          message: { type: 'string', description: 'What is wrong.' },
          mend: { type: 'string', description: 'How to mend it.' },
        },
      },
    },
    violationsLeftOut: { type: 'integer', description: 'How many more there are than are listed.' },
  },
};

const responses = {
  RouteUnknown: problemAnswer(404, ['route-unknown']),
  MethodNotAllowed: problemAnswer(405, ['method-not-allowed']),
  Refused: {
    ...problemAnswer(400, ['request-refused']),
    description: 'API Gateway refused the request in a way of its own, with a status of its own: `request-refused`.',
  },
};

function operationOf(route: RouteKey, operation: Operation) {
  const { summary, description, body, answers } = operation;
  const { roles, function: name } = routes[route];
  const [statusIn, answerIn] = isEnveloped(route) ? [envelopedStatusOf, envelopedAnswer] : [statusOf, problemAnswer];
  const failures = Map.groupBy(errorsOf(route, operation), statusIn);
  return {
    operationId: idOf(route),
    tags: [name],
    summary,
    description: [description, `Roles: ${roles.join(', ')}.`].filter(Boolean).join('\n\n'),
    'x-roles': roles,
    parameters: [
      ...parametersOf('path', operation.path),
      ...parametersOf('query', operation.query),
      ...parametersOf('header', {
        ...operation.headers,
        ...(actingOnce.includes(route) && { 'Idempotency-Key': idempotencyKey }),
      }),
    ],
    ...(body && { requestBody: bodyOf(body) }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, answerOf(answer)])),
      ...Object.fromEntries([...failures].map(([status, codes]) => [status, answerIn(status, codes)])),
      default: { $ref: '#/components/responses/Refused' },
    },
  };
}

/** `GET /v1/entries/{ip}` is `getEntriesByIp`. */
function idOf(route: RouteKey): string {
  const [method = '', path = ''] = route.split(' ');
  const words = path.split(/[/._-]/).filter((word) => word !== '' && word !== 'v1' && word !== 'api');
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  return (
    method.toLowerCase() +
    words.map((word) => capital(word.replace(/^\{(.*)\}$/, (_, name: string) => `By${capital(name)}`))).join('')
  );
}

const parametersOf = (place: 'path' | 'query' | 'header', parameters: Readonly<Record<string, Parameter>> = {}) =>
  Object.entries(parameters).map(([name, { says, schema, example, needed }]) => ({
    name,
    in: place,
    description: says,
    ...((place === 'path' || needed !== undefined) && { required: true }),
    schema: schemaOf(schema, 'sent'),
    ...(example !== undefined && { example }),
  }));

const bodyOf = ({ says, schema, type = 'application/json', needed, example }: Body) => ({
  description: says,
  required: needed === 'required',
  content: {
    [type]: { ...(schema && { schema: schemaOf(schema, 'sent') }), ...(example !== undefined && { example }) },
  },
});

function answerOf({ says, schema, type = ['application/json'], headers: told = [], example }: Answered) {
  const content = {
    ...(schema && { schema: schemaOf(schema, 'answered') }),
    ...(example !== undefined && { example }),
  };
  return {
    description: says,
    ...(told.length > 0 && { headers: references(told) }),
    ...(schema && { content: Object.fromEntries(type.map((each) => [each, each.endsWith('/json') ? content : {}])) }),
  };
}

function problemAnswer(status: number, codes: readonly (Code | (typeof beyondRoutes)[number])[]) {
  const byStatus = { 401: ['WWW-Authenticate'], 405: ['Allow'], 503: ['Retry-After'] }[status] ?? [];
  const also = codes.includes('request-in-progress') ? ['Retry-After'] : byStatus;
  return {
    description: codes.map((code) => `\`${code}\``).join(', '),
    ...(also.length > 0 && { headers: references(also) }),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem', properties: { code: { enum: codes } } },
      },
    },
  };
}

/** What a function refuses in the vendor's envelope; API Gateway's own answers, and what it makes of our faults, are problems. */
function envelopedAnswer(status: number, codes: readonly Code[]) {
  const inEnvelope = codes.filter((code) => !(code in gatewayStatuses));
  const problem = problemAnswer(status, status === 503 ? codes : codes.filter((code) => code in gatewayStatuses));
  if (inEnvelope.length === 0) return problem;
  const enveloped = { 'application/json': { schema: { ...warnings, properties: { ...warnings.properties, code: { enum: inEnvelope } } } } }; // prettier-ignore
  const isProblemToo = status === 503 || inEnvelope.length < codes.length;
  return {
    ...problem,
    description: codes.map((code) => `\`${code}\``).join(', '),
    content: { ...enveloped, ...(isProblemToo && problem.content) },
  };
}

/** The envelope of Pulse Policy Secure; members may be added to it as to every answer. */
const warnings = {
  type: 'object',
  required: ['result', 'code'],
  properties: {
    result: {
      type: 'object',
      required: ['warnings'],
      properties: {
        warnings: {
          type: 'array',
          minItems: 1,
          items: { type: 'object', required: ['message'], properties: { message: { type: 'string' } } },
        },
      },
    },
  },
};

function references(names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
