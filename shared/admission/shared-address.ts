/**
 * The shared-IP guard: an address behind which many devices sit (a terminal server, a proxy, a gateway) accuses nobody.
 * Nothing automatic is done through it alone; what names a MAC is not held.
 */
import type { Guards } from '../configuration/threat-response.ts';
import { holdersNow, type KnowsHolders } from '../endpoints/holders-now.ts';
import { addressSet } from '../identity/address-set.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';

/** Whether the configuration says so. */
export const isListedShared = ({ sharedAddresses }: Pick<Guards, 'sharedAddresses'>, ip: IpAddress): boolean =>
  sharedAddresses.length > 0 && addressSet(sharedAddresses)(ip);

/** For feeds, whose addresses name nobody: whether it is listed, or several of our endpoints have it at this moment. */
export async function isShared(
  deps: KnowsHolders,
  tenant: TenantId,
  guards: Pick<Guards, 'sharedAddresses'>,
  ip: IpAddress,
): Promise<boolean> {
  if (isListedShared(guards, ip)) return true;
  return (await holdersNow(deps, tenant, ip)).length > 1;
}
