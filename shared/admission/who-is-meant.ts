/**
 * Which endpoint a message means. Addresses move: what counts is who had the address when the event occurred. A clear
 * goes where the reason that it closes was opened, whoever has the address by now.
 */
import type { Address, Endpoint, EndpointSession, Hold, Reason, WaitingMessage } from '../endpoints/endpoint.ts';
import { ipsOf, reasonsAt, senderKey } from '../endpoints/holds.ts';
import type { Mac } from '../endpoints/mac.ts';
import { hadAddress, openSessions, sessionOf } from '../endpoints/sessions.ts';
import { foldCase } from '../identity/fold-case.ts';
import type { IpAddress } from '../identity/address.ts';

/** Two holders of an address, confirmed within this time of each other, cannot be told apart. */
export const ambiguousMs = 5 * 60_000;

export type Meant =
  | { readonly who: 'endpoint'; readonly endpoint: Endpoint; readonly session: EndpointSession | undefined }
  | { readonly who: 'nobody' }
  /** The one whose address was confirmed last comes first. */
  | { readonly who: 'ambiguous'; readonly macs: readonly Mac[] };

export interface Asked {
  readonly ip: IpAddress;
  readonly user: string | null;
  /** When the event occurred; where that is not told, when it arrived. */
  readonly at: number;
}

/** Who had the address at the time, among those who ever had it. */
export function holderOf(candidates: readonly Endpoint[], asked: Asked): Meant {
  const all = candidates.flatMap((endpoint) => holdingOf(endpoint, asked));
  // The name of the user tells two holders apart; it accuses nobody who did not have the address.
  const named = all.filter(({ session }) => asked.user !== null && isUser(session, asked.user));
  const holders = named.length > 0 ? named : all;
  const [first, second] = holders.toSorted((one, other) => other.confirmedAt - one.confirmedAt);
  if (first === undefined) return { who: 'nobody' };
  if (second !== undefined && first.confirmedAt - second.confirmedAt < ambiguousMs) {
    const close = holders.filter(({ confirmedAt }) => first.confirmedAt - confirmedAt < ambiguousMs);
    return { who: 'ambiguous', macs: close.toSorted((one, other) => other.confirmedAt - one.confirmedAt).map(({ endpoint }) => endpoint.mac) }; // prettier-ignore
  }
  return { who: 'endpoint', endpoint: first.endpoint, session: first.session };
}

interface Holding {
  readonly endpoint: Endpoint;
  readonly session: EndpointSession | undefined;
  readonly confirmedAt: number;
}

function holdingOf(endpoint: Endpoint, { ip, at }: Asked): readonly Holding[] {
  const address = hadAddress(endpoint, ip, at);
  return address ? [{ endpoint, session: sessionOfAddress(endpoint, address), confirmedAt: Math.min(address.confirmedAt, at) }] : []; // prettier-ignore
}

const sessionOfAddress = (endpoint: Endpoint, { session }: Address) =>
  session === null ? undefined : sessionOf(endpoint, session);

/** `ACME\alice` and `alice@acme.example` are `alice`. */
function isUser(session: EndpointSession | undefined, named: string): boolean {
  return session?.user !== null && session?.user !== undefined && bare(session.user) === bare(named);
}

export const bare = (user: string): string => foldCase(user.replace(/^.*\\/, '').replace(/(?<=.)@.*$/, ''));

/** The session of an endpoint that is known by its MAC: the one that had the address, else its newest that is open. */
export function sessionMeant(endpoint: Endpoint, { ip, at }: Asked, now: number): EndpointSession | undefined {
  const address = hadAddress(endpoint, ip, at);
  return (address && sessionOfAddress(endpoint, address)) ?? openSessions(endpoint, now)[0];
}

export interface Clear {
  readonly client: string;
  readonly hold: Hold;
  readonly ip: IpAddress;
}

/** The endpoints on which that client's reason of that kind was opened through the address. */
export const clearedThrough = (candidates: readonly Endpoint[], clear: Clear, now: number): readonly Mac[] =>
  candidates
    .filter((endpoint) => reasonsAt(endpoint, now).some((reason) => isOpenedThrough(reason, clear)))
    .map(({ mac }) => mac);

const isOpenedThrough = (reason: Reason, clear: Clear): boolean =>
  reason.hold === clear.hold &&
  ipsOf(reason).includes(clear.ip) &&
  senderKey(reason.sender) === senderKey({ kind: 'client', name: clear.client });

/** Messages of that client that wait on the endpoint and name the address. */
export const waitingThrough = ({ waiting }: Endpoint, { client, ip }: Omit<Clear, 'hold'>): readonly WaitingMessage[] =>
  waiting.filter((each) => each.client === client && each.message.endpointIp === ip);
