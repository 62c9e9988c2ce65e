/** Interested groups: those that some security policy's source-identity names. Enforcement points are told these only. */
import { namedIdentities } from './source-identity.ts';

export interface Policy {
  readonly sourceIdentity: readonly string[];
}

/** Whether a group is interesting, by the domain of its entry. */
type Interested = (domain: string, group: string) => boolean;

/** Every look-up asks, and reading ten thousand policies costs many times what the look-up does. */
const known = new WeakMap<readonly Policy[], Interested>();

export function interestedGroups(policies: readonly Policy[]): Interested {
  const interested = known.get(policies) ?? interestedIn(policies);
  known.set(policies, interested);
  return interested;
}

function interestedIn(policies: readonly Policy[]): Interested {
  const named = namedIdentities(policies);
  return (domain, group) => named(domain).some((names) => names.has(group));
}
