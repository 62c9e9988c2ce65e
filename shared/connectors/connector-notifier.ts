/**
 * Whoever leaves an operation on a host says so here. It is said to make it quick, not to make it sure: what got lost is
 * found by the schedule, so no act fails by it.
 */
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';

export interface ConnectorNotifier {
  /** Never throws. */
  readonly tell: (tenant: TenantId, ip: IpAddress) => Promise<void>;
}
