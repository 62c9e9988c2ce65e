/** What is wrong with a configuration whose every value is right by itself. What cannot be read contradicts nothing. */
import { applicationName } from '../decisions/applications.ts';
import { foldCase } from '../identity/fold-case.ts';
import type { Violation } from '../service-error.ts';
import { knownNames, namesIn, notKnown, notUnique, textsIn } from './naming.ts';
import type { ReadableConfiguration } from './server-settings.ts';
import { threatContradictions } from './threat-contradictions.ts';

export const contradictions = (document: ReadableConfiguration): readonly Violation[] => [
  ...twoAuthorities(document),
  ...unequalDelays(document),
  ...notUnique(namesIn(['policies'], document?.policies), { as: (name) => name, reserved: isDefaultPolicy }),
  ...notUnique(namesIn(['applications'], document?.applications), { as: applicationName, reserved: meansAny }),
  ...notUnique(namesIn(['endUserProfiles'], document?.endUserProfiles), { as: (name) => name, reserved: meansAny }),
  ...unknownProfiles(document),
  ...threatContradictions(document?.threatResponse),
];

/** With user query on, whoever ClearPass does not know is asked about, and Active Directory would answer before. */
function twoAuthorities(document: ReadableConfiguration): readonly Violation[] {
  const [directory, userQuery] = [document?.activeDirectory?.enabled, document?.clearpass?.userQuery?.enabled];
  if (directory !== true || userQuery !== true) return [];
  return [
    {
      pointer: '/activeDirectory/enabled',
      value: true,
      rule: 'exclusive',
      message: 'Active Directory and ClearPass user query are both enabled, and only one of them can be.',
      mend: 'Disable one of them: set /activeDirectory/enabled or /clearpass/userQuery/enabled to false.',
    },
  ];
}

/** JIMS is asked after ClearPass, so an address waits once for both. */
function unequalDelays(document: ReadableConfiguration): readonly Violation[] {
  const { userQuery } = document?.clearpass ?? {};
  const { enabled, ipQuery } = document?.identityManagement ?? {};
  if (userQuery?.enabled !== true || enabled !== true || ipQuery?.enabled !== true) return [];
  const [first, second] = [userQuery.delayQueryTime, ipQuery.queryDelayTime];
  if (first === undefined || second === undefined || first === second) return [];
  return [
    {
      pointer: '/identityManagement/ipQuery/queryDelayTime',
      value: second,
      rule: 'equal',
      message: `While both are asked, this and /clearpass/userQuery/delayQueryTime are one delay, but that is ${first}.`,
      mend: `Give both the same number, or disable one of the queries.`,
    },
  ];
}

/** A policy that names a profile which is not there would match nobody. */
const unknownProfiles = (document: ReadableConfiguration): readonly Violation[] =>
  notKnown(
    (document?.policies ?? []).flatMap((policy, index) =>
      textsIn(['policies', String(index), 'sourceEndUserProfile'], policy?.sourceEndUserProfile),
    ),
    knownNames(document?.endUserProfiles),
    { kind: 'end-user profile', place: '/endUserProfiles' },
  );

/** The end of every evaluation is told by this name, so no policy may pass for it. */
const isDefaultPolicy = (name: string) => foldCase(name) === 'default-policy';

const meansAny = (name: string) => ['', 'any'].includes(applicationName(name));
