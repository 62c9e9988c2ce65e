/** Threat logs as threat actions: lines of syslog, each read by the template of the admission control client that its firewall is. */
import { mostLines, type ThreatAnswer } from '../admission/receive.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { TellThreats, ThreatArrival } from './tell-threats.ts';

/** Takes at most so many lines, each ended by a line feed. */
export type TakesLines = (tenant: TenantId, arrival: ThreatArrival, body: Uint8Array) => Promise<readonly ThreatAnswer[]>; // prettier-ignore

/** What a template does not take is in the event log, as whatever a sender of threat actions sends. */
export const acting =
  (take: TakesLines): TellThreats['act'] =>
  async (tenant, arrival, lines) => {
    for (let from = 0; from < lines.length; from += mostLines) {
      // A request's lines have ids by their numbers, so those of its second part go by another name.
      const part = from === 0 ? arrival : { ...arrival, requestId: `${arrival.requestId}-${from}` };
      const answers = await take(tenant, part, bodyOf(lines.slice(from, from + mostLines)));
      const busy = answers.find(({ fault }) => fault?.code === 'busy')?.fault;
      if (busy) throw new ServiceError('busy', 'Not all threat actions could be taken in time. Send these logs again; none of them has gone on, and what was done is not done twice.'); // prettier-ignore
    }
  };

/** A line feed within a line would be the end of it. */
const bodyOf = (lines: readonly Uint8Array[]): Uint8Array =>
  Buffer.from(lines.map((line) => new TextDecoder().decode(line).replace(/[\r\n]+/g, ' ')).join('\n'));
