/**
 * Once a minute: what time alone changes. Holds that ended by themselves are told, and switches let go of who was held;
 * messages that nobody had the address for are told as unmatched; changes that were not announced are announced again.
 * What is told has an id and a time of its own, so that telling it twice is one line, and nothing is taken away untold.
 */
import { announceChanges } from '../endpoints/announce-changes.ts';
import { nextChange } from '../endpoints/changes.ts';
import type { ChangeNotifier } from '../endpoints/change-notifier.ts';
import {
  advanceEndpoint,
  type Due,
  type EndpointTable,
  isPastWaiting,
  type PendingMessage,
} from '../endpoints/endpoint-table.ts';
import { endedReasons, nextLookAt } from '../endpoints/holds.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { EventLog } from '../journal/event-line.ts';
import type { Measure } from '../journal/measure.ts';
import type { TenantStore } from '../tenancy/create-tenant.ts';
import { isLive, type TenantId } from '../tenancy/tenant.ts';
import { expiredLine, releasedLine } from './event-lines.ts';

export interface TendEndpoints extends EndpointTable {
  readonly tenants: Pick<TenantStore, 'list'>;
  readonly events: EventLog;
  readonly notifier: ChangeNotifier;
  readonly measure: Measure;
  /** Hears of what could not be seen to; all else is, and this is in a minute. */
  readonly untended: (tenant: TenantId, error: unknown) => void;
}

/** Tenants that are seen to at once, and listed in one page. */
const atOnce = 20;
const pageSize = 100;
/** What a step may take with all its repeats: so long before the end no further ones are begun. */
const lastStepMs = 15_000;

export async function tendEndpoints(
  deps: TendEndpoints,
  { deadlineAt }: { readonly deadlineAt: number },
): Promise<void> {
  const until = deadlineAt - lastStepMs;
  let after: string | undefined;
  do {
    const { items, next } = await deps.tenants.list({ limit: atOnce, ...(after !== undefined && { after }) });
    await Promise.all(items.filter(isLive).map(async ({ id }) => tend(deps, id, until)));
    after = next;
  } while (after !== undefined && deps.now() < until);
}

/** Never throws. */
async function tend(deps: TendEndpoints, tenant: TenantId, until: number): Promise<void> {
  try {
    for (let seen = pageSize; seen === pageSize && deps.now() < until;) {
      const due = await deps.endpoints.due(tenant, deps.now(), pageSize);
      const outcomes = await Promise.all(due.map(async (each) => seeTo(deps, tenant, each)));
      seen = outcomes.filter((outcome) => outcome === 'done').length;
    }
    await announceChanges(deps, tenant);
  } catch (error) {
    deps.untended(tenant, error);
  }
}

async function seeTo(deps: TendEndpoints, tenant: TenantId, due: Due): Promise<'done' | 'later'> {
  try {
    const outcome = due.kind === 'endpoint' ? await look(deps, tenant, due) : await expire(deps, tenant, due);
    if (outcome === 'done') await deps.endpoints.removeDue(tenant, due);
    return outcome;
  } catch (error) {
    deps.untended(tenant, error);
    return 'later';
  }
}

/** First the changes that it makes necessary, then what is told, and only then what is told of is taken away. */
async function look(deps: TendEndpoints, tenant: TenantId, { mac, at }: { readonly mac: Mac; readonly at: number }) {
  const looked = await advanceEndpoint(deps, tenant, mac, (read) => read && { kind: 'looked-at' });
  if (looked === undefined) return 'done';
  const now = deps.now();
  const ended = endedReasons(looked.endpoint, now);
  if (ended.length > 0) {
    await deps.events.tell(tenant, ended.map((reason) => releasedLine(looked.endpoint, reason))); // prettier-ignore
    await advanceEndpoint(deps, tenant, mac, (read) => read && { kind: 'ends-told', at: now });
  }
  if (nextChange(looked.endpoint, now)) await deps.notifier.changed(tenant, mac);
  const [after] = await deps.endpoints.read(tenant, [mac]);
  return after && nextLookAt(after.endpoint) === at ? 'later' : 'done';
}

async function expire(deps: TendEndpoints, tenant: TenantId, { ip, at }: Extract<Due, { kind: 'pending' }>) {
  const { pending } = await deps.endpoints.at(tenant, ip);
  const of = pending.filter(({ until }) => until <= at);
  const over = of.filter((each) => isPastWaiting(each, deps.now()));
  await deps.events.tell(tenant, over.map(expiredLine));
  await Promise.all(over.map(async (each: PendingMessage) => deps.endpoints.removePending(tenant, each)));
  return over.length === of.length ? 'done' : 'later';
}
