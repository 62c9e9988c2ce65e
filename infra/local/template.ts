/**
 * Reads a cloud assembly as CloudFormation would: every stack, references resolved, all in one. What this machine does
 * with a resource is declared once, in the schema of its type; a type, property, value or function that nobody declared
 * stops the start, so that what runs here cannot differ from the template unseen.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { CannotStart } from './cannot-start.ts';

/** Where this machine pretends to be. */
export const region = 'us-east-1';
export const account = '000000000000';

export interface Place {
  readonly stack: string;
  readonly logicalId: string;
}

export interface ResourceType<Schema extends v.GenericSchema = v.GenericSchema> {
  readonly name: string;
  /** A strict object: what it lists is honoured or declared immaterial, anything else stops the start. */
  readonly properties: Schema;
  /** What `Ref` gives. */
  readonly id: (place: Place, property: (name: string) => unknown) => string;
  /** What `Fn::GetAtt` gives, made from the id. */
  readonly attributes: Readonly<Record<string, (id: string) => string>>;
}

export interface Resource<Properties> {
  readonly id: string;
  readonly properties: Properties;
}

export interface Template {
  readonly all: <Schema extends v.GenericSchema>(type: ResourceType<Schema>) => Resource<v.InferOutput<Schema>>[];
  /** Where the one resource is that there must be. Throws `CannotStart`. */
  readonly only: <Schema extends v.GenericSchema>(type: ResourceType<Schema>) => Resource<v.InferOutput<Schema>>;
  readonly outputs: Readonly<Record<string, string>>;
  /** The folder of the asset that is uploaded under this key. Throws `CannotStart`. */
  readonly assetFolder: (key: string) => string;
}

/** Ids are made from names, so that they are the same at every start and kept data finds its table and key again. */
export function resourceType<Schema extends v.GenericSchema>(
  name: string,
  properties: Schema,
  { id, attributes }: Partial<Pick<ResourceType, 'id' | 'attributes'>> = {},
): ResourceType<Schema> {
  return {
    name,
    properties,
    id: id ?? (({ stack, logicalId }) => `${stack}-${logicalId}`),
    attributes: attributes ?? {},
  };
}

/** An id as AWS makes them up: so many hexadecimal digits, the same at every start. */
export const madeUpId = ({ stack, logicalId }: Place, length: number) =>
  createHash('sha256').update(`${stack}/${logicalId}`).digest('hex').slice(0, length);

/** A property that AWS acts on and that makes no difference on one machine, for this reason. */
export const immaterial = (reason: string) => v.optional(v.pipe(v.unknown(), v.description(reason)));

const nothingIsReplaced = immaterial('nothing is replaced or deleted here: every start reads the template anew');
const forPeople = immaterial('it is for people');

const stackSchema = v.strictObject({
  Resources: v.record(
    v.string(),
    v.strictObject({
      Type: v.string(),
      Properties: v.optional(v.record(v.string(), v.unknown()), {}),
      DependsOn: immaterial('everything is made before the first request'),
      Metadata: immaterial('it is for tools'),
      DeletionPolicy: nothingIsReplaced,
      UpdateReplacePolicy: nothingIsReplaced,
    }),
  ),
  Outputs: v.optional(
    v.record(
      v.string(),
      v.strictObject({
        Value: v.unknown(),
        Export: v.optional(v.strictObject({ Name: v.unknown() })),
        Description: forPeople,
      }),
    ),
    {},
  ),
  Parameters: v.optional(v.record(v.string(), v.object({ Default: v.optional(v.string()) })), {}),
  Rules: immaterial('they ask how the account was prepared'),
  Description: forPeople,
});
type StackTemplate = v.InferOutput<typeof stackSchema>;

interface Manifest {
  readonly artifacts: Readonly<Record<string, { type: string; properties?: { templateFile?: string; file?: string } }>>;
}
interface Assets {
  readonly files: Readonly<
    Record<string, { source: { path: string }; destinations: Record<string, { objectKey: string }> }>
  >;
}

/**
 * Reads what a CDK app wrote into this folder. Throws `CannotStart` for whatever none of these types declares. What is
 * known at the deployment only, texts refer to as `{{resolve:...}}`: `resolveIn` puts it there.
 */
export function readTemplate(
  assembly: string,
  types: readonly ResourceType[],
  resolveIn: (text: string) => string = (text) => text,
): Template {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(assembly, file), 'utf8'));
  const stacks: Stack[] = [];
  const folders = new Map<string, string>();
  const exported = (name: string) => stacks.flatMap((stack) => stack.exported(name))[0];
  for (const [name, { type, properties = {} }] of Object.entries((read('manifest.json') as Manifest).artifacts)) {
    const { templateFile, file } = properties;
    if (type === 'aws:cloudformation:stack' && templateFile !== undefined) {
      stacks.push(readStack(name, checked(stackSchema, read(templateFile), name), types, exported, resolveIn));
    } else if (type === 'cdk:asset-manifest' && file !== undefined) {
      for (const { source, destinations } of Object.values((read(file) as Assets).files)) {
        for (const { objectKey } of Object.values(destinations)) folders.set(objectKey, resolve(assembly, source.path));
      }
    } else if (type === 'cdk:cloud-assembly') {
      throw new CannotStart(`The assembly nests another, ${name}, which is not honoured on this machine. ${whatToDo}`);
    }
  }

  const everything = stacks.flatMap((stack) => stack.resources());
  const all: Template['all'] = (type) =>
    everything
      .filter((resource) => resource.type === type)
      .map(({ id, place, properties }) => ({
        id,
        properties: checked(type.properties, properties, `${place.stack}.${place.logicalId} (${type.name})`),
      }));
  for (const type of types) all(type);

  return {
    all,
    only(type) {
      const [first, ...others] = all(type);
      if (first && others.length === 0) return first;
      throw new CannotStart(`This machine serves exactly one ${type.name}; the template has ${all(type).length}.`);
    },
    outputs: Object.fromEntries(stacks.flatMap((stack) => stack.outputs())),
    assetFolder(key) {
      const folder = folders.get(key);
      if (folder !== undefined) return folder;
      throw new CannotStart(`The assembly ${assembly} has no asset "${key}". Synthesise it again.`);
    },
  };
}

interface Stack {
  readonly resources: () => { type: ResourceType; id: string; place: Place; properties: unknown }[];
  readonly outputs: () => [name: string, value: string][];
  readonly exported: (name: string) => unknown[];
}

/** One template: its references, and the functions that may stand in it. */
function readStack(
  stack: string,
  { Resources, Outputs, Parameters }: StackTemplate,
  types: readonly ResourceType[],
  imported: (name: string) => unknown,
  resolveIn: (text: string) => string,
): Stack {
  const fail = (what: string): never => {
    throw new CannotStart(`The stack ${stack} ${what}. ${whatToDo}`);
  };

  const typeOf = (id: string): ResourceType => {
    const { Type } = Resources[id] ?? fail(`refers to ${id}, which this machine does not know`);
    return (
      types.find(({ name }) => name === Type) ?? fail(`has ${id} of type ${Type}, which this machine does not honour`)
    );
  };

  const pseudo: Readonly<Record<string, string>> = {
    'AWS::AccountId': account,
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/${stack}/${madeUpId({ stack, logicalId: '' }, 32)}`,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const ref = (id: string): string =>
    pseudo[id] ??
    Parameters[id]?.Default ??
    typeOf(id).id({ stack, logicalId: id }, (name) => value(Resources[id]?.Properties[name]));

  const attribute = (id: string, name: string): string => {
    const make = typeOf(id).attributes[name] ?? fail(`asks ${id} for ${name}, which this machine does not know`);
    return make(ref(id));
  };

  const call = (name: string, argument: unknown): unknown => {
    const [first, second] = Array.isArray(argument) ? (argument as unknown[]) : [argument];
    switch (name) {
      case 'Ref':
        return argument === 'AWS::NoValue' ? undefined : ref(text(argument));
      case 'Fn::GetAtt':
        return attribute(text(first), text(second));
      case 'Fn::Join':
        return list(second).join(text(first));
      case 'Fn::Sub':
        return text(argument).replaceAll(/\$\{([^}]+)\}/g, (_, id: string) => ref(id));
      case 'Fn::Select':
        return list(second)[Number(value(first))];
      case 'Fn::Split':
        return text(second).split(text(first));
      case 'Fn::GetAZs':
        return [`${region}a`, `${region}b`];
      case 'Fn::ImportValue':
        return imported(text(argument)) ?? fail(`imports ${text(argument)}, which no stack exports`);
      default:
        return fail(`uses ${name}, which this machine does not know`);
    }
  };

  const value = (raw: unknown): unknown => {
    if (Array.isArray(raw)) return raw.map(value).filter((item) => item !== undefined);
    if (typeof raw === 'string') return resolved(raw);
    if (typeof raw !== 'object' || raw === null) return raw;
    const pairs = Object.entries(raw);
    const [[name, argument] = ['', undefined]] = pairs;
    if (pairs.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) return resolved(call(name, argument));
    const known = pairs.map(([key, item]) => [key, value(item)] as const).filter(([, item]) => item !== undefined);
    return Object.fromEntries(known);
  };

  const resolved = (known: unknown): unknown => {
    if (typeof known !== 'string') return known;
    const whole = resolveIn(known);
    const [reference] = /\{\{resolve:[^}]*\}\}/.exec(whole) ?? [];
    return reference === undefined ? whole : fail(`refers to ${reference}, which this machine does not know`);
  };

  const text = (raw: unknown): string => {
    const known = value(raw);
    return typeof known === 'string' ? known : fail(`has ${JSON.stringify(raw)} where a text belongs`);
  };

  const list = (raw: unknown): unknown[] => {
    const known = value(raw);
    return Array.isArray(known) ? known : fail(`has ${JSON.stringify(raw)} where a list belongs`);
  };

  return {
    resources: () =>
      Object.entries(Resources).map(([logicalId, { Properties }]) => ({
        type: typeOf(logicalId),
        id: ref(logicalId),
        place: { stack, logicalId },
        properties: value(Properties),
      })),
    outputs: () => Object.entries(Outputs).map(([name, { Value }]) => [name, text(Value)]),
    exported: (name) =>
      Object.values(Outputs)
        .filter(({ Export }) => Export !== undefined && value(Export.Name) === name)
        .map(({ Value }) => value(Value)),
  };
}

const whatToDo = 'Take it out of the app, or teach infra/local what this machine does with it.';

function checked<Schema extends v.GenericSchema>(schema: Schema, raw: unknown, where: string): v.InferOutput<Schema> {
  const result = v.safeParse(schema, raw, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const what = issue.expected === 'never' ? '' : ` ${JSON.stringify(issue.input)}`;
  throw new CannotStart(`${where}: ${v.getDotPath(issue) ?? 'it'}${what} is not honoured on this machine. ${whatToDo}`);
}
