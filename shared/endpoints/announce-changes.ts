/** Finds changes of authorization that are due and whose message was lost, or whose sender ended in between. */
import type { TenantId } from '../tenancy/tenant.ts';
import type { ChangeQueue, ChangeWay } from './change-notifier.ts';
import { isUnsettled, nextChange } from './changes.ts';
import type { EndpointTable } from './endpoint-table.ts';

export interface AnnounceChanges extends EndpointTable, ChangeWay {
  readonly queue: ChangeQueue;
}

/** For a schedule: where we tell the switches, each endpoint with something to send is announced. One read where there is none. */
export async function announceChanges(deps: AnnounceChanges, tenant: TenantId): Promise<void> {
  const macs = await deps.endpoints.withChanges(tenant);
  if (macs.length === 0 || (await deps.settingsOf(tenant)).changeOfAuthorization !== 'direct') return;
  const read = await deps.endpoints.read(tenant, macs);
  for (const stored of read.filter((each) => each !== undefined)) {
    const { endpoint } = stored;
    if (nextChange(endpoint, deps.now())) await deps.queue.send({ tenant, mac: endpoint.mac }, 0);
    else if (!endpoint.changes.some(isUnsettled)) await deps.endpoints.withoutChanges(tenant, stored);
  }
}
