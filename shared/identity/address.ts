/** Addresses: IPv4 as four decimals, IPv6 in the form of RFC 5952, and only those that a user can be behind. */
export type IpAddress = string & { readonly brand: 'IpAddress' };
