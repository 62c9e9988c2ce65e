/** Threat logs as threat actions: lines of syslog, each read by the template of the admission control client that its firewall is. */
import { isLate, mostLines, type ThreatAnswer } from '../admission/receive.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { TellThreats, ThreatArrival } from './tell-threats.ts';

/** Takes at most so many lines, each ended by a line feed. */
export type TakesLines = (tenant: TenantId, arrival: ThreatArrival, body: Uint8Array) => Promise<readonly ThreatAnswer[]>; // prettier-ignore

/**
 * What a template does not take is in the event log, as whatever a sender of threat actions sends. A flood of made-up
 * addresses is thousands of kinds, and would be no shorter when it comes again: what there is no room or time for is left.
 */
export const acting =
  (take: TakesLines): TellThreats['act'] =>
  async (tenant, arrival, lines) => {
    if (lines.length === 0) return 0;
    const answers = await take(tenant, halfOf(arrival), bodyOf(lines.slice(0, mostLines)));
    const from = answers.findIndex(isLate);
    const begun = from === -1 ? answers : answers.slice(0, from);
    const busy = begun.find(({ fault }) => fault?.code === 'busy');
    if (busy) throw new ServiceError('busy', 'Not all threat actions could be taken. Send these logs again; none of them has gone on, and what was done is not done twice.'); // prettier-ignore
    return begun.length;
  };

/** The other half of its time is for what goes on. */
const halfOf = (arrival: ThreatArrival): ThreatArrival => ({
  ...arrival,
  deadlineAt: (arrival.receivedAt + arrival.deadlineAt) / 2,
});

/** A line feed within a line would be the end of it. */
const bodyOf = (lines: readonly Uint8Array[]): Uint8Array =>
  Buffer.from(lines.map((line) => new TextDecoder().decode(line).replace(/[\r\n]+/g, ' ')).join('\n'));
