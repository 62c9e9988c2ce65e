/**
 * What of a posted document can be read although something in it is wrong, so that what contradicts what is told
 * together with what is wrong by itself.
 */
import type { Violation } from '../service-error.ts';
import { pointerOf } from '../violation.ts';

/** The same document, any part of which may be unreadable, which is `undefined`. */
export type Readable<Document> = Document extends string | number | boolean | null | symbol
  ? Document | undefined
  : Document extends readonly (infer Item)[]
    ? readonly Readable<Item>[] | undefined
    : { readonly [Key in keyof Document]: Readable<Document[Key]> } | undefined;

/**
 * The document with `standard` where it says nothing, and without what is wrong in it. Lists keep their places; of an
 * item the standard is what stands at its place in the standard's list.
 */
export function readable<Document>(
  document: unknown,
  violations: readonly Violation[],
  standard: unknown,
): Readable<Document> {
  const wrong = new Set(violations.map(({ pointer }) => pointer));

  function read(given: unknown, otherwise: unknown, at: string): unknown {
    if (wrong.has(at)) return undefined;
    if (given === undefined) return otherwise;
    if (Array.isArray(given)) {
      const standards: readonly unknown[] = Array.isArray(otherwise) ? otherwise : [];
      return given.map((item, index) => read(item, standards[index], `${at}/${index}`));
    }
    if (!isObject(given)) return given;
    const standards = isObject(otherwise) ? otherwise : {};
    const keys = new Set([...Object.keys(standards), ...Object.keys(given)]);
    return Object.fromEntries(
      [...keys].map((key) => [key, read(given[key], standards[key], at + pointerOf([key]))] as const),
    );
  }

  return read(document, standard, '') as Readable<Document>;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
