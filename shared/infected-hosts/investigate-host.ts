/** An operator says how the investigation of a host stands that is known by its address alone. */
import type { Investigation } from '../endpoints/endpoint.ts';
import type { IpAddress } from '../identity/address.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type ActedOnHost, type ActOnHosts, actOnHost, type HostSender } from './act-on-host.ts';

/** Any resolved state lets it go. Throws `host-absent`. */
export async function investigateHost(
  deps: ActOnHosts,
  tenant: TenantId,
  ip: IpAddress,
  { investigation, by }: { readonly investigation: Investigation; readonly by: HostSender },
): Promise<ActedOnHost> {
  const stored = await deps.hosts.read(tenant, ip);
  if (Object.keys(stored?.host.listings ?? {}).length === 0) {
    throw new ServiceError('host-absent', `No feed lists ${ip}. GET /v1/infected-hosts tells which hosts are listed.`);
  }
  return actOnHost(deps, tenant, ip, { kind: 'investigated', investigation }, by);
}
