/**
 * Holds and their reasons. Two holds stand side by side, and blocked outranks. Access is what is left when no reason is:
 * a reason whose time has passed, or whose session is over, is absent, whoever reads.
 */
import type { IpAddress } from '../identity/address.ts';
import type { Access, Endpoint, EndpointSession, Hold, Reason, Sender } from './endpoint.ts';
import { endedAt, sessionOf } from './sessions.ts';

/** A login of the same user this soon after a stop that we caused goes on with the session. */
export const continuationMs = 120_000;

export const senderKey = ({ kind, name }: Sender) => `${kind}:${name}`;

export const isSameReason = (one: Omit<Reason, 'since'>, other: Omit<Reason, 'since'>) =>
  one.hold === other.hold && senderKey(one.sender) === senderKey(other.sender) && one.threatName === other.threatName;

/** The reasons that stand now, the oldest first. */
export const reasonsAt = (endpoint: Endpoint, now: number): readonly Reason[] =>
  endpoint.reasons.filter((reason) => stands(endpoint, reason, now));

/** Those that have ended by themselves: nobody goes by them, and they stay until that has been told. */
export const endedReasons = (endpoint: Endpoint, now: number): readonly Reason[] =>
  endpoint.reasons.filter((reason) => !stands(endpoint, reason, now));

function stands(endpoint: Endpoint, reason: Reason, now: number): boolean {
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

/** Whether we had this session disconnected so lately that a login may go on with it. */
export function mayGoOn(endpoint: Endpoint, session: EndpointSession, now: number): boolean {
  const until = goesOnUntil(endpoint, session);
  return until !== undefined && now < until;
}

/** Until when a session that we had disconnected may be gone on with. */
export function goesOnUntil(endpoint: Endpoint, session: EndpointSession): number | undefined {
  const over = session.endedAt ?? undefined;
  const sent = endpoint.changes
    .filter((change) => change.session === session.key && change.sentAt !== null && change.state !== 'refused')
    .map((change) => change.sentAt ?? 0)
    .filter((sentAt) => over === undefined || (sentAt <= over && over < sentAt + continuationMs));
  return sent.length === 0 ? undefined : (over ?? Math.max(...sent)) + continuationMs;
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
  return [...new Set([...endpoint.reasons.flatMap(({ ip }) => ip ?? []), ...awaited, ...told.map(({ ip }) => ip)])];
}

/** What an endpoint may do; of one session where it is named, else of any network that it joins. */
export function accessOf(endpoint: Endpoint, now: number, session?: string): Access {
  const isMeant = (reason: Reason) => session === undefined || reason.session === null || reason.session === session;
  return accessBy(reasonsAt(endpoint, now).filter(isMeant));
}

/** What a login is to be granted: what is permanent holds, and what was for a session that this login goes on with. */
export const accessForLogin = (endpoint: Endpoint, login: { readonly user: string | null }, now: number): Access =>
  accessBy(
    reasonsAt(endpoint, now).filter(({ session }) => session === null || goesOnWith(endpoint, session, login, now)),
  );

export function goesOnWith(
  endpoint: Endpoint,
  session: string,
  { user }: { readonly user: string | null },
  now: number,
): boolean {
  const found = sessionOf(endpoint, session);
  return found?.user === user && mayGoOn(endpoint, found, now);
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
