/** Which roles a login gets, by the ordered rules of its realm. */
import type { RoleMappingRule } from '../configuration/threat-response.ts';
import { foldCase } from '../identity/fold-case.ts';
import { all, type RadiusAttributes } from '../wire/radius/rest.ts';

export interface Subject {
  /** As what it logged in, in every form that a rule may name it by. */
  readonly names: readonly string[];
  readonly groups: readonly string[];
  readonly attributes: RadiusAttributes;
}

/** Those of every rule that matches, up to the first one that stops; each once. */
export function mappedRoles(rules: readonly RoleMappingRule[], subject: Subject): readonly string[] {
  const matching = rules.filter((rule) => isMatch(rule, subject));
  const last = matching.findIndex(({ stop }) => stop);
  const counting = last < 0 ? matching : matching.slice(0, last + 1);
  return [...new Set(counting.flatMap(({ roles }) => roles))];
}

function isMatch(rule: RoleMappingRule, subject: Subject): boolean {
  const found = valuesOf(rule, subject).map(foldCase);
  return rule.values.map(foldCase).some((pattern) => found.some((value) => isLike(value, pattern)));
}

function valuesOf({ on, attribute }: RoleMappingRule, { names, groups, attributes }: Subject): readonly string[] {
  if (on === 'user') return names;
  if (on === 'group') return groups;
  const name = attribute ?? '';
  // What the site's server has read of a certificate is called so, and no packet can carry an attribute of that name.
  if (on === 'certificate-attribute' && !/^tls-/i.test(name)) return [];
  return all(attributes, name);
}

/** `*` stands for anything, nothing included. Looks at each part once, however many stars there are. */
export function isLike(value: string, pattern: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return value === pattern;
  if (!value.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = value.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return value.length - at >= tail.length && value.endsWith(tail);
}

/** Attributes in which a site's server may tell the groups of a user, beside those that a tenant lists with a local one. */
const groupNames = ['Group-Name', 'Group', 'LDAP-Group', 'SQL-Group'];

/** A name in a directory (`CN=Staff,OU=Groups,DC=acme`) is known by its first part too. */
export const groupsTold = (attributes: RadiusAttributes): readonly string[] =>
  groupNames.flatMap((name) =>
    all(attributes, name).flatMap((group) => [group, ...(/^cn=([^,]+),/i.exec(group)?.slice(1) ?? [])]),
  );
