/** How a Pulse Policy Secure is told of threats: the words of its shipped template, one event a message. */

export interface ThreatEvent {
  readonly event: (typeof threatEvents)[number];
  readonly endpointIp: string;
  readonly endpointMac?: string;
  readonly severity: string;
  readonly threatName?: string;
  readonly eventId: string;
  /** ISO 8601, in UTC. */
  readonly occurredAt: string;
}

export const threatEvents = [
  'quarantine-endpoint',
  'block-endpoint',
  'clear-quarantine-endpoint',
  'clear-blocked-endpoint',
] as const;
type Event = (typeof threatEvents)[number];

type Held = 'free' | 'quarantined' | 'blocked';

/**
 * What leads from one to the other. A block leaves a quarantine as it is, so that whoever is freed from both is freed
 * once, at the end; what was never opened is cleared in vain.
 */
export function eventsBetween(former: Held, wanted: Held): readonly Event[] {
  if (wanted === 'blocked') return ['block-endpoint'];
  if (wanted === 'quarantined') {
    return former === 'blocked' ? ['quarantine-endpoint', 'clear-blocked-endpoint'] : ['quarantine-endpoint'];
  }
  return former === 'quarantined'
    ? ['clear-quarantine-endpoint']
    : ['clear-quarantine-endpoint', 'clear-blocked-endpoint'];
}

/** Of a threat level from 1 to 10. */
export const severityOf = (level: number) => (level >= 7 ? 'high' : level >= 4 ? 'medium' : 'low');
