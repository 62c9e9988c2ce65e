/** The description of the API as it is written, to walk through. */
import { readFileSync } from 'node:fs';
import { place } from '../../functions/describe-api/openapi/written.ts';
import type { Role, RouteKey } from '../../shared/contract.ts';
import type { Schema } from './json-schema.ts';

interface Media {
  readonly schema?: Schema;
  readonly example?: unknown;
}

export interface DescribedOperation {
  readonly operationId: string;
  readonly 'x-roles': readonly Role[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly schema: Schema;
    readonly example?: string;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly content?: Readonly<Record<string, Media>> }>>; // prettier-ignore
}

export interface ApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: { readonly schemas: { readonly Problem: Schema } };
}

export const written = readFileSync(place, 'utf8');
export const apiDocument = JSON.parse(written) as ApiDocument;

export const operations = Object.entries(apiDocument.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    route: `${method.toUpperCase()} ${path}` as RouteKey,
    operation,
  })),
);

/** The codes that an operation says it may answer with under this status. */
export function codesOf({ responses }: DescribedOperation, status: number): readonly string[] {
  const schemas = Object.values(responses[status]?.content ?? {}).map(({ schema }) => schema);
  const told = schemas.map((schema) => schema?.properties as { code?: { enum?: string[] } } | undefined);
  return [...new Set(told.flatMap((properties) => properties?.code?.enum ?? []))];
}
