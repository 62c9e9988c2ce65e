/** What a tenant's rules call for at a level, and the band that it is in. */
import type { FeedRule } from '../configuration/threat-response.ts';
import type { Wanted } from './host.ts';

const wantedByEvent: Readonly<Record<FeedRule['event'], Wanted>> = {
  'quarantine-endpoint': 'quarantined',
  'block-endpoint': 'blocked',
};

/** The rule with the highest level that has been reached holds; below all of them nothing is done. */
export function wantedAt(rules: readonly FeedRule[], level: number): Wanted {
  const [holding] = rules
    .filter(({ minLevel }) => minLevel <= level)
    .toSorted((one, other) => other.minLevel - one.minLevel);
  return holding ? wantedByEvent[holding.event] : 'free';
}

export const severityOf = (level: number): 'low' | 'medium' | 'high' =>
  level >= 7 ? 'high' : level >= 4 ? 'medium' : 'low';
