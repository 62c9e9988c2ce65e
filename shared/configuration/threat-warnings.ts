/** What of a set-up of threat response will not do what it seems to. It keeps nothing from being stored. */
import { templateName } from '../admission/shipped-templates.ts';
import { foldCase } from '../identity/fold-case.ts';
import type { Violation } from '../service-error.ts';
import { connectorWarnings } from './connector-contradictions.ts';
import { wrongAt } from './naming.ts';
import type { ReadableSetUp } from './server-settings.ts';

export const threatWarnings = (setUp: ReadableSetUp | undefined): readonly Violation[] =>
  setUp === undefined
    ? []
    : [...withoutAttributes(setUp), ...realmsPassedBy(setUp), ...policiesPassedBy(setUp), ...connectorWarnings(setUp)];

const listed = 5; // location groups that a message names

/** Whoever is in quarantine where its role has no return attributes is rejected: a bare accept would be full access. */
function withoutAttributes({ roles, radiusClients, returnAttributes }: ReadableSetUp): readonly Violation[] {
  if (returnAttributes === undefined || returnAttributes.includes(undefined)) return [];
  const groups = [...new Set(radiusClients?.flatMap((client) => client?.locationGroup ?? []))];
  // As a login does: the first that fits is taken, and one that opens the port keeps nobody in. What cannot be read may keep in.
  const isKeptIn = (role: string, group: string): boolean => {
    const first = returnAttributes.find(
      (policy) =>
        (policy?.roles?.includes(role) ?? true) &&
        (policy?.locationGroups === undefined || policy.locationGroups.length === 0 || policy.locationGroups.includes(group)), // prettier-ignore
    );
    return first !== undefined && first.return?.type !== 'open-port';
  };
  return (roles ?? []).flatMap((role, index) => {
    const name = role?.name;
    if (name === undefined || role?.quarantine !== true) return [];
    const missing = groups.filter((group) => !isKeptIn(name, group));
    if (missing.length === 0) return [];
    const where = missing.slice(0, listed).join(', ') + (missing.length > listed ? ` and ${missing.length - listed} more` : ''); // prettier-ignore
    const place = { keys: ['threatResponse', 'roles', String(index), 'name'], value: name };
    const message = `No return attributes keep this quarantine role in at: ${where}. Who is put into it there is rejected.`;
    return [wrongAt(place, 'no-return-attributes', message, 'Add the role to return attributes with a VLAN or a filter for these location groups, or for all, in front of one that opens the port.')]; // prettier-ignore
  });
}

/** The first realm whose location groups fit takes a login. */
function realmsPassedBy({ realms }: ReadableSetUp): readonly Violation[] {
  const all = realms?.findIndex((realm) => realm?.locationGroups?.length === 0) ?? -1;
  if (all < 0) return [];
  return (realms ?? []).flatMap((realm, index) =>
    index > all && realm?.name !== undefined
      ? [wrongAt({ keys: ['threatResponse', 'realms', String(index), 'name'], value: realm.name }, 'never-reached', `/threatResponse/realms/${all} is for all location groups, so no login comes to this realm.`, 'Put it in front, or give the other one location groups.')] // prettier-ignore
      : [],
  );
}

/** The first policy that matches acts. */
function policiesPassedBy({ admissionPolicies }: ReadableSetUp): readonly Violation[] {
  const first = new Map<string, number>();
  return (admissionPolicies ?? []).flatMap((policy, index) => {
    const { name, template, event, severity, scope } = policy ?? {};
    if (name === undefined || template === undefined || event === undefined || severity === undefined) return [];
    const key = (word: string) => JSON.stringify([templateName(template), foldCase(event), foldCase(word)]);
    const before = first.get(key('any')) ?? first.get(key(severity));
    if (before !== undefined) {
      return [wrongAt({ keys: ['threatResponse', 'admissionPolicies', String(index), 'name'], value: name }, 'never-reached', `/threatResponse/admissionPolicies/${before} takes all that this one is for, and stands before it.`, 'Put it in front, or take it out.')]; // prettier-ignore
    }
    if (scope?.roles === 'all') first.set(key(severity), index);
    return [];
  });
}
