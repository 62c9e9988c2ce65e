/** Endpoint sessions and the addresses that they had, as they are read: what has ended by time is over, whoever reads. */
import type { IpAddress } from '../identity/address.ts';
import type { Address, Endpoint, EndpointSession } from './endpoint.ts';

/** A session of which nothing is heard for so long is lost; an address that a post or query told is believed as long. */
export const lostMs = 24 * 3_600_000;

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

function heldAt(endpoint: Endpoint, { from, until, session, source, confirmedAt }: Address, at: number): boolean {
  if (at < from || (until !== null && until <= at)) return false;
  if (session === null) return source === 'operator' || at < confirmedAt + lostMs;
  const found = sessionOf(endpoint, session);
  return found === undefined || at < endedAt(found);
}

export const accountingKey = ({ nas, acctSessionId }: { readonly nas: IpAddress; readonly acctSessionId: string }) =>
  `${nas}/${acctSessionId}`;

/** Whether it is on that very port; where none is told, nobody can say. */
export const isAt = (
  session: EndpointSession,
  { nas, port }: { readonly nas?: IpAddress | undefined; readonly port?: string | null | undefined },
): boolean => session.nas === nas && port != null && session.port === port;
