/** The allow list: what no automatic action touches. An operator's own act goes through, and says that it is on it. */
import type { AllowList } from '../configuration/threat-response.ts';
import { addressSet } from '../identity/address-set.ts';
import { foldCase } from '../identity/fold-case.ts';
import type { Endpoint, EndpointSession } from './endpoint.ts';
import { type Mac, readMac } from './mac.ts';
import { addressesAt, endedAt, openSessions } from './sessions.ts';

export interface Meant {
  readonly mac: Mac | null;
  readonly ips: readonly string[];
  readonly users: readonly string[];
  /** As mapped at the login. */
  readonly roles: readonly string[];
}

/** By which of its lists somebody is allowed, and by which of its words; `undefined`: by none. */
export function allowedBy(list: AllowList, { mac, ips, users, roles }: Meant): Allowed | undefined {
  const isListed = addressSet(list.addresses);
  const found: readonly (readonly [Allowed['by'], string | undefined])[] = [
    ['mac', list.macs.find((each) => mac !== null && readMac(each).mac === mac)],
    ['address', ips.find(isListed)],
    ['user', users.find((user) => list.users.some((each) => foldCase(each) === foldCase(user)))],
    ['role', roles.find((role) => list.roles.includes(role))],
  ];
  for (const [by, word] of found) if (word !== undefined) return { by, word };
  return undefined;
}

/** Whether that by which somebody was allowed is on it still. */
export function isStillOn(list: AllowList, { by, word }: Allowed): boolean {
  const only = (kind: Allowed['by']) => (by === kind ? [word] : []);
  const [mac = null] = only('mac').map((each) => readMac(each).mac);
  return allowedBy(list, { mac, ips: only('address'), users: only('user'), roles: only('role') }) !== undefined;
}

export interface Allowed {
  readonly by: 'mac' | 'address' | 'user' | 'role';
  readonly word: string;
}

/** Whoever an endpoint is now: its addresses, and the users and roles of its open sessions. */
export const meantBy = (endpoint: Endpoint, now: number): Meant => meantIn(endpoint, openSessions(endpoint, now), now);

/** Whoever it was at a time that has passed, and has become since. */
export const meantSince = (endpoint: Endpoint, at: number): Meant =>
  meantIn(
    endpoint,
    endpoint.sessions.filter((session) => at < endedAt(session)),
    at,
  );

function meantIn(endpoint: Endpoint, sessions: readonly EndpointSession[], at: number): Meant {
  return {
    mac: endpoint.mac,
    ips: addressesAt(endpoint, at).map(({ ip }) => ip),
    users: sessions.flatMap(({ user }) => user ?? []),
    roles: sessions.flatMap(({ roles }) => roles),
  };
}
