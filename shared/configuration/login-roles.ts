import type { Violation } from '../service-error.ts';
import { type Known, knownNames, notKnown, type Said, wrongAt } from './naming.ts';
import type { ReadableSetUp } from './server-settings.ts';

/** The roles of a set-up, by what they are for. */
export interface Roles {
  readonly known: Known;
  readonly quarantine: ReadonlySet<string>;
  readonly ofLogins: ReadonlySet<string>;
}

export function rolesOf({ roles }: ReadableSetUp): Roles {
  const those = (quarantine: boolean) =>
    new Set(roles?.flatMap((role) => (role?.quarantine === quarantine ? (role.name ?? []) : [])));
  return { known: knownNames(roles), quarantine: those(true), ofLogins: those(false) };
}

/** Roles that a login may have: they are there, and none is for quarantine. */
export function loginRoles(said: readonly Said[], { known, quarantine }: Roles): readonly Violation[] {
  return [
    ...notKnown(said, known, { kind: 'role', place: '/threatResponse/roles' }),
    ...said.flatMap(({ keys, value }) =>
      value !== undefined && quarantine.has(value)
        ? [wrongAt({ keys, value }, 'quarantine-role', 'This role is for quarantine, and no login has it.', 'Name a role that users log in with, or set its "quarantine" to false.')] // prettier-ignore
        : [],
    ),
  ];
}
