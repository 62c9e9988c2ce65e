/** Addresses and prefixes (`192.0.2.0/24`, `2001:db8::/32`) that people write into a configuration. */
import ipaddr from 'ipaddr.js';
import { isIPv4, isIPv6 } from 'node:net';

export type ReadPrefix =
  | { readonly prefix: string; readonly problem?: never }
  /** What is wrong, and how to mend it. */
  | { readonly prefix?: never; readonly problem: string };

/** The prefix as it is kept: IPv6 in the form of RFC 5952, an IPv4 address in IPv6 as IPv4. */
export function readPrefix(text: string): ReadPrefix {
  const [address = '', length, ...more] = text.split('/');
  const canonical = canonicalOf(address);
  if (canonical === undefined || more.length > 0) {
    return { problem: 'Write an address like 192.0.2.7 or 2001:db8::7, or a prefix like 192.0.2.0/24.' };
  }
  if (length === undefined) return { prefix: canonical };
  const bits = canonical.includes(':') ? 128 : 32;
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits) {
    return { problem: `The length of this prefix is a whole number from 0 to ${bits}.` };
  }
  const network = networkOf(canonical, length);
  if (network !== canonical) return { problem: `Bits are set behind the prefix. Write ${network}/${length}.` };
  return { prefix: `${canonical}/${length}` };
}

/** Strict first: the library alone takes `10`, `010.1.1.1` and zone ids. */
function canonicalOf(address: string): string | undefined {
  if (isIPv4(address)) return address;
  return isIPv6(address) && !address.includes('%') ? ipaddr.process(address).toString() : undefined;
}

const networkOf = (address: string, length: string) =>
  (address.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4).networkAddressFromCIDR(`${address}/${length}`).toString();
