/**
 * How each type of connector is spoken to that is connected to from the queue of connectors: all but ClearPass. What is made
 * here lives as long as the environment: it remembers keys.
 */
import type { ConnectorType } from '../configuration/threat-response.ts';
import type { Enforcer } from '../connectors/enforcer.ts';
import type { Reach } from './connection-client.ts';
import { iseEnforcer } from './ise-client.ts';
import { loginsBy } from './logins.ts';
import { pulseEnforcer } from './pulse-client.ts';
import { webhookEnforcer } from './webhook-client.ts';

export type Enforcers = Readonly<Record<Exclude<ConnectorType, 'clearpass'>, Enforcer>>;

export const enforcersBy = (reach: Reach, now: () => number): Enforcers => ({
  'pulse-policy-secure': pulseEnforcer(reach, loginsBy(now), now),
  'cisco-ise': iseEnforcer(reach),
  webhook: webhookEnforcer(reach, now),
});
