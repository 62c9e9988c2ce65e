/**
 * As much of JSON Schema 2020-12 as our description uses. A keyword that is not here fails the test that meets it, so that
 * nothing in the document is taken for held that is not.
 */
export type Schema = Readonly<Record<string, unknown>>;

const annotations = ['$schema', 'description', 'title', 'default', 'examples', 'readOnly', 'format', '$comment'];

type Check = (value: unknown, told: never, schema: Schema) => readonly string[];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const typeOf = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
const hasType = (value: unknown, type: string) =>
  type === 'integer' ? Number.isInteger(value) : type === typeOf(value);
const unless = (holds: boolean, fault: string) => (holds ? [] : [fault]);
/** In characters, not in UTF-16: surrogate pairs are one. */
const length = (text: unknown) => (typeof text === 'string' ? Array.from(text).length : undefined);

const keywords: Readonly<Record<string, Check>> = {
  type: (value, types: string | string[]) =>
    unless(
      [types].flat().some((type) => hasType(value, type)),
      `is no ${[types].flat().join(' or ')}`,
    ),
  enum: (value, words: unknown[]) => unless(words.includes(value), `is none of ${words.join(', ')}`),
  const: (value, only: unknown) => unless(value === only, `is not ${String(only)}`),
  anyOf: (value, options: Schema[]) =>
    unless(
      options.some((option) => faultsOf(option, value).length === 0),
      `fits none of ${options.length} forms`,
    ),
  oneOf: (value, options: Schema[]) =>
    unless(options.filter((option) => faultsOf(option, value).length === 0).length === 1, 'fits not one form'),
  allOf: (value, options: Schema[]) => options.flatMap((option) => faultsOf(option, value)),
  properties: (value, known: Record<string, Schema>) =>
    isObject(value)
      ? Object.entries(known).flatMap(([key, schema]) =>
          Object.hasOwn(value, key) ? faultsOf(schema, value[key]).map((fault) => `/${key} ${fault}`) : [],
        )
      : [],
  required: (value, names: string[]) =>
    isObject(value) ? names.filter((name) => !Object.hasOwn(value, name)).map((name) => `has no ${name}`) : [],
  additionalProperties: (value, told: false | Schema, { properties = {} }) =>
    isObject(value)
      ? Object.keys(value)
          .filter((key) => !Object.hasOwn(properties as object, key))
          .flatMap((key) => (told === false ? [`has ${key}`] : faultsOf(told, value[key])))
      : [],
  propertyNames: (value, names: Schema) => (isObject(value) ? Object.keys(value).flatMap((key) => faultsOf(names, key)) : []), // prettier-ignore
  items: (value, item: Schema) =>
    Array.isArray(value)
      ? value.flatMap((each, index) => faultsOf(item, each).map((fault) => `/${index} ${fault}`))
      : [],
  minItems: (value, least: number) =>
    unless(!Array.isArray(value) || value.length >= least, `is shorter than ${least}`),
  maxItems: (value, most: number) => unless(!Array.isArray(value) || value.length <= most, `is longer than ${most}`),
  minimum: (value, least: number) => unless(typeof value !== 'number' || value >= least, `is under ${least}`),
  maximum: (value, most: number) => unless(typeof value !== 'number' || value <= most, `is over ${most}`),
  minLength: (value, least: number) => unless((length(value) ?? least) >= least, `is shorter than ${least}`),
  maxLength: (value, most: number) => unless((length(value) ?? most) <= most, `is longer than ${most}`),
  pattern: (value, form: string) =>
    unless(typeof value !== 'string' || new RegExp(form, 'u').test(value), `has not the form ${form}`),
};

/** What is wrong with the value by the schema; nothing where it holds. */
export function faultsOf(schema: Schema, value: unknown): readonly string[] {
  return Object.entries(schema).flatMap(([keyword, told]) => {
    const check = keywords[keyword];
    if (check !== undefined) return check(value, told as never, schema);
    if (annotations.includes(keyword)) return [];
    throw new Error(`This schema says "${keyword}", which the tests do not know.`);
  });
}
