/** Hands pending changes of authorization over to whoever asks for a site: its own RADIUS server tells the switches. */
import { ServiceError } from '../service-error.ts';
import type { Debug } from '../journal/debug.ts';
import type { Measure } from '../journal/measure.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { handedOver } from './change-debugging.ts';
import { isUnsettled, nextChange, nextChangeAt } from './changes.ts';
import type { EndpointTable, StoredEndpoint } from './endpoint-table.ts';
import type { Mac } from './mac.ts';
import { measuredSending } from './measure-changes.ts';
import { type SwitchClient, takeChange, type TakenChange } from './take-change.ts';

export interface HandOverChanges extends EndpointTable {
  readonly debug: Debug;
  readonly measure: Measure;
  readonly settingsOf: (tenant: TenantId) => Promise<{
    readonly changeOfAuthorization: 'site' | 'direct';
    readonly radiusClients: readonly SwitchClient[];
  }>;
  readonly wait: (ms: number) => Promise<void>;
}

/** So long may the site take to answer; then it has forgotten the change, and is given it again. */
export const siteLeaseMs = 30_000;

/** No more than are sent and answered within their lease, also where none of the switches answers. */
const mostAtOnce = 10;

/** Waiting costs one read a second. */
const pauseMs = 1_000;

/** Taken from the list in one look: what is to be sent does not wait for more. */
const mostTidied = 25;

/** An endpoint whose changes wait for their time is read again so soon: there may be a newer one among them. */
const longestUnreadMs = 3_000;

/**
 * Returns as soon as there are some, or with none when the wait is over. Throws `changes-sent-directly` where they are
 * not the site's to send.
 */
export async function handOverChanges(
  deps: HandOverChanges,
  tenant: TenantId,
  waitMs: number,
): Promise<readonly TakenChange[]> {
  const { changeOfAuthorization, radiusClients } = await deps.settingsOf(tenant);
  if (changeOfAuthorization === 'direct') {
    throw new ServiceError(
      'changes-sent-directly',
      'Changes of authorization are sent to the switches by us. Set threatResponse.changeOfAuthorization to "site" to have them handed over.',
    );
  }
  const until = deps.now() + waitMs;
  const look = lookingFor(deps, tenant, radiusClients);
  for (;;) {
    const handed = await look();
    const leftMs = until - deps.now();
    for (const { change } of handed) deps.measure(tenant, deps.now(), measuredSending(change));
    for (const taken of handed) await deps.debug.say(tenant, () => handedOver(taken));
    if (handed.length > 0 || leftMs <= 0) return handed;
    await deps.wait(Math.min(pauseMs, leftMs));
  }
}

function lookingFor(deps: HandOverChanges, tenant: TenantId, clients: readonly SwitchClient[]) {
  const unreadUntil = new Map<Mac, number>();

  /**
   * Those that have something to send now; whatever has nothing left is taken from the list. What was tried in vain least
   * often comes first: many that a dead switch has must not hold up one that is new.
   */
  async function ready(): Promise<readonly Mac[]> {
    const now = deps.now();
    const listed = await deps.endpoints.withChanges(tenant);
    const macs = listed.filter((mac) => (unreadUntil.get(mac) ?? 0) <= now);
    if (macs.length === 0) return [];
    const read = await deps.endpoints.read(tenant, macs);
    const over: StoredEndpoint[] = [];
    const found: { readonly mac: Mac; readonly attempts: number }[] = [];
    for (const [index, mac] of macs.entries()) {
      const stored = read[index];
      const next = stored && nextChange(stored.endpoint, now);
      if (next) found.push({ mac, attempts: next.attempts });
      else if (stored && !stored.endpoint.changes.some(isUnsettled)) over.push(stored);
      else unreadUntil.set(mac, Math.min((stored && nextChangeAt(stored.endpoint, now)) ?? Infinity, now + longestUnreadMs)); // prettier-ignore
    }
    await Promise.all(over.slice(0, mostTidied).map(async (stored) => deps.endpoints.withoutChanges(tenant, stored)));
    return found.sort((one, other) => one.attempts - other.attempts).map(({ mac }) => mac);
  }

  return async (): Promise<readonly TakenChange[]> => {
    const macs = (await ready()).slice(0, mostAtOnce);
    const taken = await Promise.all(macs.map(async (mac) => takeChange(deps, tenant, { mac, clients, leaseMs: siteLeaseMs }))); // prettier-ignore
    return taken.filter((change) => change !== undefined);
  };
}
