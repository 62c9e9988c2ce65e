import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { readPost } from '../../../shared/wire/clearpass/post-xml.ts';

const example = (name: string) => readPost(readFileSync(new URL(`../../examples/clearpass/${name}`, import.meta.url)));
const read = (xml: string) => readPost(new TextEncoder().encode(xml));
const post = (fields: string) => read(`<userfw-entries><userfw-entry>${fields}</userfw-entry></userfw-entries>`);
const codes = (findings: readonly { code: string }[] | undefined) => findings?.map(({ code }) => code);

describe('bodies as clients send them', () => {
  test('a logon of PacketFence, byte for byte', () => {
    expect(example('packetfence-logon.xml')).toEqual([
      {
        line: 3,
        column: 4,
        source: 'PacketFence',
        timestamp: '2024-10-24T10:40:30-04:00',
        operation: 'logon',
        ip: '192.0.2.50',
        domain: 'example.com',
        user: 'alice',
        roles: ['employee'],
        posture: 'Healthy',
        device: {
          identity: 'alice-laptop',
          groups: ['employee'],
          category: 'Windows OS',
          os: 'Windows 10',
          osVersion: '"10.0"',
          custom: [],
        },
        notes: [],
      },
    ]);
  });

  test('its logoff, which names an address and nobody', () => {
    expect(example('packetfence-logoff.xml')).toEqual([
      {
        line: 3,
        column: 4,
        source: 'PacketFence',
        timestamp: '2024-10-24T11:05:02-04:00',
        operation: 'logoff',
        ip: '192.0.2.50',
        roles: [],
        notes: [],
      },
    ]);
  });

  test('all on one line, in another order, with empty elements, which count as absent', () => {
    expect(example('one-line-logon.xml')).toEqual([
      {
        line: 1,
        column: 55,
        source: 'Aruba ClearPass',
        timestamp: '2016-12-30T09:30:10.678123Z',
        operation: 'logon',
        ip: '192.0.2.51',
        user: 'bob',
        roles: [],
        posture: 'HEALTHY',
        device: { groups: [], os: 'iOS', custom: [] },
        notes: [],
      },
    ]);
  });

  test('several entries, behind a byte order mark, each with its place', () => {
    const entries = example('several-entries.xml');

    expect(entries.map(({ line, column, operation, ip }) => [line, column, operation, ip])).toEqual([
      [3, 3, 'logon', '2001:DB8:0:0:0:0:0:A'],
      [27, 3, 'logon', '::ffff:192.0.2.52'],
      [36, 3, 'logoff', '192.0.2.53'],
    ]);
  });

  test('roles with commas and brackets, letters beyond ASCII, and custom attributes under their own names', () => {
    const [entry] = example('several-entries.xml');

    expect(entry?.user).toBe('Jörg Müller');
    expect(entry?.roles).toEqual(['[User Authenticated]', 'marketing-company-device', 'Sales, EMEA']);
    expect(entry?.device?.groups).toEqual(['BYOD', 'Phones']);
    expect(entry?.device?.custom).toEqual([
      ['MAC-Address', '00:11:22:AA:BB:CC'],
      ['Asset-Tag', 'R&D-0042'],
    ]);
  });

  test('a timeout, which is passed over, and the old spelling of the device category', () => {
    const [, entry] = example('several-entries.xml');

    expect(entry?.device).toEqual({ category: 'Printer', groups: [], custom: [] });
    expect(entry?.notes).toEqual([]);
  });
});

test('the order of fields never matters', () => {
  const fields = [
    '<source>s</source>',
    '<timestamp>2016-12-30T09:30:10Z</timestamp>',
    '<operation>logon</operation>',
    '<IP>192.0.2.50</IP>',
    '<domain>d</domain>',
    '<user>u</user>',
    '<role-list><role>r1</role><role>r2</role></role-list>',
    '<posture>Healthy</posture>',
    '<end-user-attribute><device-os>o</device-os><x>y</x></end-user-attribute>',
  ];
  const usual = post(fields.join(''));

  fc.assert(
    fc.property(fc.shuffledSubarray(fields, { minLength: fields.length }), (shuffled) => {
      expect(post(shuffled.join('\n'))).toEqual(usual);
    }),
  );
});

test.each([
  ['white space around it', '<user> \t\r\n al  ice \n</user>', 'al  ice'],
  ['a CDATA section', '<user>a<![CDATA[<&>]]>b</user>', 'a<&>b'],
  ['a comment in it', '<user>al<!-- & -->ice</user>', 'alice'],
  ['an instruction in it', '<user>al<?p ?x?>ice</user>', 'alice'],
  ['the five entities', '<user>&lt;&gt;&amp;&quot;&apos;</user>', `<>&"'`],
  ['character references', '<user>&#65;&#x1F600;</user>', 'A😀'],
  ['letters of four bytes', '<user>😀</user>', '😀'],
  ['digits only, which stay text', '<user>0123</user>', '0123'],
  ['a greater-than sign', '<user>a>b</user>', 'a>b'],
  ['attributes, which mean nothing', '<user a="1" xml:lang="en">alice</user>', 'alice'],
])('a field may hold %s', (_, field, user) => {
  expect(post(field)[0]?.user).toBe(user);
});

test.each([
  ['of no version but XML 1.0 and no encoding', '<?xml version="1.0"?>'],
  ['with an encoding', '<?xml version="1.0" encoding="UTF-8"?>'],
  ['in small letters and single quotes', "<?xml version='1.0' encoding='utf-8' standalone='no'?>"],
  ['with an encoding that many write so', '<?xml version="1.0" encoding="utf8"?>'],
  ['behind a byte order mark', '\uFEFF<?xml version="1.0"?>'],
  ['and a comment and an instruction', '<?xml version="1.0"?><!-- a --><?style x?>'],
])('a declaration %s is taken', (_, declaration) => {
  expect(read(`${declaration}<userfw-entries><userfw-entry><user>ü</user></userfw-entry></userfw-entries>\n`)).toEqual([
    expect.objectContaining({ user: 'ü' }),
  ]);
});

test('prefixes that are declared are let pass, and a prefixed custom attribute keeps its name', () => {
  const entry = '<userfw-entry><end-user-attribute><v:tag>x</v:tag></end-user-attribute></userfw-entry>';

  const entries = read(`<userfw-entries xmlns:v="urn:v" v:schema="s">${entry}</userfw-entries>`);

  expect(entries[0]?.device?.custom).toEqual([['v:tag', 'x']]);
});

test.each(['operation', 'IP', 'domain', 'user', 'timestamp'])('a second %s refuses the entry, at its place', (name) => {
  const field = `<${name}>x</${name}>`;

  const [entry] = post(`${field}\n ${field}`);

  expect(entry?.fault).toEqual({
    code: 'field-repeated',
    line: 2,
    column: 2,
    message: expect.stringContaining(name) as string,
  });
});

test('an empty element is no first one', () => {
  const [entry] = post('<user/><user> </user><user>alice</user>');

  expect(entry?.fault).toBeUndefined();
  expect(entry?.user).toBe('alice');
});

test.each(['<posture>%</posture>', '<source>%</source>', '<device_category>%</device_category>'])(
  'of a second %s the first is kept, and the entry is told of it once',
  (field) => {
    const [entry] = post(['one', 'two', 'three'].map((value) => field.replace('%', value)).join(''));

    expect(entry?.posture ?? entry?.source ?? entry?.device?.category).toBe('one');
    expect(entry?.fault).toBeUndefined();
    expect(codes(entry?.notes)).toEqual(['field-repeated']);
  },
);

test('an unknown field is passed over with all that it holds, and told once an entry', () => {
  const [entry] = post('<user>alice</user>\n<ip>192.0.2.50</ip><x><user>mallory</user><IP>y</IP></x>');

  expect(entry).toMatchObject({ user: 'alice', notes: [{ code: 'element-unknown', line: 2, column: 1 }] });
  expect(entry?.notes[0]?.message).toContain('<ip>');
  expect(entry?.ip).toBeUndefined();
});

test('an element in a field of text refuses the entry: nobody becomes half of what was written', () => {
  const [entry] = post('<user>alice<b>mallory</b></user>');

  expect(entry?.user).toBeUndefined();
  expect(codes(entry?.fault && [entry.fault])).toEqual(['field-not-text']);
});

test('an element in a custom attribute costs that attribute only', () => {
  const [entry] = post('<end-user-attribute><a>x<b>y</b>z</a><c>d</c></end-user-attribute>');

  expect(entry?.fault).toBeUndefined();
  expect(entry?.device?.custom).toEqual([['c', 'd']]);
  expect(codes(entry?.notes)).toEqual(['element-unknown']);
});

test('text beside the fields is passed over', () => {
  expect(post('one<user>alice</user>two')[0]).toMatchObject({ user: 'alice', notes: [] });
});

test('a misspelt entry is refused where it stands, and the entries beside it are not', () => {
  const entries = read(
    '<userfw-entries>\n<userfw_entry><user>a</user></userfw_entry><userfw-entry><user>b</user></userfw-entry></userfw-entries>',
  );

  expect(entries).toEqual([
    {
      line: 2,
      column: 1,
      roles: [],
      notes: [],
      fault: expect.objectContaining({ code: 'element-unknown', line: 2 }) as object,
    },
    expect.objectContaining({ line: 2, column: 44, user: 'b', notes: [] }),
  ]);
});

test('a column counts behind Windows line ends and tags over several lines alike', () => {
  const entries = read('<userfw-entries>\r\n\t<userfw-entry\r\n>\r\n</userfw-entry>  <userfw-entry/></userfw-entries>');

  expect(entries.map(({ line, column }) => [line, column])).toEqual([
    [2, 2],
    [4, 18],
  ]);
});
