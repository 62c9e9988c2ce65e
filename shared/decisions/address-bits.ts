/**
 * Addresses and prefixes as bits, for texts that were checked before: an IPv4 address as a 32-bit number, an IPv6
 * address as eight characters of 16 bits, which can be compared and hashed as a whole. An IPv4 address that is written
 * in IPv6 is the IPv4 address.
 */
export type Bits = number | string;

export function addressBits(text: string): Bits {
  return text.includes(':') ? ipv6Bits(text) : ipv4Bits(text);
}

/** The prefix of an address alone is all of its bits. */
export function prefixBits(text: string): { readonly bits: Bits; readonly length: number } {
  const [address = '', length] = text.split('/');
  const bits = addressBits(address);
  return { bits, length: length === undefined ? (typeof bits === 'number' ? 32 : 128) : Number(length) };
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
