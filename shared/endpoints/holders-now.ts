/** Who of our endpoints has an address at this moment: a place may lead to endpoints that have left it. */
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { EndpointStore } from './endpoint-table.ts';
import type { Endpoint } from './endpoint.ts';
import { addressesAt } from './sessions.ts';

export interface KnowsHolders {
  readonly endpoints: Pick<EndpointStore, 'at' | 'read'>;
  readonly now: () => number;
}

export async function holdersNow(
  { endpoints, now }: KnowsHolders,
  tenant: TenantId,
  ip: IpAddress,
): Promise<readonly Endpoint[]> {
  const { macs } = await endpoints.at(tenant, ip);
  if (macs.length === 0) return [];
  const known = (await endpoints.read(tenant, macs)).flatMap((stored) => stored?.endpoint ?? []);
  return known.filter((endpoint) => addressesAt(endpoint, now()).some((each) => each.ip === ip));
}
