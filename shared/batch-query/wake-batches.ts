/** Once a minute: batch queries that have not begun, or whose message or worker was lost, are sent on their way. */
import type { TenantId } from '../tenancy/tenant.ts';
import { hopServer } from '../user-query/hops.ts';
import { batchHop, type BatchRoster, isLost } from './batch.ts';
import type { RunBatch } from './run-batch.ts';

export interface WakeBatches extends Pick<RunBatch, 'settingsOf' | 'batches' | 'cellOf' | 'queue'> {
  readonly roster: BatchRoster;
  readonly now: () => number;
  /** Hears of a tenant that could not be seen to; the others are, and this one is in a minute. */
  readonly unwoken: (tenant: TenantId, error: unknown) => void;
}

/** Tenants that are seen to at once. */
const atOnce = 20;

export async function wakeBatches(deps: WakeBatches): Promise<void> {
  const tenants = [...(await deps.roster.list())];
  const worker = async () => {
    for (let tenant = tenants.shift(); tenant !== undefined; tenant = tenants.shift()) {
      const one = tenant;
      await wake(deps, one).catch((error: unknown) => deps.unwoken(one, error));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function wake({ batches, settingsOf, cellOf, queue, now }: WakeBatches, tenant: TenantId): Promise<void> {
  if (!isLost(await batches.read(tenant), now())) return;
  const settings = await settingsOf(tenant);
  const hop = batchHop(settings.identityManagement, 'jims');
  if (hop === undefined) return;
  const cell = await cellOf(hopServer(settings, hop).server);
  await queue.send(cell, { tenant, batch: 'next', ask: hop }, 0);
}
