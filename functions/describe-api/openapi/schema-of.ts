/** Schemas of ours as JSON Schema 2020-12, by valibot's own converter and the few things that it cannot know. */
import { type ConversionConfig, type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';

/** `sent`: what a caller may send, and nothing else. `answered`: what a caller can rely on; more may come. */
export type Direction = 'sent' | 'answered';

export function schemaOf(schema: v.GenericSchema, direction: Direction): JsonSchema {
  const { $schema: _, ...converted } = toJsonSchema(schema, configOf(direction));
  return direction === 'sent' ? converted : open(converted);
}

const configOf = (direction: Direction): ConversionConfig => ({
  target: 'draft-2020-12',
  ignoreActions: ['transform', 'raw_transform', 'readonly'],
  errorMode: 'ignore', // but for what nothing below knows
  overrideSchema: ({ errors = [] }) => unless(errors),
  overrideAction: ({ valibotAction, jsonSchema, errors = [] }) => {
    const action = valibotAction as Action;
    if (action.type === 'check' || action.type === 'raw_check') return described(jsonSchema, action);
    if (action.type === 'regex') return patterned(jsonSchema, action);
    if (action.metadata?.kinds !== undefined) {
      const { kinds: __, ...rest } = jsonSchema as JsonSchema & { kinds?: unknown };
      return { ...rest, anyOf: action.metadata.kinds.map((kind) => schemaOf(kind, direction)) };
    }
    if (action.metadata?.closed === undefined) return unless(errors);
    const { closed: _, ...rest } = jsonSchema as JsonSchema & { closed?: unknown };
    return { ...rest, ...(direction === 'sent' ? closedSent : closedAnswered)(action.metadata.closed) };
  },
});

function unless([error]: readonly string[]): undefined {
  if (error !== undefined) throw new Error(error);
}

/** What the overridden actions of valibot hold. */
interface Action {
  readonly type: string;
  readonly message?: unknown;
  readonly requirement?: unknown;
  readonly metadata?: { readonly closed?: Closed; readonly kinds?: readonly v.GenericSchema[] };
}

interface Closed {
  readonly entries: v.ObjectEntries;
  /** Of secrets whether they are set. */
  readonly told: readonly string[];
  readonly toldElsewhere: readonly string[];
}

function closedSent({ entries, told, toldElsewhere }: Closed): JsonSchema {
  const { properties = {}, ...object } = schemaOf(v.strictObject(entries), 'sent');
  const passedOver: JsonSchema = { description: 'Told in answers; passed over.', readOnly: true };
  return { ...object, properties: { ...properties, ...each([...told, ...toldElsewhere], passedOver) } };
}

/** A document that is kept is answered whole. What could be left unsaid in it is a secret, and is told of only. */
function closedAnswered({ entries, told }: Closed): JsonSchema {
  const shown = Object.entries(entries).filter(([, { type }]) => type !== 'exact_optional');
  const { properties = {}, ...object } = schemaOf(v.strictObject(Object.fromEntries(shown)), 'answered');
  return {
    ...object,
    required: [...shown.map(([key]) => key), ...told],
    properties: { ...properties, ...each(told, { type: 'boolean' }) },
  };
}

const each = (keys: readonly string[], schema: JsonSchema): Record<string, JsonSchema> =>
  Object.fromEntries(keys.map((key) => [key, schema] as const));

/** These rules are told in JSON Schema's own words, by metadata. */
const toldElsewhere = ['range', 'length', 'count'];

/** What only a function can check is told in the words in which it is refused. */
function described(jsonSchema: JsonSchema, { message }: Action): JsonSchema {
  const [rule = '', ...words] = typeof message === 'string' ? message.split(': ') : [];
  const howToMend = words.join(': ');
  if (toldElsewhere.includes(rule) || howToMend === '') return jsonSchema;
  const before = jsonSchema.description;
  return { ...jsonSchema, description: before === undefined ? howToMend : `${before} ${howToMend}` };
}

/** JSON Schema reads every pattern as Unicode, as our flag has it. A second one stands beside the first. */
function patterned(jsonSchema: JsonSchema, { requirement }: Action): JsonSchema {
  const { source } = requirement as RegExp;
  if (jsonSchema.pattern === source) return jsonSchema; // the converter has set it, and minds the flag only
  return { ...jsonSchema, allOf: [...(jsonSchema.allOf ?? []), { pattern: source }] };
}

/** Without the ban on other members, wherever it stands. */
function open(value: JsonSchema): JsonSchema {
  const text = JSON.stringify(value, (key, member: unknown) =>
    key === 'additionalProperties' && member === false ? undefined : member,
  );
  return JSON.parse(text) as JsonSchema;
}
