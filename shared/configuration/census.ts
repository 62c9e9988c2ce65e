/**
 * What the entries of now say of a configuration: whom its names mean, and whose interested groups it would change.
 * Entries are counted one by one, as they are read, and none of them is kept.
 */
import { identityWord } from '../decisions/source-identity.ts';
import type { Entry } from '../identity/entry.ts';
import type { Interested } from '../identity/entry-view.ts';
import type { Violation } from '../service-error.ts';
import { pointerOf, toldValue } from '../violation.ts';

/** A user or group that a policy names. */
export interface Mention {
  readonly keys: readonly string[];
  readonly text: string;
  /** `*`: any. */
  readonly domain: string;
  readonly name: string;
}

type Policies = readonly ({ readonly sourceIdentity?: readonly (string | undefined)[] | undefined } | undefined)[];

export const mentionsIn = (policies: Policies): readonly Mention[] =>
  policies.flatMap((policy, place) =>
    (policy?.sourceIdentity ?? []).flatMap((text, index) => {
      const word = identityWord(text ?? 'any');
      const at = word.indexOf('\\');
      if (text === undefined || at < 0) return [];
      const keys = ['policies', String(place), 'sourceIdentity', String(index)];
      return [{ keys, text, domain: word.slice(0, at), name: word.slice(at + 1) }];
    }),
  );

type Kind = 'user' | 'group';

export interface Census {
  readonly count: (entry: Entry) => void;
  readonly entries: () => number;
  /** Those whose interested groups would be others. */
  readonly changed: () => number;
  /** By domain: what is called so there now. */
  readonly called: (name: string) => ReadonlyMap<string, ReadonlySet<Kind>>;
}

/** Counts entries, and remembers of their names those that are mentioned. */
export function census(mentions: readonly Mention[], changes: (entry: Entry) => boolean): Census {
  const found = new Map(mentions.map(({ name }) => [name, new Map<string, Set<Kind>>()]));
  let [entries, changed] = [0, 0];

  function note(domain: string, name: string, kind: Kind) {
    const domains = found.get(name);
    const kinds = domains?.get(domain) ?? new Set();
    domains?.set(domain, kinds.add(kind));
  }

  return {
    count(entry) {
      entries += 1;
      if (changes(entry)) changed += 1;
      note(entry.domain, entry.user, 'user');
      for (const group of entry.groups) note(entry.domain, group, 'group');
    },
    entries: () => entries,
    changed: () => changed,
    called: (name) => found.get(name) ?? new Map<string, Set<Kind>>(),
  };
}

/** Whether an entry's interested groups are others under one configuration than under another. */
export const changesGroups =
  (before: Interested, after: Interested) =>
  ({ domain, groups }: Entry): boolean =>
    groups.some((group) => before(domain, group) !== after(domain, group));

const listed = 5; // domains that a message names

/** Names that do not mean what they seem to. They are no violations: tomorrow's entries may be others. */
export const ambiguities = (mentions: readonly Mention[], { called }: Pick<Census, 'called'>): readonly Violation[] =>
  mentions.flatMap((mention) => {
    const domains = called(mention.name);
    return [...userAndGroup(mention, domains), ...onlyElsewhere(mention, domains)];
  });

type Called = ReturnType<Census['called']>;

function userAndGroup(mention: Mention, domains: Called): readonly Violation[] {
  const both = [...domains].flatMap(([domain, kinds]) => {
    const isMeant = mention.domain === '*' || mention.domain === domain;
    return isMeant && kinds.has('user') && kinds.has('group') ? [domain] : [];
  });
  if (both.length === 0) return [];
  return [
    {
      ...placeOf(mention),
      rule: 'user-and-group',
      message: `A user and a group are called "${mention.name}" in ${some(both)}, and the policy means both.`,
      mend: 'Have one of them renamed at its source, or name somebody else.',
    },
  ];
}

function onlyElsewhere(mention: Mention, domains: Called): readonly Violation[] {
  if (mention.domain !== 'GLOBAL' || domains.size === 0 || domains.has('GLOBAL')) return [];
  const [first = ''] = domains.keys();
  return [
    {
      ...placeOf(mention),
      rule: 'only-elsewhere',
      message: `Without a domain this means GLOBAL, where nobody is called "${mention.name}" now, but in ${some([...domains.keys()])} somebody is.`,
      mend: `Write ${first}\\${mention.name} for the one of that domain, or *\\${mention.name} for those of all.`,
    },
  ];
}

const placeOf = ({ keys, text }: Mention) => ({ pointer: pointerOf(keys), ...toldValue({ keys, value: text }) });

const some = (domains: readonly string[]) =>
  domains.slice(0, listed).join(', ') + (domains.length > listed ? ` and ${domains.length - listed} more` : '');
