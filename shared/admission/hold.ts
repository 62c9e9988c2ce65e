/** What a policy does to an endpoint: put into quarantine, blocked, let go of. */
import type { AdmissionPolicy } from '../configuration/threat-response.ts';
import { isUnsettled } from '../endpoints/changes.ts';
import { type AdvancedEndpoint, advanceEndpoint } from '../endpoints/endpoint-table.ts';
import type { Endpoint, EndpointSession, Reason } from '../endpoints/endpoint.ts';
import { mayGoOn } from '../endpoints/continuation.ts';
import { senderKey } from '../endpoints/holds.ts';
import type { Mac } from '../endpoints/mac.ts';
import { isOpen, openSessions } from '../endpoints/sessions.ts';
import { type Case, leaveTrace, occurredBy, senderOf, type Verdict, verdict } from './admission.ts';
import { beyondCap, guardedAct } from './guarded-act.ts';

export interface Target {
  readonly mac: Mac;
  readonly endpoint: Endpoint | undefined;
  /** The session that is meant; a login that is only just let in has none yet. */
  readonly session: EndpointSession | undefined;
}

/** What anything that was done to an endpoint tells. */
export const changesOf = ({ before, endpoint }: AdvancedEndpoint): readonly string[] =>
  endpoint.changes
    .filter((change) => isUnsettled(change) && before?.changes.every(({ id }) => id !== change.id) !== false)
    .map(({ id }) => id);

/** Says so where switches have to be told of it. */
export async function notify({ deps, tenant }: Case, advanced: AdvancedEndpoint): Promise<readonly string[]> {
  const changes = changesOf(advanced);
  if (changes.length > 0) await deps.notifier.changed(tenant, advanced.endpoint.mac);
  return changes;
}

/** `undefined`: it is for a session, and there is none yet. */
export async function hold(at: Case, policy: AdmissionPolicy, target: Target): Promise<Verdict | undefined> {
  const { deps, received } = at;
  const isForSession = policy.action === 'quarantine' && policy.assignment === 'session';
  const session = isForSession ? sessionToHold(target, deps.now()) : undefined;
  if (isForSession && session === undefined) {
    // Where none was known, one may still come; where one was, it is over.
    if (received.message.endpointMac !== null || target.session === undefined) return undefined;
    return over(policy);
  }
  const reason = reasonFor(at, policy, session?.key ?? null);
  const event = { kind: 'held', reason, occurredAt: received.message.occurredAt } as const;
  const advanced = await guardedAct(at, target, event);
  if (advanced === 'exceeded') return { ...(await beyondCap(at, target.mac)), policy };
  const about = { mac: target.mac, policy, changes: await notify(at, advanced) };
  const done = policy.action === 'block' ? 'blocked' : `put into the quarantine role "${policy.role ?? ''}"`;
  const length = `${session === undefined ? '' : ' for this session'}${reason.until === null ? '' : ` until ${new Date(reason.until).toISOString()}`}`; // prettier-ignore
  switch (advanced.outcome) {
    case 'stale':
      return stale({ mac: target.mac, policy });
    case 'repeated':
      return verdict('applied', 'already-held', `The endpoint ${target.mac} is ${done} already: nothing changed.`, about); // prettier-ignore
    case 'late':
      return over(policy);
    case 'extended':
      return verdict('applied', 'hold-extended', `The endpoint ${target.mac} stays ${done}${length || ' until it is cleared'}.`, about); // prettier-ignore
    default:
      return verdict('applied', reason.hold, `The endpoint ${target.mac} is ${done}${length}.`, about);
  }
}

const over = (policy: AdmissionPolicy): Verdict =>
  verdict('ignored', 'session-over', 'The policy is for the session only, and that is over: nothing is done.', { policy }); // prettier-ignore

export const stale = (about: Partial<Verdict>): Verdict =>
  verdict('stale', 'stale', 'A newer event of this sender about this endpoint was applied before: nothing was done.', about); // prettier-ignore

function reasonFor({ received, deps }: Case, policy: AdmissionPolicy, session: string | null): Omit<Reason, 'since'> {
  const { message } = received;
  const { releaseAfterMinutes, action } = policy;
  return {
    hold: action === 'block' ? 'blocked' : 'quarantined',
    sender: senderOf(received),
    threatName: message.threatName,
    until: releaseAfterMinutes === null ? null : deps.now() + releaseAfterMinutes * 60_000,
    role: action === 'block' ? null : policy.role,
    session,
    ip: message.endpointIp,
    eventId: message.eventId,
    event: message.event,
    severity: message.severity,
    policy: policy.name,
    note: null,
  };
}

/** The session that is meant, or one that the endpoint has instead of it by now. */
function sessionToHold({ endpoint, session }: Target, now: number): EndpointSession | undefined {
  if (endpoint === undefined) return undefined;
  const stands = session !== undefined && (isOpen(session, now) || mayGoOn(endpoint, session, now));
  return stands ? session : openSessions(endpoint, now)[0];
}

/** `undefined`: somebody has logged in meanwhile, so that there is nothing to wait for. */
export async function waitForLogin(
  at: Case,
  { mac }: Pick<Target, 'mac'>,
  policy: AdmissionPolicy | null,
): Promise<Verdict | undefined> {
  const { deps, tenant, received } = at;
  await leaveTrace(at, { kind: 'endpoint', mac });
  const waiting = await advanceEndpoint(deps, tenant, mac, (read) =>
    read !== undefined && openSessions(read, deps.now()).length > 0
      ? undefined
      : { kind: 'awaited', waiting: received },
  );
  if (waiting === undefined) return undefined;
  return verdict('pending', 'waiting-for-login', `Nobody is logged in on ${mac}: what is done is decided at the next login.`, { mac, policy }); // prettier-ignore
}

export async function terminate(
  at: Case,
  policy: AdmissionPolicy,
  { mac, endpoint, session }: Target,
): Promise<Verdict> {
  // prettier-ignore
  const { deps, received } = at;
  const { occurredAt } = received.message;
  const last = endpoint?.lastApplied[senderKey(senderOf(received))];
  if (occurredAt !== null && last !== undefined && occurredAt < last) return stale({ mac, policy });
  const isMeant = session !== undefined && isOpen(session, deps.now()) && session.startedAt <= occurredBy(received);
  if (!isMeant) {
    return verdict('ignored', 'no-session', `The endpoint ${mac} has no session that could be ended.`, { mac, policy });
  }
  const advanced = await guardedAct(at, { mac, endpoint }, { kind: 'terminated', session: session.key });
  if (advanced === 'exceeded') return { ...(await beyondCap(at, mac)), policy };
  const changes = await notify(at, advanced);
  return verdict('applied', 'session-terminated', `The session of ${mac} is to end; its switch is told.`, { mac, policy, changes }); // prettier-ignore
}
