import { broken, pointerOf, toldValue } from '../shared/violation.ts';

test('a pointer is written as RFC 6901 says', () => {
  expect(pointerOf([])).toBe('');
  expect(pointerOf(['a/b', '0', 'm~n', ''])).toBe('/a~1b/0/m~0n/');
});

test.each([
  ['text', 'red', 'red'],
  ['long text, its beginning', 'x'.repeat(101), `${'x'.repeat(100)}…`],
  ['a number', 61, 61],
  ['false', false, false],
  ['null', null, null],
  ['a list, its length', ['a', 'b'], 'a list of 2'],
  ['an object, that it is one', { clientSecret: 'x' }, 'an object'],
])('of a value is told: %s', (_, value, told) => {
  expect(toldValue({ keys: ['colour'], value })).toEqual({ value: told });
});

test('nothing is told where nothing stands', () => {
  expect(toldValue({ keys: ['colour'], value: undefined })).toEqual({});
});

test.each(['clientSecret', 'clientsecret', 'client_secret', 'password', 'passwd', 'caCertificate', 'token', 'apiKey'])(
  'what stands under "%s" is never told, nor is what stands within it',
  (key) => {
    expect(toldValue({ keys: [key], value: 'hunter2' })).toEqual({});
    expect(toldValue({ keys: ['server', key, '0'], value: 'hunter2' })).toEqual({});
  },
);

test('of a name that nobody knows the value is not told: it may be a secret under a misspelt name', () => {
  expect(broken('unknown-key', { keys: ['clientSercet'], value: 'hunter2' }, 'Leave it out.')).toEqual({
    pointer: '/clientSercet',
    rule: 'unknown-key',
    message: 'Nothing is known by this name.',
    mend: 'Leave it out.',
  });
});

test('a path to a token is no secret', () => {
  expect(toldValue({ keys: ['tokenApi'], value: '' })).toEqual({ value: '' });
});
