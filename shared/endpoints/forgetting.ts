/** What an endpoint forgets, so that it never outgrows its item: what is over and nobody can ask about any more. */
import { isUnsettled } from './changes.ts';
import type { Address, Endpoint, EndpointSession } from './endpoint.ts';
import { endedAt, isOpen, sessionOf } from './sessions.ts';

/** Sessions that ended are remembered for a day, and addresses for a week: what comes late is held against them. */
const sessionKeptMs = 24 * 3_600_000;
const addressKeptMs = 7 * 24 * 3_600_000;
const mostEnded = 32;
/** A device is in no more places at once: what is more has been left, and its switch has not said so. */
const mostOpen = 128;
const mostPast = 64;
const mostCurrent = 128;

export function forgetting(endpoint: Endpoint, now: number): Endpoint {
  const told = endpoint.changes.filter(isUnsettled);
  const named = new Set([...endpoint.reasons, ...told].map(({ session }) => session));
  const open = endpoint.sessions.filter((session) => isOpen(session, now)).slice(0, mostOpen);
  const isRecent = (session: EndpointSession) => !isOpen(session, now) && now < endedAt(session) + sessionKeptMs;
  const ended = endpoint.sessions.filter(isRecent).slice(0, mostEnded);
  const kept = new Set([...open, ...ended]);
  const sessions = endpoint.sessions.filter((session) => kept.has(session) || named.has(session.key));
  const addresses = endpoint.addresses.map((address) => closed(endpoint, address, now));
  const current = addresses.filter(({ until }) => until === null).slice(0, mostCurrent);
  const past = addresses.filter(({ until }) => until !== null && now < until + addressKeptMs).slice(0, mostPast);
  const left = new Set([...current, ...past]);
  return { ...endpoint, sessions, addresses: addresses.filter((address) => left.has(address)) };
}

/** Of a session that is lost nobody says that it has ended. */
function closed(endpoint: Endpoint, address: Address, now: number): Address {
  const session = address.session === null ? undefined : sessionOf(endpoint, address.session);
  if (address.until !== null || session === undefined || isOpen(session, now)) return address;
  return { ...address, until: Math.max(address.from, endedAt(session)) };
}
