/** Tenants come into being with one credential for each role that a tenant has. */
import { ServiceError } from '../service-error.ts';
import { type Credential, rolesOf } from './credential.ts';
import type { Arrival } from './arrival.ts';
import type { Erasure } from './erasure.ts';
import { draw, type Issued, type Listed, type Page } from './manage-credentials.ts';
import { provider, stateOf, type Tenant, type TenantId } from './tenant.ts';

export interface TenantStore {
  /**
   * The tenant and its credentials together, or nothing: a repeat after a crash finds no half of a tenant. Over one that
   * was erased only where that is told as `formerly`.
   */
  readonly create: (tenant: Tenant, credentials: readonly Credential[]) => Promise<'created' | 'exists'>;
  readonly find: (id: TenantId) => Promise<Tenant | undefined>;
  /** Those too that are erased. */
  readonly list: (page: Page) => Promise<Listed<Tenant>>;
  /** Only while the tenant is still as it was read. */
  readonly replace: (read: Tenant, tenant: Tenant) => Promise<'replaced' | 'conflict'>;
  /** Begins an erasure, once; `conflict` where the tenant has one or is not there. */
  readonly erase: (id: TenantId, begun: Erasure) => Promise<'saved' | 'conflict'>;
  /** Puts down how far an erasure is, over the step before it alone. */
  readonly saveErasure: (id: TenantId, after: Erasure) => Promise<'saved' | 'conflict'>;
  /** Puts down a tenant that arrives, where nobody is, or over one that was erased, as `create` does. */
  readonly arrive: (tenant: Tenant & { readonly arrival: Arrival }) => Promise<'saved' | 'conflict'>;
  /** Puts down how far an import is, over what was read alone, and of no tenant that is being erased. */
  readonly saveArrival: (id: TenantId, read: Arrival, after: Arrival) => Promise<'saved' | 'conflict'>;
}

export interface CreateTenant {
  readonly tenants: TenantStore;
  readonly now: () => number;
}

export interface FindTenant {
  readonly tenants: Pick<TenantStore, 'find'>;
}

/** Throws `tenant-exists`, `tenant-erasing`. */
export async function createTenant(
  { tenants, now }: CreateTenant,
  id: TenantId,
  { name, limits }: Pick<Tenant, 'name' | 'limits'>,
): Promise<{ readonly tenant: Tenant; readonly credentials: readonly Issued[] }> {
  const createdAt = now();
  const tenant = { id, name, createdAt, ...(limits && { limits }), ...(await formerlyOf(tenants, id)) };
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

/** Who had the id before. Throws `tenant-erasing` where something of it may be left. */
async function formerlyOf(tenants: Pick<TenantStore, 'find'>, id: TenantId): Promise<Pick<Tenant, 'formerly'>> {
  const before = await tenants.find(id);
  if (before !== undefined && stateOf(before) === 'erasing') throw beingErased(id);
  return before?.erasure === undefined ? {} : { formerly: before.erasure };
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

/** Whoever can be given credentials. Throws as `findLive`. */
export async function findLiveHolder(deps: Pick<CreateTenant, 'tenants'>, id: TenantId): Promise<TenantId> {
  return id === provider ? provider : (await findLive(deps, id)).id;
}

/** A tenant that is served. Throws `tenant-absent`, `tenant-erasing`, `tenant-importing`. */
export async function findLive(deps: Pick<CreateTenant, 'tenants'>, id: TenantId): Promise<Tenant> {
  const tenant = await findTenant(deps, id);
  const state = stateOf(tenant);
  if (state === 'erasing') throw beingErased(id);
  if (state === 'importing') {
    throw new ServiceError('tenant-importing', `The tenant "${id}" is being imported. Send the pages that are left.`);
  }
  if (state === 'erased') {
    throw new ServiceError('tenant-absent', `The tenant "${id}" has been erased. Create it anew, or import it.`);
  }
  return tenant;
}

export const beingErased = (id: TenantId) =>
  new ServiceError(
    'tenant-erasing',
    `The tenant "${id}" is being erased, which takes some minutes. GET /v1/tenants/${id} tells when it is; then the id is free.`,
  );
