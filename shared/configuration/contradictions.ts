/** What is wrong with a configuration whose every value is right by itself. What cannot be read contradicts nothing. */
import { applicationName } from '../decisions/applications.ts';
import { foldCase } from '../identity/fold-case.ts';
import type { Violation } from '../service-error.ts';
import { pointerOf, toldValue } from '../violation.ts';
import type { ReadableConfiguration } from './server-settings.ts';

export const contradictions = (document: ReadableConfiguration): readonly Violation[] => [
  ...twoAuthorities(document),
  ...unequalDelays(document),
  ...names('policies', document?.policies, { as: (name) => name, reserved: isDefaultPolicy }),
  ...names('applications', document?.applications, { as: applicationName, reserved: meansAny }),
  ...names('endUserProfiles', document?.endUserProfiles, { as: (name) => name, reserved: meansAny }),
  ...unknownProfiles(document),
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

/** A policy that names a profile which is not there would match nobody. What cannot be read may be any. */
function unknownProfiles(document: ReadableConfiguration): readonly Violation[] {
  const { policies = [], endUserProfiles } = document ?? {};
  if (endUserProfiles === undefined || endUserProfiles.some((each) => each?.name === undefined)) return [];
  const known = new Set(endUserProfiles.map((each) => each?.name));
  return policies.flatMap((policy, index) =>
    (policy?.sourceEndUserProfile ?? []).flatMap((name, place) => {
      if (name === undefined || known.has(name)) return [];
      const keys = ['policies', String(index), 'sourceEndUserProfile', String(place)];
      const message = 'There is no end-user profile of this name.';
      const mend = 'Add it to /endUserProfiles, correct the name, or leave it out.';
      return [{ pointer: pointerOf(keys), ...toldValue({ keys, value: name }), rule: 'known', message, mend }];
    }),
  );
}

/** The end of every evaluation is told by this name, so no policy may pass for it. */
const isDefaultPolicy = (name: string) => foldCase(name) === 'default-policy';

const meansAny = (name: string) => ['', 'any'].includes(applicationName(name));

interface Naming {
  /** What two names have in common that mean the same. */
  readonly as: (name: string) => string;
  readonly reserved: (name: string) => boolean;
}

type Named = readonly ({ readonly name: string | undefined } | undefined)[];

function names(list: string, named: Named | undefined, { as, reserved }: Naming): readonly Violation[] {
  const first = new Map<string, number>();
  return (named ?? []).flatMap((each, index) => {
    const name = each?.name;
    if (name === undefined) return [];
    const keys = [list, String(index), 'name'];
    const place = { pointer: pointerOf(keys), ...toldValue({ keys, value: name }) };
    if (reserved(name)) {
      return [{ ...place, rule: 'reserved', message: 'This name has a meaning of its own.', mend: 'Choose another.' }];
    }
    const earlier = first.get(as(name));
    if (earlier === undefined) {
      first.set(as(name), index);
      return [];
    }
    return [
      { ...place, rule: 'unique', message: `/${list}/${earlier} has this name already.`, mend: 'Choose another.' },
    ];
  });
}
