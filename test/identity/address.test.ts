import { isIP } from 'node:net';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { ipAddress, readAddress } from '../../shared/identity/address.ts';
import { ServiceError } from '../../shared/service-error.ts';

function refusalOf(text: string): ServiceError {
  try {
    ipAddress(text);
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
  throw new Error(`${text} was taken.`);
}

test.each(['192.0.2.50', '10.0.0.1', '0.0.0.1', '1.2.3.255', '240.0.0.1', '255.255.255.254', '169.254.1.1'])(
  'IPv4 is four decimals: %s',
  (text) => {
    expect(ipAddress(text)).toBe(text);
  },
);

test.each([
  ...[
    '10',
    '010.1.1.1',
    '10.1',
    '10.1.1',
    '10.1.1.01',
    '0x0a.1.1.1',
    '10.1.1.1.1',
    '256.1.1.1',
    '10.1.1.',
    '.10.1.1.1',
  ],
  ...['10.1.1.1 ', ' 10.1.1.1', '10.1.1.1\n', '10.1.1.-1', '1e1.1.1.1', '١٠.1.1.1', '10.1.1.1:80', 'localhost', ''],
])('%j, which other libraries may take for IPv4, is refused with the form to use', (text) => {
  expect(refusalOf(text).code).toBe('address-invalid');
  expect(refusalOf(text).message).toMatch(/is not an IP address\. Write IPv/);
});

test.each([
  ['2001:DB8:0:0:0:0:0:A', '2001:db8::a'],
  ['2001:0db8::0001', '2001:db8::1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ['1:0:0:0:0:0:0:0', '1::'],
  ['fe80::1', 'fe80::1'],
  ['ff0::1', 'ff0::1'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
])('IPv6 is stored in the form of RFC 5952: %s as %s', (text, stored) => {
  expect(ipAddress(text)).toBe(stored);
});

test.each(['::ffff:192.0.2.50', '::FFFF:c000:232', '0:0:0:0:0:ffff:192.0.2.50'])(
  'IPv4 written in IPv6 is stored as IPv4: %s',
  (text) => {
    expect(ipAddress(text)).toBe('192.0.2.50');
  },
);

test.each([
  ...[
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    ':::',
    '1::2::3',
    '1:::2',
    ':1::2',
    '1::2:',
    '::g',
    '::12345',
  ],
  ...['[2001:db8::1]', '[2001:db8::1]:443', '::1.2.3', '::01.2.3.4', '::256.2.3.4', '1.2.3.4::', '::1.2.3.4:5', '-1::'],
])('%j is no IPv6 and refused with the form to use', (text) => {
  expect(refusalOf(text).message).toMatch(/is not an IP address\. Write IPv6/);
});

test.each([
  ['fe80::1%eth0', /zone id/],
  ['fe80::1%25eth0', /zone id/],
  ['192.0.2.0/24', /one address/],
  ['2001:db8::/32', /one address/],
  ['0.0.0.0', /unspecified/],
  ['::', /unspecified/],
  ['::ffff:0.0.0.0', /unspecified/],
  ['127.0.0.1', /loopback/],
  ['127.255.255.255', /loopback/],
  ['::1', /loopback/],
  ['::ffff:127.0.0.1', /loopback/],
  ['224.0.0.1', /multicast/],
  ['239.255.255.255', /multicast/],
  ['::ffff:224.0.0.1', /multicast/],
  ['ff02::1', /multicast/],
  ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', /multicast/],
  ['255.255.255.255', /broadcast/],
])('nobody is behind %s, and the refusal says why', (text, reason) => {
  expect(refusalOf(text).message).toMatch(reason);
});

test('the form without an exception says the same', () => {
  expect(readAddress('2001:DB8::A')).toEqual({ address: '2001:db8::a' });
  expect(readAddress('::1')).toEqual({ problem: refusalOf('::1').message });
});

describe('other implementations agree', () => {
  const group = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.integer({ min: 0, max: 0xffff }));

  test('on the canonical form of every IPv6 address', () => {
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), fc.boolean(), (groups, upper) => {
        const written = groups.map((each) => each.toString(16).padStart(4, '0')).join(':');
        const { address } = readAddress(upper ? written.toUpperCase() : written);
        const oracle = ipaddr.process(written);

        if (address !== undefined) {
          expect(address).toBe(oracle instanceof ipaddr.IPv6 ? oracle.toRFC5952String() : oracle.toString());
        } else {
          expect(['unspecified', 'loopback', 'multicast', 'broadcast']).toContain(oracle.range());
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('on what is an address at all', () => {
    const part = fc.oneof(
      fc.constantFrom(':', '::', '.', '0', '01', 'f', 'FFFF', '10000', '1.2.3.4', '255', '256', 'g'),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const { problem = '' } = readAddress(text);

        expect(problem.includes('is not an IP address')).toBe(isIP(text) === 0);
      }),
      { numRuns: 10_000 },
    );
  });

  test('and what was stored is read as itself', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const { address } = readAddress(text);
        if (address !== undefined) expect(ipAddress(address)).toBe(address);
      }),
      { numRuns: 2_000 },
    );
  });
});
