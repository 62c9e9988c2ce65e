/** How each type of connector is spoken to. What is made here lives as long as the environment: it remembers keys and tokens. */
import type { ConnectorType } from '../configuration/threat-response.ts';
import type { Enforcer } from '../connectors/enforcer.ts';
import { clearPassEnforcer } from './clearpass-attribute-client.ts';
import type { Reach } from './connection-client.ts';
import { iseEnforcer } from './ise-client.ts';
import { loginsBy } from './logins.ts';
import { pulseEnforcer } from './pulse-client.ts';
import { webhookEnforcer } from './webhook-client.ts';

export type Enforcers = Readonly<Record<ConnectorType, Enforcer>>;

export function enforcersBy(reach: Reach, now: () => number): Enforcers {
  const logins = loginsBy(now);
  return {
    'pulse-policy-secure': pulseEnforcer(reach, logins, now),
    clearpass: clearPassEnforcer(reach, logins),
    'cisco-ise': iseEnforcer(reach),
    webhook: webhookEnforcer(reach, now),
  };
}
