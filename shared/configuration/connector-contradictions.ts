/** What contradicts what in connectors and feeds, and what of them will do nothing. What cannot be read contradicts nothing. */
import { type Credential, type DeclaredSetting, typeDeclarations } from '../connectors/connector-types.ts';
import type { Violation } from '../service-error.ts';
import { broken } from '../violation.ts';
import { sameAddress, textsIn, wrongAt } from './naming.ts';
import type { ReadableSetUp } from './server-settings.ts';

type ReadableConnectors = ReadableSetUp['connectors'];
type ReadableConnector = NonNullable<NonNullable<ReadableConnectors>[number]>;

const at = (index: number) => ['threatResponse', 'connectors', String(index)];
const inFeed = ['threatResponse', 'feeds', 'atpCloud'];

export const connectorContradictions = (connectors: ReadableConnectors): readonly Violation[] => [
  ...sameAddress((connectors ?? []).flatMap((each, index) => textsIn([...at(index), 'subnets'], each?.subnets)), 'subnet'), // prettier-ignore
  ...(connectors ?? []).flatMap((each, index) => (each === undefined ? [] : ofType(at(index), each))),
];

/** What its type asks of it. */
function ofType(
  keys: readonly string[],
  { type, username, password, settings }: ReadableConnector,
): readonly Violation[] {
  // prettier-ignore
  if (type === undefined) return [];
  const declared = typeDeclarations[type];
  return [
    ...credential([...keys, 'username'], username, declared.username),
    ...credential([...keys, 'password'], password, declared.password),
    ...(settings === undefined ? [] : settingsOf([...keys, 'settings'], settings, declared.settings)),
  ];
}

/** Whether it is there where it is needed is told with what all servers need. */
function credential(keys: readonly string[], value: unknown, declared: Credential | null): readonly Violation[] {
  if (typeof value !== 'string' || value === '') return [];
  if (declared === null) {
    return [wrongAt({ keys, value }, 'exclusive', 'A connector of this type has none.', 'Leave it out.')];
  }
  const { form } = declared;
  return form === undefined || form.matches.test(value) ? [] : [broken('form', { keys, value }, form.mend)];
}

function settingsOf(
  keys: readonly string[],
  settings: Readonly<Record<string, string | undefined>>,
  declared: readonly DeclaredSetting[],
): readonly Violation[] {
  const known = declared.map(({ name }) => name);
  const advice = known.length === 0 ? 'A connector of this type has none.' : `Known here are: ${known.join(', ')}.`;
  return [
    ...Object.keys(settings)
      .filter((name) => !known.includes(name))
      .map((name) => broken('unknown-key', { keys: [...keys, name], value: undefined }, `Leave it out, or correct its name. ${advice}`)), // prettier-ignore
    ...declared.flatMap(({ name, description, required, form }) => {
      const place = { keys: [...keys, name], value: settings[name] };
      if (!Object.hasOwn(settings, name)) {
        return required ? [broken('required', place, `Add ${name}: ${description}`)] : [];
      }
      return place.value === undefined || form.matches.test(place.value) ? [] : [broken('form', place, form.mend)];
    }),
  ];
}

export function feedContradictions(feeds: ReadableSetUp['feeds']): readonly Violation[] {
  const first = new Map<number, number>();
  return (feeds?.atpCloud?.rules ?? []).flatMap((rule, index) => {
    const level = rule?.minLevel;
    if (level === undefined) return [];
    const earlier = first.get(level);
    if (earlier === undefined) {
      first.set(level, index);
      return [];
    }
    const place = { keys: [...inFeed, 'rules', String(index), 'minLevel'], value: level };
    const message = `/threatResponse/feeds/atpCloud/rules/${earlier} is for this level already.`;
    return [wrongAt(place, 'unique', message, 'Give another level, or take one of the two out.')];
  });
}

export const connectorWarnings = ({ connectors, feeds }: ReadableSetUp): readonly Violation[] => [
  ...(connectors ?? []).flatMap((each, index) =>
    each?.subnets?.length === 0
      ? [wrongAt({ keys: [...at(index), 'subnets'], value: each.subnets }, 'takes-nothing', 'This connector has no subnets, so no host is ever its own.', 'Give the subnets that the system behind it looks after.')] // prettier-ignore
      : [],
  ),
  ...feedWarnings(feeds, connectors),
];

function feedWarnings(feeds: ReadableSetUp['feeds'], connectors: ReadableConnectors): readonly Violation[] {
  const { enabled, rules } = feeds?.atpCloud ?? {};
  if (enabled !== true) return [];
  return [
    ...(connectors?.length === 0
      ? [wrongAt({ keys: [...inFeed, 'enabled'], value: enabled }, 'takes-nothing', 'There are no connectors, so every host of the feed is listed as unmanaged and nobody is told.', 'Add connectors for the subnets that are to be looked after.')] // prettier-ignore
      : []),
    ...(rules?.length === 0
      ? [wrongAt({ keys: [...inFeed, 'rules'], value: rules }, 'takes-nothing', 'There are no rules, so nothing is done about the hosts of the feed.', 'Give a rule such as {"minLevel": 7, "event": "quarantine-endpoint"}.')] // prettier-ignore
      : []),
    ...(rules ?? []).flatMap((rule, index, all) => {
      const milder = rule?.event === 'quarantine-endpoint' && all.some((other) => other?.event === 'block-endpoint' && (other.minLevel ?? 11) < (rule.minLevel ?? 0)); // prettier-ignore
      return milder
        ? [wrongAt({ keys: [...inFeed, 'rules', String(index), 'event'], value: rule.event }, 'milder-above', 'A host of this level is put into quarantine, and one of a lower level is blocked.', 'Block from the higher level on.')] // prettier-ignore
        : [];
    }),
  ];
}
