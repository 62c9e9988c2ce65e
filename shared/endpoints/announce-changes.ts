/** Finds changes of authorization that are due and whose message was lost, or whose sender ended in between. */
import type { Measure } from '../journal/measure.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { ChangeNotifier } from './change-notifier.ts';
import { isUnsettled, nextChangeAt } from './changes.ts';
import type { EndpointTable } from './endpoint-table.ts';
import { isOverdue } from './measure-changes.ts';

export interface AnnounceChanges extends EndpointTable {
  readonly notifier: ChangeNotifier;
  readonly measure: Measure;
}

/** What has been due for so long was announced in vain: else it would have been sent. */
const overdueMs = 60_000;

/** For a schedule. Whatever has nothing left to send is taken from the list, so that nobody reads it any more. */
export async function announceChanges(deps: AnnounceChanges, tenant: TenantId): Promise<void> {
  const { endpoints, notifier, measure, now } = deps;
  const macs = await endpoints.withChanges(tenant);
  if (macs.length === 0) return;
  const all = await endpoints.read(tenant, macs);
  const overdue = all.filter((stored) => stored && isOverdue(stored.endpoint, now()));
  measure(tenant, now(), { ChangesOverdue: overdue.length });
  for (const stored of all) {
    if (stored === undefined) continue;
    const dueAt = nextChangeAt(stored.endpoint, now());
    if (dueAt !== undefined && dueAt <= now() - overdueMs) await notifier.changed(tenant, stored.endpoint.mac);
    else if (!stored.endpoint.changes.some(isUnsettled)) await endpoints.withoutChanges(tenant, stored);
  }
}
