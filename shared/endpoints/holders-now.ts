/** Who of our endpoints has an address at this moment, or had it: a place may lead to endpoints that have left it. */
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { EndpointStore } from './endpoint-table.ts';
import type { Endpoint } from './endpoint.ts';
import { hadAddress } from './sessions.ts';

export interface KnowsHolders {
  readonly endpoints: Pick<EndpointStore, 'at' | 'read'>;
  readonly now: () => number;
}

export async function holdersNow(deps: KnowsHolders, tenant: TenantId, ip: IpAddress): Promise<readonly Endpoint[]> {
  const known = await everHolders(deps, tenant, ip);
  return known.filter((endpoint) => hadAddress(endpoint, ip, deps.now()));
}

/** Those that have the address or had it once, and some that never did. */
export async function everHolders(
  { endpoints }: Pick<KnowsHolders, 'endpoints'>,
  tenant: TenantId,
  ip: IpAddress,
): Promise<readonly Endpoint[]> {
  const { macs } = await endpoints.at(tenant, ip);
  if (macs.length === 0) return [];
  return (await endpoints.read(tenant, macs)).flatMap((stored) => stored?.endpoint ?? []);
}
