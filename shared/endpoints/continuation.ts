/**
 * Which logins go on with a session that was there before. A session that we had disconnected has not ended for that: the
 * same user who logs in soon after is in it still, wherever that is. And a switch may authenticate an open session anew.
 */
import { foldCase } from '../identity/fold-case.ts';
import type { Change, Endpoint, EndpointSession } from './endpoint.ts';
import type { LoginTold } from './events.ts';
import { accountingKey, isAt, openSessions, sessionOf } from './sessions.ts';

/** A login of the same user this soon after a stop that we caused goes on with the session. */
export const continuationMs = 120_000;

/** What a login tells of where it is; the more, the better. */
export type LoginPlace = Pick<LoginTold, 'user'> & Partial<Pick<LoginTold, 'nas' | 'port' | 'acctSessionId'>>;

/** Whether we had this session disconnected so lately that a login may go on with it. */
export function mayGoOn(endpoint: Endpoint, session: EndpointSession, now: number): boolean {
  const until = goesOnUntil(endpoint, session);
  return until !== undefined && now < until;
}

/** Until when a session that we had disconnected may be gone on with. */
export function goesOnUntil(endpoint: Endpoint, session: EndpointSession): number | undefined {
  const over = session.endedAt ?? undefined;
  const sent = endpoint.changes
    .filter((change) => change.session === session.key && !isRefused(change))
    .flatMap(({ sentAt }) => sentAt ?? [])
    .filter((sentAt) => over === undefined || (sentAt <= over && over < sentAt + continuationMs));
  return sent.length === 0 ? undefined : (over ?? Math.max(...sent)) + continuationMs;
}

/** Its switch has said that it did not let go; that there is no such session is no such answer. */
const isRefused = ({ state, sentAt, answeredAt, errorCause }: Change) =>
  state === 'refused' ||
  (state !== 'acknowledged' &&
    errorCause !== null &&
    errorCause !== sessionContextNotFound &&
    (answeredAt ?? 0) >= (sentAt ?? 0));

/** RFC 5176: Error-Cause of a switch that does not know the session. */
export const sessionContextNotFound = 503;

/** Whether the login goes on with this session, that we had disconnected. */
export function goesOnWith(
  endpoint: Endpoint,
  session: string,
  { user }: Pick<LoginPlace, 'user'>,
  now: number,
): boolean {
  const found = sessionOf(endpoint, session);
  return found !== undefined && isSameUser(found.user, user) && mayGoOn(endpoint, found, now);
}

/** The open session that the login is in still, because its switch only asks again who it is. */
export function renewedBy(endpoint: Endpoint, login: LoginPlace, now: number): EndpointSession | undefined {
  const { nas, port = null, acctSessionId, user } = login;
  const open = openSessions(endpoint, now);
  if (nas !== undefined && typeof acctSessionId === 'string') {
    return open.find(({ key }) => key === accountingKey({ nas, acctSessionId }));
  }
  const here = open.filter(
    (session) => session.nas === nas && isSameUser(session.user, user) && !mayGoOn(endpoint, session, now),
  );
  const [only, ...others] = here;
  // Where the port is not told, nor was, the user's only session on this switch is meant.
  const isOnly = only !== undefined && others.length === 0 && (port === null || only.port === null);
  return here.find((session) => isAt(session, login)) ?? (isOnly ? only : undefined);
}

const isSameUser = (one: string | null, other: string | null) =>
  one === null || other === null ? one === other : foldCase(one) === foldCase(other);
