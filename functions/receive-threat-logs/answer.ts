import type { ThreatLogs } from '../../shared/configuration/configuration.ts';
import { type Answer, json } from '../../shared/edge/http.ts';
import type { Failure } from '../../shared/threat-logs/log-table.ts';
import type { LogStatus } from '../../shared/threat-logs/log-status.ts';

const isoOf = (at: number | null) => (at === null ? null : new Date(at).toISOString());

/** Of 6 MB that a function may answer, in which each quotation mark is two characters. */
const mostBytes = 3_000_000;

/** Nothing of the destination's certificate, which nobody looks for here. */
export function statusAnswer(
  settings: ThreatLogs,
  since: number,
  { total, firewalls }: LogStatus,
  failure: Failure | null,
): Answer {
  const { enabled, filter, rateLimit, threatActions, destination } = settings;
  const { address, port, transport } = destination;
  const all = firewalls.map(({ lastHeardAt, isSilent, ...told }) => ({
    ...told,
    lastHeard: isoOf(lastHeardAt),
    silent: isSilent,
  }));
  const listed = thatFit(all);
  return json(200, {
    enabled,
    filter,
    rateLimit,
    threatActions,
    destination: address === '' ? null : { address, port, transport },
    failing: failure && { since: isoOf(failure.since), lastTried: isoOf(failure.at), reason: failure.reason },
    since: isoOf(since),
    total,
    firewalls: listed,
    unlisted: all.length - listed.length,
  });
}

/** The first of them. */
function thatFit<Each>(all: readonly Each[]): readonly Each[] {
  let bytes = 0;
  const past = all.findIndex((each) => (bytes += Buffer.byteLength(JSON.stringify(each))) > mostBytes);
  return past < 0 ? all : all.slice(0, past);
}
