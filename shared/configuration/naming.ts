/** Names in a configuration: that no two things are called alike, and that what is named is there. */
import { foldCase } from '../identity/fold-case.ts';
import type { Violation } from '../service-error.ts';
import { pointerOf, toldValue } from '../violation.ts';
import { readPrefix } from './address-prefix.ts';

export interface Naming {
  /** What two names have in common that mean the same. */
  readonly as: (name: string) => string;
  readonly reserved?: (name: string) => boolean;
}

export type Named = { readonly name: string | undefined } | undefined;

/** A text, and where it stands. What cannot be read is `undefined`. */
export interface Said {
  readonly keys: readonly string[];
  readonly value: string | undefined;
}

/** What is wrong at this place. */
export const wrongAt = (
  { keys, value }: { readonly keys: readonly string[]; readonly value?: unknown },
  rule: string,
  message: string,
  mend: string,
): Violation => ({ pointer: pointerOf(keys), ...toldValue({ keys, value }), rule, message, mend });

export const namesIn = (list: readonly string[], named: readonly Named[] | undefined): readonly Said[] =>
  (named ?? []).map((each, index) => ({ keys: [...list, String(index), 'name'], value: each?.name }));

export const textsIn = (list: readonly string[], texts: readonly (string | undefined)[] | undefined): readonly Said[] =>
  (texts ?? []).map((value, index) => ({ keys: [...list, String(index)], value }));

/** Names that something earlier has already, and those that have a meaning of their own. */
export function notUnique(said: readonly Said[], { as, reserved }: Naming): readonly Violation[] {
  const first = new Map<string, string>();
  return said.flatMap(({ keys, value }) => {
    if (value === undefined) return [];
    const place = { keys, value };
    if (reserved?.(value) === true) {
      return [wrongAt(place, 'reserved', 'This name has a meaning of its own.', 'Choose another.')];
    }
    const earlier = first.get(as(value));
    if (earlier !== undefined) {
      return [wrongAt(place, 'unique', `${earlier} has this name already.`, 'Choose another.')];
    }
    first.set(as(value), pointerOf(keys.at(-1) === 'name' ? keys.slice(0, -1) : keys));
    return [];
  });
}

/** Addresses and prefixes that something earlier has already, however they are written; one within another is another. */
export function sameAddress(said: readonly Said[], kind: 'address' | 'subnet'): readonly Violation[] {
  const first = new Map<string, readonly string[]>();
  return said.flatMap(({ keys, value }) => {
    if (value === undefined) return [];
    const { prefix: written = value } = readPrefix(value);
    const whole = written.replace(written.includes(':') ? /\/128$/ : /\/32$/, '');
    const earlier = first.get(whole);
    if (earlier !== undefined) {
      const message = `${pointerOf(earlier.at(-1) === 'address' ? earlier.slice(0, -1) : earlier)} has this ${kind} already.`;
      return [wrongAt({ keys, value }, 'unique', message, `Give another ${kind}, or take one of the two out.`)];
    }
    first.set(whole, keys);
    return [];
  });
}

/** What names can mean; `undefined` where it cannot all be read, and so may be anything. */
export type Known = ReadonlySet<string> | undefined;

export function knownNames(named: readonly Named[] | undefined): Known {
  const names = named?.flatMap((each) => each?.name ?? []);
  return names?.length === named?.length && names ? new Set(names) : undefined;
}

/** Names of what is not there. */
export function notKnown(
  said: readonly Said[],
  known: Known,
  { kind, place }: { readonly kind: string; readonly place: string },
): readonly Violation[] {
  return said.flatMap(({ keys, value }) => {
    if (value === undefined || known === undefined || known.has(value)) return [];
    const like = [...known].find((name) => foldCase(name) === foldCase(value));
    const mend =
      like === undefined ? `Add it to ${place}, or correct the name.` : `Write it as it is there: "${like}".`;
    return [wrongAt({ keys, value }, 'known', `There is no ${kind} of this name.`, mend)];
  });
}
