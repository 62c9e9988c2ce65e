/** Versions on their way through HTTP (RFC 9110, 13.1.1): told as `ETag`, held to by `If-Match`. */
import type { HttpRequest } from './http.ts';

export const etagOf = (version: string) => ({ ETag: `"${version}"` });

/** The versions that the caller insists on, `*` for any; `undefined` where it does not. A weak tag matches none. */
export function readIfMatch({ headers }: HttpRequest): readonly string[] | undefined {
  const tags = headers.get('if-match')?.split(',');
  return tags?.map((tag) => tag.trim().replace(/^"(.*)"$/, '$1'));
}
