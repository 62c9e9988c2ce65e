/** The allow list: what no automatic action touches. An operator's own act goes through, and says that it is on it. */
import type { AllowList } from '../configuration/threat-response.ts';
import { addressSet } from '../identity/address-set.ts';
import { foldCase } from '../identity/fold-case.ts';
import type { Endpoint } from './endpoint.ts';
import { type Mac, readMac } from './mac.ts';
import { addressesAt, openSessions } from './sessions.ts';

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

export interface Allowed {
  readonly by: 'mac' | 'address' | 'user' | 'role';
  readonly word: string;
}

/** Whoever an endpoint is now: its addresses, and the users and roles of its open sessions. */
export function meantBy(endpoint: Endpoint, now: number): Meant {
  const sessions = openSessions(endpoint, now);
  return {
    mac: endpoint.mac,
    ips: addressesAt(endpoint, now).map(({ ip }) => ip),
    users: sessions.flatMap(({ user }) => user ?? []),
    roles: sessions.flatMap(({ roles }) => roles),
  };
}
