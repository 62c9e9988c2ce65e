/** Query strings: every parameter is known, given once and readable, or the request is refused; none is ignored in silence. */
import { ServiceError } from '../service-error.ts';
import type { HttpRequest } from './http.ts';

/** The parameters of a request, by name. Throws `parameter-unknown` and, where one is repeated, `parameter-invalid`. */
export function readQuery<Name extends string>(
  { query }: HttpRequest,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const read: Partial<Record<Name, string>> = {};
  for (const [name, values] of query) {
    const known = names.find((each) => each === name);
    if (known === undefined) {
      throw new ServiceError(
        'parameter-unknown',
        `There is no query parameter "${name}" here. ${names.length === 0 ? 'Send none.' : `Known are: ${names.join(', ')}.`}`,
      );
    }
    if (values.length > 1) {
      throw new ServiceError(
        'parameter-invalid',
        `The query parameter "${name}" is given ${values.length} times. Give it once.`,
      );
    }
    read[known] = values[0] ?? '';
  }
  return read;
}

export interface PageRequest<Position> {
  readonly limit: number;
  readonly after?: Position;
}

/** `limit` (1 to 1,000, 100 unless told) and `cursor`. Throws `parameter-invalid`, `cursor-invalid`. */
export function readPage<Position>(
  { limit, cursor }: { limit?: string | undefined; cursor?: string | undefined },
  isPosition: (value: unknown) => value is Position,
): PageRequest<Position> {
  return { limit: readLimit(limit, 100), ...(cursor !== undefined && { after: readCursor(cursor, isPosition) }) };
}

/** How many items are wanted at most. Throws `parameter-invalid`. */
export function readLimit(text: string | undefined, unlessTold: number): number {
  const number = Number(text ?? unlessTold);
  if ((text !== undefined && !/^\d{1,4}$/.test(text)) || number < 1 || number > 1_000) {
    throw new ServiceError('parameter-invalid', '"limit" is a whole number from 1 to 1000.');
  }
  return number;
}

/** A cursor says where a list goes on. It is ours to read, so what stands in it may change from version to version. */
export const cursorOf = (position: unknown): string => Buffer.from(JSON.stringify(position)).toString('base64url');

/** What stands in a cursor of ours. Throws `cursor-invalid`. */
export function readCursor<Position>(cursor: string, isPosition: (value: unknown) => value is Position): Position {
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (isPosition(position)) return position;
  } catch {
    // falls through to the one error that there is
  }
  throw new ServiceError(
    'cursor-invalid',
    'This cursor is not one of ours. Take "next" of the last answer, or begin without a cursor.',
  );
}
