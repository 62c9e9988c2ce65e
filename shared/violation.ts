/** What is wrong at one place of a JSON document: what stands there, which rule it breaks, and how to mend it. */
import type { Violation } from './service-error.ts';

export type Rule = keyof typeof wrong;

/** What is wrong, by the rule that is broken. What there is to say of one place only is said by how to mend it. */
const wrong = {
  type: 'This is of another type than what belongs here.',
  required: 'Something has to stand here.',
  'unknown-key': 'Nothing is known by this name.',
  range: 'This is out of range.',
  length: 'This is too short or too long.',
  count: 'These are too few or too many.',
  'one-of': 'This is none of the words that can stand here.',
  form: 'This is not in the form that belongs here.',
  'type-not-available': 'There is no connector of this type.',
} as const;

/** Names of what nobody but its owner may see, however they are misspelt, and of certificates, which nobody reads. */
const untold = /secret|passw|token$|key$|certificate/i;

const longestTold = 100; // characters

/** A place in a document: the keys that lead to it, and what stands there; `undefined` where nothing does. */
export interface Place {
  readonly keys: readonly string[];
  readonly value: unknown;
}

export const pointerOf = (keys: readonly string[]): string =>
  keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** The violation of one of the rules that are the same in every document. */
export const broken = (rule: Rule, place: Place, mend: string): Violation => ({
  pointer: pointerOf(place.keys),
  ...(rule !== 'unknown-key' && toldValue(place)), // of a name that nobody knows, what it names may be a secret
  rule,
  message: wrong[rule],
  mend,
});

/** What may be told of a value: no secret, and no more than helps to find it. Of lists and objects not what is in them. */
export function toldValue({ keys, value }: Place): Pick<Violation, 'value'> {
  if (value === undefined || keys.some((key) => untold.test(key))) return {};
  if (typeof value === 'string') {
    return { value: value.length > longestTold ? `${value.slice(0, longestTold)}…` : value };
  }
  if (Array.isArray(value)) return { value: `a list of ${value.length}` };
  return { value: typeof value === 'number' || typeof value === 'boolean' || value === null ? value : 'an object' };
}
