/** How the story of an address is told: who, by whose word, and when, so that nobody has to reckon at 3 am. */
import { never } from '../identity/entry.ts';
import type { Micros, Origin } from '../identity/observation.ts';
import type { Silence } from '../identity/reading.ts';

export const iso = (at: number): string => new Date(at).toISOString();

/** `2026-03-01T12:00:00.000Z (3 minutes ago)`. */
export const moment = (at: number, now: number): string =>
  at === never ? 'never' : `${iso(at)} (${relative(at - now)})`;

/** To the millisecond, as our own instants are. */
export const millisOf = (instant: Micros): number => Math.floor(instant / 1_000);

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

function relative(distanceMs: number): string {
  const length = Math.abs(distanceMs);
  const [unit, unitMs] = units.find(([, each]) => length >= each) ?? ['second', 1_000];
  const count = Math.floor(length / unitMs);
  if (count === 0) return 'now';
  const words = `${count} ${unit}${count === 1 ? '' : 's'}`;
  return distanceMs < 0 ? `${words} ago` : `in ${words}`;
}

export const nameOf = ({ user, domain }: { readonly user: string; readonly domain?: string }): string =>
  domain === undefined ? user : `${user} (${domain})`;

export const originNames: Readonly<Record<Origin, string>> = {
  'aruba-clearpass': 'ClearPass',
  'identity-management': 'JIMS',
  'active-directory': 'Active Directory',
  local: 'the local table',
  'secure-web-gateway': 'the secure web gateway',
  'firewall-authentication': 'firewall authentication',
  'unified-access-control': 'unified access control',
};

/** What a source calls itself, where it says. */
export const tellerOf = ({ source, origin }: { readonly source?: string; readonly origin: Origin }): string =>
  source ?? originNames[origin];

export const minutesOf = (minutes: number): string => (minutes === 0 ? 'no end' : `${minutes} minutes`);

const silenceActs: Readonly<Record<Silence['action'], string>> = {
  keep: 'what was live then is kept meanwhile',
  freeze: 'the timers of its entries stood still meanwhile',
  'fall-back': 'its entries are passed over meanwhile',
};

/** `ClearPass has been silent since …: what was live then is kept meanwhile (whenSilent.aruba-clearpass).` */
export function silenceWords({ source, since, until, action }: Silence, now: number): string {
  const lasted = until === undefined ? `has been silent since ${moment(since, now)}` : `was silent from ${iso(since)} to ${iso(until)}`; // prettier-ignore
  return `${originNames[source]} ${lasted}: ${silenceActs[action]} (whenSilent.${source}).`;
}
