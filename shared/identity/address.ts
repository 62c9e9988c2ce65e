/**
 * Addresses: IPv4 as four decimals, IPv6 in the form of RFC 5952, and only those that a user can be behind.
 * An IPv4 address that was written in IPv6 (`::ffff:192.0.2.50`) is the IPv4 address.
 */
import { ServiceError } from '../service-error.ts';

export type IpAddress = string & { readonly brand: 'IpAddress' };

export type ReadAddress =
  | { readonly address: IpAddress; readonly problem?: never }
  /** What is wrong with the text, and how to mend it. */
  | { readonly address?: never; readonly problem: string };

/** Throws `address-invalid`. */
export function ipAddress(text: string): IpAddress {
  const { address, problem } = readAddress(text);
  if (address === undefined) throw new ServiceError('address-invalid', problem);
  return address;
}

/** As `ipAddress`, for those who read many and expect some to be wrong. */
export function readAddress(text: string): ReadAddress {
  const canonical = ipv4.test(text) ? text : canonicalIpv6(text);
  if (canonical === undefined) return { problem: `"${text.slice(0, 64)}" is not an IP address. ${adviceFor(text)}` };
  const kind = kindOf(canonical);
  if (kind !== 'usable') return { problem: `${text} is ${kind}. Send the address of the user's device.` };
  return { address: canonical as IpAddress };
}

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);

function kindOf(canonical: string): string {
  if (canonical === '0.0.0.0' || canonical === '::') return 'the unspecified address';
  if (canonical === '255.255.255.255') return 'the broadcast address';
  if (canonical.startsWith('127.') || canonical === '::1') return 'a loopback address';
  if (/^(?:22[4-9]|23\d)\.|^ff[\da-f]{2}:/.test(canonical)) return 'a multicast address';
  return 'usable';
}

function adviceFor(text: string): string {
  if (text.includes('%')) return 'Leave out the zone id, from the "%" on.';
  if (text.includes('/')) return 'Send one address, without the length of a prefix.';
  if (text.includes(':')) return 'Write IPv6 like 2001:db8::1, without brackets and port.';
  return 'Write IPv4 as four decimals without leading zeros, like 192.0.2.50.';
}

function canonicalIpv6(text: string): string | undefined {
  const groups = ipv6Groups(text);
  if (groups === undefined) return undefined;
  const hex = groups.map((group) => group.toString(16)).join(':');
  if (hex.startsWith('0:0:0:0:0:ffff:')) {
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join('.');
  }
  const [longest = ''] = (hex.match(/\b0(?::0)+\b/g) ?? []).sort((one, other) => other.length - one.length);
  return longest === '' ? hex : hex.replace(new RegExp(`:?\\b${longest}\\b:?`), '::');
}

/** The eight numbers of an address; `undefined` where the text is none. */
function ipv6Groups(text: string): number[] | undefined {
  const [head = '', tail, more] = withoutDecimals(text).split('::');
  if (more !== undefined) return undefined;
  const [before, after] = [groupsIn(head), groupsIn(tail ?? '')];
  const zeros = 8 - before.length - after.length;
  if (tail === undefined ? zeros !== 0 : zeros < 1) return undefined;
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after];
  return groups.every((group) => /^[\da-f]{1,4}$/i.test(group))
    ? groups.map((group) => parseInt(group, 16))
    : undefined;
}

const groupsIn = (text: string): string[] => (text === '' ? [] : text.split(':'));

/** The last two groups may be written as an IPv4 address. */
function withoutDecimals(text: string): string {
  const at = text.lastIndexOf(':') + 1;
  const decimals = text.slice(at);
  if (!ipv4.test(decimals)) return text;
  const [a = 0, b = 0, c = 0, d = 0] = decimals.split('.').map(Number);
  return `${text.slice(0, at)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}
