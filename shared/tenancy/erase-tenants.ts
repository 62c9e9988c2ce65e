/** Every minute: what is left of tenants that are to be erased is removed, as much as there is time for. */
import type { TenantStore } from './create-tenant.ts';
import { passAt, type Removal, stepped } from './erasure.ts';
import type { ItemPlace } from './owned-items.ts';
import { stateOf, type Tenant, type TenantId } from './tenant.ts';

export interface OwnedItemRemover {
  /** Removes what a part of a section holds of a tenant, its logins included. */
  readonly remove: (tenant: TenantId, place: ItemPlace) => Promise<Removal>;
}

export interface EraseTenants {
  readonly tenants: Pick<TenantStore, 'list' | 'saveErasure'>;
  readonly items: OwnedItemRemover;
  readonly now: () => number;
  /** Hears of a tenant of which nothing is left. */
  readonly erased: (tenant: Tenant) => void;
  /** Hears of what could not be removed; it is tried again in a minute. */
  readonly unerased: (tenant: TenantId, error: unknown) => void;
}

/** What one part may take with all its repeats: so long before the end no further one is begun. */
const lastStepMs = 15_000;

export async function eraseTenants(deps: EraseTenants, { deadlineAt }: { readonly deadlineAt: number }): Promise<void> {
  const until = deadlineAt - lastStepMs;
  let after: string | undefined;
  do {
    const { items, next } = await deps.tenants.list({ limit: 500, ...(after !== undefined && { after }) });
    for (const tenant of items.filter((each) => stateOf(each) === 'erasing')) {
      await erase(deps, tenant, until).catch((error: unknown) => deps.unerased(tenant.id, error));
    }
    after = next;
  } while (after !== undefined && deps.now() < until);
}

async function erase({ tenants, items, now, erased }: EraseTenants, tenant: Tenant, until: number): Promise<void> {
  let { erasure } = tenant;
  while (erasure !== undefined && now() < until) {
    const pass = passAt(erasure, now());
    if (pass === undefined) return;
    const after = stepped(erasure, pass, await items.remove(tenant.id, pass.at), now());
    if ((await tenants.saveErasure(tenant.id, after)) === 'conflict') return; // another worker is at it
    if (after.erasedAt !== undefined) erased({ ...tenant, erasure: after });
    erasure = after;
  }
}
