/**
 * Holds and their reasons. Two holds stand side by side, and blocked outranks. Access is what is left when no reason is:
 * a reason whose time has passed, or whose session is over, is absent, whoever reads.
 */
import type { IpAddress } from '../identity/address.ts';
import { goesOnUntil, goesOnWith, type LoginPlace, renewedBy } from './continuation.ts';
import type { Access, Endpoint, Hold, Reason, Sender } from './endpoint.ts';
import { endedAt, sessionOf } from './sessions.ts';
import { type EventKey, isOpenedBy } from './traces.ts';

export const senderKey = ({ kind, name }: Sender) => `${kind}:${name}`;

/** Whether both are the one sender's word on the one hold. */
const isOfOne = (one: Reason, other: Reason) =>
  one.hold === other.hold && senderKey(one.sender) === senderKey(other.sender);

export const isSameReason = (one: Reason, other: Reason) => isOfOne(one, other) && one.threatName === other.threatName;

/** Whether it stands as long as the other does, and longer, whatever happens. */
const outlasts = (one: Reason, other: Reason) =>
  (one.session === null || one.session === other.session) &&
  (one.until === null || (other.until !== null && one.until >= other.until));

/** Whether the other says nothing that it does not say. */
export const covers = (one: Reason, other: Reason) =>
  isSameReason(one, other) && one.role === other.role && outlasts(one, other);

/** Every address through which it was said. */
export const ipsOf = ({ ip, alsoIps = [] }: Omit<Reason, 'since'>): readonly IpAddress[] => [
  ...(ip === null ? [] : [ip]),
  ...alsoIps,
];

const mostIps = 16;

/** The reason, which others have said through addresses of their own; the same one where these are no news. */
export function alsoThrough(reason: Reason, others: readonly Reason[]): Reason {
  const known = ipsOf(reason);
  const news = [...new Set(others.flatMap(ipsOf))].filter((ip) => !known.includes(ip));
  return news.length === 0 ? reason : { ...reason, alsoIps: [...(reason.alsoIps ?? []), ...news].slice(-mostIps) };
}

const mostReplaced = 4;

/** What a reason is to remember of those whose place it takes. */
export function replacing(reason: Omit<Reason, 'since'>, covered: readonly Reason[]): Pick<Reason, 'replaced'> {
  const all = covered.flatMap(({ replaced = [], ...alone }) => [...replaced, alone]);
  const others = all.filter(({ eventId }) => eventId !== reason.eventId);
  return others.length === 0 ? {} : { replaced: others.slice(-mostReplaced) };
}

/** As they would stand had each been said after the one before it. */
function withLonger(before: readonly Reason[], reason: Reason): readonly Reason[] {
  const covered = before.filter((each) => covers(reason, each));
  return [...before.filter((each) => !covered.includes(each)), { ...reason, ...replacing(reason, covered) }];
}

/** What is left of a reason when an event is undone: itself, or what it took the place of and still stands. */
export function withoutEvent(
  reason: Reason,
  event: EventKey,
  isStanding: (reason: Reason) => boolean,
): readonly Reason[] {
  const { replaced, ...alone } = reason;
  const others = (replaced ?? []).filter((each) => !isOpenedBy(each, event));
  if (isOpenedBy(reason, event)) return others.filter(isStanding).reduce(withLonger, []);
  if (others.length === (replaced?.length ?? 0)) return [reason];
  return [others.length === 0 ? alone : { ...alone, replaced: others }];
}

const mostOfOne = 16;

/** One sender may name any number of threats. What goes is what changes nothing: another of its own stands as long. */
export function withReason(reasons: readonly Reason[], reason: Reason): readonly Reason[] {
  const all = [...reasons, reason];
  const ofOne = all.filter((each) => isOfOne(each, reason));
  if (ofOne.length <= mostOfOne) return all;
  const needless = ofOne.find((each) => ofOne.some((other) => other !== each && outlasts(other, each))) ?? ofOne[0];
  return all.filter((each) => each !== needless);
}

/** The reasons that stand now, the oldest first. */
export const reasonsAt = (endpoint: Endpoint, now: number): readonly Reason[] =>
  endpoint.reasons.filter((reason) => stands(endpoint, reason, now));

/** Those that have ended by themselves: nobody goes by them, and they stay until that has been told. */
export const endedReasons = (endpoint: Endpoint, now: number): readonly Reason[] =>
  endpoint.reasons.filter((reason) => !stands(endpoint, reason, now));

export function stands(endpoint: Endpoint, reason: Reason, now: number): boolean {
  const end = endOf(endpoint, reason);
  return end === undefined || now < end;
}

/** When a reason ends by itself if nothing more is heard: by its time, or with its session. `undefined`: never. */
export function endOf(endpoint: Endpoint, { until, session }: Reason): number | undefined {
  if (session === null) return until ?? undefined;
  const found = sessionOf(endpoint, session);
  const over = found === undefined ? 0 : Math.max(endedAt(found), goesOnUntil(endpoint, found) ?? 0);
  return until === null ? over : Math.min(until, over);
}

/** When the endpoint has to be looked at because a reason ends by itself; `undefined`: never. */
export function nextLookAt(endpoint: Endpoint): number | undefined {
  const ends = endpoint.reasons.flatMap((reason) => {
    const end = endOf(endpoint, reason);
    if (end === undefined) return [];
    // The end of an open session moves with each word of it: by the hour, it moves twenty-four times a day.
    const isOpenEnd = end !== reason.until && reason.session !== null && sessionOf(endpoint, reason.session)?.endedAt === null; // prettier-ignore
    return [isOpenEnd ? Math.ceil(end / hourMs) * hourMs : end];
  });
  return ends.length === 0 ? undefined : Math.min(...ends);
}

const hourMs = 3_600_000;

/** Addresses that lead to it however long nothing is heard of it: a clear by address comes when it comes. */
export function lastingIps(endpoint: Endpoint): readonly IpAddress[] {
  const isKept = endpoint.reasons.length > 0 || endpoint.waiting.length > 0;
  const told = endpoint.addresses.filter(({ session, until }) => isKept && session === null && until === null);
  const awaited = endpoint.waiting.map(({ message }) => message.endpointIp);
  return [...new Set([...endpoint.reasons.flatMap(ipsOf), ...awaited, ...told.map(({ ip }) => ip)])];
}

/** What an endpoint may do; of one session where it is named, else of any network that it joins. */
export function accessOf(endpoint: Endpoint, now: number, session?: string): Access {
  const isMeant = (reason: Reason) => session === undefined || reason.session === null || reason.session === session;
  return accessBy(reasonsAt(endpoint, now).filter(isMeant));
}

/**
 * What a login is to be granted: what is permanent holds, and what is for a session that this login is in still, or goes
 * on with.
 */
export function accessForLogin(endpoint: Endpoint, login: LoginPlace, now: number): Access {
  const renewed = renewedBy(endpoint, login, now)?.key;
  const isMeant = ({ session }: Reason) =>
    session === null || session === renewed || goesOnWith(endpoint, session, login, now);
  return accessBy(reasonsAt(endpoint, now).filter(isMeant));
}

function accessBy(reasons: readonly Reason[]): Access {
  if (reasons.some(({ hold }) => hold === 'blocked')) return { access: 'blocked' };
  const role = reasons.findLast(({ hold }) => hold === 'quarantined')?.role;
  return role === undefined ? { access: 'full' } : { access: 'quarantined', role: role ?? '' };
}

export const isSameAccess = (one: Access, other: Access) =>
  one.access === other.access && roleIn(one) === roleIn(other);

const roleIn = (access: Access) => (access.access === 'quarantined' ? access.role : '');

/** What a clear closes: a client's own reasons of the kind; an operator's closes everybody's. */
export const isClosedBy = (reason: Reason, clear: { readonly hold: Hold | 'all'; readonly sender: Sender }): boolean =>
  (clear.hold === 'all' || reason.hold === clear.hold) &&
  (clear.sender.kind === 'operator' || senderKey(reason.sender) === senderKey(clear.sender));
