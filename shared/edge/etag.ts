/** Versions on their way through HTTP (RFC 9110, 13.1): told as `ETag`, held to by `If-Match`, spared by `If-None-Match`. */
import type { HttpRequest } from './http.ts';

export const etagOf = (version: string) => ({ ETag: `"${version}"` });

/** The versions that the caller insists on, `*` for any; `undefined` where it does not. A weak tag matches none. */
export function readIfMatch({ headers }: HttpRequest): readonly string[] | undefined {
  const tags = headers.get('if-match')?.split(',');
  return tags?.map((tag) => tag.trim().replace(/^"(.*)"$/, '$1'));
}

/** The versions that the caller has; a weak tag does here (RFC 9110, 13.1.2). */
export const readIfNoneMatch = ({ headers }: HttpRequest): readonly string[] =>
  (headers.get('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^(?:W\/)?"(.*)"$/, '$1'));
