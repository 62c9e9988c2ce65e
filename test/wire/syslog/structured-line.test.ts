import fc from 'fast-check';
import { readStructured } from '../../../shared/wire/syslog/structured-line.ts';
import { tagPlaceIn } from '../../../shared/wire/syslog/tag.ts';

function read(line: string) {
  const bytes = Buffer.from(line);
  const place = tagPlaceIn(bytes);
  if (place === undefined) throw new Error('It has no header.');
  return readStructured(bytes, place);
}

const withData = (data: string) => read(`<14>1 2026-03-01T12:00:00Z fw RT_IDP - IDP_ATTACK_LOG_EVENT ${data}`);
const paramsIn = (data: string) =>
  Object.fromEntries(withData(data).read?.elements.flatMap(({ params }) => params) ?? []) as Record<string, string>;

test('the vendor’s own example is read, though its time cannot be', () => {
  const { read: line } = read(
    '<14>1 2014-07-24T1358.362+08:00 bjsolar RT_IDP - IDP_ATTACK_LOG_EVENT [junos@2636.1.1.1.2.86 epoch-time="1421996988" message-type="SIG" ' +
      'source-address="192.0.2.20" source-port="32796" service-name="SERVICE_IDP" application-name="HTTP"]',
  );

  expect(line).toMatchObject({ time: '2014-07-24T1358.362+08:00', at: null, host: 'bjsolar', application: 'RT_IDP', process: null, tag: 'IDP_ATTACK_LOG_EVENT', message: '' }); // prettier-ignore
  expect(line?.elements).toEqual([
    {
      id: 'junos@2636.1.1.1.2.86',
      params: [
        ['epoch-time', '1421996988'],
        ['message-type', 'SIG'],
        ['source-address', '192.0.2.20'],
        ['source-port', '32796'],
        ['service-name', 'SERVICE_IDP'],
        ['application-name', 'HTTP'],
      ],
    },
  ]);
});

test.each([
  ['2026-03-01T12:00:00Z', '2026-03-01T12:00:00.000Z'],
  ['2026-03-01T13:00:00.003+01:00', '2026-03-01T12:00:00.003Z'],
  ['2026-03-01T12:00:00.123456Z', '2026-03-01T12:00:00.123Z'],
  ['2011-10-23T02:06:26.544', null],
  ['2026-13-01T12:00:00Z', null],
  ['-', null],
])('the time %s is %s', (time, instant) => {
  const at = read(`<14>1 ${time} fw a - T [x@1]`).read?.at;

  expect(at === null || at === undefined ? at : new Date(at).toISOString()).toBe(instant);
});

test.each([
  ['escapes', '[junos@2636 a="x\\]y\\"z\\\\"]', { a: 'x]y"z\\' }],
  [
    'a backslash that escapes nothing',
    '[junos@2636 username="EXAMPLE\\alice" roles="N/A"]',
    { username: 'EXAMPLE\\alice', roles: 'N/A' },
  ],
  [
    'a path that ends with a backslash',
    '[junos@2636 filename="C:\\tmp\\" url="x"]',
    { filename: 'C:\\tmp\\', url: 'x' },
  ],
  ['such a path at the end', '[junos@2636 filename="C:\\tmp\\"]', { filename: 'C:\\tmp\\' }],
  [
    'what pretends to be another key',
    '[junos@2636 filename="a\\" source-address=\\"192.0.2.1" name="b"]',
    { filename: 'a" source-address="192.0.2.1', name: 'b' },
  ],
  ['a value that ends like a name', '[junos@2636 filename="x\\" b=" url="y"]', { filename: 'x" b=', url: 'y' }],
  ['a bracket', '[junos@2636 url="http://[2001:db8::1]/"]', { url: 'http://[2001:db8::1]/' }],
  ['empty values', '[junos@2636 a="" b=""]', { a: '', b: '' }],
  ['more space than there should be', '[junos@2636  a="1"   b="2" ]', { a: '1', b: '2' }],
  ['another element of a collector', '[junos@2636 a="1"][collector@9 b="2"]', { a: '1', b: '2' }],
  ['an element without anything', '[timeQuality][junos@2636 a="1"]', { a: '1' }],
  ['names of every object', '[junos@2636 constructor="1"]', { constructor: '1' }],
])('%s in it', (_, data, params) => {
  expect(paramsIn(data)).toEqual(params);
});

test('what follows the structured data is its message', () => {
  expect(withData('[junos@2636 a="1"] a message ] "').read?.message).toBe('a message ] "');
  expect(withData('- a message').read).toMatchObject({ elements: [], message: 'a message' });
});

test.each([
  ['', 'no-structured-data'],
  ['attack-name=x', 'no-structured-data'],
  ['[junos@2636 a="1"', 'structured-data-cut-off'],
  ['[junos@2636 a="1', 'structured-data-cut-off'],
  ['[junos@2636 a', 'structured-data-cut-off'],
  ['[junos@2636 a=', 'structured-data-cut-off'],
  ['[junos@2636 a="1\\"', 'structured-data-cut-off'],
  ['[', 'structured-data-malformed'],
  ['[ a="1"]', 'structured-data-malformed'],
  ['[junos@2636 a=1]', 'structured-data-malformed'],
  ['[junos@2636 ="1"]', 'structured-data-malformed'],
])('%j is %s', (data, fault) => {
  expect(withData(data)).toEqual({ fault });
});

test('what is escaped as it should be reads as it was, whatever it is, and no line throws', () => {
  const name = fc.stringMatching(/^[a-z][a-z-]{0,9}$/);
  const params = fc.array(
    fc.tuple(name, fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.stringMatching(/^[\\" a=\]]{0,9}$/))),
    { maxLength: 6 },
  );
  const escaped = (value: string) => value.replace(/["\\\]]/g, '\\$&');
  fc.assert(
    fc.property(params, fc.string({ maxLength: 60 }), (told, anything) => {
      const data = `[junos@2636${told.map(([key, value]) => ` ${key}="${escaped(value)}"`).join('')}]`;
      expect(withData(data).read?.elements).toEqual([{ id: 'junos@2636', params: told }]);
      expect(() => withData(anything)).not.toThrow();
    }),
  );
});
