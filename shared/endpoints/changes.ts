/**
 * Changes of authorization. Which sessions need one is derived: a session was granted something at its login, and where
 * it is to have something else by now, its switch must let go of it, so that it logs in again. Only the newest wanted
 * state of a session is sent, and no session is forgotten before its switch has acknowledged. Where one goes on although
 * its switch said that it is over, the two have drifted apart: the switch is told again, and that is a repair.
 */
import { sessionContextNotFound } from './continuation.ts';
import type { Access, Change, Endpoint, EndpointSession } from './endpoint.ts';
import type { ChangeAnswer } from './events.ts';
import { accessOf, isSameAccess } from './holds.ts';
import { endedWhere } from './session-events.ts';
import { openSessions, sessionOf } from './sessions.ts';

const firstWaitMs = 5_000;
const longestWaitMs = 5 * 60_000;
/** Whoever has refused so often, or been silent, is not asked every five minutes for ever: once an hour. */
const attemptsInARow = 12;
const hourMs = 3_600_000;

/** A record of the session that was on its way when its switch answered comes soon after, and is no sign of life. */
export const passingMs = 10_000;

/** How long each further repair of a session waits: a switch that says yes and does nothing is not fought. */
const repairWaitsMs = [0, longestWaitMs, hourMs] as const;
const mostChanges = 32;

/** Neither answered for good nor overtaken. */
export const isUnsettled = ({ state }: Change) =>
  state === 'pending' || state === 'sent' || state === 'timed-out' || state === 'refused';

/** Handed on, and neither answered nor given up; also one that has been overtaken meanwhile. */
const isUnderWay = ({ sentAt, answeredAt, nextAt }: Change, now: number) =>
  sentAt !== null && (answeredAt === null || answeredAt < sentAt) && now < nextAt;

/** What is to be sent now: the oldest that is due, and none while another is under way, so that all arrive in order. */
export const nextChange = ({ changes }: Endpoint, now: number): Change | undefined =>
  changes.some((change) => isUnderWay(change, now))
    ? undefined
    : changes.findLast((change) => isUnsettled(change) && change.nextAt <= now);

/** When there is something to send, if nothing happens until then; `undefined`: never. */
export function nextChangeAt({ changes }: Endpoint, now: number): number | undefined {
  const due = changes.filter(isUnsettled).map(({ nextAt }) => nextAt);
  const free = changes.filter((change) => isUnderWay(change, now)).map(({ nextAt }) => nextAt);
  return due.length === 0 ? undefined : Math.max(Math.min(...due), ...free);
}

/** Every open session that has not what it is to have gets a change; those that are overtaken end. */
export function withChanges(endpoint: Endpoint, now: number, newId: () => string): Endpoint {
  const settled = { ...endpoint, changes: endpoint.changes.map((change) => overtaken(endpoint, change, now)) };
  const wanted = openSessions(endpoint, now).flatMap((session) => {
    const access = accessOf(endpoint, now, session.key);
    const needs = neededChange(settled, session, access);
    return needs === 'none' ? [] : [{ ...pending(session, access, now, newId()), ...(needs !== 'first' && repairing(needs, now)) }]; // prettier-ignore
  });
  if (wanted.length === 0) return settled;
  const supersede = (change: Change): Change =>
    isUnsettled(change) && wanted.some(({ session }) => session === change.session) ? { ...change, state: 'superseded' } : change; // prettier-ignore
  return { ...settled, changes: kept([...wanted, ...settled.changes.map(supersede)]) };
}

function overtaken(endpoint: Endpoint, change: Change, now: number): Change {
  if (!isUnsettled(change)) return change;
  const session = sessionOf(endpoint, change.session);
  // One that is only lost may go on at its switch, which has not said that it let go of it.
  if (session?.endedAt !== null) return { ...change, state: 'session-over' };
  const wanted = accessOf(endpoint, now, session.key);
  if (isUnderWay(change, now)) return change;
  return isSameAccess(change.wanted, wanted)
    ? soonerIfHeardOf(change, session, now)
    : { ...change, state: 'superseded' };
}

/** A switch that was silent for long and tells of the session is there again, and need not be waited for by the hour. */
function soonerIfHeardOf(change: Change, { heardAt }: EndpointSession, now: number): Change {
  const { state, answeredAt, nextAt } = change;
  if (state !== 'timed-out' || heardAt <= (answeredAt ?? 0)) return change;
  const soonest = Math.max(now, (answeredAt ?? 0) + longestWaitMs);
  return nextAt <= soonest ? change : { ...change, nextAt: soonest };
}

/** None, the first of its kind, or one that repairs what became of this one. */
function neededChange({ changes }: Endpoint, session: EndpointSession, wanted: Access): 'none' | 'first' | Change {
  if (isSameAccess(session.granted, wanted)) return 'none';
  const last = changes.find((change) => change.session === session.key && change.state !== 'superseded');
  if (last === undefined || !isSameAccess(last.wanted, wanted)) return 'first';
  // Its switch said that the session is over: it is, unless it is heard of after that.
  return !isUnsettled(last) && session.heardAt > (last.answeredAt ?? 0) + passingMs ? last : 'none';
}

function repairing({ repairs = 0 }: Change, now: number): Pick<Change, 'repairs' | 'nextAt'> {
  return { repairs: repairs + 1, nextAt: now + (repairWaitsMs[repairs] ?? hourMs) };
}

const pending = ({ key }: EndpointSession, wanted: Access, now: number, id: string): Change => ({
  id,
  session: key,
  wanted,
  requestedAt: now,
  state: 'pending',
  attempts: 0,
  sentAt: null,
  nextAt: now,
  answeredAt: null,
  errorCause: null,
  roundTripMs: null,
  detail: null,
});

/** Those that are under way stay, however many. */
const kept = (changes: readonly Change[]) => changes.filter((change, at) => at < mostChanges || isUnsettled(change));

/** Sessions are to be let go of although they have what they are to have: one, or all that are open. */
export function terminating(endpoint: Endpoint, session: string | null, now: number, newId: () => string): Endpoint {
  const meant = openSessions(endpoint, now).filter(
    ({ key }) =>
      (session === null || key === session) &&
      !endpoint.changes.some((change) => isUnsettled(change) && change.session === key),
  );
  const changes = meant.map((each) => pending(each, accessOf(endpoint, now, each.key), now, newId()));
  return { ...endpoint, changes: kept([...changes, ...endpoint.changes]) };
}

export function taken(
  endpoint: Endpoint,
  told: { readonly changeId: string; readonly leaseMs: number; readonly detail: string },
  now: number,
): Endpoint {
  // prettier-ignore
  const take = (change: Change): Change =>
    change.id === told.changeId && isUnsettled(change) && change.nextAt <= now
      ? { ...change, state: 'sent', attempts: change.attempts + 1, sentAt: now, nextAt: now + told.leaseMs, detail: told.detail } // prettier-ignore
      : change;
  return { ...endpoint, changes: endpoint.changes.map(take) };
}

/** Cannot be sent yet: why is told, and it is looked at again after a while. */
export function delayed(
  endpoint: Endpoint,
  told: { readonly changeId: string; readonly delayMs: number; readonly detail: string },
  now: number,
): Endpoint {
  // prettier-ignore
  const delay = (change: Change): Change =>
    change.id === told.changeId && isUnsettled(change)
      ? { ...change, detail: told.detail, nextAt: now + told.delayMs }
      : change;
  return { ...endpoint, changes: endpoint.changes.map(delay) };
}

/** A NAK that says that the session is unknown ends it here too; any other, and silence, is tried again ever later. */
export function answered(endpoint: Endpoint, id: string, answer: ChangeAnswer, now: number): Endpoint | undefined {
  const found = endpoint.changes.find((change) => change.id === id);
  if (found?.sentAt == null || found.state === 'acknowledged') return undefined;
  // Once more, or of an attempt that was answered already: an answer is taken once.
  if (found.answeredAt !== null && found.answeredAt >= found.sentAt) return undefined;
  const isGone = answer.result === 'nak' && answer.errorCause === sessionContextNotFound;
  const state = answer.result === 'ack' ? 'acknowledged' : isGone ? 'session-over' : answer.result === 'nak' ? 'refused' : 'timed-out'; // prettier-ignore
  const { errorCause, roundTripMs } = answer;
  const detail = answer.detail ?? found.detail;
  const nextAt = now + waitMs(found.attempts);
  const isOvertaken = !isUnsettled(found) && state !== 'acknowledged';
  const change: Change = { ...found, state: isOvertaken ? found.state : state, answeredAt: now, errorCause, roundTripMs, detail, nextAt }; // prettier-ignore
  const told = { ...endpoint, changes: endpoint.changes.map((each) => (each.id === id ? change : each)) };
  const session = sessionOf(endpoint, found.session);
  return isGone && session ? endedWhere(told, ({ key }) => key === session.key, 'gone', now) : told;
}

const waitMs = (attempts: number) =>
  attempts > attemptsInARow ? hourMs : Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(attempts - 1, 10));
