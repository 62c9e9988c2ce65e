/** What contradicts what in the set-up of threat response. What cannot be read contradicts nothing. */
import { foldCase } from '../identity/fold-case.ts';
import type { Violation } from '../service-error.ts';
import { policyContradictions } from './admission-contradictions.ts';
import { connectorContradictions, feedContradictions } from './connector-contradictions.ts';
import {
  type Known,
  knownNames,
  namesIn,
  notKnown,
  notUnique,
  sameAddress,
  type Said,
  textsIn,
  wrongAt,
} from './naming.ts';
import type { ReadableSetUp } from './server-settings.ts';
import { loginRoles, type Roles, rolesOf } from './login-roles.ts';
import { templateContradictions, templatesKnown } from './template-contradictions.ts';

const root = 'threatResponse';
const byCase = { as: foldCase };

export function threatContradictions(setUp: ReadableSetUp | undefined): readonly Violation[] {
  if (setUp === undefined) return [];
  const roles = rolesOf(setUp);
  return [
    ...names(setUp),
    ...addresses(setUp),
    ...realms(setUp, roles),
    ...templateContradictions(setUp.templates),
    ...notKnown(templatesOfClients(setUp), templatesKnown(setUp.templates), {
      kind: 'template',
      place: '/threatResponse/templates',
    }),
    ...policyContradictions(setUp, roles),
    ...switches(setUp, roles),
    ...connectorContradictions(setUp.connectors),
    ...feedContradictions(setUp.feeds),
    ...loginRoles(textsIn([root, 'allowList', 'roles'], setUp.allowList?.roles), roles),
  ];
}

function names(setUp: ReadableSetUp): readonly Violation[] {
  const lists = ['authenticationServers', 'realms', 'roles', 'clients', 'admissionPolicies', 'radiusClients', 'returnAttributes', 'connectors'] as const; // prettier-ignore
  return [
    ...lists.flatMap((list) => notUnique(namesIn([root, list], setUp[list]), byCase)),
    ...(setUp.authenticationServers ?? []).flatMap((server, index) =>
      server?.type === 'local'
        ? notUnique(namesIn([root, 'authenticationServers', String(index), 'users'], server.users), byCase)
        : [],
    ),
    ...(setUp.realms ?? []).flatMap((realm, index) =>
      notUnique(namesIn([root, 'realms', String(index), 'roleMapping'], realm?.roleMapping), byCase),
    ),
  ];
}

/** A message or a request is known by its sender's address, so no two may have the same; one within another is allowed. */
const addresses = (setUp: ReadableSetUp): readonly Violation[] =>
  (['clients', 'radiusClients'] as const).flatMap((list) =>
    sameAddress(
      (setUp[list] ?? []).map((each, index) => ({
        keys: [root, list, String(index), 'address'],
        value: each?.address,
      })),
      'address',
    ),
  );

function realms(setUp: ReadableSetUp, roles: Roles): readonly Violation[] {
  const located = groupsOf(setUp);
  const servers = knownNames(setUp.authenticationServers);
  return (setUp.realms ?? []).flatMap((realm, index) => {
    const at = [root, 'realms', String(index)];
    return [
      ...notKnown([{ keys: [...at, 'authenticationServer'], value: realm?.authenticationServer }], servers, {
        kind: 'authentication server',
        place: '/threatResponse/authenticationServers',
      }),
      ...groups([...at, 'locationGroups'], realm?.locationGroups, located),
      ...(realm?.roleMapping ?? []).flatMap((rule, place) => {
        const inRule = [...at, 'roleMapping', String(place)];
        return [
          ...loginRoles(textsIn([...inRule, 'roles'], rule?.roles), roles),
          ...attributeOf([...inRule, 'attribute'], rule),
        ];
      }),
    ];
  });
}

type Rule = NonNullable<NonNullable<ReadableSetUp['realms']>[number]>['roleMapping'] extends
  readonly (infer Item)[] | undefined ? Item : never; // prettier-ignore

function attributeOf(keys: readonly string[], rule: Rule): readonly Violation[] {
  const { on, attribute } = rule ?? {};
  if (on === undefined || attribute === undefined) return [];
  const needsOne = on === 'device-attribute' || on === 'certificate-attribute';
  if (needsOne === (attribute !== null)) return [];
  return needsOne
    ? [wrongAt({ keys, value: attribute }, 'required', `A rule on a ${on} names the attribute.`, 'Give its name as RADIUS calls it, like TLS-Client-Cert-Common-Name.')] // prettier-ignore
    : [wrongAt({ keys, value: attribute }, 'exclusive', `A rule on a ${on} looks at no attribute.`, 'Leave it out, or look at a device-attribute or certificate-attribute.')]; // prettier-ignore
}

/** Location groups are there where a RADIUS client has them. */
const groupsOf = ({ radiusClients }: ReadableSetUp): Known =>
  knownNames(radiusClients?.map((client) => ({ name: client?.locationGroup })));

const groups = (keys: readonly string[], named: readonly (string | undefined)[] | undefined, located: Known) =>
  notKnown(textsIn(keys, named), located, {
    kind: 'RADIUS client with a location group',
    place: '/threatResponse/radiusClients',
  });

function switches(setUp: ReadableSetUp, { known }: Roles): readonly Violation[] {
  const located = groupsOf(setUp);
  return (setUp.returnAttributes ?? []).flatMap((policy, index) => {
    const at = [root, 'returnAttributes', String(index)];
    return [
      ...groups([...at, 'locationGroups'], policy?.locationGroups, located),
      ...notKnown(textsIn([...at, 'roles'], policy?.roles), known, { kind: 'role', place: '/threatResponse/roles' }),
    ];
  });
}

const templatesOfClients = ({ clients }: ReadableSetUp): readonly Said[] =>
  (clients ?? []).map((client, index) => ({
    keys: [root, 'clients', String(index), 'template'],
    value: client?.template,
  }));
