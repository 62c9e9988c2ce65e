/** Tenants come into being with one credential for each role that a tenant has. */
import { ServiceError } from '../service-error.ts';
import { type Credential, rolesOf } from './credential.ts';
import { draw, type Issued, type Listed, type Page } from './manage-credentials.ts';
import { provider, type Tenant, type TenantId } from './tenant.ts';

export interface TenantStore {
  /** The tenant and its credentials together, or nothing: a repeat after a crash finds no half of a tenant. */
  readonly create: (tenant: Tenant, credentials: readonly Credential[]) => Promise<'created' | 'exists'>;
  readonly find: (id: TenantId) => Promise<Tenant | undefined>;
  readonly list: (page: Page) => Promise<Listed<Tenant>>;
  /** Only while the tenant is still as it was read. */
  readonly replace: (read: Tenant, tenant: Tenant) => Promise<'replaced' | 'conflict'>;
}

export interface CreateTenant {
  readonly tenants: TenantStore;
  readonly now: () => number;
}

export interface FindTenant {
  readonly tenants: Pick<TenantStore, 'find'>;
}

/** Throws `tenant-exists`. */
export async function createTenant(
  { tenants, now }: CreateTenant,
  id: TenantId,
  { name, limits }: Pick<Tenant, 'name' | 'limits'>,
): Promise<{ readonly tenant: Tenant; readonly credentials: readonly Issued[] }> {
  const createdAt = now();
  const tenant = { id, name, createdAt, ...(limits && { limits }) };
  const issued = rolesOf(id).map((role) => draw(id, { role }, createdAt));
  const credentials = issued.map(({ credential }) => credential);
  if ((await tenants.create(tenant, credentials)) === 'exists') {
    throw new ServiceError(
      'tenant-exists',
      `There is a tenant "${id}" already. Choose another id; or, if the answer that created it was lost, list its credentials and rotate them.`,
    );
  }
  return { tenant, credentials: issued };
}

/** Throws `tenant-absent`. */
export async function findTenant({ tenants }: FindTenant, id: TenantId): Promise<Tenant> {
  const tenant = await tenants.find(id);
  if (tenant === undefined) {
    throw new ServiceError('tenant-absent', `There is no tenant "${id}". List the tenants, or create it.`);
  }
  return tenant;
}

/** Whoever can have credentials: the provider always, a tenant once it is there. Throws `tenant-absent`. */
export async function findHolder(deps: FindTenant, id: TenantId): Promise<TenantId> {
  return id === provider ? provider : (await findTenant(deps, id)).id;
}
