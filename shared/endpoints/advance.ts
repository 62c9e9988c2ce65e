/**
 * Every rule of an endpoint, in one pure function. Laws: whatever comes in whatever order, an endpoint with a reason that
 * stands is held, and one without is free; a repeat changes nothing; of one sender the newest event wins; what is stored
 * is decided by who reads it, so that what has expired is absent.
 */
import { addressed } from './addresses.ts';
import { answered, delayed, taken, terminating, withChanges } from './changes.ts';
import { goesOnWith, type LoginPlace } from './continuation.ts';
import type { Endpoint, Reason, Sender, WaitingMessage } from './endpoint.ts';
import type { EndpointEvent } from './events.ts';
import { forgetting } from './forgetting.ts';
import {
  alsoThrough,
  covers,
  isClosedBy,
  isSameReason,
  reasonsAt,
  replacing,
  senderKey,
  stands,
  withoutEvent,
  withReason,
} from './holds.ts';
import type { Mac } from './mac.ts';
import { restarted, toldByAccounting, toldByLogin } from './session-events.ts';
import { type EventKey, isOfEvent } from './traces.ts';

export type Outcome =
  | 'applied'
  /** A reason that stood is to last longer now. */
  | 'extended'
  | 'repeated'
  | 'stale'
  | 'nothing-to-clear'
  | 'cleared'
  | 'undone'
  | 'waiting'
  | 'opened'
  | 'updated'
  | 'ended'
  /** Overtaken by what is known already: newer words of a session, or its end. */
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

/** Of one client: one that repeats itself pushes out its own oldest, and nobody else's. */
const mostWaiting = 16;
const mostSenders = 32;

export function advance(read: Endpoint | undefined, event: EndpointEvent, circumstances: Circumstances): Advanced {
  const { mac, now, newId } = circumstances;
  const before = read ?? unknown(mac, now);
  // What has been over for so long is forgotten at its time, and not with the write that happens to be next.
  const known = forgetting(before, now);
  const { endpoint, outcome, session } = follow(known, event, circumstances);
  const told = session === undefined ? {} : { session };
  if (endpoint === known && event.kind !== 'looked-at') return { endpoint: before, outcome, ...told };
  const after = forgetting(withChanges(endpoint, now, newId), now);
  if (endpoint === known && isSameList(after.changes, before.changes)) return { endpoint: before, outcome };
  return { endpoint: { ...after, changedAt: now }, outcome, ...told };
}

const isSameList = (one: readonly unknown[], other: readonly unknown[]) =>
  one.length === other.length && one.every((each, at) => each === other[at]);

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
    case 'undone':
      return undone(endpoint, event.event, now);
    case 'awaited': {
      const others = endpoint.waiting.filter((each) => !isSameMessage(each, event.waiting));
      const ofClient = others.filter(({ client }) => client === event.waiting.client);
      const evicted = ofClient.slice(0, Math.max(0, ofClient.length + 1 - mostWaiting));
      const kept = others.filter((each) => !evicted.includes(each));
      return { endpoint: { ...endpoint, waiting: [...kept, event.waiting] }, outcome: 'waiting' };
    }
    case 'settled': {
      const waiting = endpoint.waiting.filter((each) => !isSameMessage(each, event.waiting));
      return waiting.length === endpoint.waiting.length ? unchanged(endpoint) : { endpoint: { ...endpoint, waiting }, outcome: 'updated' }; // prettier-ignore
    }
    case 'authenticated': {
      const { login } = event;
      const told = toldByLogin(endpoint, login, now);
      const reasons = goingOn(endpoint, told.endpoint.reasons, { login, key: told.key }, now);
      return { endpoint: { ...told.endpoint, reasons }, outcome: told.outcome, session: told.key };
    }
    case 'accounted':
      return accounted(endpoint, event.record, now);
    case 'nas-restarted': {
      const after = restarted(endpoint, event, now);
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
    case 'ends-told': {
      const reasons = reasonsAt(endpoint, event.at);
      return reasons.length === endpoint.reasons.length ? unchanged(endpoint) : { endpoint: { ...endpoint, reasons }, outcome: 'updated' }; // prettier-ignore
    }
    case 'looked-at':
      return { endpoint, outcome: 'unchanged' };
  }
}

const unchanged = (endpoint: Endpoint): Advanced => ({ endpoint, outcome: 'unchanged' });

/** The id of a message is its client's own. */
const isSameMessage = (one: WaitingMessage, other: WaitingMessage) =>
  one.client === other.client && one.message.eventId === other.message.eventId;

/** A sender's older word does not undo its newer one, whichever comes first. */
const isStale = ({ lastApplied }: Endpoint, sender: Sender, occurredAt: number | null) =>
  occurredAt !== null && occurredAt < (lastApplied[senderKey(sender)] ?? -Infinity);

function heard(endpoint: Endpoint, sender: Sender, occurredAt: number | null): Endpoint {
  if (occurredAt === null || occurredAt <= (endpoint.lastApplied[senderKey(sender)] ?? -Infinity)) return endpoint;
  const { [senderKey(sender)]: _, ...others } = endpoint.lastApplied;
  const entries = [...Object.entries(others), [senderKey(sender), occurredAt] as const].slice(-mostSenders);
  return { ...endpoint, lastApplied: Object.fromEntries(entries) };
}

function held(endpoint: Endpoint, reason: Reason, occurredAt: number | null, now: number): Advanced {
  // What has waited came in its time: what was newer, and did not want it, has taken it away.
  const hasWaited = endpoint.waiting.some(
    ({ client, message }) =>
      reason.sender.kind === 'client' && client === reason.sender.name && message.eventId === reason.eventId,
  );
  if (!hasWaited && isStale(endpoint, reason.sender, occurredAt)) return { endpoint, outcome: 'stale' };
  const told = heard(endpoint, reason.sender, occurredAt);
  const standing = reasonsAt(endpoint, now);
  if (!stands(endpoint, reason, now)) return { endpoint: told, outcome: 'late' };
  const covering = standing.find((each) => covers(each, reason));
  if (covering !== undefined) {
    const moved = alsoThrough(covering, [reason]);
    const reasons = endpoint.reasons.map((each) => (each === covering ? moved : each));
    return { endpoint: moved === covering ? told : { ...told, reasons }, outcome: 'repeated' };
  }
  const known = standing.filter((each) => isSameReason(each, reason));
  const covered = known.filter((each) => covers(reason, each));
  const since = Math.min(reason.since, ...covered.map((each) => each.since));
  const longer = alsoThrough({ ...reason, since, ...replacing(reason, covered) }, covered);
  const reasons = withReason(
    endpoint.reasons.filter((each) => !covered.includes(each)),
    longer,
  );
  const investigation = standing.length === 0 ? 'open' : endpoint.investigation;
  return { endpoint: { ...told, reasons, investigation }, outcome: known.length === 0 ? 'applied' : 'extended' };
}

function cleared(endpoint: Endpoint, event: Extract<EndpointEvent, { kind: 'cleared' }>, now: number): Advanced {
  if (isStale(endpoint, event.sender, event.occurredAt)) return { endpoint, outcome: 'stale' };
  const told = heard(endpoint, event.sender, event.occurredAt);
  const closed = reasonsAt(endpoint, now).filter((reason) => isClosedBy(reason, event));
  const reasons = endpoint.reasons.filter((reason) => !closed.includes(reason));
  // A message that waits is one more reason to come: who clears does not want it either.
  const waiting = endpoint.waiting.filter((each) => !isUnwanted(each, event));
  if (closed.length === 0 && waiting.length === endpoint.waiting.length) return { endpoint: told, outcome: 'nothing-to-clear' }; // prettier-ignore
  return { endpoint: { ...told, reasons, waiting }, outcome: 'cleared' };
}

/** What an event opened goes, and what that had taken the place of stands again, as far as it would stand still. */
function undone(endpoint: Endpoint, event: EventKey, now: number): Advanced {
  const reasons = endpoint.reasons.flatMap((reason) =>
    withoutEvent(reason, event, (each) => stands(endpoint, each, now)),
  );
  const waiting = endpoint.waiting.filter((each) => !isOfEvent(each, event));
  if (isSameList(reasons, endpoint.reasons) && waiting.length === endpoint.waiting.length) return unchanged(endpoint);
  return { endpoint: { ...endpoint, reasons, waiting }, outcome: 'undone' };
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
  const { endpoint: told, outcome, key, mayGoOn } = toldByAccounting(endpoint, record, now);
  if (mayGoOn === undefined) return { endpoint: told, outcome, session: key };
  const reasons = goingOn(endpoint, told.reasons, { login: record, key }, now);
  return { endpoint: { ...told, reasons }, outcome, session: key };
}

/** What is for a session that the login goes on with is for its new session from now on; the lists are of one order. */
const goingOn = (
  before: Endpoint,
  reasons: readonly Reason[],
  { login, key }: { readonly login: Pick<LoginPlace, 'user'>; readonly key: string },
  now: number,
): readonly Reason[] =>
  reasons.map((reason, at) => {
    const session = before.reasons[at]?.session ?? null;
    return session !== null && goesOnWith(before, session, login, now) ? { ...reason, session: key } : reason;
  });
