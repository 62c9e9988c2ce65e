/** What the provider changes of a tenant: what it is called, and its limits. */
import { ServiceError } from '../service-error.ts';
import { type CreateTenant, findLive } from './create-tenant.ts';
import { changedLimits, type LimitChanges } from './limits.ts';
import { digestOf } from './secret.ts';
import type { Tenant, TenantId } from './tenant.ts';

export interface TenantChange {
  readonly name?: string;
  readonly limits?: LimitChanges;
}

/** Made of all that can be changed: two that are the same in all of it may stand for one another. */
export const versionOf = ({ name, limits }: Tenant): string =>
  digestOf(JSON.stringify([name, changedLimits(limits) ?? {}])).slice(0, 16);

/** `onlyOver`: the versions that the caller insists on, `*` for any. Throws `tenant-absent`, `tenant-erasing`, `version-changed`, `busy`. */
export async function changeTenant(
  deps: Pick<CreateTenant, 'tenants'>,
  id: TenantId,
  { name, limits }: TenantChange,
  onlyOver?: readonly string[],
): Promise<Tenant> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const read = await findLive(deps, id);
    if (onlyOver !== undefined && !onlyOver.some((version) => version === '*' || version === versionOf(read))) {
      throw new ServiceError(
        'version-changed',
        `The tenant is at version "${versionOf(read)}". Read it, make the change in it, and send it with its ETag.`,
      );
    }
    const { limits: before, ...rest } = read;
    const own = changedLimits(before, limits);
    const tenant = { ...rest, ...(name !== undefined && { name }), ...(own && { limits: own }) };
    if ((await deps.tenants.replace(read, tenant)) === 'replaced') return tenant;
  }
  throw new ServiceError('busy', 'Others are changing this tenant. Look at it, then repeat what is still needed.');
}
