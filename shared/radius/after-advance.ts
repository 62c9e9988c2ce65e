/** What follows once an endpoint has moved: switches are told, and the entries of who is behind its addresses; and what has drifted. */
import { isUnsettled } from '../endpoints/changes.ts';
import type { ChangeNotifier } from '../endpoints/change-notifier.ts';
import { newRepairs, repairLine } from '../endpoints/edge-drift.ts';
import type { EventLog } from '../journal/event-line.ts';
import type { Measure } from '../journal/measure.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { tellEntries, type TellEntries, type ToldEndpoint } from './tell-entries.ts';

export interface AfterAdvance extends TellEntries {
  readonly notifier: ChangeNotifier;
  readonly events: Pick<EventLog, 'tell'>;
  readonly measure: Measure;
  readonly now: () => number;
}

export async function afterAdvance(deps: AfterAdvance, tenant: TenantId, advanced: ToldEndpoint): Promise<void> {
  const { before, endpoint } = advanced;
  const known = new Set(before?.changes.map(({ id }) => id));
  const isNew = endpoint.changes.some((change) => isUnsettled(change) && !known.has(change.id));
  if (isNew) await deps.notifier.changed(tenant, endpoint.mac);
  await tellEntries(deps, tenant, advanced);
  const repairs = newRepairs(before, endpoint);
  if (repairs.length === 0) return;
  deps.measure(tenant, deps.now(), { DriftFound: repairs.length });
  await deps.events.tell(tenant, repairs.map((change) => repairLine(endpoint, change))); // prettier-ignore
}
