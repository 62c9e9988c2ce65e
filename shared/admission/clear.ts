/**
 * Clears. One by address goes where the reason was opened through the address, whoever has it by now; one by MAC goes to
 * the MAC, and to no other device that has or had the address. What only waits is taken away with it, and that the clear
 * has come is remembered: a hold that is older than it and comes late is stale, also where nothing was known to be
 * cleared.
 */
import type { AdmissionPolicy } from '../configuration/threat-response.ts';
import { advanceEndpoint } from '../endpoints/endpoint-table.ts';
import type { Endpoint, Hold, ThreatMessage, WaitingMessage } from '../endpoints/endpoint.ts';
import type { Mac } from '../endpoints/mac.ts';
import { type Case, leaveTrace, senderOf, type Verdict, verdict } from './admission.ts';
import { type Approval, withdrawApproval } from './approval.ts';
import { mayOpen } from './choose-policy.ts';
import { notify, stale } from './hold.ts';
import { clearedThrough, waitingThrough } from './who-is-meant.ts';

export async function clear(at: Case, policy: AdmissionPolicy): Promise<Verdict> {
  const { deps, tenant, received } = at;
  const { endpointIp: ip, endpointMac, occurredAt } = received.message;
  const kind: Hold = policy.action === 'clear-block' ? 'blocked' : 'quarantined';
  if (occurredAt !== null) {
    const clearing = { client: received.client, hold: kind, target: endpointMac ?? ip };
    await deps.memory.noteClear(tenant, clearing, occurredAt, deps.now());
  }
  const known = await deps.endpoints.at(tenant, ip);
  const read = await deps.endpoints.read(tenant, endpointMac === null ? known.macs : [endpointMac]);
  const candidates = read.flatMap((stored) => stored?.endpoint ?? []);
  const macs = endpointMac === null ? meantBy(candidates, at, kind) : candidates.map(({ mac }) => mac);

  const outcomes = [];
  for (const mac of macs) outcomes.push({ mac, ...(await clearOne(at, mac, kind)) });
  // Whom a message that waits for the address means is not known: a clear of one device is none of it.
  const waited = endpointMac === null ? await withoutPending(at, known.pending, kind) : 0;
  const withdrawn = await withoutApprovals(at, kind, candidates);

  const cleared = outcomes.filter(({ outcome }) => outcome === 'cleared').map(({ mac }) => mac);
  const about = { mac: cleared[0] ?? endpointMac ?? macs[0] ?? null, policy, changes: outcomes.flatMap(({ changes }) => changes) }; // prettier-ignore
  if (cleared.length + waited + withdrawn > 0) {
    const what = [
      ...(cleared.length > 0 ? [`${cleared.join(', ')} is no longer ${kind} by this sender`] : []),
      ...(waited > 0 ? [`${waited} of its messages about ${ip} need wait no longer`] : []),
      ...(withdrawn > 0 ? ['what was held for approval is withdrawn'] : []),
    ];
    return verdict('applied', 'cleared', `${what.join('; ')}.`, about);
  }
  if (outcomes.some(({ outcome }) => outcome === 'stale')) return stale(about);
  return verdict('ignored', 'nothing-to-clear', `Nothing is ${kind} by this sender through ${endpointMac ?? ip}: nothing was done.`, about); // prettier-ignore
}

const meantBy = (candidates: readonly Endpoint[], at: Case, kind: Hold): readonly Mac[] => {
  const { client, message } = at.received;
  const through = { client, hold: kind, ip: message.endpointIp };
  const awaiting = candidates.filter((endpoint) => unwanted(waitingThrough(endpoint, through), at, kind).length > 0);
  return [...new Set([...clearedThrough(candidates, through, at.deps.now()), ...awaiting.map(({ mac }) => mac)])];
};

async function clearOne(at: Case, mac: Mac, kind: Hold) {
  const { deps, tenant, received } = at;
  const advanced = await advanceEndpoint(deps, tenant, mac, (read) => {
    if (read === undefined) return undefined;
    const ours = read.waiting.filter(({ client }) => client === received.client);
    return {
      kind: 'cleared',
      hold: kind,
      sender: senderOf(received),
      occurredAt: received.message.occurredAt,
      unwanted: unwanted(ours, at, kind).map(({ message }) => message.eventId),
    };
  });
  if (advanced?.outcome === 'cleared') await leaveTrace(at, { kind: 'cleared', mac });
  return { outcome: advanced?.outcome ?? 'nothing-to-clear', changes: advanced ? await notify(at, advanced) : [] };
}

/** Messages that could open what is cleared, and are not newer than the clear. */
const unwanted = <Waiting extends WaitingMessage>(
  waiting: readonly Waiting[],
  { received, settings }: Case,
  kind: Hold,
) =>
  // prettier-ignore
  waiting.filter(({ template, message, client }) => {
    const { occurredAt } = received.message;
    const isNewer = message.occurredAt !== null && occurredAt !== null && message.occurredAt > occurredAt;
    return client === received.client && !isNewer && mayOpen(settings.admissionPolicies, { template, ...message }, kind);
  });

async function withoutPending(
  at: Case,
  pending: Awaited<ReturnType<Case['deps']['endpoints']['at']>>['pending'],
  kind: Hold,
) {
  // prettier-ignore
  const { deps, tenant } = at;
  const removed = await Promise.all(
    unwanted(pending, at, kind).map(async (each) => deps.endpoints.removePending(tenant, each)),
  );
  return removed.filter((each) => each === 'removed').length;
}

/** Of a clear by MAC, whatever the address that its message named. */
function messageAbout({ subject }: Approval, { endpointMac }: ThreatMessage): readonly WaitingMessage[] {
  if (subject.kind !== 'message') return [];
  return endpointMac === null || subject.macs.includes(endpointMac) ? [subject.received] : [];
}

/** Of a clear by MAC all addresses are looked at that the endpoint has had: through another one it may have been accused as well. */
async function withoutApprovals(at: Case, kind: Hold, candidates: readonly Endpoint[]): Promise<number> {
  const { deps, tenant, received } = at;
  const { client, message } = received;
  const had = message.endpointMac === null ? [] : candidates.flatMap(({ addresses }) => addresses.map(({ ip }) => ip));
  const asked = await Promise.all(
    [...new Set([message.endpointIp, ...had])].map(async (ip) => deps.approvals.about(tenant, client, ip)),
  );
  const ours = asked
    .flat()
    .filter((each) => each.state === 'open' && unwanted(messageAbout(each, message), at, kind).length > 0);
  const decided = await Promise.all(
    ours.map(async ({ id }) => withdrawApproval(deps.approvals, tenant, id, { by: client, now: deps.now() })),
  );
  return decided.filter((each) => each === 'withdrawn').length;
}
