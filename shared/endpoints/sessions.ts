/** Endpoint sessions, as logins and accounting tell of them, and the addresses that they had. */
import type { IpAddress } from '../identity/address.ts';
import type { Access, Address, Endpoint, EndpointSession } from './endpoint.ts';
import type { AccountingTold, LoginTold } from './events.ts';

/** A session of which nothing is heard for so long is lost. */
export const lostMs = 24 * 3_600_000;

/** A switch's clock that is further off than this is no clock, and ours is taken for its records. */
const clockOffMs = 24 * 3_600_000;

/** Sessions that ended are remembered for a day, and addresses for a week: what comes late is held against them. */
const sessionKeptMs = 24 * 3_600_000;
const addressKeptMs = 7 * 24 * 3_600_000;
const mostSessions = 32;
const mostAddresses = 32;

export const sessionOf = (endpoint: Endpoint, key: string) => endpoint.sessions.find((session) => session.key === key);

/** When it ended, or ends if nothing more is heard of it. */
export const endedAt = (session: EndpointSession) => session.endedAt ?? session.heardAt + lostMs;

export const isOpen = (session: EndpointSession, now: number) => session.endedAt === null && now < endedAt(session);

export const openSessions = (endpoint: Endpoint, now: number): readonly EndpointSession[] =>
  endpoint.sessions.filter((session) => isOpen(session, now));

/** The addresses that it has now; those of sessions that are lost are not. */
export const addressesAt = (endpoint: Endpoint, now: number): readonly Address[] =>
  endpoint.addresses.filter((address) => heldAt(endpoint, address, now));

/** Whether the endpoint had the address at that time, as far as is known now. */
export const hadAddress = (endpoint: Endpoint, ip: IpAddress, at: number): Address | undefined =>
  endpoint.addresses.find((address) => address.ip === ip && heldAt(endpoint, address, at));

function heldAt(endpoint: Endpoint, { from, until, session }: Address, at: number): boolean {
  if (at < from || (until !== null && until <= at)) return false;
  const found = session === null ? undefined : sessionOf(endpoint, session);
  return found === undefined || at < found.heardAt + lostMs;
}

export const accountingKey = ({ nas, acctSessionId }: { readonly nas: IpAddress; readonly acctSessionId: string }) =>
  `${nas}/${acctSessionId}`;

const loginKey = ({ nas, loginId }: LoginTold) => `${nas}/login:${loginId}`;

export interface Told {
  readonly endpoint: Endpoint;
  readonly outcome: 'opened' | 'updated' | 'ended' | 'late';
  /** The session that was told of. */
  readonly key: string;
  /** The key that it had before accounting gave it another one. */
  readonly formerly?: string;
}

/** A login opens a session, or says anew who is in one. One on the same port takes an earlier one's place. */
export function toldByLogin(endpoint: Endpoint, login: LoginTold, now: number): Told {
  const key = login.acctSessionId === null ? loginKey(login) : accountingKey({ ...login, acctSessionId: login.acctSessionId }); // prettier-ignore
  const before = openSessions(endpoint, now).find((session) =>
    login.acctSessionId === null ? isAt(session, login) && session.user === login.user : session.key === key,
  );
  const { loginId, nas, acctSessionId, port, ssid, user, realm, domain, roles, granted } = login;
  const said = { loginId, port, ssid, user, realm, domain, roles, granted, heardAt: now };
  const session: EndpointSession = before
    ? { ...before, ...said }
    : { ...said, key, nas, acctSessionId, startedAt: now, instant: 0, endedAt: null, endedBy: null };
  const others = endpoint.sessions
    .filter((each) => each.key !== session.key)
    .map((each) => (isOpen(each, now) && isAt(each, login) ? over(each, 'replaced', now) : each));
  const replaced = others.filter(({ endedBy, endedAt }) => endedBy === 'replaced' && endedAt === now);
  const told = replaced.reduce<Endpoint>((left, { key: gone }) => withoutAddresses(left, gone, now), {
    ...endpoint,
    sessions: [session, ...others],
  });
  return {
    endpoint: login.ip === null ? told : withAddress(told, { ip: login.ip, key: session.key, source: 'accounting', at: now }), // prettier-ignore
    outcome: before ? 'updated' : 'opened',
    key: session.key,
  };
}

const isAt = (session: EndpointSession, { nas, port }: Pick<LoginTold, 'nas' | 'port'>) =>
  session.nas === nas && port !== null && session.port === port;

/** Accounting opens, updates and closes sessions, whatever order its records come in. */
export function toldByAccounting(endpoint: Endpoint, record: AccountingTold, now: number): Told {
  const key = accountingKey(record);
  const at = Math.abs(now - record.instant) <= clockOffMs ? Math.min(record.instant, now) : now;
  const known = sessionOf(endpoint, key);
  const isLate = known !== undefined && (known.endedAt !== null ? !reopens(known, record) : record.instant < known.instant); // prettier-ignore
  if (isLate && record.status !== 'stop') {
    const isNews = known.endedAt === null && record.ip !== null && !hasAddress(endpoint, key);
    return { endpoint: isNews ? learned(endpoint, record, key, at) : endpoint, outcome: 'late', key };
  }
  if (record.status === 'stop') return stopped(endpoint, record, { key, at, now, known });

  const started = known?.endedAt === null ? known : undefined;
  const login = started ? undefined : loginBefore(endpoint, record, now);
  const before = started ?? login;
  const session: EndpointSession = {
    ...(before ?? unannounced(record, now)),
    key,
    acctSessionId: record.acctSessionId,
    nas: record.nas,
    port: record.port ?? before?.port ?? null,
    ssid: record.ssid ?? before?.ssid ?? null,
    user: record.user ?? before?.user ?? null,
    instant: record.instant,
    heardAt: now,
  };
  const others = endpoint.sessions.filter((each) => each.key !== key && each.key !== login?.key);
  const moved = login ? renamed({ ...endpoint, sessions: [session, ...others] }, login.key, key) : { ...endpoint, sessions: [session, ...others] }; // prettier-ignore
  return {
    endpoint: record.ip === null ? moved : learned(moved, record, key, at),
    outcome: started ? 'updated' : 'opened',
    key,
    ...(login && { formerly: login.key }),
  };
}

/** A switch may use an id again; but a record that was under way when the session stopped brings it back no more. */
const reopens = (known: EndpointSession, { status, instant }: AccountingTold) =>
  status === 'start' && instant > known.instant;

/** The login that this accounting follows: by the Class that we gave it, or on the same port and without accounting yet. */
function loginBefore(endpoint: Endpoint, record: AccountingTold, now: number): EndpointSession | undefined {
  const unfollowed = openSessions(endpoint, now).filter(({ acctSessionId }) => acctSessionId === null);
  return (
    unfollowed.find(({ loginId }) => loginId !== null && loginId === record.loginId) ??
    unfollowed.find(({ nas, port }) => nas === record.nas && (record.port === null || port === null || port === record.port)) // prettier-ignore
  );
}

const fullAccess: Access = { access: 'full' };

/** One whose login did not come to us: its switch granted it what it grants. */
const unannounced = (record: AccountingTold, now: number): Omit<EndpointSession, 'key'> => ({
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
  startedAt: now,
  instant: record.instant,
  heardAt: now,
  endedAt: null,
  endedBy: null,
});

interface Stop {
  readonly key: string;
  readonly at: number;
  readonly now: number;
  readonly known: EndpointSession | undefined;
}

function stopped(endpoint: Endpoint, record: AccountingTold, { key, at, now, known }: Stop): Told {
  if (known !== undefined && known.endedAt !== null) {
    // The newest word on it: a start that is older than this stop reopens nothing.
    const instant = Math.max(known.instant, record.instant);
    return { endpoint: withSession(endpoint, { ...known, instant }), outcome: 'late', key };
  }
  if (known !== undefined && record.instant < known.instant) return { endpoint, outcome: 'late', key };
  const login = known ? undefined : loginBefore(endpoint, record, now);
  const session = over({ ...(known ?? login ?? unannounced(record, now)), key, acctSessionId: record.acctSessionId, instant: record.instant, heardAt: now }, 'stop', now); // prettier-ignore
  const renamedFirst = login ? renamed({ ...endpoint, sessions: endpoint.sessions.filter((each) => each.key !== login.key) }, login.key, key) : endpoint; // prettier-ignore
  return { endpoint: withoutAddresses(withSession(renamedFirst, session), key, at), outcome: 'ended', key };
}

/** Ends the sessions that stand: those of a NAS that says that it began anew, or that it knows no more. */
export function endedWhere(
  endpoint: Endpoint,
  isMeant: (session: EndpointSession) => boolean,
  by: NonNullable<EndpointSession['endedBy']>,
  now: number,
): Endpoint {
  const ended = openSessions(endpoint, now).filter(isMeant);
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

function withSession(endpoint: Endpoint, session: EndpointSession): Endpoint {
  return { ...endpoint, sessions: [session, ...endpoint.sessions.filter(({ key }) => key !== session.key)] };
}

/** Whatever speaks of a session by its former key. */
function renamed(endpoint: Endpoint, from: string, to: string): Endpoint {
  const rename = <Thing extends { readonly session: string | null }>(thing: Thing): Thing =>
    thing.session === from ? { ...thing, session: to } : thing;
  return {
    ...endpoint,
    reasons: endpoint.reasons.map(rename),
    addresses: endpoint.addresses.map(rename),
    changes: endpoint.changes.map(rename),
  };
}

const hasAddress = (endpoint: Endpoint, key: string) => endpoint.addresses.some(({ session }) => session === key);

/** The first address of a session has been its own since it began, even if an interim record tells it first. */
function learned(endpoint: Endpoint, { ip, instant }: AccountingTold, key: string, at: number): Endpoint {
  if (ip === null) return endpoint;
  const began = sessionOf(endpoint, key)?.startedAt ?? at;
  const from = hasAddress(endpoint, key) ? at : Math.min(began, at);
  return withAddress(endpoint, { ip, key, source: 'accounting', at, from: Math.min(from, instant > 0 ? at : from) });
}

/** An address told without a session belongs to the newest session that has none, else to the endpoint alone. */
export function addressed(endpoint: Endpoint, ip: IpAddress, source: Address['source'], now: number): Endpoint {
  const open = openSessions(endpoint, now);
  const holder = open.find(({ key }) => endpoint.addresses.some((each) => each.session === key && each.ip === ip));
  const bare = open.find(({ key }) => !addressesAt(endpoint, now).some((each) => each.session === key && each.source === 'accounting')); // prettier-ignore
  return withAddress(endpoint, { ip, key: (holder ?? bare)?.key ?? null, source, at: now });
}

interface Learned {
  readonly ip: IpAddress;
  readonly key: string | null;
  readonly source: Address['source'];
  readonly at: number;
  readonly from?: number;
}

function withAddress(endpoint: Endpoint, { ip, key, source, at, from = at }: Learned): Endpoint {
  const isNow = ({ session, until }: Address) => session === key && until === null;
  const known = endpoint.addresses.find((address) => isNow(address) && address.ip === ip);
  const others = endpoint.addresses
    .filter((address) => address !== known)
    // A session has one IPv4 address and may have several of IPv6 at a time.
    .map((address) => (isNow(address) && !address.ip.includes(':') && !ip.includes(':') ? { ...address, until: Math.max(at, address.from) } : address)); // prettier-ignore
  const address: Address = known
    ? { ...known, confirmedAt: Math.max(known.confirmedAt, at) }
    : { ip, session: key, source, from, confirmedAt: at, until: null };
  return { ...endpoint, addresses: [address, ...others] };
}

function withoutAddresses(endpoint: Endpoint, key: string, at: number): Endpoint {
  const end = (address: Address) =>
    address.session === key && address.until === null ? { ...address, until: Math.max(at, address.from) } : address;
  return { ...endpoint, addresses: endpoint.addresses.map(end) };
}

/** What nobody can ask about any more goes; open sessions stay, however many. */
export function forgetting(endpoint: Endpoint, now: number): Endpoint {
  const isNamed = ({ key }: EndpointSession) => endpoint.reasons.some(({ session }) => session === key);
  const kept = endpoint.sessions.filter(
    (session, index) =>
      isOpen(session, now) ||
      isNamed(session) ||
      (index < mostSessions && now < (session.endedAt ?? session.heardAt) + sessionKeptMs),
  );
  const addresses = endpoint.addresses.filter(
    (address, index) =>
      (address.until === null && (address.session === null || kept.some(({ key }) => key === address.session))) ||
      (index < mostAddresses && now < (address.until ?? address.confirmedAt) + addressKeptMs),
  );
  return { ...endpoint, sessions: kept, addresses };
}
