/** What became of a page. */
import type { Imported } from '../../shared/tenancy/import-tenant.ts';
import { stateOf } from '../../shared/tenancy/tenant.ts';
import type { TenantPage } from '../../shared/tenancy/tenant-page.ts';

/** So many lines are told of that were left alone. */
const mostTold = 100;

export const importedView = ({ tenant, added, same, others }: Imported, page: TenantPage, key: string) => ({
  tenant: tenant.id,
  state: stateOf(tenant),
  page: page.page,
  items: page.items.size,
  added,
  same,
  kept: others.length,
  keptLines: others.slice(0, mostTold),
  secrets: page.secretsKey === key ? ('openable' as const) : ('of-another-key' as const),
});
