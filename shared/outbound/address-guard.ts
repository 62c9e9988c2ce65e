/**
 * Where tenants may make us connect to: public addresses. What else an address can be (ours, a neighbour's, the
 * machine's own, the place where the cloud hands out our credentials) is refused, unless the stage allows it.
 */
import ipaddr from 'ipaddr.js';
import { addressSet } from '../identity/address-set.ts';

/** Asked with an address, never with a name: a name may mean another address a moment later. */
export type AddressGuard = (address: string) => 'allowed' | 'refused';

/** `allowed`: addresses and prefixes beside the public ones. */
export function addressGuard(allowed: readonly string[]): AddressGuard {
  const isAllowed = addressSet(allowed);
  return (text) => {
    if (!ipaddr.isValid(text)) return 'refused';
    // An IPv4 address that is written in IPv6 is that address. Other ways to embed one are no unicast range.
    const address = ipaddr.process(text);
    return address.range() === 'unicast' || isAllowed(address.toString()) ? 'allowed' : 'refused';
  };
}

/** The guard that a variable describes: prefixes with commas between them, or nothing. */
export const addressGuardFrom = (variable = ''): AddressGuard =>
  addressGuard(variable.split(',').map((prefix) => prefix.trim()).filter((prefix) => prefix !== '')); // prettier-ignore
