/**
 * JSON documents that people write, held to a schema: closed objects, so that a misspelt name is told and not ignored,
 * and everything wrong told at once, each with its JSON pointer and how to mend it. What a function checks, metadata tells
 * in the words of JSON Schema, so that the API's description is made of the schemas that hold.
 */
import * as v from 'valibot';
import { type ErrorCode, ServiceError, type Violation } from './service-error.ts';
import { broken, type Rule } from './violation.ts';

/** A message that carries its rule: the text is the only thing of ours that an issue of valibot's takes along. */
export const say = (rule: Rule, howToMend: string): string => `${rule}: ${howToMend}`;

/** A document that is everything wrong says the same thing many times; this much of it is enough to begin with. */
export const mostViolations = 1_000;

/** The document as the schema makes it. Throws with this code, and with every violation. */
export function readDocument<Output>(
  schema: v.GenericSchema<unknown, Output>,
  document: unknown,
  code: ErrorCode,
): Output {
  const { success, output, violations } = held(schema, document);
  if (success) return output;
  throw violation(code, violations);
}

type Held<Output> =
  | { readonly success: true; readonly output: Output; readonly violations: readonly [] }
  | { readonly success: false; readonly output?: never; readonly violations: readonly Violation[] };

/** The document as the schema makes it, or everything that is wrong with it. */
export function held<Output>(schema: v.GenericSchema<unknown, Output>, document: unknown): Held<Output> {
  const { success, output, issues } = v.safeParse(schema, document);
  return success ? { success, output, violations: [] } : { success: false, violations: issues.map(violationOf) };
}

/** The error that tells these violations. */
export function violation(code: ErrorCode, violations: readonly Violation[]): ServiceError {
  const [first] = violations;
  const count = violations.length === 1 ? 'One thing is' : `${violations.length} things are`;
  const example = first === undefined ? '' : ` The first is at "${first.pointer}": ${first.message} ${first.mend}`;
  const leftOut = violations.length - mostViolations;
  return new ServiceError(code, `${count} wrong in the document, listed in "violations".${example}`, {
    violations: violations.slice(0, mostViolations),
    ...(leftOut > 0 && { violationsLeftOut: leftOut }),
  });
}

function violationOf({ message, path, input }: v.BaseIssue<unknown>): Violation {
  const end = message.indexOf(': ');
  const keys = path?.map(({ key }) => String(key)) ?? [];
  const value = path === undefined ? input : path.at(-1)?.value;
  return broken(message.slice(0, end) as Rule, { keys, value }, message.slice(end + 2));
}

/**
 * An object with these entries and no others, but for those that may come back to us and are left out: what we tell of it
 * wherever it is shown, and what we tell of it in some answers only.
 */
export function closed<const Entries extends v.ObjectEntries>(
  entries: Entries,
  told: readonly string[] = [],
  toldElsewhere: readonly string[] = [],
) {
  const leftOut = [...told, ...toldElsewhere];
  const known = v.object(entries, ({ expected }) => say('required', `Add ${expected}; it has no default.`));
  return v.pipe(
    v.unknown(),
    v.metadata({ closed: { entries, told, toldElsewhere } }),
    v.rawTransform<unknown, v.InferOutput<v.ObjectSchema<Entries, undefined>>>(
      ({ dataset: { value }, addIssue, NEVER }) => {
        if (!isObject(value)) {
          addIssue({ message: say('type', 'Give an object.') });
          return NEVER;
        }
        for (const key of Object.keys(value).filter(
          (each) => !Object.hasOwn(entries, each) && !leftOut.includes(each),
        )) {
          const names = Object.keys(entries).join(', ');
          addIssue({
            message: say(
              'unknown-key',
              names === ''
                ? 'Nothing can stand here. Leave it out.'
                : `Leave it out, or correct its name. Known here are: ${names}.`,
            ),
            path: [{ type: 'object', origin: 'key', input: value, key, value: value[key] }],
          });
        }
        const { success, output, issues } = v.safeParse(known, value);
        if (success) return output;
        for (const { message, path } of issues) addIssue({ message, ...(path && { path }) });
        return NEVER;
      },
    ),
  );
}

/** One of several kinds of objects, told apart by the word that stands at this key. */
export function oneKindOf<const Kinds extends Readonly<Record<string, v.GenericSchema>>>(key: string, kinds: Kinds) {
  const words = Object.keys(kinds);
  return v.pipe(
    v.unknown(),
    v.metadata({ kinds: Object.values(kinds) }),
    v.rawTransform<unknown, v.InferOutput<Kinds[keyof Kinds]>>(({ dataset: { value }, addIssue, NEVER }) => {
      if (!isObject(value)) {
        addIssue({ message: say('type', 'Give an object.') });
        return NEVER;
      }
      const word = value[key];
      const kind = typeof word === 'string' && Object.hasOwn(kinds, word) ? kinds[word] : undefined;
      if (kind === undefined) {
        const rule = word === undefined ? 'required' : 'one-of';
        const path: [v.IssuePathItem] = [{ type: 'object', origin: 'value', input: value, key, value: word }];
        addIssue({ message: say(rule, `Give one of: ${words.join(', ')}.`), path });
        return NEVER;
      }
      const { success, output, issues } = v.safeParse(kind, value);
      if (success) return output;
      for (const { message, path } of issues) addIssue({ message, ...(path && { path }) });
      return NEVER;
    }),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const flag = () => v.boolean(say('type', 'Give true or false.'));

export const whole = (least: number, most: number) =>
  v.pipe(
    v.number(say('type', `Give a number from ${least} to ${most}, without quotes.`)),
    v.check(
      (value) => Number.isInteger(value) && value >= least && value <= most,
      say('range', `Give a whole number from ${least} to ${most}.`),
    ),
    v.metadata({ type: 'integer', minimum: least, maximum: most }),
  );

/** Text of so many characters, on one line. */
export const text = (least: number, most: number) =>
  v.pipe(
    v.string(say('type', 'Give text, in quotes.')),
    v.check(
      (value) => value.length >= least && value.length <= most,
      say('length', `Give ${least} to ${most} characters.`),
    ),
    v.metadata({ minLength: least, maxLength: most }),
    v.regex(/^[^\p{Cc}\p{Cs}]*$/u, say('form', 'Take the control characters out, line ends included.')),
  );

export const oneOf = <const Words extends readonly string[]>(words: Words) =>
  v.picklist(words, say('one-of', `Give one of: ${words.join(', ')}.`));

export const list = <Item extends v.GenericSchema>(item: Item, { least = 0, most = Infinity } = {}) =>
  v.pipe(
    v.array(item, say('type', 'Give a list.')),
    // A raw check, as it is made of a list with something wrong in it too.
    v.rawCheck(({ dataset: { value }, addIssue }) => {
      const count: number | undefined = Array.isArray(value) ? value.length : undefined;
      if (count === undefined || (count >= least && count <= most)) return;
      const wanted = most === Infinity ? `at least ${least}` : `${least === 0 ? 'at most' : `${least} to`} ${most}`;
      addIssue({ message: say('count', `Give ${wanted}.`) });
    }),
    v.metadata({ ...(least > 0 && { minItems: least }), ...(most < Infinity && { maxItems: most }) }),
  );
