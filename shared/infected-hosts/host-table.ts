/** The infected hosts of tenants: read, advanced, and replaced if nobody was quicker. */
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { InfectedHost } from './host.ts';

/** New at every write, and by chance. */
export type HostRevision = string & { readonly brand: 'HostRevision' };

export interface StoredHost {
  readonly host: InfectedHost;
  readonly revision: HostRevision;
}

export interface HostStore {
  /** Strongly consistent. */
  readonly read: (tenant: TenantId, ip: IpAddress) => Promise<StoredHost | undefined>;
  /** If it is still as it was read; `undefined` for `host` removes it. */
  readonly replace: (tenant: TenantId, ip: IpAddress, host: InfectedHost | undefined, read: StoredHost | undefined) => Promise<'replaced' | 'conflict'>; // prettier-ignore
  /** By address as text, strongly consistent. */
  readonly list: (tenant: TenantId, page: { readonly limit: number; readonly after?: IpAddress }) => Promise<{ readonly hosts: readonly StoredHost[]; readonly next?: IpAddress }>; // prettier-ignore
  /** Addresses of hosts with operations that are due by then: those that were not told again in time, or failed. */
  readonly due: (tenant: TenantId, until: number, limit: number) => Promise<readonly IpAddress[]>;
}

export interface HostTable {
  readonly hosts: HostStore;
  readonly now: () => number;
  readonly newId: () => string;
}
