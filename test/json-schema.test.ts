import * as v from 'valibot';
import { closed, flag, held, list, oneOf, text, whole } from '../shared/json-schema.ts';

const server = closed({ address: text(1, 10), clientSecret: v.exactOptional(text(1, 8)) });
const schema = closed({
  name: text(1, 5),
  size: whole(1, 9),
  kind: oneOf(['large', 'small']),
  on: flag(),
  servers: list(server, { most: 2 }),
});

test('a document that is right has no violations', () => {
  const document = { name: 'a', size: 1, kind: 'small', on: true, servers: [{ address: 'x' }] };

  expect(held(schema, document)).toEqual({ success: true, output: document, violations: [] });
});

test('every violation comes at once: where, what stands there, which rule, what is wrong, how to mend it', () => {
  const { violations } = held(schema, {
    name: 'abcdef',
    size: '1',
    kind: 'huge',
    servers: [{ address: 7, clientSecret: 'much too long' }, [], { address: 'x' }],
    colour: 'red',
  });

  expect(violations.map(({ pointer, value, rule }) => [pointer, value, rule])).toEqual([
    ['/colour', undefined, 'unknown-key'],
    ['/name', 'abcdef', 'length'],
    ['/size', '1', 'type'],
    ['/kind', 'huge', 'one-of'],
    ['/on', undefined, 'required'],
    ['/servers/0/address', 7, 'type'],
    ['/servers/0/clientSecret', undefined, 'length'],
    ['/servers/1', 'a list of 0', 'type'],
    ['/servers', 'a list of 3', 'count'],
  ]);
  expect(violations.filter(({ message, mend }) => !message.endsWith('.') || !mend.endsWith('.'))).toEqual([]);
  expect(JSON.stringify(violations)).not.toContain('much too long');
});

test.each([
  [null, null],
  ['{}', '{}'],
  [[], 'a list of 0'],
])('a document that is no object is told as it is: %j', (document, value) => {
  expect(held(schema, document).violations).toMatchObject([{ pointer: '', value, rule: 'type' }]);
});
