/** Ordering that a tenant be erased: its credentials end at once, all else is removed by a worker (`erase-tenants.ts`). */
import { ServiceError } from '../service-error.ts';
import { type CreateTenant, findTenant } from './create-tenant.ts';
import { ordered } from './erasure.ts';
import { type ManageCredentials, revokeAll, type TakesEffect } from './manage-credentials.ts';
import { stateOf, type Tenant, type TenantId } from './tenant.ts';

export interface Order {
  readonly id: TenantId;
  /** The id once more: who deletes the wrong one has typed it twice. */
  readonly confirmed: string | undefined;
  readonly requestedBy: { readonly id: string; readonly name: string };
  readonly requestId: string;
}

/** Once more changes nothing. Throws `tenant-absent`, `parameter-invalid`. */
export async function eraseTenant(
  deps: CreateTenant & ManageCredentials,
  { id, confirmed, requestedBy, requestId }: Order,
): Promise<{ readonly tenant: Tenant; readonly takesEffect: TakesEffect }> {
  if (confirmed !== id) {
    throw new ServiceError(
      'parameter-invalid',
      `Everything of the tenant "${id}" would be lost for good. Say that it is meant: ?confirm=${id}.`,
    );
  }
  const found = await findTenant(deps, id);
  if (stateOf(found) === 'erased') return { tenant: found, takesEffect: 'at-once' };
  // From here on nobody is given a credential, so that all there are can be ended.
  if (found.erasure === undefined) {
    await deps.tenants.erase(id, ordered({ requestedAt: deps.now(), requestedBy, requestId }));
  }
  const takesEffect = await revokeAll(deps, id);
  return { tenant: await findTenant(deps, id), takesEffect };
}
