import { type Make, makes } from '../../shared/configuration/threat-response.ts';
import { type ChangeRequest, changeRequest } from '../../shared/endpoints/change-request.ts';
import { macAddress } from '../../shared/endpoints/mac.ts';
import { ipAddress } from '../../shared/identity/address.ts';
import { rawAttribute } from '../../shared/wire/radius/attributes.ts';
import { requestPacket } from '../../shared/wire/radius/packet.ts';

const mac = macAddress('00:11:22:33:ca:fe');
const session = { nas: ipAddress('192.0.2.10'), acctSessionId: '8O2.1x81bb0a3c' };
const at = 1_700_000_000_000;

const packetOf = (id: number, { kind, attributes }: ChangeRequest) => {
  const name = kind === 'disconnect' ? 'Disconnect-Request' : 'CoA-Request';
  return Buffer.from(requestPacket(name, id, attributes.map(rawAttribute), 's3cret')).toString('hex');
};
const asked = (make: Make, told = session) => {
  const { request } = changeRequest(make, mac, told, at);
  if (request === undefined) throw new Error('It cannot be asked.');
  return request;
};
const words = ({ kind, attributes }: ChangeRequest) => [
  kind,
  ...attributes.map(({ name, value }) => `${name}=${value}`),
];

test('an EX on Junos 18 is asked to disconnect a station, in the bytes that others make', () => {
  expect(packetOf(1, asked('juniper-ex'))).toBe(
    '280100430be53c9afbf938cfb205821c325ecba21f1330302d31312d32322d33332d43412d46450406c000020a2c10384f322e3178383162623061336337066553f100',
  );
});

test('a port is bounced by a CoA-Request, in the bytes that others make', () => {
  expect(packetOf(2, asked('juniper-port-bounce'))).toBe(
    '2b02004077a88fab45cca23782aae1888f3b5f901f1330302d31312d32322d33332d43412d46453106000000061a1300000a4c340d506f72742d426f756e6365',
  );
});

test('an EX2200 on Junos 15.1 is asked by the id of the session and the switch, and nothing else', () => {
  expect(words(asked('juniper-ex2200'))).toEqual([
    'disconnect',
    'Acct-Session-Id=8O2.1x81bb0a3c',
    'NAS-IP-Address=192.0.2.10',
  ]);
});

test('a session whose id no accounting has told yet is disconnected by its station, but not on an EX2200', () => {
  const untold = { ...session, acctSessionId: null };

  expect(changeRequest('juniper-ex', mac, untold, at).request?.attributes.map(({ name }) => name)).toEqual([
    'Calling-Station-Id',
    'NAS-IP-Address',
    'Event-Timestamp',
  ]);
  expect(changeRequest('juniper-ex2200', mac, untold, at)).toEqual({ problem: 'no-session-id' });
});

test('a switch with an IPv6 address is called by it', () => {
  const six = { ...session, nas: ipAddress('2001:db8::10') };

  expect(words(asked('generic', six))).toContain('NAS-IPv6-Address=2001:db8::10');
});

test.each(makes)('what a %s is asked fits into a packet', (make) => {
  expect(packetOf(7, asked(make))).toMatch(/^2[8b]07/);
});
