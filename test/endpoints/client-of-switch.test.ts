import { radiusClientOf } from '../../shared/endpoints/client-of-switch.ts';
import { ipAddress } from '../../shared/identity/address.ts';

const clients = [
  { name: 'everywhere', address: '0.0.0.0/0' },
  { name: 'building', address: '192.0.2.0/24' },
  { name: 'switch', address: '192.0.2.10' },
  { name: 'floor', address: '192.0.2.128/25' },
  { name: 'campus', address: '2001:db8::/32' },
];

test.each([
  ['192.0.2.10', 'switch'],
  ['192.0.2.11', 'building'],
  ['192.0.2.200', 'floor'],
  ['198.51.100.1', 'everywhere'],
  ['2001:db8::7', 'campus'],
])('the switch at %s is the client "%s"', (nas, name) => {
  expect(radiusClientOf(clients, ipAddress(nas))?.name).toBe(name);
  expect(radiusClientOf(clients.toReversed(), ipAddress(nas))?.name).toBe(name);
});

test('a switch that no client holds is none', () => {
  expect(radiusClientOf(clients, ipAddress('2001:db9::1'))).toBeUndefined();
});
