/** The description of the API, held to the routes, the schemas and the errors that it is made of. */
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { described } from '../../functions/describe-api/openapi/described.ts';
import { documentOf } from '../../functions/describe-api/openapi/document.ts';
import { beyondRoutes, gatewayStatuses } from '../../functions/describe-api/openapi/errors.ts';
import { textOf } from '../../functions/describe-api/openapi/written.ts';
import { routes, type RouteKey } from '../../shared/contract.ts';
import type { HttpRequest } from '../../shared/edge/http.ts';
import { actingOnce } from '../../shared/idempotency/acting-once.ts';
import { ServiceError, statuses } from '../../shared/service-error.ts';
import { apiDocument, codesOf, operations, written } from '../support/api-document.ts';
import { faultsOf, type Schema } from '../support/json-schema.ts';
import { aRequest } from '../support/requests.ts';

const keysOf = (value: object) => Object.keys(value) as RouteKey[];

test('docs/openapi.json is what the descriptions make: where it is not, run `npm run openapi` and commit it', async () => {
  expect(await textOf(documentOf(described))).toBe(written);
});

test('it describes every route of the contract and nothing else, with the roles that the edge enforces', () => {
  const told = operations.map(({ route, operation }) => [route, operation['x-roles']] as const);

  expect(Object.fromEntries(told)).toEqual(
    Object.fromEntries(keysOf(routes).map((route) => [route, routes[route].roles])),
  );
});

test('it is OpenAPI 3.1: every reference leads somewhere, and every operation has a name of its own', () => {
  const references = [...written.matchAll(/"\$ref": "#([^"]+)"/g)].map(([, pointer = '']) => pointer);
  const targets = references.map((pointer) =>
    pointer
      .split('/')
      .slice(1)
      .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], apiDocument),
  );
  const names = operations.map(({ operation }) => operation.operationId);

  expect(apiDocument.openapi).toBe('3.1.0');
  expect(targets.every((target) => typeof target === 'object' && target !== null)).toBe(true);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z][A-Za-z0-9]+$/);
});

test.each(operations)('the path of $route holds just the parameters that are described', ({ route, operation }) => {
  const placeholders = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const told = operation.parameters.filter((each) => each.in === 'path').map(({ name }) => name);

  expect(told).toEqual(placeholders);
});

/** What a door touches before it has looked at the query is a fault: it could act on a request that is refused. */
const untouchable = new Proxy({}, { get: (_, name) => `touched ${String(name)}` }) as never;

type Door = (dependencies: never, request: HttpRequest) => Promise<unknown>;
const doors = new Map<string, Door>();
for (const name of new Set(Object.values(routes).map((route) => route.function))) {
  const handler = (await import(`../../functions/${name}/handler.ts`)) as { doors?: Record<string, Door> };
  for (const [route, door] of Object.entries(handler.doors ?? {})) doors.set(route, door);
}
const ours = operations.filter(({ route }) => route !== 'POST /api/userfw/v1/post-entry');

test.each(ours)(
  '$route reads just the query parameters that are described, before all else',
  async ({ route, operation }) => {
    const request = aRequest({ route, query: new Map([['no-such-parameter', ['1']]]), parameters: {} });
    const refusal: unknown = await doors
      .get(route)?.(untouchable, request)
      .catch((error: unknown) => error);
    const { code, message } = refusal instanceof ServiceError ? refusal : { code: String(refusal), message: '' };
    const known = /Known are: (.*)\.$/.exec(message)?.[1]?.split(', ') ?? [];

    expect(code).toBe('parameter-unknown');
    expect(
      operation.parameters
        .filter((each) => each.in === 'query')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(known.sort());
  },
);

const acting = operations.filter(({ route }) => actingOnce.includes(route));

test.each(acting)('the entrance of $route knows keys: it passes `onceByKey` to `http`', ({ route }) => {
  const handler = new URL(`../../functions/${routes[route].function}/handler.ts`, import.meta.url);

  expect(readFileSync(handler, 'utf8')).toMatch(/http\(dependencies, doors, (onceByKey|entrance)\)/);
});

test('every error code is told by some operation, or is of no route at all', () => {
  const told = new Set(operations.flatMap(({ operation }) => Object.keys(operation.responses).flatMap((status) => codesOf(operation, Number(status))))); // prettier-ignore
  const all = [...Object.keys(statuses), ...Object.keys(gatewayStatuses)];

  expect(all.filter((code) => !told.has(code) && !(beyondRoutes as readonly string[]).includes(code))).toEqual([]);
  expect([...told].filter((code) => !all.includes(code))).toEqual([]);
});

describe('examples', () => {
  const bodies = keysOf(described).flatMap((route) => {
    const { schema, example } = described[route].body ?? {};
    return schema && example !== undefined ? [{ route, schema, example }] : [];
  });
  const answers = keysOf(described).flatMap((route) =>
    Object.values(described[route].answers).flatMap(({ schema, example }) =>
      schema && example !== undefined ? [{ route, schema, example }] : [],
    ),
  );

  test.each([...bodies, ...answers])('of $route are valid', ({ schema, example }) => {
    expect(v.safeParse(schema, example)).toMatchObject({ success: true });
  });

  test('every body that must be sent has one', () => {
    const without = keysOf(described).filter((route) => {
      const { needed, example } = described[route].body ?? {};
      return needed === 'required' && example === undefined;
    });

    expect(without).toEqual([]);
  });
});

describe('the schema of a body that is told is the one that holds', () => {
  const bodies = operations.flatMap(({ route, operation }) => {
    const told = operation.requestBody?.content['application/json'];
    const { schema } = described[route].body ?? {};
    return told?.schema && schema ? [{ route, told: told.schema, schema, example: told.example ?? {} }] : [];
  });

  test.each(bodies)('$route: what is taken fits what is told', ({ told, schema, example }) => {
    fc.assert(
      fc.property(altered(example, told), (document) => {
        fc.pre(v.safeParse(schema, document).success);
        expect(faultsOf(told, document)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test.each(bodies)('$route: an unknown member is refused by both', ({ told, schema, example }) => {
    const document = { ...example, 'no-such-member': 1 };

    expect(v.safeParse(schema, document).success).toBe(false);
    expect(faultsOf(told, document)).not.toEqual([]);
  });

  /** The example with some member of it, or one that the schema names, at some value. */
  function altered(example: unknown, told: Schema) {
    const names = Object.keys(told.properties ?? {});
    const value = fc.oneof(fc.integer({ min: -1, max: 70_000 }), fc.string(), fc.boolean(), fc.constant(null), fc.array(fc.string()), fc.constant({})); // prettier-ignore
    return fc.tuple(fc.subarray(names), fc.infiniteStream(value)).map(([chosen, values]) => ({
      ...(example as object),
      ...Object.fromEntries(chosen.map((name) => [name, values.next().value] as const)),
    }));
  }
});
