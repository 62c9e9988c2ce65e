/** What a switch is asked, so that it lets go of a session and the device logs in again: each make takes it its own way. */
import type { Make } from '../configuration/threat-response.ts';
import type { Attribute } from '../wire/radius/attributes.ts';
import type { EndpointSession } from './endpoint.ts';
import { type Mac, stationIdOf } from './mac.ts';

export interface ChangeRequest {
  readonly kind: 'disconnect' | 'coa';
  readonly attributes: readonly Attribute[];
}

export type MadeRequest =
  | { readonly request: ChangeRequest; readonly problem?: never }
  /** Why this make cannot be asked yet. */
  | { readonly request?: never; readonly problem: 'no-session-id' };

type Asked = Pick<EndpointSession, 'nas' | 'acctSessionId'>;

/** `at`: when it is asked; a switch refuses a request that somebody kept and sends again. */
export function changeRequest(make: Make, mac: Mac, session: Asked, at: number): MadeRequest {
  switch (make) {
    case 'juniper-ex2200':
      // On Junos 15.1 it knows a session by its id alone, which accounting tells.
      if (session.acctSessionId === null) return { problem: 'no-session-id' };
      return { request: { kind: 'disconnect', attributes: [...sessionId(session), nasAddress(session)] } };
    case 'juniper-port-bounce':
      return { request: { kind: 'coa', attributes: [station(mac), ...portBounce] } };
    case 'juniper-ex':
    case 'generic': {
      const timestamp = { name: 'Event-Timestamp', value: String(Math.floor(at / 1_000)) } as const;
      const attributes = [station(mac), nasAddress(session), ...sessionId(session), timestamp];
      return { request: { kind: 'disconnect', attributes } };
    }
  }
}

const station = (mac: Mac): Attribute => ({ name: 'Calling-Station-Id', value: stationIdOf(mac) });

const nasAddress = ({ nas }: Asked): Attribute => ({
  name: nas.includes(':') ? 'NAS-IPv6-Address' : 'NAS-IP-Address',
  value: nas,
});

const sessionId = ({ acctSessionId }: Asked): readonly Attribute[] =>
  acctSessionId === null ? [] : [{ name: 'Acct-Session-Id', value: acctSessionId }];

const portBounce: readonly Attribute[] = [
  { name: 'Acct-Terminate-Cause', value: 'Admin-Reset' },
  { name: 'Juniper-AV-Pair', value: 'Port-Bounce' },
];
