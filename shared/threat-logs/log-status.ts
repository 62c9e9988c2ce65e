/** How it is with a tenant's threat logs: what came from each firewall, what went on, and what did not and why. */
import type { FirewallHour, LogOutcome } from './log-table.ts';
import type { ThreatTag } from './threat-tag.ts';

export interface LogStatus {
  readonly total: Tally;
  /** The one that was heard last comes first; `null` are the lines that name none. */
  readonly firewalls: readonly FirewallStatus[];
}

export interface FirewallStatus extends Tally {
  readonly firewall: string | null;
  readonly lastHeardAt: number | null;
  /** It was heard within these hours, and not lately: not even what does not go on. */
  readonly isSilent: boolean;
  readonly tags: readonly ({ readonly tag: ThreatTag } & TagTally)[];
}

interface TagTally {
  readonly accepted: number;
  readonly rateLimited: number;
  readonly sent: number;
  /** There was nowhere to send them to, or they were longer than a datagram. */
  readonly undeliverable: number;
  /** Accepted, and neither sent nor given up yet. */
  readonly waiting: number;
}

interface Tally extends TagTally {
  readonly received: number;
  readonly filtered: number;
  readonly malformed: number;
}

/** A firewall that is in use logs sessions all the time. */
export const silentAfterMs = 15 * 60_000;

export function logStatus(hours: readonly FirewallHour[], now: number): LogStatus {
  const byFirewall = Map.groupBy(hours, ({ firewall }) => firewall);
  const firewalls = [...byFirewall].map(([firewall, ofIt]) => statusOf(firewall, ofIt, now));
  return {
    total: tallyOf(hours.flatMap(({ counts }) => counts)),
    firewalls: firewalls.toSorted((one, other) => (other.lastHeardAt ?? 0) - (one.lastHeardAt ?? 0)),
  };
}

function statusOf(firewall: string | null, hours: readonly FirewallHour[], now: number): FirewallStatus {
  const counts = hours.flatMap((hour) => hour.counts);
  const heard = hours.flatMap(({ heardAt }) => (heardAt === null ? [] : [heardAt]));
  const lastHeardAt = heard.length === 0 ? null : Math.max(...heard);
  const tags = [...Map.groupBy(counts, ({ tag }) => tag)].flatMap(([tag, ofIt]) =>
    tag === null ? [] : [{ tag, ...tagTallyOf(ofIt) }],
  );
  const isSilent = firewall !== null && lastHeardAt !== null && now - lastHeardAt >= silentAfterMs;
  return { firewall, lastHeardAt, isSilent, ...tallyOf(counts), tags: tags.toSorted((one, other) => (one.tag < other.tag ? -1 : 1)) }; // prettier-ignore
}

type Counts = FirewallHour['counts'];

const sumOf = (counts: Counts, outcome: LogOutcome) =>
  counts.reduce((sum, { became, lines }) => (became === outcome ? sum + lines : sum), 0);

function tagTallyOf(counts: Counts): TagTally {
  const [accepted, sent, undeliverable] = [sumOf(counts, 'accepted'), sumOf(counts, 'sent'), sumOf(counts, 'undeliverable')]; // prettier-ignore
  const waiting = Math.max(0, accepted - sent - undeliverable);
  return { accepted, rateLimited: sumOf(counts, 'rate-limited'), sent, undeliverable, waiting };
}

function tallyOf(counts: Counts): Tally {
  const told = tagTallyOf(counts);
  const [filtered, malformed] = [sumOf(counts, 'filtered'), sumOf(counts, 'malformed')];
  return { received: told.accepted + told.rateLimited + filtered + malformed, filtered, malformed, ...told };
}
