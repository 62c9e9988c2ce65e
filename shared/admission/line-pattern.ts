/**
 * Patterns of RE2, which administrators write: whatever they are, matching takes time in proportion to the length of
 * the line. What grows is the constant, with the size of the compiled pattern, so that is bounded.
 */
import { RE2JS } from 're2js';
import { type MessageField, messageFields } from '../configuration/threat-response.ts';

/** Characters of a pattern, and instructions that it may become: `x{1000}` is a thousand. */
export const longestPattern = 512;
export const largestProgram = 1_000;
/** Characters that a request may have patterns tried on: the largest takes about a second for 8,000 of them. */
export const mostTried = 40_000;

export type CompiledPattern =
  | { readonly match: (line: string) => Partial<Record<MessageField, string>> | undefined; readonly problem?: never }
  /** What is wrong with the pattern, and how to mend it. */
  | { readonly match?: never; readonly problem: string };

export function compilePattern(pattern: string): CompiledPattern {
  if (pattern.length > longestPattern) {
    return { problem: `The pattern has ${pattern.length} characters. Write one of at most ${longestPattern}.` };
  }
  const compiled = compiledBy(pattern);
  if ('problem' in compiled) return compiled;
  const { expression } = compiled;
  if (expression.programSize() > largestProgram) {
    return { problem: `The pattern becomes ${expression.programSize()} instructions. Repeat less in it: at most ${largestProgram} are allowed.` }; // prettier-ignore
  }
  const names = Object.keys(expression.namedGroups());
  const unknown = names.find((name) => !isField(name));
  if (unknown !== undefined) {
    return { problem: `The group "${unknown}" is no field of a message. Known are: ${messageFields.join(', ')}.` };
  }
  const missing = ['event', 'endpointIp'].find((name) => !names.includes(name));
  if (missing !== undefined) {
    return { problem: `The pattern has no group "${missing}". Add (?P<${missing}>...) where the message tells it.` };
  }
  return { match: (line) => fieldsIn(expression, names.filter(isField), line) };
}

function compiledBy(pattern: string): { readonly expression: RE2JS } | { readonly problem: string } {
  try {
    return { expression: RE2JS.compile(pattern) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { problem: `RE2 does not take the pattern: ${reason}. It knows no look-around and no back-references.` };
  }
}

const isField = (name: string): name is MessageField => (messageFields as readonly string[]).includes(name);

function fieldsIn(expression: RE2JS, names: readonly MessageField[], line: string) {
  const matcher = expression.matcher(line);
  if (!matcher.find()) return undefined;
  const found = names.flatMap((name) => {
    const text = matcher.group(name);
    return text === null ? [] : [[name, text] as const];
  });
  return Object.fromEntries(found) as Partial<Record<MessageField, string>>;
}
