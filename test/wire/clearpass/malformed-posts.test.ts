import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { MalformedPostError } from '../../../shared/wire/clearpass/malformed-post-error.ts';
import { readPost } from '../../../shared/wire/clearpass/post-xml.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const example = (name: string) => readFileSync(new URL(`../../examples/clearpass/${name}`, import.meta.url));
const entry = (fields: string) => `<userfw-entries>\n<userfw-entry>${fields}</userfw-entry>\n</userfw-entries>`;

function refusalOf(body: Uint8Array): MalformedPostError | undefined {
  try {
    readPost(body);
    return undefined;
  } catch (error) {
    if (error instanceof MalformedPostError) return error;
    throw error;
  }
}

type Case = readonly [what: string, body: string, code: string, line: number, column: number];

const notWellFormed: readonly Case[] = [
  ['a closing tag that closes nothing', '<userfw-entries>\n </userfw-entry>', 'xml-malformed', 2, 2],
  ['elements that overlap', entry('<user><IP></user></IP>'), 'xml-malformed', 2, 25],
  ['a closing tag too many', `${entry('')}</userfw-entries>`, 'xml-malformed', 3, 18],
  ['an end too early', '<userfw-entries>\n<userfw-entry>', 'xml-malformed', 2, 15],
  ['an end in a tag', '<userfw-entries>\n<userfw-ent', 'xml-malformed', 2, 12],
  ['an end in a comment', '<userfw-entries><!-- & ', 'xml-malformed', 1, 24],
  ['a second root', `${entry('')}<x/>`, 'xml-malformed', 3, 20],
  ['text before the root', '<!-- a -->x<userfw-entries/>', 'xml-malformed', 1, 11],
  ['text after the root', '<userfw-entries/>\nx', 'xml-malformed', 2, 1],
  ['JSON', '{"user":"alice"}', 'xml-malformed', 1, 1],
  ['HTML with an attribute that has no value', '<html><input disabled></html>', 'xml-wrong-root', 1, 1],
  ['a template that was not filled in', entry('<user><no value></user>'), 'xml-malformed', 2, 30],
  ['an attribute without quotes', '<userfw-entries a=b/>', 'xml-malformed', 1, 19],
  ['an attribute twice', '<userfw-entries a="1" a="2"/>', 'xml-malformed', 1, 29],
  ['attributes without a blank between', '<userfw-entries a="1"b="2"/>', 'xml-malformed', 1, 22],
  ['a less-than sign in an attribute', '<userfw-entries a="<"/>', 'xml-malformed', 1, 20],
  ['a less-than sign in text', entry('<user>a < b</user>'), 'xml-malformed', 2, 24],
  ['the end of CDATA in text', entry('<user>]]></user>'), 'xml-malformed', 2, 23],
  ['two hyphens in a comment', entry('<!-- a -- b -->'), 'xml-malformed', 2, 24],
  ['an element name that begins with a digit', entry('<1/>'), 'xml-malformed', 2, 16],
  ['a control character', entry('<user>\u0001</user>'), 'xml-malformed', 2, 21],
  ['a character that is none', entry('<user>\uFFFE</user>'), 'xml-malformed', 2, 21],
  ['an instruction that runs into its text', entry('<?p?x?>'), 'xml-malformed', 2, 15],
  ['the same at the very start', `<?p?x?>${entry('')}`, 'xml-malformed', 1, 1],
  ['an instruction called XML', entry('<?XML x?>'), 'xml-malformed', 2, 23],
  ['a declaration that is not first', ` <?xml version="1.0"?>${entry('')}`, 'xml-malformed', 1, 7],
  ['two declarations', `<?xml version="1.0"?><?xml version="1.0"?>${entry('')}`, 'xml-malformed', 1, 27],
  ['two byte order marks', `\uFEFF\uFEFF${entry('')}`, 'xml-malformed', 1, 3],
  ['a declaration without version', `<?xml encoding="UTF-8"?>${entry('')}`, 'xml-malformed', 1, 15],
  [
    'encoding and standalone the other way round',
    `<?xml version="1.0" standalone="no" encoding="UTF-8"?>${entry('')}`,
    'xml-malformed',
    1,
    45,
  ],
  ['XML 1.1, which knows more control characters', `<?xml version="1.1"?>${entry('&#1;')}`, 'xml-malformed', 1, 1],
  ['XML 2.0', `<?xml version="2.0"?>${entry('')}`, 'xml-malformed', 1, 1],
  ['a prefix that nothing declares', entry('<p:user>x</p:user>'), 'xml-malformed', 2, 22],
  ['an attribute with such a prefix', entry('<user p:a="1"/>'), 'xml-malformed', 2, 29],
  [
    'one attribute under two prefixes',
    `<userfw-entries xmlns:p="u" xmlns:q="u" p:a="1" q:a="2"/>`,
    'xml-malformed',
    1,
    57,
  ],
  ['a name with two colons', entry('<a:b:c xmlns:a="u"/>'), 'xml-malformed', 2, 34],
  ['a digit behind a prefix', entry('<a:1 xmlns:a="u"/>'), 'xml-malformed', 2, 32],
];

const refusedByRule: readonly Case[] = [
  ['nothing', '', 'post-empty', 1, 1],
  ['only white space', ' \r\n ', 'post-empty', 1, 1],
  ['no entry', '<userfw-entries/>', 'post-empty', 1, 1],
  ['another root', '\n<userfw-entry/>', 'xml-wrong-root', 2, 1],
  ['the root in other letters', '<UserFW-Entries/>', 'xml-wrong-root', 1, 1],
  ['a root with a prefix', '<p:userfw-entries xmlns:p="u"/>', 'xml-wrong-root', 1, 1],
  ['a root in a namespace', `<userfw-entries xmlns="u"><userfw-entry/></userfw-entries>`, 'xml-wrong-root', 1, 1],
  ['a DOCTYPE', `<!DOCTYPE userfw-entries>\n${entry('')}`, 'xml-doctype', 1, 1],
  ['a doctype in small letters', `\n<!doctype userfw-entries>${entry('')}`, 'xml-doctype', 2, 1],
  ['elements too deep', entry('<x>'.repeat(20)), 'xml-too-deep', 2, 57],
  ['an ampersand', entry('<user>a & b</user>'), 'xml-entity', 2, 23],
  ['an ampersand and a semicolon far behind', entry('<user>a&b</user><x>c;</x>'), 'xml-entity', 2, 22],
  ['an ampersand in an attribute', entry('<user a="&"/>'), 'xml-entity', 2, 24],
  ['an ampersand behind a comment with one', entry('<!-- & --><user>&</user>'), 'xml-entity', 2, 31],
  ['an entity of HTML', entry('<user>a&nbsp;b</user>'), 'xml-entity', 2, 22],
  ['an entity in capitals', entry('<user>&AMP;</user>'), 'xml-entity', 2, 21],
  ['a reference to a control character', entry('<user>&#1;</user>'), 'xml-entity', 2, 21],
  ['a reference to half a character', entry('<user>&#xD800;</user>'), 'xml-entity', 2, 21],
  ['a reference beyond all characters', entry('<user>&#x110000;</user>'), 'xml-entity', 2, 21],
  ['a reference with a capital X', entry('<user>&#X41;</user>'), 'xml-entity', 2, 21],
  ['a reference without digits', entry('<user>&#;</user>'), 'xml-entity', 2, 21],
  [
    'an encoding declared that is another',
    `<?xml version="1.0" encoding="ISO-8859-1"?>${entry('')}`,
    'xml-not-utf8',
    1,
    1,
  ],
  ['UTF-16 declared in UTF-8', `<?xml version='1.0' encoding = 'utf-16'?>${entry('')}`, 'xml-not-utf8', 1, 1],
];

test.each([...notWellFormed, ...refusedByRule])('%s is refused: %j', (_, body, code, line, column) => {
  const refusal = refusalOf(bytes(body));

  expect({ code: refusal?.code, line: refusal?.line, column: refusal?.column }).toEqual({ code, line, column });
});

test.each([
  ['billion-laughs.xml', 'xml-doctype', 2, 1],
  ['external-entity.xml', 'xml-doctype', 2, 1],
  ['unfilled-template.xml', 'xml-malformed', 6, 20],
  ['unescaped-ampersand.xml', 'xml-entity', 7, 23],
  ['latin-1.xml', 'xml-not-utf8', 2, 85],
  ['utf-16.xml', 'xml-not-utf8', 1, 1],
])('the hostile example %s is refused as %s, at its place', (name, code, line, column) => {
  expect(refusalOf(example(name))).toMatchObject({ code, line, column });
});

test('UTF-8 that is broken is refused at the first byte that is wrong, or where it breaks off', () => {
  const sound = bytes(entry('<user>Jörg 😀'));

  for (const [broken, column] of [
    [[0xff], 28],
    [[0xc0, 0xaf], 28],
    [[0xed, 0xa0, 0x80], 28],
    [[0xf0, 0x9f, 0x98], 28],
    [[0x41, 0x80], 29],
  ] as const) {
    const upTo = sound.subarray(0, sound.length - bytes('</userfw-entry>\n</userfw-entries>').length);
    expect(refusalOf(Buffer.concat([upTo, Uint8Array.from(broken)]))).toMatchObject({
      code: 'xml-not-utf8',
      line: 2,
      column,
    });
  }
});

test.each([
  ['UTF-16 without a byte order mark', Buffer.from(entry(''), 'utf16le')],
  ['UTF-16, the big end first', Buffer.from(entry(''), 'utf16le').swap16()],
  ['a picture', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['gzip', Uint8Array.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0])],
])('%s is refused as something other than UTF-8', (_, body) => {
  expect(refusalOf(body)?.code).toBe('xml-not-utf8');
});

test('every refusal says how to mend the body', () => {
  const messages = [...notWellFormed, ...refusedByRule].map(([, body]) => refusalOf(bytes(body))?.message);

  for (const message of messages) expect(message).toMatch(/(Send|Write|Close|Leave|Put|Begin|Let) .*\.$/);
});

test('a post that is cut anywhere is refused', () => {
  const file = example('several-entries.xml');
  const body = file.subarray(0, file.lastIndexOf('>') + 1);

  for (let end = 0; end < body.length; end += 1) expect(refusalOf(body.subarray(0, end))).toBeDefined();
  expect(refusalOf(body)).toBeUndefined();
});

describe('whatever goes in, only a refusal comes out', () => {
  const tokens = fc.constantFrom(
    ...['<userfw-entries>', '</userfw-entries>', '<userfw-entry>', '</userfw-entry>', '<user>', '</user>', '<a/>', '<'],
    ...[
      '>',
      '/',
      '?',
      '!',
      '<!--',
      '-->',
      '--',
      '<![CDATA[',
      ']]>',
      ']',
      '<?',
      '?>',
      '<?xml version="1.0"?>',
      '<p:a',
      ':',
    ],
    ...[
      ' a="b"',
      ' xmlns:p="u"',
      ' xmlns=""',
      '=',
      '"',
      "'",
      '&',
      '&amp;',
      '&#0;',
      '&#65;',
      ';',
      ' ',
      '\n',
      '\r',
      '\t',
    ],
    ...['\u0000', '\uFEFF', '\uFFFE', '\u0085', 'ß', '😀', '\uD800', 'x', '1', '-'],
  );

  test('of tag soup', () => {
    fc.assert(
      fc.property(fc.array(tokens, { maxLength: 30 }), fc.boolean(), (soup, wrapped) => {
        const text = soup.join('');
        refusalOf(bytes(wrapped ? entry(text) : text));
      }),
      { numRuns: 3_000 },
    );
  });

  test('of random bytes, alone and in the middle of a post', () => {
    const body = example('several-entries.xml');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(body.length), fc.nat(40), (random, at, lost) => {
        refusalOf(random);
        refusalOf(Buffer.concat([body.subarray(0, at), random, body.subarray(at + lost)]));
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Of the processor, in microseconds: what is read in a part of a second would take many were its time the square of its length. */
const aMinute = 60_000_000;

test.each([
  ['entries that say nothing', '<userfw-entry/>'],
  ['unknown fields', '<userfw-entry><a/><b>c</b></userfw-entry>'],
  ['comments', '<!-- -->'],
  ['instructions', '<?p x?>'],
  ['references', '&amp;'],
  ['namespaces', '<p:a xmlns:p="u" p:b="c"/>'],
  ['strays', '<a/>'],
  ['white space', ' \n'],
])('two megabytes of %s are read in a moment', (_, piece) => {
  const body = bytes(`<userfw-entries>${piece.repeat(2_000_000 / piece.length)}</userfw-entries>`);

  const { user: before } = process.cpuUsage();
  refusalOf(body);

  expect(process.cpuUsage().user - before).toBeLessThan(aMinute);
});

test.each([
  ['depth', '<a>'],
  ['attributes', '<userfw-entries a="', ' b'],
  ['ampersands', '<userfw-entries>&'],
  ['open comments', '<userfw-entries><!-- & '],
  ['open sections', '<userfw-entries><![CDATA[ & '],
  ['instructions without end', '<userfw-entries><? & '],
  ['brackets', '<userfw-entries>]]'],
  ['text in Latin-1', '<userfw-entries>\n', '\u00FC'],
])('two megabytes of %s are refused in a moment', (_, piece, end = '') => {
  const body = Buffer.from(piece.repeat(2_000_000 / piece.length) + end, 'latin1');

  const { user: before } = process.cpuUsage();
  const refusal = refusalOf(body);

  expect(refusal).toBeDefined();
  expect(process.cpuUsage().user - before).toBeLessThan(aMinute);
});
