/**
 * Every rule of an endpoint, in one pure function. Laws: whatever comes in whatever order, an endpoint with a reason that
 * stands is held, and one without is free; a repeat changes nothing; of one sender the newest event wins; what is stored
 * is decided by who reads it, so that what has expired is absent.
 */
import { answered, delayed, taken, terminating, withChanges } from './changes.ts';
import type { Endpoint, Reason, Sender, WaitingMessage } from './endpoint.ts';
import type { EndpointEvent } from './events.ts';
import { goesOnWith, isClosedBy, isSameReason, reasonsAt, senderKey } from './holds.ts';
import type { Mac } from './mac.ts';
import { addressed, endedWhere, forgetting, toldByAccounting, toldByLogin } from './sessions.ts';

export type Outcome =
  | 'applied'
  /** A reason that stood is to last longer now. */
  | 'extended'
  | 'repeated'
  | 'stale'
  | 'nothing-to-clear'
  | 'cleared'
  | 'waiting'
  | 'opened'
  | 'updated'
  | 'ended'
  /** Overtaken by what is known already. */
  | 'late'
  | 'unchanged';

export interface Advanced {
  readonly endpoint: Endpoint;
  readonly outcome: Outcome;
  /** The session that an event told of. */
  readonly session?: string;
}

export interface Circumstances {
  readonly mac: Mac;
  readonly now: number;
  readonly newId: () => string;
}

const mostWaiting = 32;
const mostSenders = 32;

export function advance(read: Endpoint | undefined, event: EndpointEvent, circumstances: Circumstances): Advanced {
  const { mac, now, newId } = circumstances;
  const before = read ?? unknown(mac, now);
  const { endpoint, outcome, session } = follow(before, event, circumstances);
  const told = session === undefined ? {} : { session };
  if (endpoint === before && event.kind !== 'looked-at') return { endpoint: before, outcome, ...told };
  const standing = { ...endpoint, reasons: reasonsAt(endpoint, now) };
  const after = forgetting(withChanges(standing, now, newId), now);
  return { endpoint: { ...after, changedAt: now }, outcome, ...told };
}

const unknown = (mac: Mac, now: number): Endpoint => ({
  mac,
  firstSeenAt: now,
  changedAt: now,
  reasons: [],
  sessions: [],
  addresses: [],
  waiting: [],
  lastApplied: {},
  changes: [],
  investigation: 'open',
});

function follow(endpoint: Endpoint, event: EndpointEvent, { now, newId }: Circumstances): Advanced {
  switch (event.kind) {
    case 'held':
      return held(endpoint, { ...event.reason, since: now }, event.occurredAt, now);
    case 'cleared':
      return cleared(endpoint, event, now);
    case 'awaited': {
      const others = endpoint.waiting.filter(({ message }) => message.eventId !== event.waiting.message.eventId);
      return { endpoint: { ...endpoint, waiting: [...others, event.waiting].slice(-mostWaiting) }, outcome: 'waiting' };
    }
    case 'settled': {
      const waiting = endpoint.waiting.filter(({ message }) => !event.eventIds.includes(message.eventId));
      return waiting.length === endpoint.waiting.length ? unchanged(endpoint) : { endpoint: { ...endpoint, waiting }, outcome: 'updated' }; // prettier-ignore
    }
    case 'authenticated': {
      const { login } = event;
      const goesOn = ({ session }: Reason) => session !== null && goesOnWith(endpoint, session, login, now);
      const going = endpoint.reasons.filter(goesOn);
      const told = toldByLogin(endpoint, login, now);
      const reasons = told.endpoint.reasons.map((reason) => going.includes(reason) ? { ...reason, session: told.key } : reason); // prettier-ignore
      return { endpoint: { ...told.endpoint, reasons }, outcome: told.outcome, session: told.key };
    }
    case 'accounted':
      return accounted(endpoint, event.record, now);
    case 'nas-restarted': {
      const isMeant = ({ nas, instant }: Endpoint['sessions'][number]) => nas === event.nas && instant <= event.instant;
      const after = endedWhere(endpoint, isMeant, 'nas-restart', now);
      return { endpoint: after, outcome: after === endpoint ? 'unchanged' : 'ended' };
    }
    case 'addressed':
      return { endpoint: addressed(endpoint, event.ip, event.source, now), outcome: 'updated' };
    case 'terminated':
      return { endpoint: terminating(endpoint, event.session, now, newId), outcome: 'applied' };
    case 'investigated':
      return investigated(endpoint, event, now);
    case 'change-taken':
      return { endpoint: taken(endpoint, event, now), outcome: 'updated' };
    case 'change-delayed':
      return { endpoint: delayed(endpoint, event, now), outcome: 'updated' };
    case 'change-answered': {
      const after = answered(endpoint, event.changeId, event.answer, now);
      return after ? { endpoint: after, outcome: 'updated' } : unchanged(endpoint);
    }
    case 'looked-at':
      return { endpoint, outcome: 'unchanged' };
  }
}

const unchanged = (endpoint: Endpoint): Advanced => ({ endpoint, outcome: 'unchanged' });

/** A sender's older word does not undo its newer one, whichever comes first. */
const isStale = ({ lastApplied }: Endpoint, sender: Sender, occurredAt: number | null) =>
  occurredAt !== null && occurredAt < (lastApplied[senderKey(sender)] ?? -Infinity);

function heard(endpoint: Endpoint, sender: Sender, occurredAt: number | null): Endpoint {
  if (occurredAt === null) return endpoint;
  const { [senderKey(sender)]: _, ...others } = endpoint.lastApplied;
  const entries = [...Object.entries(others), [senderKey(sender), occurredAt] as const].slice(-mostSenders);
  return { ...endpoint, lastApplied: Object.fromEntries(entries) };
}

function held(endpoint: Endpoint, reason: Reason, occurredAt: number | null, now: number): Advanced {
  if (isStale(endpoint, reason.sender, occurredAt)) return { endpoint, outcome: 'stale' };
  const told = heard(endpoint, reason.sender, occurredAt);
  const standing = reasonsAt(endpoint, now);
  const before = standing.find((each) => isSameReason(each, reason));
  const others = standing.filter((each) => each !== before);
  if (before === undefined) {
    const isFirst = standing.length === 0;
    const investigation = isFirst ? 'open' : endpoint.investigation;
    return { endpoint: { ...told, reasons: [...others, reason], investigation }, outcome: 'applied' };
  }
  if (lastsLonger(reason, before)) {
    return { endpoint: { ...told, reasons: [...others, { ...reason, since: before.since }] }, outcome: 'extended' };
  }
  return { endpoint: told, outcome: 'repeated' };
}

const lastsLonger = (one: Reason, other: Reason): boolean =>
  (one.session === null && other.session !== null) ||
  (other.until !== null && (one.until === null || one.until > other.until) && (one.session === null || other.session !== null)); // prettier-ignore

function cleared(endpoint: Endpoint, event: Extract<EndpointEvent, { kind: 'cleared' }>, now: number): Advanced {
  if (isStale(endpoint, event.sender, event.occurredAt)) return { endpoint, outcome: 'stale' };
  const told = heard(endpoint, event.sender, event.occurredAt);
  const standing = reasonsAt(endpoint, now);
  const reasons = standing.filter((reason) => !isClosedBy(reason, event));
  // A message that waits is one more reason to come: who clears does not want it either.
  const waiting = endpoint.waiting.filter((each) => !isUnwanted(each, event));
  const isCleared = reasons.length < standing.length || waiting.length < endpoint.waiting.length;
  return { endpoint: { ...told, reasons, waiting }, outcome: isCleared ? 'cleared' : 'nothing-to-clear' };
}

const isUnwanted = (
  { client, message }: WaitingMessage,
  { hold, sender, unwanted }: Extract<EndpointEvent, { kind: 'cleared' }>,
) =>
  sender.kind === 'client'
    ? client === sender.name && (unwanted?.includes(message.eventId) ?? true)
    : sender.kind === 'operator' && hold === 'all';

function investigated(
  endpoint: Endpoint,
  event: Extract<EndpointEvent, { kind: 'investigated' }>,
  now: number,
): Advanced {
  // prettier-ignore
  const { investigation, sender } = event;
  const told = { ...endpoint, investigation };
  if (!investigation.startsWith('resolved-')) return { endpoint: told, outcome: 'updated' };
  const freed = cleared(told, { kind: 'cleared', hold: 'all', sender, occurredAt: null }, now);
  return { ...freed, outcome: freed.outcome === 'cleared' ? 'cleared' : 'updated' };
}

function accounted(
  endpoint: Endpoint,
  record: Extract<EndpointEvent, { kind: 'accounted' }>['record'],
  now: number,
): Advanced {
  // prettier-ignore
  const told = toldByAccounting(endpoint, record, now);
  if (told.outcome !== 'opened' || told.formerly !== undefined) return { ...told, session: told.key };
  // A session whose login did not come to us goes on with an earlier one as a login would.
  const reasons = told.endpoint.reasons.map((reason) =>
    reason.session !== null && goesOnWith(endpoint, reason.session, record, now)
      ? { ...reason, session: told.key }
      : reason,
  );
  return { endpoint: { ...told.endpoint, reasons }, outcome: told.outcome, session: told.key };
}
