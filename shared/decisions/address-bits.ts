/**
 * Addresses and prefixes as bits, for texts that were checked before: an IPv4 address as a 32-bit number, an IPv6
 * address as eight characters of 16 bits, which can be compared and hashed as a whole. An IPv4 address that is written
 * in IPv6 is the IPv4 address.
 */
export type Bits = number | string;

export function addressBits(text: string): Bits {
  return text.includes(':') ? ipv6Bits(text) : ipv4Bits(text);
}

export interface Prefix<Of extends Bits = Bits> {
  readonly bits: Of;
  readonly length: number;
}

/** The prefix of an address alone is all of its bits. */
export function prefixBits(text: string): Prefix {
  const [address = '', length] = text.split('/');
  const bits = addressBits(address);
  return { bits, length: length === undefined ? (typeof bits === 'number' ? 32 : 128) : Number(length) };
}

export function isWithin(bits: Bits, prefix: Prefix): boolean {
  const { length } = prefix;
  if (typeof bits === 'number') {
    return typeof prefix.bits === 'number' && numberPrefix(bits, length) === numberPrefix(prefix.bits, length);
  }
  return typeof prefix.bits === 'string' && textPrefix(bits, length) === textPrefix(prefix.bits, length);
}

/** A shift by 32 is a shift by 0, hence the empty prefix by itself. */
export const numberPrefix = (bits: number, length: number) => (length === 0 ? 0 : bits & (-1 << (32 - length)));

export function textPrefix(bits: string, length: number): string {
  const whole = bits.slice(0, length >> 4);
  const rest = length & 15;
  return rest === 0 ? whole : whole + String.fromCharCode(bits.charCodeAt(length >> 4) & (0xffff << (16 - rest)));
}

/** Digit by digit, as this stands on the way of every decision. */
function ipv4Bits(text: string): number {
  let bits = 0;
  let octet = 0;
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (digit >= 0) octet = octet * 10 + digit;
    else [bits, octet] = [(bits << 8) | octet, 0];
  }
  return (bits << 8) | octet;
}

function ipv6Bits(text: string): Bits {
  const [head = '', tail = ''] = text.split('::');
  const [before, after] = [groupsIn(head), groupsIn(tail)];
  const groups = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  const [high = 0, low = 0] = groups.slice(6);
  const isIpv4 = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return isIpv4 ? (high << 16) | low : String.fromCharCode(...groups);
}

function groupsIn(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [parseInt(group, 16)];
    const bits = ipv4Bits(group);
    return [bits >>> 16, bits & 0xffff];
  });
}
