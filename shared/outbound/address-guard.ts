/**
 * Where tenants may make us connect to: public addresses. What else an address can be (ours, a neighbour's, the
 * machine's own, the place where the cloud hands out our credentials) is refused, unless the stage allows it.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { addressSet } from '../identity/address-set.ts';

/** Asked with an address, never with a name: a name may mean another address a moment later. */
export type AddressGuard = (address: string) => 'allowed' | 'refused';

/** `allowed`: addresses and prefixes beside the public ones. */
export function addressGuard(allowed: readonly string[]): AddressGuard {
  const isAllowed = addressSet(allowed);
  return (text) => {
    // In one notation only: `0127.0.0.1` is one address to some readers and another to others. A zone is of one machine.
    if (isIP(text) === 0 || text.includes('%')) return 'refused';
    // An IPv4 address that is written in IPv6 is that address. Other ways to embed one are no unicast range.
    const address = ipaddr.process(text);
    return isPublic(address) || isAllowed(address.toString()) ? 'allowed' : 'refused';
  };
}

/** Beside what is reserved for one thing or another most of IPv6 is nobody's yet, and holds old ways to embed IPv4. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/** Looks public, and is where a cloud serves its own machines. */
const ofPlatforms: readonly string[] = ['168.63.129.16'];

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast' || ofPlatforms.includes(address.toString())) return false;
  return address instanceof ipaddr.IPv4 || address.match(globalUnicast);
}

/** The guard that a variable describes: prefixes with commas between them, or nothing. */
export const addressGuardFrom = (variable = ''): AddressGuard =>
  addressGuard(variable.split(',').map((prefix) => prefix.trim()).filter((prefix) => prefix !== '')); // prettier-ignore
