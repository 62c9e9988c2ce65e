import type { Violation } from '../service-error.ts';
import { knownNames, notKnown, type Said, wrongAt } from './naming.ts';
import type { ReadableSetUp } from './server-settings.ts';

/** Roles that a login may have: they are there, and none is for quarantine. */
export function loginRoles(said: readonly Said[], { roles }: ReadableSetUp): readonly Violation[] {
  const quarantine = new Set(roles?.flatMap((role) => (role?.quarantine === true ? (role.name ?? []) : [])));
  return [
    ...notKnown(said, knownNames(roles), { kind: 'role', place: '/threatResponse/roles' }),
    ...said.flatMap(({ keys, value }) =>
      value !== undefined && quarantine.has(value)
        ? [wrongAt({ keys, value }, 'quarantine-role', 'This role is for quarantine, and no login has it.', 'Name a role that users log in with, or set its "quarantine" to false.')] // prettier-ignore
        : [],
    ),
  ];
}
