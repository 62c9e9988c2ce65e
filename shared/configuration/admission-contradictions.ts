/** What contradicts what in admission policies: a template's words, and what goes with which action. */
import { templateNamed } from '../admission/shipped-templates.ts';
import { eventNamed } from '../admission/template.ts';
import { foldCase } from '../identity/fold-case.ts';
import type { Violation } from '../service-error.ts';
import { type Known, notKnown, textsIn, wrongAt } from './naming.ts';
import type { ReadableSetUp } from './server-settings.ts';
import { templatesKnown } from './template-contradictions.ts';
import { loginRoles, type Roles } from './login-roles.ts';
import type { Template } from './threat-response.ts';

type Policy = NonNullable<NonNullable<ReadableSetUp['admissionPolicies']>[number]>;
type At = readonly string[];

export function policyContradictions(setUp: ReadableSetUp, roles: Roles): readonly Violation[] {
  const known = templatesKnown(setUp.templates);
  return (setUp.admissionPolicies ?? []).flatMap((policy, index) => {
    if (policy === undefined) return [];
    const at = ['threatResponse', 'admissionPolicies', String(index)];
    return [
      ...ofTemplate(policy, at, { known, own: setUp.templates }),
      ...role(policy, at, roles),
      ...duration(policy, at),
      ...scope(policy, at, roles),
    ];
  });
}

interface Templates {
  readonly known: Known;
  readonly own: ReadableSetUp['templates'];
}

function ofTemplate(policy: Policy, at: At, { known, own }: Templates): readonly Violation[] {
  const { template: name, event, severity, action } = policy;
  const unknown = notKnown([{ keys: [...at, 'template'], value: name }], known, {
    kind: 'template',
    place: '/threatResponse/templates',
  });
  const template = name === undefined || unknown.length > 0 ? undefined : wordsOf(name, own);
  if (template === undefined) return unknown;
  const { events, severities } = template;
  const found = event === undefined ? undefined : eventNamed(events, event);
  const wrongSeverity =
    severity !== undefined && severity !== 'any' && !severities.some((each) => foldCase(each) === foldCase(severity));
  return [
    ...(event !== undefined && found?.name !== event
      ? [wrongAt({ keys: [...at, 'event'], value: event }, 'known', `The template knows no event of this name.`, `Give one of: ${events.map((each) => each.name).join(', ')}.`)] // prettier-ignore
      : []),
    ...(wrongSeverity
      ? [wrongAt({ keys: [...at, 'severity'], value: severity }, 'known', 'The template knows no such severity.', `Give one of: ${['any', ...severities].join(', ')}.`)] // prettier-ignore
      : []),
    ...(found && action !== undefined && !found.actions.includes(action)
      ? [wrongAt({ keys: [...at, 'action'], value: action }, 'known', `The template does not list this action with ${found.name}.`, `Give one of: ${found.actions.join(', ')}.`)] // prettier-ignore
      : []),
  ];
}

/** What the template knows; nothing where not all of it can be read. */
function wordsOf(name: string, own: ReadableSetUp['templates']): Pick<Template, 'events' | 'severities'> | undefined {
  const shipped = templateNamed([], name);
  if (shipped) return shipped;
  const found = own?.find((each) => each?.name === name);
  const events = found?.events?.flatMap((event) => {
    const { name: word, actions } = event ?? {};
    const all = actions?.flatMap((action) => action ?? []);
    return word === undefined || all?.length !== actions?.length || !all
      ? []
      : [{ name: word, aliases: [], actions: all }];
  });
  const severities = found?.severities?.flatMap((word) => word ?? []);
  if (!events || !severities) return undefined;
  const isWhole = events.length === found?.events?.length && severities.length === found.severities?.length;
  return isWhole ? { events, severities } : undefined;
}

function role({ action, role: given }: Policy, at: At, { known, ofLogins }: Roles): readonly Violation[] {
  const keys = [...at, 'role'];
  if (action === undefined || given === undefined) return [];
  if (action !== 'quarantine') {
    if (given === null) return [];
    return [wrongAt({ keys, value: given }, 'exclusive', `"${action}" puts nobody into a role.`, 'Leave the role out, or make the action "quarantine".')]; // prettier-ignore
  }
  if (given === null) {
    return [wrongAt({ keys, value: given }, 'required', 'A quarantine puts an endpoint into a role.', 'Name a role whose "quarantine" is true.')]; // prettier-ignore
  }
  return [
    ...notKnown([{ keys, value: given }], known, { kind: 'role', place: '/threatResponse/roles' }),
    ...(ofLogins.has(given)
      ? [wrongAt({ keys, value: given }, 'quarantine-role', 'This role is not for quarantine.', 'Name a role whose "quarantine" is true, or set it to true there.')] // prettier-ignore
      : []),
  ];
}

const holding: readonly unknown[] = ['quarantine', 'block', undefined];

function duration({ action, assignment, releaseAfterMinutes }: Policy, at: At): readonly Violation[] {
  return [
    ...(assignment === 'session' && action !== undefined && action !== 'quarantine'
      ? [wrongAt({ keys: [...at, 'assignment'], value: assignment }, 'exclusive', action === 'block' ? 'A block is always permanent.' : 'Only a quarantine is for a session.', 'Give "permanent", or leave it out.')] // prettier-ignore
      : []),
    ...(releaseAfterMinutes != null && !holding.includes(action)
      ? [wrongAt({ keys: [...at, 'releaseAfterMinutes'], value: releaseAfterMinutes }, 'exclusive', `"${String(action)}" holds nobody, so nobody is released.`, 'Leave it out, or give null.')] // prettier-ignore
      : []),
  ];
}

function scope({ action, scope: given }: Policy, at: At, known: Roles): readonly Violation[] {
  const { roles, names } = given ?? {};
  const keys = [...at, 'scope'];
  const inScope = loginRoles(textsIn([...keys, 'names'], names), known);
  if (roles === undefined || names === undefined) return inScope;
  if (roles === 'all') {
    if (names.length === 0) return inScope;
    return [wrongAt({ keys: [...keys, 'names'], value: names }, 'exclusive', '"all" takes every role, so none is named.', 'Leave the names out, or give "selected" or "other-than".')]; // prettier-ignore
  }
  return [
    ...inScope,
    ...(names.length === 0
      ? [wrongAt({ keys: [...keys, 'names'], value: names }, 'required', `"${roles}" needs the names of roles.`, 'Name one role at least, or give "all".')] // prettier-ignore
      : []),
    ...(holding.includes(action)
      ? []
      : [wrongAt({ keys: [...keys, 'roles'], value: roles }, 'exclusive', 'Only a quarantine and a block ask for roles.', 'Give "all", or leave the scope out.')]), // prettier-ignore
  ];
}
