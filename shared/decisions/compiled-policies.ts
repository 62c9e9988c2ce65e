/**
 * A tenant's security policies, made ready to be matched: each pair of zones is a context of its own, and in a context
 * every word of a policy leads to the set of those that name it. So a flow is matched by a few look-ups and by what
 * they have in common, not by going through the policies. Done once for each version of a configuration.
 */
import type { Configuration, PolicyAction, SecurityPolicy } from '../configuration/configuration.ts';
import { addressBits, type Bits, prefixBits } from './address-bits.ts';
import { applicationName, applicationsOf, type ApplicationsOf } from './applications.ts';
import { named, profilesOf, type ProfilesOf } from './device-profiles.ts';
import type { Flow } from './flow.ts';
import {
  type Aspect,
  firstInAll,
  nothing,
  nowhere,
  type PolicySet,
  policySets,
  united,
  withSets,
} from './policy-set.ts';
import { prefixTable } from './prefix-table.ts';
import { identityWord, namedIdentities, namesByDomain, namesEverybody } from './source-identity.ts';
import { standings, type Who } from './who.ts';

export interface CompiledPolicies {
  /** In the order of evaluation. */
  readonly policies: readonly SecurityPolicy[];
  /** By the zone that a flow comes from, then by the one it goes to. */
  readonly contexts: ReadonlyMap<string, ReadonlyMap<string, Context>>;
  /** Those that take whoever it is: their source-identity is `any`, and they name no end-user profile. */
  readonly forEverybody: ReadonlySet<SecurityPolicy>;
  readonly defaultAction: PolicyAction;
  readonly applicationsOf: ApplicationsOf;
  /** By the domain of an entry, its users and groups that some policy names. */
  readonly namedIn: ReturnType<typeof namedIdentities>;
  /** The profiles of a device; there only where some policy names one. */
  readonly profilesOf?: ProfilesOf;
}

/** The policies from one zone to another, by their places in the configuration. */
export interface Context {
  readonly places: readonly number[];
  /** Made when the context is first asked: most of a large configuration's never are. */
  readonly index: () => ContextIndex;
}

/** What of a context holds a flow, aspect by aspect. */
export interface ContextIndex {
  readonly source: (address: Bits) => Aspect;
  readonly destination: (address: Bits) => Aspect;
  readonly application: (names: ReturnType<ApplicationsOf>) => Aspect;
  readonly sourceIdentity: (who: Who) => Aspect;
  /** By the profiles that a device matches; there only where a policy of the context names one. */
  readonly endUserProfile?: (matched: readonly string[]) => Aspect;
}

type Policies = Pick<Configuration, 'policies' | 'applications' | 'defaultPolicy'> &
  Partial<Pick<Configuration, 'endUserProfiles'>>;

export function compile({ policies, applications, defaultPolicy, endUserProfiles = [] }: Policies): CompiledPolicies {
  const profiles = new Set(policies.flatMap(({ sourceEndUserProfile = [] }) => sourceEndUserProfile));
  const applied = policies.flatMap((policy) => policy.applications.map(applicationName));
  const contexts = new Map<string, Map<string, Context>>();
  for (const [fromZone, places] of Map.groupBy(policies.keys(), (place) => policies[place]?.fromZone ?? '')) {
    const inZone = Map.groupBy(places, (place) => policies[place]?.toZone ?? '');
    contexts.set(fromZone, new Map([...inZone].map(([toZone, own]) => [toZone, contextOf(policies, own)])));
  }
  return {
    policies,
    contexts,
    forEverybody: new Set(policies.filter((policy) => namesEverybody(policy) && takesAnyDevice(policy))),
    defaultAction: defaultPolicy,
    applicationsOf: applicationsOf(applied, applications),
    namedIn: namedIdentities(policies),
    ...(profiles.size > 0 && { profilesOf: profilesOf(named(endUserProfiles, profiles)) }),
  };
}

/** What of one context holds a flow, whoever its user is. */
export interface Held {
  readonly context: Context;
  readonly aspects: readonly Aspect[];
}

export function holding({ contexts, applicationsOf }: CompiledPolicies, flow: Flow): readonly Held[] {
  const [source, destination] = [addressBits(flow.sourceIp), addressBits(flow.destinationIp)];
  const applications = applicationsOf(flow);
  const held: Held[] = [];
  for (const zones of [contexts.get(flow.fromZone), contexts.get('any')]) {
    for (const context of [zones?.get(flow.toZone), zones?.get('any')]) {
      if (context === undefined) continue;
      const index = context.index();
      const aspects = [index.source(source), index.destination(destination), index.application(applications)];
      held.push({ context, aspects });
    }
  }
  return held;
}

/** The first policy that matches a flow of this user on this device; of nobody in particular: that matches but for them. */
export function firstOf(
  { policies, profilesOf }: CompiledPolicies,
  held: readonly Held[],
  who?: Who,
  device: 'regarded' | 'disregarded' = 'regarded',
): SecurityPolicy | undefined {
  const profiles = who && device === 'regarded' ? profilesOf?.(who) : undefined;
  let first = nowhere;
  for (const { context, aspects } of held) {
    const all = who === undefined ? [...aspects] : [...aspects, context.index().sourceIdentity(who)];
    const ofDevice = profiles && context.index().endUserProfile?.(profiles);
    if (ofDevice) all.push(ofDevice);
    const position = firstInAll(all);
    if (position !== nowhere) first = Math.min(first, context.places[position] ?? nowhere);
  }
  return first === nowhere ? undefined : policies[first];
}

function contextOf(all: readonly SecurityPolicy[], places: readonly number[]): Context {
  let index: ContextIndex | undefined;
  return { places, index: () => (index ??= indexOf(places.flatMap((place) => all[place] ?? []))) };
}

export const takesAnyDevice = ({ sourceEndUserProfile = [] }: SecurityPolicy) => sourceEndUserProfile.length === 0;

const indexOf = (policies: readonly SecurityPolicy[]): ContextIndex => ({
  ...(!policies.every(takesAnyDevice) && {
    endUserProfile: profileIndex(
      policySets(policies, (policy) => (takesAnyDevice(policy) ? [anyDevice] : (policy.sourceEndUserProfile ?? []))),
    ),
  }),
  source: addressIndex(policySets(policies, ({ source }) => source)),
  destination: addressIndex(policySets(policies, ({ destination }) => destination)),
  application: applicationIndex(policySets(policies, ({ applications }) => applications.map(applicationName))),
  sourceIdentity: identityIndex(policySets(policies, ({ sourceIdentity }) => sourceIdentity.map(identityWord))),
});

type Sets = ReadonlyMap<string, PolicySet>;

function addressIndex(sets: Sets): ContextIndex['source'] {
  const prefixes = [...sets].filter(([word]) => word !== 'any');
  return prefixTable(
    prefixes.map(([word, set]) => ({ ...prefixBits(word), word: set })),
    { ofAll: aspectOf(sets, ['any']), add: (shorter, own) => united(withSets(shorter, own)) },
  );
}

function applicationIndex(sets: Sets): ContextIndex['application'] {
  const any = aspectOf(sets, ['any']);
  return (names) => {
    const found: PolicySet[] = [];
    for (const list of names) addFound(found, sets, list);
    return withSets(any, found);
  };
}

/** No profile has an empty name. */
const anyDevice = '';

function profileIndex(sets: Sets): NonNullable<ContextIndex['endUserProfile']> {
  const any = aspectOf(sets, [anyDevice]);
  return (matched) => withSets(any, addFound([], sets, matched));
}

function identityIndex(sets: Sets): ContextIndex['sourceIdentity'] {
  const names = namesByDomain(sets);
  const held = (state: Who['state']) => aspectOf(sets, ['any', standings[state]]);
  const ofState: Readonly<Record<Who['state'], Aspect>> = {
    valid: held('valid'),
    invalid: held('invalid'),
    pending: held('pending'),
    init: held('init'),
    none: held('none'),
  };
  return (who) => {
    if (who.state !== 'valid') return ofState[who.state];
    const own = [who.user, ...who.groups];
    const found: PolicySet[] = [];
    for (const named of names(who.domain)) addFound(found, named, own);
    return withSets(ofState.valid, found);
  };
}

const aspectOf = (sets: Sets, words: readonly string[]) => united(withSets(nothing, addFound([], sets, words)));

/** In loops, as this stands on the way of every decision. */
function addFound(to: PolicySet[], sets: Sets, words: readonly string[]): readonly PolicySet[] {
  for (const word of words) {
    const set = sets.get(word);
    if (set !== undefined) to.push(set);
  }
  return to;
}
