/**
 * How a function describes its routes: the schemas that validate what comes in, and those that tests hold its answers to.
 * The OpenAPI document is made of these (`npm run openapi`). A handler never imports a description.
 */
import * as v from 'valibot';
import type { RouteKey, routes } from '../contract.ts';
import type { ErrorCode } from '../service-error.ts';

export interface Parameter {
  readonly says: string;
  /** Of the text, or of what the text reads as. */
  readonly schema: v.GenericSchema;
  readonly example?: string;
  /** Of a query; what stands in a path always is. */
  readonly needed?: 'required';
}

export interface Body {
  readonly says: string;
  /** The very one that the handler validates with; left out where the body is none of JSON. */
  readonly schema?: v.GenericSchema;
  /** `application/json` unless said. */
  readonly type?: string;
  readonly needed: 'required' | 'optional';
  readonly example?: unknown;
}

export interface Answered {
  readonly says: string;
  /** Strict, so that a test sees what it does not name; readers are told that more may come. Left out: there is no body. */
  readonly schema?: v.GenericSchema;
  readonly type?: readonly string[];
  readonly headers?: readonly string[];
  readonly example?: unknown;
}

export interface Operation {
  /** One line. */
  readonly summary: string;
  readonly description?: string;
  /** The placeholders of the path. */
  readonly path?: Readonly<Record<string, Parameter>>;
  /** Every query parameter: a test asks the door which ones it knows. Left out of the vendor's door, which reads none. */
  readonly query?: Readonly<Record<string, Parameter>>;
  readonly headers?: Readonly<Record<string, Parameter>>;
  readonly body?: Body;
  readonly answers: Readonly<Record<number, Answered>>;
  /** Beside those that follow from all else: see `functions/describe-api/openapi/errors.ts`. */
  readonly errors: readonly ErrorCode[];
}

type FunctionOf<Key extends RouteKey> = (typeof routes)[Key]['function'];

/** The descriptions of all routes that a function answers: a route without one does not compile. */
export type Api<Name extends FunctionOf<RouteKey>> = {
  readonly [Key in RouteKey as FunctionOf<Key> extends Name ? Key : never]: Operation;
};

export const listOf = <Item extends v.GenericSchema>(item: Item) =>
  v.strictObject({ items: v.array(item), next: v.nullable(v.string()) });

/** An instant as our answers write it: ISO 8601 in UTC. */
export const instant = v.pipe(v.string(), v.isoTimestamp());

/** Text out of a few words; a schema of the words themselves, for answers and parameters. */
export const word = <const Words extends readonly string[]>(words: Words) => v.picklist(words);

export const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** What there is to say of one entry, where in a posted document it begins, and whom it is about. */
export const remark = v.strictObject({
  code: v.string(),
  message: v.string(),
  entry: v.exactOptional(v.pipe(count, v.description('Which entry of the post, counted from 1.'))),
  line: v.exactOptional(count),
  column: v.exactOptional(count),
  ip: v.exactOptional(v.string()),
  user: v.exactOptional(v.string()),
});

/** `stored`, `replayed`, `stale`, `refused` and `busy` are together all `entries`. */
export const postCounts = {
  entries: count,
  stored: count,
  replayed: count,
  stale: count,
  changed: v.pipe(count, v.description('Of those stored: otherwise than they were sent.')),
  refused: count,
  busy: v.pipe(count, v.description('Not stored in time: the post is to be repeated.')),
};

export const pageParameters = {
  limit: {
    says: 'How many items a page may hold; 100 unless told. A page may hold fewer: only `next` says whether there is more.',
    schema: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)),
    example: '100',
  },
  cursor: { says: 'Where the list goes on: `next` of the page before.', schema: v.string() },
} as const satisfies Readonly<Record<string, Parameter>>;

export const ifMatch: Parameter = {
  says: 'Only over this version: the `ETag` that was read. `*` is any; without it, whichever holds is replaced.',
  schema: v.string(),
  example: '"00000007-5f1c0a9e"',
};

/** Described with every route that acts once. */
export const idempotencyKey: Parameter = {
  says: 'Names this request, for a day: where its answer is lost, the same request with the same key is answered as the first was (with `Idempotency-Replayed: true`), and acts no second time.',
  schema: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,255}$/)),
  example: '5f1c0a9e-4d1b-4c0e-9c53-7a1d2f3b4c5d',
};

export const ip: Parameter = {
  says: 'An IPv4 or IPv6 address, in any of its forms.',
  schema: v.string(),
  example: '192.0.2.50',
};
