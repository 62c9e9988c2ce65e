/**
 * An automatic action on an endpoint, within the blast-radius cap. What would change nothing, or hold for longer what is
 * held so already, costs nothing: it is neither counted nor held. Clears do not come here.
 */
import { advance } from '../endpoints/advance.ts';
import { type AdvancedEndpoint, advanceEndpoint } from '../endpoints/endpoint-table.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { EndpointEvent } from '../endpoints/events.ts';
import { reasonsAt } from '../endpoints/holds.ts';
import type { Mac } from '../endpoints/mac.ts';
import { type Case, leaveTrace, type Verdict, verdict } from './admission.ts';
import { type ApprovalReason, openApproval } from './approval.ts';

type Guarded = Extract<EndpointEvent, { kind: 'held' | 'terminated' }>;

/** `longer`: it stands already, and stays so for longer. */
type Weight = 'nothing' | 'longer' | 'act';

/** `exceeded`: it would be one more than the cap, and nothing was done. */
export async function guardedAct(
  at: Case,
  { mac, endpoint }: { readonly mac: Mac; readonly endpoint: Endpoint | undefined },
  event: Guarded,
): Promise<AdvancedEndpoint | 'exceeded'> {
  const { deps, tenant } = at;
  const weigh = (read: Endpoint | undefined) => weightOf(read, event, { mac, now: deps.now(), newId: deps.newId });
  const weight = weigh(endpoint);
  if (weight === 'longer') await trace(at, mac, event);
  if (weight !== 'act') {
    // What was read before may have changed since: only who has taken from the budget may do more.
    const advanced = await advanceEndpoint(deps, tenant, mac, (read) => {
      const now = weigh(read);
      return now === 'nothing' || now === weight ? event : undefined;
    });
    if (advanced !== undefined) return advanced;
  }
  if (at.decidedBy !== 'operator' && (await take(at, mac, event)) === 'exceeded') return 'exceeded';
  await trace(at, mac, event);
  return act(at, mac, event);
}

const trace = async (at: Case, mac: Mac, event: Guarded) =>
  leaveTrace(at, { kind: event.kind === 'held' ? 'endpoint' : 'terminated', mac });

async function act({ deps, tenant }: Case, mac: Mac, event: Guarded): Promise<AdvancedEndpoint> {
  const advanced = await advanceEndpoint(deps, tenant, mac, event);
  if (advanced === undefined) throw new Error('An event that is not a rule is always followed.');
  return advanced;
}

function weightOf(read: Endpoint | undefined, event: Guarded, circumstances: Parameters<typeof advance>[2]): Weight {
  const { outcome, endpoint } = advance(read, event, circumstances);
  if (event.kind === 'terminated') return endpoint === read ? 'nothing' : 'act';
  if (outcome !== 'applied' && outcome !== 'extended') return 'nothing';
  const { hold, role, session } = event.reason;
  const standing = read ? reasonsAt(read, circumstances.now) : [];
  const isHeldSo = standing.some(
    (each) => each.hold === hold && each.role === role && (each.session === null || each.session === session),
  );
  return outcome === 'extended' && isHeldSo ? 'longer' : 'act';
}

const take = async ({ deps, tenant, settings, received }: Case, mac: Mac, event: Guarded) => {
  const what = event.kind === 'held' ? event.reason.hold : event.kind;
  const key = JSON.stringify([received.client, received.message.eventId, mac, what]);
  return deps.budget.take(tenant, { key, most: settings.guards.mostActions, now: deps.now() });
};

/** It waits for an operator, who may reject what came with it in one call. */
export async function beyondCap(at: Case, mac: Mac): Promise<Verdict> {
  await ask(at, [mac], 'blast-radius');
  const { settings } = at;
  const message = `More than ${settings.guards.mostActions} automatic actions in ten minutes: an operator has to say whether ${mac} is meant as well.`; // prettier-ignore
  return verdict('held-for-approval', 'blast-radius', message, { mac, flags: ['blast-radius'] });
}

/** Many devices have the address: whom it means is for an operator to say. */
export async function throughSharedAddress(at: Case, mac: Mac): Promise<Verdict> {
  await ask(at, [mac], 'shared-address');
  const { received } = at;
  const message = `Many devices share ${received.message.endpointIp}, and the event names no MAC: an operator has to say whether ${mac} is meant.`; // prettier-ignore
  return verdict('held-for-approval', 'shared-address', message, { mac, flags: ['shared-address'] });
}

/** Has an operator say what is to become of it. */
export async function ask(at: Case, macs: readonly Mac[], reason: ApprovalReason): Promise<void> {
  const approval = openApproval(at.received, macs, reason);
  await leaveTrace(at, { kind: 'approval', id: approval.id });
  await at.deps.approvals.open(at.tenant, approval);
}
