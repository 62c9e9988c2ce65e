import { readFeed } from '../../shared/infected-hosts/feed-answer.ts';

const read = (...ip: readonly object[]) => readFeed(Buffer.from(JSON.stringify({ data: { count: ip.length, ip } })));
const listed = (...ip: readonly object[]) => [...(read(...ip).list ?? [])];

test('addresses are in their one form, and of doubles the higher level counts', () => {
  expect(listed({ '2001:DB8:0:0::7': 4 }, { '192.0.2.1': 9 }, { '::ffff:192.0.2.1': 3 }, { '2001:db8::7': 8 })).toEqual(
    [
      ['2001:db8::7', 8],
      ['192.0.2.1', 9],
    ],
  );
});

test('a host that is clean is not listed', () => {
  expect(listed({ '192.0.2.1': 0 }, { '192.0.2.2': 1 })).toEqual([['192.0.2.2', 1]]);
});

test.each(['', 'desk', '192.0.2', '192.0.2.256', '0x7f.1', '192.0.2.1/32', '127.0.0.1', '0.0.0.0', '224.0.0.1', 'fe80::1%eth0', '__proto__'])(
  'one address that is %j makes the list none, as the rest may be wrong too',
  (text) => {
    expect(read({ '192.0.2.1': 6 }, JSON.parse(`{${JSON.stringify(text)}:6}`) as object)).toEqual({
      fault: { code: 'address-unusable', message: '"data.ip[1]" is no IP address that a host can have.' },
    });
  },
); // prettier-ignore

test('a list that is none says why', () => {
  expect(readFeed(Buffer.from('{}')).fault).toMatchObject({ code: 'answer-malformed' });
});
