/** Two versions of a configuration side by side, as far as anybody may see them, page by page. */
import { pointerOf } from '../violation.ts';
import type { Configuration } from './configuration.ts';
import { passwordsByOwner, passwordsOf } from './configuration-passwords.ts';
import { secretsByName, secretsOf, shown } from './configuration-secrets.ts';
import { type Difference, differences } from './difference.ts';

/** A page has no more than this of values, so that an answer stays an answer. */
const pageCharacters = 1_000_000;
const valueCharacters = 20_000;

interface Page {
  /** How many lines came before. */
  readonly after?: number;
  readonly limit: number;
}

/** The lines of a page, and how many there are up to its end; absent at the end, and only there. */
export function compareVersions(before: Configuration, after: Configuration, { after: start = 0, limit }: Page) {
  const lines = [...differences(shown(before), shown(after)), ...secretsChanged(before, after)];
  const items: Difference[] = [];
  let characters = 0;
  for (const each of lines.slice(start, start + limit)) {
    const item = shortened(each);
    characters += JSON.stringify(item).length;
    if (items.length > 0 && characters > pageCharacters) break;
    items.push(item);
  }
  const next = start + items.length;
  return { items, ...(next < lines.length && { next }) };
}

/** Of a secret or a password that is there before and after nothing is told but that it is another. */
function secretsChanged(before: Configuration, after: Configuration): readonly Difference[] {
  const [secrets, passwords] = [secretsByName(before), passwordsByOwner(before)];
  return [
    ...secretsOf(after).flatMap(({ name, keys, secret }) => another(keys, secrets.get(name)?.secret, secret)),
    ...passwordsOf(after).flatMap(({ owner, keys, password }) => another(keys, passwords.get(owner), password)),
  ];
}

function another(keys: readonly string[], old: string | null | undefined, fresh: string | null): readonly Difference[] {
  const both = old != null && fresh !== null;
  return both && old !== fresh ? [{ change: 'changed', pointer: pointerOf(keys) }] : [];
}

function shortened(each: Difference): Difference {
  const { before, after, ...rest } = each;
  return {
    ...rest,
    ...(before !== undefined && { before: short(before) }),
    ...(after !== undefined && { after: short(after) }),
  };
}

function short(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text.length <= valueCharacters ? value : `${text.slice(0, valueCharacters)}…`;
}
