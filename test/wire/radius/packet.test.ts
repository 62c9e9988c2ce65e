/** The packets in hex were made and verified by an independent implementation, with the secret `s3cret`. */
import fc from 'fast-check';
import { type Attribute, rawAttribute } from '../../../shared/wire/radius/attributes.ts';
import { MalformedPacketError } from '../../../shared/wire/radius/malformed-packet-error.ts';
import {
  codes,
  isSigned,
  readPacket,
  replyTo,
  requestPacket,
  type RawAttribute,
  signed,
} from '../../../shared/wire/radius/packet.ts';

const secret = 's3cret';
const disconnectRequest = '280100430be53c9afbf938cfb205821c325ecba21f1330302d31312d32322d33332d43412d46450406c000020a2c10384f322e3178383162623061336337066553f100'; // prettier-ignore
const disconnectAck = '290100147a3bdb61415035e94b38544b77ffdec0';
const disconnectNak = '2a01001a245ea4f60443d8b0679d14500fd8d32b6506000001f7';
const coaRequest = '2b02004077a88fab45cca23782aae1888f3b5f901f1330302d31312d32322d33332d43412d46453106000000061a1300000a4c340d506f72742d426f756e6365'; // prettier-ignore

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (packet: Uint8Array) => Buffer.from(packet).toString('hex');
const raw = (...attributes: readonly Attribute[]) => attributes.map(rawAttribute);

const ofSession = raw(
  { name: 'Calling-Station-Id', value: '00-11-22-33-CA-FE' },
  { name: 'NAS-IP-Address', value: '192.0.2.10' },
  { name: 'Acct-Session-Id', value: '8O2.1x81bb0a3c' },
  { name: 'Event-Timestamp', value: '1700000000' },
);
const portBounce = raw(
  { name: 'Calling-Station-Id', value: '00-11-22-33-CA-FE' },
  { name: 'Acct-Terminate-Cause', value: 'Admin-Reset' },
  { name: 'Juniper-AV-Pair', value: 'Port-Bounce' },
);

test('a Disconnect-Request is made as others make it, byte for byte', () => {
  expect(hex(requestPacket('Disconnect-Request', 1, ofSession, secret))).toBe(disconnectRequest);
});

test('a CoA-Request with an attribute of a vendor is made as others make it, byte for byte', () => {
  expect(hex(requestPacket('CoA-Request', 2, portBounce, secret))).toBe(coaRequest);
});

test('what others made is read and known to be signed', () => {
  expect(readPacket(bytes(disconnectRequest))).toMatchObject({ code: codes['Disconnect-Request'], id: 1 });
  expect(readPacket(bytes(coaRequest)).attributes).toEqual(portBounce);
  expect(isSigned(bytes(coaRequest), new Uint8Array(16), secret)).toBe(true);
  expect(isSigned(bytes(coaRequest), new Uint8Array(16), 'secret')).toBe(false);
});

test('what a socket hands over is left as it was', () => {
  const received = Buffer.from(disconnectAck, 'hex');

  expect(replyTo(bytes(disconnectRequest), received, secret)).toEqual({ answer: 'ack', errorCause: null });
  expect(received.toString('hex')).toBe(disconnectAck);
});

test('an ACK is an answer', () => {
  expect(replyTo(bytes(disconnectRequest), bytes(disconnectAck), secret)).toEqual({ answer: 'ack', errorCause: null });
});

test('a NAK says why not', () => {
  expect(replyTo(bytes(disconnectRequest), bytes(disconnectNak), secret)).toEqual({ answer: 'nak', errorCause: 503 });
});

test('bytes behind the length of a packet are padding', () => {
  const padded = bytes(`${disconnectAck}00000000`);

  expect(replyTo(bytes(disconnectRequest), padded, secret)).toEqual({ answer: 'ack', errorCause: null });
});

const request = bytes(disconnectRequest);
const { authenticator } = readPacket(request);
const answer = (code: number, id: number, attributes: readonly RawAttribute[] = []) =>
  signed({ code, id, authenticator, attributes }, secret);

test('a NAK without a reason, or with half of one, is a NAK', () => {
  const half = { type: 101, value: Uint8Array.from([1, 2]) };

  expect(replyTo(request, answer(42, 1), secret)).toEqual({ answer: 'nak', errorCause: null });
  expect(replyTo(request, answer(42, 1, [half]), secret)).toEqual({ answer: 'nak', errorCause: null });
});

test.each([
  ['with the authenticator of another secret', signed({ code: 41, id: 1, authenticator, attributes: [] }, 'other')],
  ['to another request', signed({ code: 41, id: 1, authenticator: new Uint8Array(16), attributes: [] }, secret)],
  ['with another id', answer(41, 2)],
  ['of another kind', answer(44, 1)],
  ['that is the request itself', request],
  ['whose last byte is missing', bytes(disconnectNak).subarray(0, -1)],
  ['that is longer than any packet', Uint8Array.from([41, 1, 255, 255, ...new Uint8Array(65_531)])],
  ['with an attribute of no length', bytes('2a0100167a3bdb61415035e94b38544b77ffdec06500')],
  ['with an attribute that is cut', bytes('2a0100177a3bdb61415035e94b38544b77ffdec0650600')],
  ['that is garbage', bytes('ffffffffff')],
  ['of no byte at all', new Uint8Array()],
])('an answer %s is none', (_, received) => {
  expect(replyTo(request, received, secret)).toBeUndefined();
});

test('a packet that answers one of our requests was made with its secret, whatever bytes come', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(255), (noise, id) => {
      const forged = Uint8Array.from([41, id, 0, 20 + noise.length, ...new Uint8Array(16), ...noise]);
      expect(replyTo(request, noise, secret)).toBeUndefined();
      expect(replyTo(request, forged, secret)).toBeUndefined();
    }),
  );
});

test('any bytes are a packet or refused by name', () => {
  const framed = fc
    .uint8Array({ maxLength: 120 })
    .map((body) => Uint8Array.from([40, 7, 0, 20 + body.length, ...new Uint8Array(16), ...body]));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 120 }), framed), (noise) => {
      try {
        readPacket(noise);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedPacketError);
      }
    }),
    { numRuns: 500 },
  );
});

const attribute = fc.oneof(
  fc.record({ type: fc.integer({ min: 1, max: 255 }).filter((type) => type !== 26), value: fc.uint8Array({ maxLength: 60 }) }), // prettier-ignore
  fc.record({ type: fc.integer({ min: 1, max: 255 }), vendor: fc.nat(0xff_ff_ff_ff), value: fc.uint8Array({ maxLength: 60 }) }), // prettier-ignore
);

test('what is written is read again', () => {
  fc.assert(
    fc.property(fc.nat(255), fc.array(attribute, { maxLength: 12 }), fc.string(), (id, attributes, anySecret) => {
      const packet = requestPacket('CoA-Request', id, attributes, anySecret);

      expect(readPacket(packet)).toMatchObject({ code: 43, id });
      expect(readPacket(packet).attributes).toEqual(attributes);
      expect(isSigned(packet, new Uint8Array(16), anySecret)).toBe(true);
    }),
  );
});

test('what a vendor writes in a way of its own stays as it is', () => {
  const own = { type: 26, value: Uint8Array.from([0, 0, 10, 76, 52, 200]) };

  expect(readPacket(requestPacket('CoA-Request', 1, [own], secret)).attributes).toEqual([own]);
});

test('an attribute or a packet that is too long is refused before it is sent', () => {
  const long = { type: 31, value: new Uint8Array(254) };
  const many = Array.from({ length: 20 }, () => ({ type: 31, value: new Uint8Array(253) }));

  expect(() => requestPacket('CoA-Request', 1, [long], secret)).toThrow(MalformedPacketError);
  expect(() => requestPacket('CoA-Request', 1, many, secret)).toThrow(MalformedPacketError);
});

test.each([
  ['NAS-IP-Address', '2001:db8::1'],
  ['NAS-IP-Address', 'switch'],
  ['NAS-IPv6-Address', '192.0.2.10'],
  ['Event-Timestamp', '4294967296'],
  ['Event-Timestamp', 'now'],
  ['Acct-Terminate-Cause', 'Whim'],
  ['Calling-Station-Id', ''],
] as const)('%s is never %j', (name, value) => {
  expect(() => rawAttribute({ name, value })).toThrow(MalformedPacketError);
});

test('addresses of both families and words stand in packets as bytes', () => {
  expect(rawAttribute({ name: 'NAS-IPv6-Address', value: '2001:db8::1' })).toEqual({
    type: 95,
    value: bytes('20010db8000000000000000000000001'),
  });
  expect(rawAttribute({ name: 'Error-Cause', value: '503' })).toEqual({ type: 101, value: bytes('000001f7') });
});
