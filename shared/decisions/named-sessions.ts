/** The sessions that flows name. One is opened where its flow is permitted for somebody who is known, and nowhere else. */
import type { IpAddress } from '../identity/address.ts';
import type { Listed } from '../identity/authentication-table.ts';
import { entryIn } from '../identity/entry.ts';
import type { Reading } from '../identity/reading.ts';
import { search } from '../identity/search.ts';
import type { Naming } from '../sessions/open-sessions.ts';
import { type SessionPlace, tenureOf } from '../sessions/session.ts';
import type { Decision } from './decide.ts';
import type { Flow } from './flow.ts';

export const sessionsIn = (flows: readonly Flow[], credentialId: string): readonly SessionPlace[] =>
  flows.flatMap(({ sourceIp: ip, sessionId: id }) => (id === undefined ? [] : [{ ip, credentialId, id }]));

interface Known {
  readonly credentialId: string;
  readonly slots: ReadonlyMap<IpAddress, readonly Listed[]>;
  readonly reading: Reading;
}

export function namingOf(
  flow: Flow | undefined,
  { action, state }: Decision,
  { credentialId, slots, reading }: Known,
): Naming | undefined {
  if (flow?.sessionId === undefined) return undefined;
  const place = { ip: flow.sourceIp, credentialId, id: flow.sessionId };
  const [standing] = search(slots.get(flow.sourceIp) ?? [], reading);
  const entry = standing && entryIn(standing.item);
  if (state !== 'valid' || standing === undefined || entry === undefined)
    return { ...place, refusal: 'user-not-known' };
  if (action !== 'permit') return { ...place, refusal: 'flow-not-permitted' };
  return { ...place, tenure: tenureOf(standing.slot, entry) };
}
