/** What is wrong with templates whose every value is right by itself: words that mean two things, and samples that fail. */
import { compilePattern, mostTried } from '../admission/line-pattern.ts';
import { shippedTemplates } from '../admission/shipped-templates.ts';
import { fieldsOf, readMessage, type Told } from '../admission/template.ts';
import { readMac } from '../endpoints/mac.ts';
import { foldCase } from '../identity/fold-case.ts';
import { held } from '../json-schema.ts';
import type { Violation } from '../service-error.ts';
import { type Known, knownNames, namesIn, notUnique, textsIn, wrongAt } from './naming.ts';
import type { Readable } from './readable.ts';
import { template as templateSchema } from './threat-response-schema.ts';
import { type MessageField, messageFields, type Template } from './threat-response.ts';

export type ReadableTemplates = Readable<readonly Template[]>;
type ReadableTemplate = NonNullable<Readable<Template>>;

const shippedNames = shippedTemplates.flatMap(({ template, aliases }) => [template.name, ...aliases]);
const shippedByCase = new Set(shippedNames.map(foldCase));
const fold = { as: foldCase };

/** Names that clients and policies may give, those of the shipped templates among them. */
export function templatesKnown(templates: ReadableTemplates): Known {
  const own = knownNames(templates);
  return own && new Set([...own, ...shippedNames]);
}

export function templateContradictions(
  templates: ReadableTemplates,
  list: readonly string[] = ['threatResponse', 'templates'],
): readonly Violation[] {
  const tooMuch = tooMuchToTry(templates, list);
  const wrong = tooMuch.length > 0 ? wrongBeforeSamples : wrongIn;
  return [
    ...notUnique(namesIn(list, templates), { as: foldCase, reserved: (name) => shippedByCase.has(foldCase(name)) }),
    ...tooMuch,
    ...(templates ?? []).flatMap((template, index) => (template ? wrong(template, [...list, String(index)]) : [])),
  ];
}

/** All samples are tried at every commit, whatever it changes, and that has to end in time. */
function tooMuchToTry(templates: ReadableTemplates, keys: readonly string[]): readonly Violation[] {
  const ofPatterns = (templates ?? []).filter((template) => template?.parse?.type === 'pattern');
  const samplesOfAll = ofPatterns.flatMap((template) => template?.samples ?? []);
  const length = samplesOfAll.reduce((sum, sample) => sum + (sample?.message?.length ?? 0), 0);
  if (length <= mostTried) return [];
  const message = `The samples of templates with patterns have ${length} characters together.`;
  return [wrongAt({ keys, value: templates }, 'length', message, `Leave samples out, or shorten them: at most ${mostTried} can be tried at every commit.`)]; // prettier-ignore
}

function wrongIn(template: ReadableTemplate, at: readonly string[]): readonly Violation[] {
  const wrong = wrongBeforeSamples(template, at);
  return wrong.length > 0 ? wrong : samples(template, at);
}

export const wrongBeforeSamples = (template: ReadableTemplate, at: readonly string[]): readonly Violation[] => [
  ...words(template, at),
  ...parse(template, at),
];

/** Each word for an event, and each for a severity, means one thing. */
const words = ({ events, severities }: ReadableTemplate, at: readonly string[]): readonly Violation[] => [
  ...notUnique(
    (events ?? []).flatMap((event, index) => [
      { keys: [...at, 'events', String(index), 'name'], value: event?.name },
      ...textsIn([...at, 'events', String(index), 'aliases'], event?.aliases),
    ]),
    fold,
  ),
  ...notUnique(textsIn([...at, 'severities'], severities), { ...fold, reserved: (word) => foldCase(word) === 'any' }),
];

function parse({ protocol, parse: how }: ReadableTemplate, at: readonly string[]): readonly Violation[] {
  if (how?.type === 'pattern') {
    const keys = [...at, 'parse', 'pattern'];
    const { problem } = how.pattern === undefined ? {} : compilePattern(how.pattern);
    return [
      ...(problem === undefined ? [] : [wrongAt({ keys, value: how.pattern }, 'form', 'Nothing can be read by this pattern.', problem)]), // prettier-ignore
      ...(protocol === 'http-json' ? [otherProtocol(at, how.type, 'A pattern reads lines, and this protocol brings JSON.')] : []), // prettier-ignore
    ];
  }
  if (how?.type !== 'json') return [];
  const { fields } = how;
  const missing = fields === undefined ? [] : (['event', 'endpointIp'] as const).filter((field) => !(field in fields));
  return [
    ...missing.map(
      (field) =>
      wrongAt({ keys: [...at, 'parse', 'fields', field] }, 'required', 'Without this no message means anything.', 'Give the JSON pointer to where a message tells it.'), // prettier-ignore
    ),
    ...(protocol === 'syslog' ? [otherProtocol(at, how.type, 'JSON pointers read documents, and this protocol brings lines.')] : []), // prettier-ignore
  ];
}

const otherProtocol = (at: readonly string[], type: string, message: string) =>
  wrongAt({ keys: [...at, 'parse', 'type'], value: type }, 'exclusive', message, 'Give "json" with http-json, and "pattern" with syslog.'); // prettier-ignore

/** Tried only where the template is right by itself, so that each is told what is wrong with it. */
function samples(template: ReadableTemplate, at: readonly string[]): readonly Violation[] {
  const { output } = held(templateSchema, template);
  if (output === undefined) return [];
  return output.samples.flatMap(({ message, expect }, index) => {
    const keys = [...at, 'samples', String(index), expect === null ? 'message' : 'expect'];
    const problem = sampleProblem(output, message, expect);
    if (problem === undefined) return [];
    return [wrongAt({ keys, value: expect ?? message }, 'sample', problem, 'Correct the template, or what the sample expects.')]; // prettier-ignore
  });
}

function sampleProblem(template: Template, message: string, expect: Told | null): string | undefined {
  const { message: read, fault } = readMessage(template, message);
  if (expect === null) return read && `The template takes this message, as ${JSON.stringify(fieldsOf(read))}.`;
  if (fault) return `The template does not take this message. ${fault.message}`;
  const found = fieldsOf(read);
  const other = messageFields.find((field) => !isSame(field, expect[field], found[field]));
  if (other === undefined) return undefined;
  return `The template reads "${other}" as ${JSON.stringify(found[other] ?? null)}, and the sample expects ${JSON.stringify(expect[other])}.`;
}

/** In whatever form the sample writes it. What it does not say may be anything. */
function isSame(field: MessageField, expected: string | undefined, found: string | undefined): boolean {
  if (expected === undefined || expected === found) return true;
  if (found === undefined) return false;
  if (field === 'endpointMac') return readMac(expected).mac === found;
  if (field === 'occurredAt') return Date.parse(expected) === Date.parse(found);
  return foldCase(expected) === foldCase(found);
}
