import fc from 'fast-check';
import { readPrefix } from '../../shared/configuration/address-prefix.ts';
import { addressSet } from '../../shared/identity/address-set.ts';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['192.0.2.0/24', '192.0.2.0/24'],
  ['192.0.2.7/32', '192.0.2.7/32'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['127.0.0.1', '127.0.0.1'],
  ['2001:DB8:0:0::7', '2001:db8::7'],
  ['2001:db8::/32', '2001:db8::/32'],
  ['2001:0db8::/32', '2001:db8::/32'],
  ['::/0', '::/0'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::ffff:c000:207', '192.0.2.7'],
])('%s is kept as %s', (text, prefix) => {
  expect(readPrefix(text)).toEqual({ prefix });
});

test.each([
  '',
  'any',
  'acme.example',
  '192.0.2',
  '010.1.1.1',
  '192.0.2.256',
  '192.0.2.0/',
  '192.0.2.0/33',
  '192.0.2.0/024',
  '192.0.2.0/-1',
  '192.0.2.0/24/24',
  '192.0.2.0/255.255.255.0',
  '192.0.2.7-192.0.2.9',
  '/24',
  ' 192.0.2.7',
  'fe80::1%eth0',
  '[2001:db8::7]',
  '2001:db8::/129',
  '2001:db8:::7',
])('%j is refused', (text) => {
  expect(readPrefix(text)).toEqual({ problem: expect.stringMatching(/\.$/) as string });
});

test('bits behind the prefix are told with what was meant', () => {
  expect(readPrefix('192.0.2.7/24').problem).toContain('Write 192.0.2.0/24.');
  expect(readPrefix('2001:db8::7/32').problem).toContain('Write 2001:db8::/32.');
});

test('what was read once reads the same again, and whoever looks addresses up can use it', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(address, fc.option(fc.nat(128)), (text, length) => {
      const { prefix } = readPrefix(length === null ? text : `${text}/${length}`);
      fc.pre(prefix !== undefined);

      expect(readPrefix(prefix)).toEqual({ prefix });
      expect(addressSet([prefix])(prefix.split('/')[0] ?? '')).toBe(true);
    }),
  );
});
