import fc from 'fast-check';
import { whichConnector } from '../../shared/connectors/which-connector.ts';
import { addressSet } from '../../shared/identity/address-set.ts';
import { type IpAddress, ipAddress } from '../../shared/identity/address.ts';

const connectors = [
  { name: 'campus', subnets: ['10.0.0.0/8', '2001:db8::/32'] },
  { name: 'cellar', subnets: ['10.1.0.0/16', '2001:db8:1::/48'] },
  { name: 'one-host', subnets: ['10.1.2.3', '2001:db8:1::7/128'] },
  { name: 'nothing', subnets: [] },
];

const nameOf = (ip: string) => whichConnector(connectors)(ipAddress(ip))?.name;

test.each([
  ['10.200.0.1', 'campus'],
  ['10.1.0.1', 'cellar'],
  ['10.1.2.3', 'one-host'],
  ['10.1.2.4', 'cellar'],
  ['2001:db8:2::1', 'campus'],
  ['2001:db8:1::1', 'cellar'],
  ['2001:db8:1::7', 'one-host'],
  ['::ffff:10.1.2.3', 'one-host'],
  ['192.0.2.1', undefined],
  ['2001:db9::1', undefined],
])('%s is of the connector with the longest subnet that holds it: %s', (ip, name) => {
  expect(nameOf(ip)).toBe(name);
});

test('a connector for everything takes what no other takes, in its family only', () => {
  const find = whichConnector([{ name: 'all', subnets: ['0.0.0.0/0'] }, ...connectors]);

  expect(find(ipAddress('192.0.2.1'))?.name).toBe('all');
  expect(find(ipAddress('10.1.0.1'))?.name).toBe('cellar');
  expect(find(ipAddress('2001:db9::1'))).toBeUndefined();
});

const octet = fc.integer({ min: 0, max: 3 });
const ips = fc.tuple(octet, octet).map(([one, other]) => ipAddress(`10.0.${one}.${other * 64 + 1}`));
const subnets = fc.tuple(ips, fc.integer({ min: 8, max: 32 })).map(([ip, length]) => `${cut(ip, length)}/${length}`);

test('it is what a look at every subnet of every connector finds', () => {
  fc.assert(
    fc.property(fc.array(fc.array(subnets), { maxLength: 6 }), ips, (lists, ip) => {
      const all = lists.map((each, index) => ({ index, subnets: each }));
      const held = all.flatMap(({ index, subnets: own }) => own.filter((each) => addressSet([each])(ip)).map((each) => ({ index, length: lengthOf(each) }))); // prettier-ignore
      const longest = Math.max(...held.map(({ length }) => length));

      expect(whichConnector(all)(ip)?.index).toBe(held.find(({ length }) => length === longest)?.index);
    }),
  );
});

const lengthOf = (subnet: string) => Number(subnet.split('/')[1]);

function cut(ip: IpAddress, length: number): string {
  const number = ip.split('.').reduce((sum, each) => sum * 256 + Number(each), 0);
  const network = Math.floor(number / 2 ** (32 - length)) * 2 ** (32 - length);
  return [24, 16, 8, 0].map((bits) => Math.floor(network / 2 ** bits) % 256).join('.');
}
