import { hashPassword, type PasswordHash, provePassword } from '../../shared/radius/password.ts';

const salt = Buffer.from('sixteen bytes...');
const other = Buffer.from('sixteen others..');

test('a password is kept as its cost, its salt and what scrypt makes of both', async () => {
  const hash = await hashPassword('correct horse', salt);

  expect(hash).toMatch(/^scrypt\$16384\$8\$1\$c2l4dGVlbiBieXRlcy4uLg==\$[A-Za-z0-9+/]{43}=$/);
  expect(hash).not.toContain('horse');
});

test('the same password with another salt is another hash', async () => {
  expect(await hashPassword('x', salt)).not.toBe(await hashPassword('x', other));
});

test.each([
  ['correct horse', 'correct horse', 'right'],
  ['correct horse', 'Correct horse', 'wrong'],
  ['correct horse', 'correct horse ', 'wrong'],
  ['correct horse', '', 'wrong'],
  ['caf\u00e9', 'cafe\u0301', 'right'],
  ['x'.repeat(128), 'x'.repeat(127), 'wrong'],
])('of %j, %j is the %s one', async (password, tried, outcome) => {
  expect(await provePassword(tried, await hashPassword(password, salt))).toBe(outcome);
});

test.each(['', 'x', 'scrypt$16384$8$1$$', 'scrypt$16384$8$1$c2FsdA==$c2hvcnQ=', 'md5$1$1$1$c2FsdA==$eA=='])(
  'what is no hash of ours, %j, proves nothing',
  async (hash) => {
    expect(await provePassword('x', hash as PasswordHash)).toBe('wrong');
  },
);

test('a hash that was made at another cost is proved at that cost', async () => {
  const { scryptSync } = await import('node:crypto');
  const weak = scryptSync('x', salt, 32, { N: 1_024, r: 8, p: 1 }).toString('base64');

  expect(await provePassword('x', `scrypt$1024$8$1$${salt.toString('base64')}$${weak}` as PasswordHash)).toBe('right');
});
