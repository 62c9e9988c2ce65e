/**
 * What leads to an endpoint: an address, a switch, the lists of those with changes and of those that are held, a time. A place is written before the
 * endpoint that it leads to, so it may lead to one that is not there any more, or not yet: whoever follows it looks at
 * the endpoint itself. One that leads nowhere is harmless; none is ever missing.
 */
import type { IpAddress } from '../identity/address.ts';
import { isUnsettled } from './changes.ts';
import type { Endpoint } from './endpoint.ts';
import { lastingIps, nextLookAt } from './holds.ts';

export type Place =
  /** `lasting`: it stays until it is made passing, however long nothing is heard of the endpoint. */
  | { readonly kind: 'ip'; readonly ip: IpAddress; readonly keeps: 'lasting' | 'passing' }
  | { readonly kind: 'nas'; readonly nas: IpAddress }
  | { readonly kind: 'changes' }
  /** Lasts as long as the endpoint has reasons, ended ones too. */
  | { readonly kind: 'held' }
  | { readonly kind: 'due'; readonly at: number };

const dayMs = 24 * 3_600_000;

/** A free endpoint is forgotten so long after it changed last; its places, written anew once a day, outlive it. */
const forgottenMs = 30 * dayMs;
export const placeKeptMs = 40 * dayMs;

/** When the endpoint itself may go; `undefined`: not while it is held, or something waits for it. */
export const forgottenAt = ({ reasons, waiting, changedAt }: Endpoint): number | undefined =>
  reasons.length > 0 || waiting.length > 0 ? undefined : changedAt + forgottenMs;

export function placesOf(endpoint: Endpoint): readonly Place[] {
  const lasting = new Set(lastingIps(endpoint));
  const ips = new Set([...endpoint.addresses.map(({ ip }) => ip), ...lasting]);
  const nases = new Set(endpoint.sessions.filter(({ endedAt }) => endedAt === null).map(({ nas }) => nas));
  const at = nextLookAt(endpoint);
  return [
    ...[...ips].map((ip): Place => ({ kind: 'ip', ip, keeps: lasting.has(ip) ? 'lasting' : 'passing' })),
    ...[...nases].map((nas): Place => ({ kind: 'nas', nas })),
    ...(endpoint.changes.some(isUnsettled) ? [{ kind: 'changes' } as const] : []),
    ...(endpoint.reasons.length > 0 ? [{ kind: 'held' } as const] : []),
    ...(at === undefined ? [] : [{ kind: 'due', at } as const]),
  ];
}

/** Those that are new, and the first time on a day all of them, so that none ends by time before its endpoint does. */
export function placesToWrite(next: Endpoint, read: Endpoint | undefined): readonly Place[] {
  const places = placesOf(next);
  if (read === undefined || dayOf(read) !== dayOf(next)) return places;
  const before = new Set(placesOf(read).map((place) => JSON.stringify(place)));
  return places.filter((place) => !before.has(JSON.stringify(place)));
}

const dayOf = ({ changedAt }: Endpoint) => Math.floor(changedAt / dayMs);

/**
 * What lasts no longer once the endpoint is this: an address need not lead to it for ever, and it is on no list of held
 * ones. It is written together with the endpoint, in one transaction, so that whoever holds it anew meanwhile has to read
 * again, and writes it again.
 */
export function easedPlaces(next: Endpoint, read: Endpoint | undefined): readonly Place[] {
  if (read === undefined) return [];
  const lasting = new Set(lastingIps(next));
  const ips = lastingIps(read).filter((ip) => !lasting.has(ip));
  const isFreed = read.reasons.length > 0 && next.reasons.length === 0;
  return [
    ...(isFreed ? [{ kind: 'held' } as const] : []),
    ...ips.map((ip): Place => ({ kind: 'ip', ip, keeps: 'passing' })),
  ];
}
