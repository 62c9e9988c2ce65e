/** Interested groups: those that some security policy's source-identity names. Enforcement points are told these only. */
import { namedIdentities } from './source-identity.ts';

export interface Policy {
  readonly sourceIdentity: readonly string[];
}

/** Whether a group is interesting, by the domain of its entry. */
export function interestedGroups(policies: readonly Policy[]): (domain: string, group: string) => boolean {
  const named = namedIdentities(policies);
  return (domain, group) => named(domain).some((names) => names.has(group));
}
