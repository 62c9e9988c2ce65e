/** Who had an address at a time, where that is known and beyond doubt. */
import { holderOf } from '../admission/who-is-meant.ts';
import type { EndpointStore } from '../endpoints/endpoint-table.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';

export interface KnowsMacs {
  readonly endpoints: Pick<EndpointStore, 'at' | 'read'>;
}

export async function macAt(
  { endpoints }: KnowsMacs,
  tenant: TenantId,
  ip: IpAddress,
  at: number,
): Promise<Mac | null> {
  const { macs } = await endpoints.at(tenant, ip);
  if (macs.length === 0) return null;
  const known = (await endpoints.read(tenant, macs)).flatMap((stored) => stored?.endpoint ?? []);
  const holder = holderOf(known, { ip, user: null, at });
  return holder.who === 'endpoint' ? holder.endpoint.mac : null;
}
