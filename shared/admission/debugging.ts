/** What admission control tells the debug log: how a message was read, what became of it and why. */
import type { ThreatMessage } from '../endpoints/endpoint.ts';
import type { DebugTold } from '../journal/debug.ts';
import type { Verdict } from './admission.ts';
import type { FoundClient } from './client-of.ts';
import type { Arrival } from './event-lines.ts';

/** Before anything of it is read. */
export function cameIn(
  { requestId, clientAddress, credentialName }: Arrival,
  found: FoundClient,
  text: string | undefined,
): DebugTold {
  // prettier-ignore
  const { client, problem } = found;
  const message = problem
    ? `A message came from ${clientAddress} and is read by nobody: ${problem.message}`
    : `A message came from the client "${client.name}" and is read by the template "${found.template.name}".`;
  return { part: 'admission', message, requestId, details: { clientAddress, credentialName, message: asRead(text) } };
}

export const isRefused = ({ requestId }: Arrival, { code, message }: { readonly code: string; readonly message: string }): DebugTold => ({ part: 'admission', message: `It is refused: ${message}`, requestId, details: { code } }); // prettier-ignore

export const becameOf = ({ requestId }: Arrival, message: ThreatMessage, told: Verdict): DebugTold => ({
  part: 'admission',
  message: `${told.policy ? `The policy "${told.policy.name}" matched. ` : 'No policy acted. '}${told.message}`,
  mac: told.mac ?? message.endpointMac,
  ip: message.endpointIp,
  user: told.user ?? message.userName,
  requestId,
  details: { read: message, state: told.state, code: told.code, policy: told.policy, flags: told.flags, changes: told.changes }, // prettier-ignore
});

/** A document as it is, so that the names of what is secret in it are seen; else the text. */
function asRead(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null') as unknown;
  } catch {
    return text;
  }
}
