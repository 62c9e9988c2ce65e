/**
 * Interested groups: those that some security policy's source-identity names. Enforcement points are told these only.
 * A name is `domain\name`, or bare, which means GLOBAL; `*\name` means the name in any domain.
 */
import { foldCase } from '../identity/fold-case.ts';

export interface Policy {
  readonly sourceIdentity: readonly string[];
}

/** Words of a source-identity that are not the name of a user or group. */
const special = new Set(['any', 'authenticated-user', 'unauthenticated-user', 'unknown-user']);

export function interestedGroups(policies: readonly Policy[]): (domain: string, group: string) => boolean {
  const names = new Set(policies.flatMap(({ sourceIdentity }) => sourceIdentity.map(foldCase)).filter((name) => !special.has(name)).map(qualified)); // prettier-ignore
  return (domain, group) => names.has(`${foldCase(domain)}\\${group}`) || names.has(`*\\${group}`);
}

/** The domain ends at the first backslash; a group's own name may hold more of them. */
const qualified = (name: string) => (name.includes('\\') ? name : `global\\${name}`);
