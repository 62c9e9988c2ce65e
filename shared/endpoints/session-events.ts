/** Sessions as logins and accounting tell of them, in whatever order. */
import { hasAddress, learned, withAddress, withoutAddresses } from './addresses.ts';
import { renewedBy } from './continuation.ts';
import type { Access, Endpoint, EndpointSession } from './endpoint.ts';
import type { AccountingTold, LoginTold } from './events.ts';
import { accountingKey, isAt, isOpen, openSessions, sessionOf } from './sessions.ts';

/** A switch's clock that is further off than this is no clock, and ours is taken for its records. */
const clockOffMs = 24 * 3_600_000;

export interface Told {
  readonly endpoint: Endpoint;
  readonly outcome: 'opened' | 'updated' | 'ended' | 'late';
  /** The session that was told of. */
  readonly key: string;
  /** A session whose login did not come to us may go on with an earlier one, as a login would. */
  readonly mayGoOn?: 'with-an-earlier-one';
}

/** By our clock. */
export const plausible = (instant: number, now: number) =>
  Math.abs(now - instant) <= clockOffMs ? Math.min(instant, now) : now;

const loginKey = ({ nas, loginId }: LoginTold) => `${nas}/login:${loginId}`;

/** A login opens a session, or says anew who is in one. One on the same port takes an earlier one's place. */
export function toldByLogin(read: Endpoint, login: LoginTold, now: number): Told {
  const before = renewedBy(read, login, now);
  const { loginId, nas, acctSessionId, port, ssid, user, realm, domain, roles, granted, ip } = login;
  const key = before?.key ?? (acctSessionId === null ? loginKey(login) : accountingKey({ nas, acctSessionId }));
  const endpoint = before ? read : withoutKey(read, key);
  const said = { loginId, port: port ?? before?.port ?? null, ssid, user, realm, domain, roles, granted, heardAt: now };
  const session: EndpointSession = before
    ? { ...before, ...said }
    : { ...said, key, nas, acctSessionId, startedAt: now, instant: 0, endedAt: null, endedBy: null };
  const alone = endedWhere(endpoint, (each) => each.key !== key && isAt(each, login), 'replaced', now);
  const told = withSession(alone, session);
  return {
    endpoint: ip === null ? told : withAddress(told, { ip, key, source: 'accounting', at: now, from: now }),
    outcome: before ? 'updated' : 'opened',
    key,
  };
}

/** Accounting opens, updates and closes sessions. */
export function toldByAccounting(endpoint: Endpoint, record: AccountingTold, now: number): Told {
  const key = accountingKey(record);
  const at = plausible(record.instant, now);
  const known = sessionOf(endpoint, key);
  if (record.status === 'stop') return stopped(endpoint, record, { key, at, now, known });
  if (known === undefined) return opened(endpoint, record, { key, at, now });
  if (known.endedAt === null) return record.instant < known.instant ? late(endpoint, record, known, at) : updated(endpoint, record, known, { at, now }); // prettier-ignore
  if (record.instant <= known.instant) return late(endpoint, record, known, at);
  // A switch may use an id again. And one that it said to be unknown, or to have ended with all others, may be there after all.
  if (record.status === 'start') return opened(withoutKey(endpoint, key), record, { key, at, now });
  return known.endedBy === 'gone' || known.endedBy === 'nas-restart' ? updated(endpoint, record, known, { at, now }) : late(endpoint, record, known, at); // prettier-ignore
}

/** It changes nothing, but an address that nobody has told yet is one that the session had. */
function late(endpoint: Endpoint, { ip }: AccountingTold, known: EndpointSession, at: number): Told {
  const told = { outcome: 'late', key: known.key } as const;
  if (ip === null || hasAddress(endpoint, known.key)) return { ...told, endpoint };
  const after = learned(endpoint, ip, known.key, at);
  return { ...told, endpoint: known.endedAt === null ? after : withoutAddresses(after, known.key, known.endedAt) };
}

interface Moment {
  readonly at: number;
  readonly now: number;
}

const said = (
  record: AccountingTold,
  before: Pick<EndpointSession, 'nas' | 'port' | 'ssid' | 'user'>,
  now: number,
) => ({
  acctSessionId: record.acctSessionId,
  // Some switches call the port otherwise in accounting; what the login called it the next one will.
  port: before.nas === record.nas ? (before.port ?? record.port) : record.port,
  ssid: record.ssid ?? before.ssid,
  user: record.user ?? before.user,
  instant: record.instant,
  heardAt: now,
});

function updated(endpoint: Endpoint, record: AccountingTold, known: EndpointSession, { at, now }: Moment): Told {
  const session = { ...known, ...said(record, known, now), endedAt: null, endedBy: null };
  const after = learned(withSession(endpoint, session), record.ip, known.key, at);
  return { endpoint: after, outcome: 'updated', key: known.key };
}

function opened(endpoint: Endpoint, record: AccountingTold, { key, at, now }: Moment & { readonly key: string }): Told {
  const login = loginBefore(endpoint, record, { at, now });
  const sibling = login ? undefined : openSessions(endpoint, now).find((each) => each.loginId !== null && each.loginId === record.loginId); // prettier-ignore
  const before = login ?? (sibling && { ...sibling, startedAt: at }) ?? unannounced(record, at);
  const session = { ...before, ...said(record, before, now), key, nas: record.nas };
  const moved = login ? renamed(endpoint, login.key, key) : endpoint;
  const isLeft = (each: EndpointSession) =>
    each.key === sibling?.key ||
    (each.key !== key && (isAt(each, session) || isAt(each, record)) && each.instant <= record.instant);
  const alone = endedWhere(moved, isLeft, 'replaced', now);
  // The same login goes on under another id.
  const going = sibling ? withReasonsMoved(alone, sibling.key, key) : alone;
  const after = learned(withSession(going, session), record.ip, key, at);
  return { endpoint: after, outcome: 'opened', key, ...(!login && !sibling && { mayGoOn: 'with-an-earlier-one' }) };
}

/** The login that this accounting follows: by the Class that we gave it, or on the same port and without accounting yet. */
function loginBefore(endpoint: Endpoint, record: AccountingTold, { at, now }: Moment): EndpointSession | undefined {
  const unfollowed = openSessions(endpoint, now).filter(({ acctSessionId }) => acctSessionId === null);
  const isNear = ({ nas, port, startedAt }: EndpointSession) =>
    nas === record.nas &&
    (record.port === null || port === null || port === record.port) &&
    // What stopped before this login began was another session.
    (record.status !== 'stop' || startedAt <= at);
  return record.loginId === null
    ? unfollowed.find(isNear)
    : unfollowed.find(({ loginId }) => loginId === record.loginId);
}

const fullAccess: Access = { access: 'full' };

/** One whose login did not come to us: its switch granted it what it grants. */
const unannounced = (record: AccountingTold, at: number): Omit<EndpointSession, 'key'> => ({
  nas: record.nas,
  acctSessionId: record.acctSessionId,
  port: record.port,
  ssid: record.ssid,
  user: record.user,
  realm: null,
  domain: '',
  roles: [],
  granted: fullAccess,
  loginId: record.loginId,
  startedAt: at,
  instant: record.instant,
  heardAt: at,
  endedAt: null,
  endedBy: null,
});

interface Stop extends Moment {
  readonly key: string;
  readonly known: EndpointSession | undefined;
}

function stopped(endpoint: Endpoint, record: AccountingTold, { key, at, now, known }: Stop): Told {
  if (known !== undefined && known.endedAt !== null) {
    // The newest word on it: a start that is older than this stop reopens nothing.
    const instant = Math.max(known.instant, record.instant);
    const after = instant === known.instant ? endpoint : withSession(endpoint, { ...known, instant });
    return late(after, record, known, at);
  }
  if (known !== undefined && record.instant < known.instant) return late(endpoint, record, known, at);
  const login = known ? undefined : loginBefore(endpoint, record, { at, now });
  const before = known ?? login ?? unannounced(record, at);
  const session = over({ ...before, ...said(record, before, now), key, nas: record.nas }, 'stop', now);
  const moved = login ? renamed(endpoint, login.key, key) : endpoint;
  const after = withSession(moved, session);
  const addressed = hasAddress(after, key) ? after : learned(after, record.ip, key, at);
  return { endpoint: withoutAddresses(addressed, key, at), outcome: 'ended', key };
}

/** All sessions of a switch are over that began before it did. */
export const restarted = (endpoint: Endpoint, told: Pick<AccountingTold, 'nas' | 'instant'>, now: number): Endpoint =>
  endedWhere(
    endpoint,
    ({ nas, acctSessionId, startedAt, instant }) =>
      nas === told.nas &&
      (acctSessionId === null ? startedAt <= plausible(told.instant, now) : instant <= told.instant),
    'nas-restart',
    now,
  );

/** Ends the sessions that stand: those of a switch that says that it began anew, or that it knows no more. */
export function endedWhere(
  endpoint: Endpoint,
  isMeant: (session: EndpointSession) => boolean,
  by: NonNullable<EndpointSession['endedBy']>,
  now: number,
): Endpoint {
  const ended = endpoint.sessions.filter((session) => isOpen(session, now) && isMeant(session));
  return ended.reduce(
    (left, session) => withoutAddresses(withSession(left, over(session, by, now)), session.key, now),
    endpoint,
  );
}

const over = (session: EndpointSession, endedBy: EndpointSession['endedBy'], now: number): EndpointSession => ({
  ...session,
  endedAt: now,
  endedBy,
});

/** The newest first. */
function withSession(endpoint: Endpoint, session: EndpointSession): Endpoint {
  return { ...endpoint, sessions: [session, ...endpoint.sessions.filter(({ key }) => key !== session.key)] };
}

/** An id that is used again is another session's: what was said of the earlier one stays with that. */
function withoutKey(endpoint: Endpoint, key: string): Endpoint {
  if (sessionOf(endpoint, key) === undefined) return endpoint;
  let earlier = 1;
  while (sessionOf(endpoint, `${key}~${earlier}`) !== undefined) earlier += 1;
  return renamed(endpoint, key, `${key}~${earlier}`);
}

/** Whatever speaks of a session by its former key. */
function renamed(endpoint: Endpoint, from: string, to: string): Endpoint {
  const rename = <Thing extends { readonly session: string | null }>(thing: Thing): Thing =>
    thing.session === from ? { ...thing, session: to } : thing;
  return {
    ...endpoint,
    sessions: endpoint.sessions.map((session) => (session.key === from ? { ...session, key: to } : session)),
    reasons: endpoint.reasons.map(rename),
    addresses: endpoint.addresses.map(rename),
    changes: endpoint.changes.map(rename),
  };
}

const withReasonsMoved = (endpoint: Endpoint, from: string, to: string): Endpoint => ({
  ...endpoint,
  reasons: endpoint.reasons.map((reason) => (reason.session === from ? { ...reason, session: to } : reason)),
});
