import fc from 'fast-check';
import { readAuthorization } from '../../shared/tenancy/authorization.ts';

const encoded = (text: string | Uint8Array) => Buffer.from(text).toString('base64');
/** Of bytes that base64 writes with `+` and `/`. */
const apiKey = encoded(Buffer.from('fbef'.repeat(14) + 'ffff'.repeat(2), 'hex'));
const basic = (text: string | Uint8Array) => readAuthorization([`Basic ${encoded(text)}`]);

test.each([
  ['Basic', 'Basic', 'Bearer'],
  ['BASIC', 'BASIC', 'BEARER'],
  ['basic', 'bAsIc', 'bearer'],
])('reads the scheme in any case: %s', (_, basicScheme, bearerScheme) => {
  expect(readAuthorization([`${basicScheme} ${encoded('ann:secret')}`])).toEqual({
    kind: 'basic',
    user: 'ann',
    password: 'secret',
  });
  expect(readAuthorization([`${bearerScheme} abc-_123`])).toEqual({ kind: 'token', token: 'abc-_123' });
});

test.each([
  ['a colon in the password', 'ann:a:b:', { kind: 'basic', user: 'ann', password: 'a:b:' }],
  ['UTF-8 in the password', 'ann:pässwörd\u{1F511}', { kind: 'basic', user: 'ann', password: 'pässwörd\u{1F511}' }],
  ['blanks in the password', 'ann: a b ', { kind: 'basic', user: 'ann', password: ' a b ' }],
  ['the longest user', `${'a'.repeat(64)}:p`, { kind: 'basic', user: 'a'.repeat(64), password: 'p' }],
  ['the longest password', `ann:${'p'.repeat(128)}`, { kind: 'basic', user: 'ann', password: 'p'.repeat(128) }],
  ['an API key with an empty password', `${apiKey}:`, { kind: 'key', key: apiKey }],
  ['a token as the password of the user "token"', 'token:abc', { kind: 'token', token: 'abc' }],
])('takes %s', (_, text, claim) => {
  expect(basic(text)).toEqual(claim);
});

test.each([
  ['no user', ':secret'],
  ['no password', 'ann:'],
  ['no colon', 'ann'],
  ['an API key with a password', `${apiKey}:p`],
  ['an API key of 31 bytes', `${encoded(Buffer.alloc(31, 0xfb))}:`],
  ['an API key of 33 bytes', `${encoded(Buffer.alloc(33, 0xfb))}:`],
  ['an API key as base64 of URLs writes it', `${apiKey.replaceAll('+', '-').replaceAll('/', '_')}:`],
  ['a user of 65 characters', `${'a'.repeat(65)}:p`],
  ['a password of 129 characters', `ann:${'p'.repeat(129)}`],
  ['a token of 129 characters', `token:${'p'.repeat(129)}`],
  ['a user that nobody is called', 'ann smith:p'],
  ['Latin-1', Buffer.from('ann:p\xe4ss', 'latin1')],
])('claims nothing with %s', (_, text) => {
  expect(basic(text)).toBeUndefined();
});

test.each([
  [[]],
  [['']],
  [['Basic']],
  [['Basic ']],
  [['Bearer']],
  [['Digest username="ann"']],
  [[`Basic${encoded('ann:secret')}`]],
  [[`Basic ${encoded('ann:secret')} and more`]],
  [['Basic !!!']],
  [['Bearer ä']],
  [[`Bearer ${'a'.repeat(129)}`]],
  [[`Basic ${encoded('ann:secret')}`, `Basic ${encoded('bob:secret')}`]],
])('claims nothing with %j', (headers: string[]) => {
  expect(readAuthorization(headers)).toBeUndefined();
});

test('whatever is sent is read or is nothing, and never an error', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => `Basic ${text}`),
        ),
        { maxLength: 3 },
      ),
      (headers) => {
        const claim = readAuthorization(headers);

        expect(['basic', 'token', 'key', undefined]).toContain(claim?.kind);
      },
    ),
  );
});

test('what a client encodes is what is read, for every user and password that there can be', () => {
  const user = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/).filter((text) => text !== 'token');
  const password = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => text.length <= 128);
  fc.assert(
    fc.property(user, password, (name, secret) => {
      expect(basic(`${name}:${secret}`)).toEqual({ kind: 'basic', user: name, password: secret });
    }),
  );
});
