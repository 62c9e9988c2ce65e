/** What is wrong with a body, in words that its sender can act on. */
import { MalformedPostError, type MalformedPostCode } from './malformed-post-error.ts';
import { placesIn } from './places.ts';

export function refuseAt(text: string, offset: number, code: MalformedPostCode, message: string): never {
  throw new MalformedPostError(code, message, placesIn(text)(offset));
}

/** By what the parser says; the first that fits. */
const advice: readonly (readonly [reason: RegExp, advice: string])[] = [
  [/^unclosed|unexpected end/, 'Send all of the body, with every element closed: it ends too early.'],
  [/clos(e|ing) tag/, 'Close every element by the name that opened it, the inner one first.'],
  [/namespace|prefix/, 'Leave namespaces out: no element of a post has one.'],
  [/attribute|forward-slash/, 'Leave attributes out; <no value> is what a template leaves that was not filled in.'],
  [/tag name|^disallowed character/, 'Write "&lt;" for a "<" that is text, and leave out control characters.'],
  [/root/, 'Send one <userfw-entries>, with nothing before or after it.'],
  [/declaration|version|encoding|standalone|value|expect/, 'Begin with <?xml version="1.0" encoding="UTF-8"?>.'],
  [/(?:)/, 'Let an XML library write the body.'],
];

/**
 * Either a passage in which an ampersand is only a character, or an ampersand that begins neither one of the five
 * entities of XML nor a character reference.
 */
const strayAmpersand =
  /<!--[^]*?(?:-->|$)|<!\[CDATA\[[^]*?(?:\]\]>|$)|<\?[^]*?(?:\?>|$)|(&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);))/gi;

/**
 * Turns what the parser says into a refusal. What is wrong lies between `soundTo`, the end of the tag that was sound
 * last, and its position: a stray ampersand it notices only at the next semicolon, or at the end.
 */
export function refuseMalformed(reason: string, text: string, soundTo: number, position: number): never {
  const unread = text.slice(soundTo, position);
  for (const { 1: ampersand, index } of unread.matchAll(strayAmpersand)) {
    if (ampersand !== undefined) refuseReference(text, soundTo + index);
  }
  if (reason.includes('entity')) refuseReference(text, text.lastIndexOf('&', position - 1));
  const [, mend] = advice.find(([said]) => said.test(reason)) ?? [];
  const message = `This is not well-formed XML: ${reason.slice(0, 100).replace(/\.$/, '')}. ${mend}`;
  refuseAt(text, beginOf(reason, text, soundTo, position), 'xml-malformed', message);
}

function refuseReference(text: string, offset: number): never {
  const reference = /^&#?[\w.-]{0,30};?/.exec(text.slice(offset, offset + 34))?.[0] ?? '&';
  const message = `"${reference}" stands for no character. Write "&amp;" for an ampersand, and other characters as they are.`;
  refuseAt(text, offset, 'xml-entity', message);
}

/** Where the sender should look. */
function beginOf(reason: string, text: string, soundTo: number, position: number): number {
  if (/^unclosed|unexpected end|must contain/.test(reason)) return text.length;
  if (/clos(e|ing) tag/.test(reason)) return text.lastIndexOf('<', position - 1);
  if (!reason.includes('outside of root')) return position - 1;
  const allowed = /(?:\s+|<!--[^]*?-->|<\?[^]*?\?>)*/y;
  allowed.lastIndex = soundTo;
  return soundTo + (allowed.exec(text)?.[0].length ?? 0);
}
