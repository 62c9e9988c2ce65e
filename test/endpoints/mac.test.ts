import { isRandomised, type Mac, macAddress, readMac, stationIdOf } from '../../shared/endpoints/mac.ts';
import { codeOf } from '../support/errors.ts';

const stored = '00:11:22:33:ca:fe';

test.each([
  '00:11:22:33:ca:fe',
  '00-11-22-33-CA-FE',
  '0011.2233.cafe',
  '00112233CAFE',
  ' 00:11:22:33:Ca:Fe\n',
  '00-11-22-33-CA-FE:Corporate WLAN',
  '00:11:22:33:ca:fe:guest',
  '0011.2233.cafe.guest',
  '00112233cafe-guest',
])('%j is read', (text) => {
  expect(macAddress(text)).toBe(stored);
});

test.each([
  '',
  ' ',
  'alice',
  '00:11:22:33:ca',
  '00:11:22:33:ca:fe0',
  '00:11:22:33:ca:fe00',
  '00112233cafe00',
  '00:11-22:33-ca:fe',
  '0:11:22:33:ca:fe',
  '0g:11:22:33:ca:fe',
  '００:11:22:33:ca:fe',
  '0011:2233:cafe',
  '00:00:00:00:00:00',
  '000000000000',
  'ff:ff:ff:ff:ff:ff',
  '01:00:5e:00:00:01',
  '33-33-00-00-00-01',
  'x'.repeat(100_000),
])('%j is refused, with how to mend it', (text) => {
  expect(codeOf(() => macAddress(text))).toBe('mac-invalid');
  expect(readMac(text).problem).toMatch(/Write twelve hex digits|Send the device’s own/);
  expect(readMac(text).problem?.length).toBeLessThan(200);
});

test('a MAC that the device made up is known by its second digit', () => {
  const made = ['02', '06', '0a', 'fe', '9a'].map((first) => `${first}:11:22:33:ca:fe` as Mac);

  expect(made.map(isRandomised)).toEqual(made.map(() => true));
  expect(isRandomised(stored as Mac)).toBe(false);
});

test('switches write it in capitals with hyphens', () => {
  expect(stationIdOf(stored as Mac)).toBe('00-11-22-33-CA-FE');
});
