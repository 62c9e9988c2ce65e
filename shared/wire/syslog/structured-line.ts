/**
 * A line of RFC 5424 with its structured data, as firewalls really write it: a time may lack its offset or be one that
 * nobody can read, a backslash stands alone where it escapes nothing, and collectors add keys and elements of their own.
 * Only what cannot be told apart at all is a fault. Time is linear in the length of the line.
 */
import { type TagPlace } from './tag.ts';

export interface StructuredLine {
  /** As it stands there. */
  readonly time: string;
  /** Epoch milliseconds; null where it cannot be read, or says no offset and so could be any hour. */
  readonly at: number | null;
  readonly host: string | null;
  readonly application: string | null;
  readonly process: string | null;
  readonly tag: string;
  readonly elements: readonly StructuredElement[];
  /** What stands behind the structured data, trimmed. */
  readonly message: string;
}

export interface StructuredElement {
  /** `junos@2636.1.1.1.2.86`. */
  readonly id: string;
  /** In their order; a name may come more than once. */
  readonly params: readonly (readonly [name: string, value: string])[];
}

export type StructuredFault = 'no-structured-data' | 'structured-data-cut-off' | 'structured-data-malformed';

export type ReadStructured =
  | { readonly read: StructuredLine; readonly fault?: never }
  | { readonly read?: never; readonly fault: StructuredFault };

const utf8 = new TextDecoder();

/** `place`: where `tagPlaceIn` found its header. What is no UTF-8 becomes U+FFFD. */
export function readStructured(line: Uint8Array, { timeAt, tagEnd }: TagPlace): ReadStructured {
  const [time = '', host = '', application = '', process = '', tag = ''] = utf8.decode(line.subarray(timeAt, tagEnd)).split(' '); // prettier-ignore
  const text = utf8.decode(line.subarray(tagEnd));
  const strictly = elementsIn(text, endsNowhere);
  // Who escapes as he should is read so, whatever his values are; only what makes no sense then is read as if he did not.
  const data = 'fault' in strictly ? elementsIn(text, endsAt) : strictly;
  if ('fault' in data) return strictly as { readonly fault: StructuredFault };
  return {
    read: {
      time,
      at: instantOf(time),
      host: unlessNil(host),
      application: unlessNil(application),
      process: unlessNil(process),
      tag,
      elements: data.elements,
      message: data.message,
    },
  };
}

const unlessNil = (word: string) => (word === '-' || word === '' ? null : word);

const instantForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

function instantOf(time: string): number | null {
  if (!instantForm.test(time)) return null;
  const at = Date.parse(time);
  return Number.isNaN(at) ? null : at;
}

type Elements =
  { readonly elements: readonly StructuredElement[]; readonly message: string } | { readonly fault: StructuredFault };

/** ` [id name="value" ...][...] message`, or ` - message`. */
function elementsIn(text: string, endsHere: EndsHere): Elements {
  const elements: StructuredElement[] = [];
  let at = text.startsWith(' ') ? 1 : 0;
  if (text[at] === '-') return { elements, message: text.slice(at + 1).trim() };
  if (text[at] !== '[') return { fault: 'no-structured-data' };
  while (text[at] === '[') {
    const found = elementAt(text, at + 1, endsHere);
    if (typeof found === 'string') return { fault: found };
    elements.push(found.element);
    at = found.end;
  }
  return { elements, message: text.slice(at).trim() };
}

/** Names end at an equals sign, at white space, or with the element. */
const nameForm = /[^\s=\]"]+/y;

function elementAt(
  text: string,
  start: number,
  endsHere: EndsHere,
): { readonly element: StructuredElement; readonly end: number } | StructuredFault {
  const params: (readonly [string, string])[] = [];
  const id = wordAt(text, start);
  if (id === '') return 'structured-data-malformed';
  let at = start + id.length;
  for (;;) {
    while (text[at] === ' ') at += 1;
    if (at >= text.length) return 'structured-data-cut-off';
    if (text[at] === ']') return { element: { id, params }, end: at + 1 };
    const name = wordAt(text, at);
    if (name === '') return 'structured-data-malformed';
    at += name.length;
    if (text[at] !== '=' || text[at + 1] !== '"') return at + 1 < text.length ? 'structured-data-malformed' : 'structured-data-cut-off'; // prettier-ignore
    const value = valueAt(text, at + 2, endsHere);
    if (value === undefined) return 'structured-data-cut-off';
    params.push([name, value.text]);
    at = value.end;
  }
}

function wordAt(text: string, at: number): string {
  nameForm.lastIndex = at;
  return nameForm.exec(text)?.[0] ?? '';
}

/** Whether a quote with a backslash before it ends the value all the same; `at` is behind it. */
type EndsHere = (text: string, at: number) => boolean;

const endsNowhere: EndsHere = () => false;

/** A path ends with a backslash (`filename="C:\tmp\" url="x"`), and who does not escape it does not escape the quote: what follows tells. */
const endsAt: EndsHere = (text, at) => {
  following.lastIndex = at;
  return following.test(text);
};

/** It looks no further than the next quote, so that all looks ahead together read a line once. */
const following = / [^\s=\]"]+="|\](?: |\[|$)/y;

function valueAt(text: string, start: number, endsHere: EndsHere) {
  for (let end = start; end < text.length; end += 1) {
    if (text[end] === '"') return { text: unescaped(text.slice(start, end)), end: end + 1 };
    if (text[end] !== '\\') continue;
    end += 1;
    if (text[end] === '"' && endsHere(text, end + 1)) return { text: unescaped(text.slice(start, end)), end: end + 1 };
  }
  return undefined;
}

/** Only these three are escaped: a backslash before anything else is one (`EXAMPLE\alice`). */
const unescaped = (text: string) => (text.includes('\\') ? text.replace(/\\(["\\\]])/g, '$1') : text);
