/**
 * The shared-IP guard: an address behind which many devices sit (a terminal server, a proxy, a gateway) accuses nobody.
 * Nothing automatic is done through it alone; what names a MAC is not held.
 */
import type { Guards } from '../configuration/threat-response.ts';
import type { EndpointStore } from '../endpoints/endpoint-table.ts';
import { addressesAt } from '../endpoints/sessions.ts';
import { addressSet } from '../identity/address-set.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';

/** Whether the configuration says so. */
export const isListedShared = ({ sharedAddresses }: Pick<Guards, 'sharedAddresses'>, ip: IpAddress): boolean =>
  sharedAddresses.length > 0 && addressSet(sharedAddresses)(ip);

/** For feeds, whose addresses name nobody: whether it is listed, or several of our endpoints have it at this moment. */
export async function isShared(
  { endpoints, now }: { readonly endpoints: Pick<EndpointStore, 'at' | 'read'>; readonly now: () => number },
  tenant: TenantId,
  guards: Pick<Guards, 'sharedAddresses'>,
  ip: IpAddress,
): Promise<boolean> {
  if (isListedShared(guards, ip)) return true;
  const { macs } = await endpoints.at(tenant, ip);
  if (macs.length < 2) return false;
  const read = await endpoints.read(tenant, macs);
  const having = read.filter((stored) => stored && addressesAt(stored.endpoint, now()).some((each) => each.ip === ip));
  return having.length > 1;
}
