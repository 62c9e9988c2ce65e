/**
 * XML 1.0 as strict as its standard. The parser underneath lets some things pass, which are refused here: an encoding
 * declared that is not the one used, XML 1.1 with its control characters, an instruction whose name runs into its text,
 * prefixes that nothing declares and names that begin with a digit behind a prefix.
 */
import { SaxesParser } from 'saxes';
import { refuseAt, refuseMalformed } from './xml-faults.ts';

export interface Listener {
  /** `end` is the offset behind the tag. */
  readonly opened: (name: string, end: number) => void;
  readonly said: (text: string) => void;
  readonly closed: (name: string) => void;
}

/** Reads a whole document. Throws `MalformedPostError`. */
export function readXml(text: string, { opened, said, closed }: Listener): void {
  refuseDoctype(text);
  refuseOtherDeclaration(text);

  // With more than seven handlers V8 makes a dictionary of the parser, which is then seven times slower.
  const parser = new SaxesParser({ position: false });
  const namespaces = { used: false };
  /** The end of the tag that was sound last: what the parser finds wrong lies behind it. */
  let soundTo = 0;
  parser.on('error', ({ message }) => refuseMalformed(message, text, soundTo, parser.position));
  parser.on('attribute', ({ name }) => {
    if (name.includes(':') || name === 'xmlns') namespaces.used = true;
  });
  parser.on('opentag', ({ name }) => {
    soundTo = parser.position;
    if (name.includes(':')) namespaces.used = true;
    opened(name, soundTo);
  });
  parser.on('text', said);
  parser.on('cdata', said);
  parser.on('closetag', ({ name }) => {
    soundTo = parser.position;
    closed(name);
  });
  parser.write(text).close();

  if (/<\?(?!xml\s)/.test(text)) refuseBadInstructions(text);
  if (namespaces.used) refuseBadNamespaces(text);
}

/** Before anything is parsed, so that nothing that a DOCTYPE can say is ever looked at. */
function refuseDoctype(text: string): void {
  const at = text.search(/<!doctype/i);
  if (at < 0) return;
  refuseAt(text, at, 'xml-doctype', 'The body holds a DOCTYPE. Leave it out: what it declares is never read.');
}

/** What is declared may be wrong although every byte fits: the sender then means other characters than we would read. */
function refuseOtherDeclaration(text: string): void {
  const [, version = '1.0', encoding = 'UTF-8'] = declaration.exec(text) ?? [];
  if (version !== '1.0') {
    refuseAt(text, 0, 'xml-malformed', `The body says that it is XML ${version.slice(0, 40)}. Send XML 1.0.`);
  }
  if (!/^utf-?8$/i.test(encoding)) {
    const message = `The body says that it is ${encoding.slice(0, 40)}. Send UTF-8, and declare that or nothing.`;
    refuseAt(text, 0, 'xml-not-utf8', message);
  }
}

/** Whatever else is wrong with a declaration is left to the parser. */
const declaration = /^\uFEFF?<\?xml\s+version\s*=\s*["']([^"']*)["'](?:\s+encoding\s*=\s*["']([^"']*)["'])?/;

/** In a text that is sound otherwise. */
function refuseBadInstructions(text: string): void {
  const literals = text.matchAll(/<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<\?[^]*?\?>/g);
  for (const { 0: literal, index } of literals) {
    if (!/^<\?(?:[^\s?]+\?[^>]|[^\s?]*:)/.test(literal)) continue;
    const message = `"${literal.slice(0, 40)}" is not an instruction of XML. Leave it out: none is followed.`;
    refuseAt(text, index, 'xml-malformed', message);
  }
}

/** A second reading by the parser's own rules, which cost twice: no client that we know of uses namespaces. */
function refuseBadNamespaces(text: string): void {
  const parser = new SaxesParser({ position: false, xmlns: true });
  let soundTo = 0;
  parser.on('error', ({ message }) => refuseMalformed(message, text, soundTo, parser.position));
  parser.on('opentag', ({ name, prefix, uri, attributes }) => {
    for (const each of [name, ...Object.keys(attributes)]) {
      if (badLocalName.test(each)) parser.fail(`malformed name: ${each}.`);
    }
    soundTo = parser.position;
    if (prefix !== '' || uri === '') return;
    const message = `<${name.slice(0, 64)}> is in the namespace "${uri.slice(0, 100)}". Leave out xmlns: no element of a post is in one.`;
    refuseAt(text, text.lastIndexOf('<', soundTo - 1), 'xml-wrong-root', message);
  });
  parser.write(text).close();
}

/** What may stand in a name, but not first. */
const badLocalName = /:[-.\d\u00B7\u0300-\u036F\u203F\u2040]/;
