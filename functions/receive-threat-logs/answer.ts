import type { ThreatLogs } from '../../shared/configuration/configuration.ts';
import { type Answer, json } from '../../shared/edge/http.ts';
import type { LogStatus } from '../../shared/threat-logs/log-status.ts';

const isoOf = (at: number | null) => (at === null ? null : new Date(at).toISOString());

/** Nothing of the destination's certificate, which nobody looks for here. */
export function statusAnswer(settings: ThreatLogs, since: number, { total, firewalls }: LogStatus): Answer {
  const { enabled, filter, rateLimit, threatActions, destination } = settings;
  const { address, port, transport } = destination;
  return json(200, {
    enabled,
    filter,
    rateLimit,
    threatActions,
    destination: address === '' ? null : { address, port, transport },
    since: isoOf(since),
    total,
    firewalls: firewalls.map(({ lastHeardAt, isSilent, ...told }) => ({
      ...told,
      lastHeard: isoOf(lastHeardAt),
      silent: isSilent,
    })),
  });
}
