/** How it is with a tenant's threat logs: what came from each firewall, what went on, and what did not and why. */
import type { FirewallHour, LineFault, LogOutcome } from './log-table.ts';
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
  readonly received: number;
  readonly accepted: number;
  readonly rateLimited: number;
  readonly malformed: number;
  /** What was wrong with those, the most frequent first. */
  readonly faults: readonly { readonly reason: LineFault; readonly lines: number }[];
  readonly sent: number;
  /** There was nowhere to send them to, or they were longer than a datagram. */
  readonly undeliverable: number;
  /** Their receiver did not take them: they lie with the dead letters. */
  readonly givenUp: number;
  /** Accepted, and none of these yet. */
  readonly waiting: number;
}

interface Tally extends TagTally {
  readonly filtered: number;
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
  const [accepted, rateLimited, malformed] = [sumOf(counts, 'accepted'), sumOf(counts, 'rate-limited'), sumOf(counts, 'malformed')]; // prettier-ignore
  const [sent, undeliverable] = [sumOf(counts, 'sent'), sumOf(counts, 'undeliverable')];
  // A count that could not be written is missing, and what went out twice may be there twice.
  const givenUp = Math.max(0, sumOf(counts, 'given-up'));
  return {
    received: accepted + rateLimited + malformed,
    accepted,
    rateLimited,
    malformed,
    faults: faultsIn(counts),
    sent,
    undeliverable,
    givenUp,
    waiting: Math.max(0, accepted - sent - undeliverable - givenUp),
  };
}

function faultsIn(counts: Counts): TagTally['faults'] {
  const byFault = Map.groupBy(counts, ({ fault }) => fault);
  return [...byFault]
    .flatMap(([reason, ofIt]) => (reason === undefined ? [] : [{ reason, lines: sumOf(ofIt, 'malformed') }]))
    .toSorted((one, other) => other.lines - one.lines);
}

function tallyOf(counts: Counts): Tally {
  const [told, filtered] = [tagTallyOf(counts), sumOf(counts, 'filtered')];
  return { ...told, received: told.received + filtered, filtered };
}
