/**
 * Reads a cloud assembly as CloudFormation would: every stack, references resolved, all in one. What this machine does
 * with a resource is declared once, in the schema of its type; a type, property, value or function that nobody declared
 * stops the start, so that what runs here cannot differ from the template unseen.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve as resolvePath } from 'node:path';
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
  readonly place: Place;
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
        Description: immaterial('it is for people'),
      }),
    ),
    {},
  ),
  Parameters: v.optional(v.record(v.string(), v.object({ Default: v.optional(v.string()) })), {}),
  Rules: immaterial('they ask how the account was prepared'),
  Description: immaterial('it is for people'),
});
type StackTemplate = v.InferOutput<typeof stackSchema>;

const manifestSchema = v.object({
  artifacts: v.record(
    v.string(),
    v.variant('type', [
      v.object({ type: v.literal('aws:cloudformation:stack'), properties: v.object({ templateFile: v.string() }) }),
      v.object({ type: v.literal('cdk:asset-manifest'), properties: v.object({ file: v.string() }) }),
      v.object({ type: v.picklist(['cdk:tree', 'cdk:feature-flag-report']) }),
    ]),
  ),
});

const assetsSchema = v.object({
  files: v.record(
    v.string(),
    v.object({
      source: v.object({ path: v.string() }),
      destinations: v.record(v.string(), v.object({ objectKey: v.string() })),
    }),
  ),
});

/** Reads what a CDK app wrote into this folder. Throws `CannotStart` for whatever none of these types declares. */
export function readTemplate(assembly: string, types: readonly ResourceType[]): Template {
  const read = <Schema extends v.GenericSchema>(schema: Schema, file: string) =>
    checked(schema, JSON.parse(readFileSync(join(assembly, file), 'utf8')), file);

  const stacks: Stack[] = [];
  const folders = new Map<string, string>();
  const exported = (name: string) => stacks.flatMap((stack) => stack.exported(name));
  for (const [name, artifact] of Object.entries(read(manifestSchema, 'manifest.json').artifacts)) {
    if (artifact.type === 'aws:cloudformation:stack') {
      stacks.push(new Stack(name, read(stackSchema, artifact.properties.templateFile), types, exported));
    } else if (artifact.type === 'cdk:asset-manifest') {
      for (const { source, destinations } of Object.values(read(assetsSchema, artifact.properties.file).files)) {
        for (const { objectKey } of Object.values(destinations)) {
          folders.set(objectKey, resolvePath(assembly, source.path));
        }
      }
    }
  }

  const everything = stacks.flatMap((stack) => stack.resources());
  const all: Template['all'] = (type) =>
    everything
      .filter((resource) => resource.type === type)
      .map(({ id, place, properties }) => ({
        id,
        place,
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
    outputs: Object.assign({}, ...stacks.map((stack) => stack.outputs())) as Record<string, string>,
    assetFolder(key) {
      const folder = folders.get(key);
      if (folder === undefined)
        throw new CannotStart(`The assembly ${assembly} has no asset "${key}". Synthesise it again.`);
      return folder;
    },
  };
}

/** One template: its references, and the functions that may stand in it. */
class Stack {
  readonly #name: string;
  readonly #template: StackTemplate;
  readonly #types: ReadonlyMap<string, ResourceType>;
  readonly #exported: (name: string) => unknown[];

  constructor(
    name: string,
    template: StackTemplate,
    types: readonly ResourceType[],
    exported: (name: string) => unknown[],
  ) {
    this.#name = name;
    this.#template = template;
    this.#types = new Map(types.map((type) => [type.name, type]));
    this.#exported = exported;
  }

  resources() {
    return Object.entries(this.#template.Resources).map(([logicalId, { Properties }]) => ({
      type: this.#typeOf(logicalId),
      id: this.#ref(logicalId),
      place: { stack: this.#name, logicalId },
      properties: this.#resolve(Properties),
    }));
  }

  outputs(): Record<string, string> {
    const values = Object.entries(this.#template.Outputs).map(
      ([name, { Value }]) => [name, this.#text(Value)] as const,
    );
    return Object.fromEntries(values);
  }

  exported(name: string): unknown[] {
    return Object.values(this.#template.Outputs)
      .filter(({ Export }) => Export !== undefined && this.#resolve(Export.Name) === name)
      .map(({ Value }) => this.#resolve(Value));
  }

  #resolve(value: unknown): unknown {
    if (Array.isArray(value)) return this.#list(value);
    if (typeof value !== 'object' || value === null) return value;
    const pairs = Object.entries(value);
    const [first] = pairs;
    if (first && pairs.length === 1 && (first[0] === 'Ref' || first[0].startsWith('Fn::'))) return this.#call(...first);
    const resolved = pairs.map(([name, item]) => [name, this.#resolve(item)] as const);
    return Object.fromEntries(resolved.filter(([, item]) => item !== undefined));
  }

  #call(name: string, argument: unknown): unknown {
    const parts = Array.isArray(argument) ? argument : [argument];
    switch (name) {
      case 'Ref':
        return argument === 'AWS::NoValue' ? undefined : this.#ref(this.#text(argument));
      case 'Fn::GetAtt':
        return this.#attribute(this.#text(parts[0]), this.#text(parts[1]));
      case 'Fn::Join':
        return this.#list(parts[1]).join(this.#text(parts[0]));
      case 'Fn::Sub':
        return this.#text(argument).replace(/\$\{([^}]+)\}/g, (_, id: string) => this.#text(this.#ref(id)));
      case 'Fn::Select':
        return this.#list(parts[1])[Number(this.#resolve(parts[0]))];
      case 'Fn::Split':
        return this.#text(parts[1]).split(this.#text(parts[0]));
      case 'Fn::ImportValue':
        return (
          this.#exported(this.#text(argument))[0] ??
          this.#fail(`imports ${this.#text(argument)}, which no stack exports`)
        );
      default:
        return this.#fail(`uses ${name}, which this machine does not know`);
    }
  }

  #ref(id: string): string {
    const pseudo: Record<string, string | undefined> = {
      'AWS::AccountId': account,
      'AWS::Partition': 'aws',
      'AWS::Region': region,
      'AWS::StackName': this.#name,
      'AWS::URLSuffix': 'amazonaws.com',
    };
    const known = pseudo[id] ?? this.#template.Parameters[id]?.Default;
    if (known !== undefined) return known;
    const properties = this.#template.Resources[id]?.Properties ?? {};
    return this.#typeOf(id).id({ stack: this.#name, logicalId: id }, (name) => this.#resolve(properties[name]));
  }

  #attribute(id: string, attribute: string): string {
    const make = this.#typeOf(id).attributes[attribute];
    return make ? make(this.#ref(id)) : this.#fail(`asks ${id} for ${attribute}, which this machine does not know`);
  }

  #typeOf(id: string): ResourceType {
    const resource = this.#template.Resources[id];
    if (!resource) return this.#fail(`refers to ${id}, which this machine does not know`);
    const type = this.#types.get(resource.Type);
    return type ?? this.#fail(`has ${id} of type ${resource.Type}, which this machine does not honour`);
  }

  #text(value: unknown): string {
    const text = this.#resolve(value);
    return typeof text === 'string' ? text : this.#fail(`has ${JSON.stringify(value)} where a text belongs`);
  }

  #list(value: unknown): unknown[] {
    const list = Array.isArray(value) ? value.map((item) => this.#resolve(item)) : this.#resolve(value);
    return Array.isArray(list)
      ? list.filter((item) => item !== undefined)
      : this.#fail(`has ${JSON.stringify(value)} where a list belongs`);
  }

  #fail(what: string): never {
    throw new CannotStart(`The stack ${this.#name} ${what}. ${whatToDo}`);
  }
}

const whatToDo = 'Take it out of the app, or teach infra/local what this machine does with it.';

function checked<Schema extends v.GenericSchema>(schema: Schema, value: unknown, where: string): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const what = issue.expected === 'never' ? '' : ` ${JSON.stringify(issue.input)}`;
  throw new CannotStart(`${where}: ${v.getDotPath(issue) ?? 'it'}${what} is not honoured on this machine. ${whatToDo}`);
}
