/** Which firewalls fell silent that were heard all the time, for an alarm that needs nobody who asks. */
import type { Measured } from '../journal/measure.ts';
import type { Heard } from './log-table.ts';

const hourMs = 60 * 60_000;
/** Heard in each of so many hours in a row: it tells of its sessions all the time. One that tells of threats alone has gaps. */
const hoursOfHabit = 4;
/** From then on it is silent; and once it has been for twice as long, that is no news. */
const silentMs = hourMs;

/** How far back one has to read. */
export const habitMs = hoursOfHabit * hourMs + 2 * silentMs;

/** Nothing where no firewall was heard: each number of a tenant is a series that costs. */
export function firewallsMeasured(hours: readonly Heard[], now: number): Measured {
  const heard = hours.flatMap(({ firewall, heardAt }) =>
    firewall === null || heardAt === null ? [] : [{ firewall, heardAt }],
  );
  const byFirewall = Map.groupBy(heard, ({ firewall }) => firewall);
  if (byFirewall.size === 0) return {};
  const fallen = [...byFirewall.values()].filter((ofIt) => hasFallenSilent(ofIt.map(({ heardAt }) => heardAt), now)); // prettier-ignore
  return { FirewallsFallenSilent: fallen.length };
}

/** `heardAt`: the last time in each hour. */
function hasFallenSilent(heardAt: readonly number[], now: number): boolean {
  const last = Math.max(...heardAt);
  const silentFor = now - last;
  if (silentFor < silentMs || silentFor >= 2 * silentMs) return false;
  const heardIn = new Set(heardAt.map(hourOf));
  return Array.from({ length: hoursOfHabit }, (_, before) => hourOf(last) - before).every((hour) => heardIn.has(hour));
}

const hourOf = (at: number) => Math.floor(at / hourMs);
