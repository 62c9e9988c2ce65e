/**
 * An automatic action on an endpoint, within the blast-radius cap. What would change nothing costs nothing: it is neither
 * counted nor held. Clears do not come here.
 */
import { advance } from '../endpoints/advance.ts';
import { type AdvancedEndpoint, advanceEndpoint } from '../endpoints/endpoint-table.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { EndpointEvent } from '../endpoints/events.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { Case, Verdict } from './admission.ts';
import { verdict } from './admission.ts';
import { openApproval } from './approval.ts';

type Guarded = Extract<EndpointEvent, { kind: 'held' | 'terminated' }>;

/** `exceeded`: it would be one more than the cap, and nothing was done. */
export async function guardedAct(
  at: Case,
  { mac, endpoint }: { readonly mac: Mac; readonly endpoint: Endpoint | undefined },
  event: Guarded,
): Promise<AdvancedEndpoint | 'exceeded'> {
  const { deps, tenant } = at;
  const isAct = (read: Endpoint | undefined) => acts(read, event, { mac, now: deps.now(), newId: deps.newId });
  let budget: 'unasked' | 'taken' = at.decidedBy === 'operator' ? 'taken' : 'unasked';
  let isToBeAsked = isAct(endpoint);
  for (;;) {
    if (budget === 'unasked' && isToBeAsked) {
      if ((await take(at, mac, event)) === 'exceeded') return 'exceeded';
      budget = 'taken';
    }
    // What was read before may have changed since: only who has taken from the budget may change anything.
    const advanced = await advanceEndpoint(deps, tenant, mac, (read) => (budget === 'taken' || !isAct(read) ? event : undefined)); // prettier-ignore
    if (advanced !== undefined) return advanced;
    isToBeAsked = true;
  }
}

function acts(read: Endpoint | undefined, event: Guarded, circumstances: Parameters<typeof advance>[2]): boolean {
  const { outcome, endpoint } = advance(read, event, circumstances);
  return event.kind === 'held' ? outcome === 'applied' || outcome === 'extended' : endpoint !== read;
}

const take = async ({ deps, tenant, settings, received }: Case, mac: Mac, event: Guarded) => {
  const what = event.kind === 'held' ? event.reason.hold : event.kind;
  const key = JSON.stringify([received.client, received.message.eventId, mac, what]);
  return deps.budget.take(tenant, { key, most: settings.guards.mostActions, now: deps.now() });
};

/** It waits for an operator, who may reject what came with it in one call. */
export async function beyondCap({ deps, tenant, settings, received }: Case, mac: Mac): Promise<Verdict> {
  await deps.approvals.open(tenant, openApproval(received, [mac], 'blast-radius'));
  const message = `More than ${settings.guards.mostActions} automatic actions in ten minutes: an operator has to say whether ${mac} is meant as well.`; // prettier-ignore
  return verdict('held-for-approval', 'blast-radius', message, { mac, flags: ['blast-radius'] });
}

/** Many devices have the address: whom it means is for an operator to say. */
export async function throughSharedAddress({ deps, tenant, received }: Case, mac: Mac): Promise<Verdict> {
  await deps.approvals.open(tenant, openApproval(received, [mac], 'shared-address'));
  const message = `Many devices share ${received.message.endpointIp}, and the event names no MAC: an operator has to say whether ${mac} is meant.`; // prettier-ignore
  return verdict('held-for-approval', 'shared-address', message, { mac, flags: ['shared-address'] });
}
