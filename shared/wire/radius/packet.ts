/**
 * RADIUS packets of RFC 5176, by which a switch is told to let go of a session. Message-Authenticator is left out: it is
 * optional there, and implementations disagree about how to compute it.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { MalformedPacketError } from './malformed-packet-error.ts';

export const codes = {
  'Disconnect-Request': 40,
  'Disconnect-ACK': 41,
  'Disconnect-NAK': 42,
  'CoA-Request': 43,
  'CoA-ACK': 44,
  'CoA-NAK': 45,
} as const;
export type RequestName = 'Disconnect-Request' | 'CoA-Request';

export interface RawAttribute {
  readonly type: number;
  /** Of an attribute within Vendor-Specific: whose it is. */
  readonly vendor?: number;
  readonly value: Uint8Array;
}

export interface Packet {
  readonly code: number;
  readonly id: number;
  readonly authenticator: Uint8Array;
  readonly attributes: readonly RawAttribute[];
}

const headerBytes = 20;
const authenticatorAt = 4;
const mostBytes = 4_096;
const vendorSpecific = 26;
const mostValueBytes = 253;
const unsigned = new Uint8Array(16);

/** A request, signed with the secret. Throws `MalformedPacketError` for what no packet can hold. */
export function requestPacket(
  name: RequestName,
  id: number,
  attributes: readonly RawAttribute[],
  secret: string,
): Uint8Array {
  return signed({ code: codes[name], id, authenticator: unsigned, attributes }, secret);
}

/** The packet with its authenticator made of the one that it has: zeros of a request, the request's of an answer. */
export function signed(packet: Packet, secret: string): Uint8Array {
  const bytes = written(packet);
  bytes.set(authenticatorOver(bytes, secret), authenticatorAt);
  return bytes;
}

export interface ChangeReply {
  readonly answer: 'ack' | 'nak';
  /** Why not, as RFC 5176 counts reasons. */
  readonly errorCause: number | null;
}

/**
 * What these bytes answer to a request of ours; `undefined`: nothing, so the answer may still come. Whoever does not
 * know the secret cannot write one.
 */
export function replyTo(request: Uint8Array, received: Uint8Array, secret: string): ChangeReply | undefined {
  const asked = readPacket(request);
  const packet = readOrDrop(received);
  if (packet?.id !== asked.id || !isSigned(received, asked.authenticator, secret)) return undefined;
  if (packet.code === asked.code + 1) return { answer: 'ack', errorCause: null };
  return packet.code === asked.code + 2 ? { answer: 'nak', errorCause: errorCauseIn(packet) } : undefined;
}

/** Whether a packet is signed over this authenticator: zeros of a request, the request's of an answer. */
export function isSigned(received: Uint8Array, over: Uint8Array, secret: string): boolean {
  const bytes = Uint8Array.from(received.subarray(0, lengthOf(received)));
  const claimed = bytes.slice(authenticatorAt, headerBytes);
  bytes.set(over, authenticatorAt);
  return timingSafeEqual(claimed, authenticatorOver(bytes, secret));
}

/** Throws `MalformedPacketError`. Bytes behind the packet's own length are padding. */
export function readPacket(received: Uint8Array): Packet {
  const bytes = Uint8Array.from(received); // what a socket hands over is a view of memory that is used again
  const [code = 0, id = 0] = bytes;
  return {
    code,
    id,
    authenticator: bytes.slice(authenticatorAt, headerBytes),
    attributes: [...attributesIn(bytes.subarray(headerBytes, lengthOf(bytes)))].flatMap(unwrapped),
  };
}

function readOrDrop(bytes: Uint8Array): Packet | undefined {
  try {
    return readPacket(bytes);
  } catch (error) {
    if (error instanceof MalformedPacketError) return undefined;
    throw error;
  }
}

function lengthOf(bytes: Uint8Array): number {
  const [, , high = 0, low = 0] = bytes;
  const length = high * 256 + low;
  if (bytes.length < headerBytes || length < headerBytes || length > mostBytes || length > bytes.length) {
    throw new MalformedPacketError(`A packet says that it has ${length} bytes, and has ${bytes.length}.`);
  }
  return length;
}

function* attributesIn(bytes: Uint8Array): Generator<RawAttribute> {
  for (let at = 0; at < bytes.length;) {
    const [type = 0, length = 0] = bytes.subarray(at);
    if (length < 2 || at + length > bytes.length) {
      throw new MalformedPacketError(`The attribute ${type} says that it has ${length} bytes.`);
    }
    yield { type, value: bytes.slice(at + 2, at + length) };
    at += length;
  }
}

/** The attributes within a Vendor-Specific one. A vendor may write it in a way of his own: then it stays as it is. */
function unwrapped(attribute: RawAttribute): readonly RawAttribute[] {
  const { type, value } = attribute;
  if (type !== vendorSpecific || value.length < 6) return [attribute];
  const vendor = new DataView(value.buffer, value.byteOffset).getUint32(0);
  try {
    return [...attributesIn(value.subarray(4))].map((inner) => ({ ...inner, vendor }));
  } catch {
    return [attribute];
  }
}

function written({ code, id, authenticator, attributes }: Packet): Uint8Array {
  const body = attributes.map(writtenAttribute);
  const length = body.reduce((sum, { length: bytes }) => sum + bytes, headerBytes);
  if (length > mostBytes) throw new MalformedPacketError(`A packet of ${length} bytes is longer than ${mostBytes}.`);
  return Uint8Array.from([code, id, length >> 8, length & 0xff, ...authenticator, ...body.flatMap((each) => [...each])]); // prettier-ignore
}

function writtenAttribute({ type, vendor, value }: RawAttribute): Uint8Array {
  if (vendor !== undefined) {
    const number = [vendor >>> 24, vendor >> 16, vendor >> 8, vendor].map((byte) => byte & 0xff);
    return writtenAttribute({
      type: vendorSpecific,
      value: Uint8Array.from([...number, ...writtenAttribute({ type, value })]),
    });
  }
  if (value.length > mostValueBytes) {
    throw new MalformedPacketError(`The attribute ${type} has ${value.length} bytes, and room for ${mostValueBytes}.`);
  }
  return Uint8Array.from([type, value.length + 2, ...value]);
}

const authenticatorOver = (bytes: Uint8Array, secret: string): Uint8Array =>
  createHash('md5').update(bytes).update(secret).digest();

const errorCauseType = 101;

function errorCauseIn({ attributes }: Packet): number | null {
  const value = attributes.find(({ type, vendor }) => type === errorCauseType && vendor === undefined)?.value;
  return value?.length === 4 ? new DataView(value.buffer, value.byteOffset).getUint32(0) : null;
}
