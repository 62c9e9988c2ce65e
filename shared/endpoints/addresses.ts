/** How an endpoint comes by its addresses, and loses them: intervals, so that who had one at a time can be told later. */
import type { IpAddress } from '../identity/address.ts';
import type { Address, Endpoint } from './endpoint.ts';
import { addressesAt, openSessions, sessionOf } from './sessions.ts';

/** The first address of a session has been its own since it began, even if a later record is the first to tell it. */
export function learned(endpoint: Endpoint, ip: IpAddress | null, key: string, at: number): Endpoint {
  if (ip === null) return endpoint;
  const began = sessionOf(endpoint, key)?.startedAt ?? at;
  const from = hasAddress(endpoint, key) ? at : Math.min(began, at);
  return withAddress(endpoint, { ip, key, source: 'accounting', at, from });
}

export const hasAddress = (endpoint: Endpoint, key: string) =>
  endpoint.addresses.some(({ session }) => session === key);

/** An address told without a session belongs to the newest session that has none, else to the endpoint alone. */
export function addressed(endpoint: Endpoint, ip: IpAddress, source: Address['source'], now: number): Endpoint {
  const open = openSessions(endpoint, now);
  const current = addressesAt(endpoint, now);
  const holder = open.find(({ key }) => current.some((each) => each.session === key && each.ip === ip));
  const bare = open.find(({ key }) => !current.some((each) => each.session === key && each.source === 'accounting'));
  return withAddress(endpoint, { ip, key: (holder ?? bare)?.key ?? null, source, at: now, from: now });
}

interface Learned {
  readonly ip: IpAddress;
  readonly key: string | null;
  readonly source: Address['source'];
  readonly at: number;
  readonly from: number;
}

export function withAddress(endpoint: Endpoint, { ip, key, source, at, from }: Learned): Endpoint {
  const isNow = ({ session, until }: Address) => session === key && until === null;
  const known = endpoint.addresses.find((address) => isNow(address) && address.ip === ip);
  // A session has one IPv4 address and may have several of IPv6 at a time.
  const isLeft = (address: Address) => isNow(address) && !address.ip.includes(':') && !ip.includes(':');
  const others = endpoint.addresses
    .filter((address) => address !== known)
    .map((address) => (isLeft(address) ? { ...address, until: Math.max(at, address.from) } : address));
  const address: Address = known
    ? { ...known, confirmedAt: Math.max(known.confirmedAt, at) }
    : { ip, session: key, source, from, confirmedAt: at, until: null };
  return { ...endpoint, addresses: [address, ...others] };
}

/** Its session is over. */
export function withoutAddresses(endpoint: Endpoint, key: string, at: number): Endpoint {
  const end = (address: Address) =>
    address.session === key && address.until === null ? { ...address, until: Math.max(at, address.from) } : address;
  return { ...endpoint, addresses: endpoint.addresses.map(end) };
}
