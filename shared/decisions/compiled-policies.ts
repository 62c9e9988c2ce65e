/**
 * A tenant's security policies, made ready to be matched: each pair of zones is a context of its own, and in a context
 * every word of a policy leads to the set of those that name it. So a flow is matched by a few look-ups and by what
 * they have in common, not by going through the policies. Done once for each version of a configuration.
 */
import type { Configuration, PolicyAction, SecurityPolicy } from '../configuration/configuration.ts';
import { addressBits, type Bits, prefixBits } from './address-bits.ts';
import { applicationName, applicationServices, serviceBits } from './applications.ts';
import type { Flow } from './flow.ts';
import { type Aspect, firstInAll, nowhere, type PolicySet, policySets } from './policy-set.ts';
import { prefixTable } from './prefix-table.ts';
import { identityWord, namedIdentities, namesByDomain } from './source-identity.ts';
import { standings, type Who } from './who.ts';

export interface CompiledPolicies {
  /** In the order of evaluation. */
  readonly policies: readonly SecurityPolicy[];
  readonly contexts: ReadonlyMap<string, ReadonlyMap<string, Context>>;
  readonly defaultAction: PolicyAction;
  /** By the domain of an entry, its users and groups that some policy names. */
  readonly namedIn: ReturnType<typeof namedIdentities>;
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
  readonly application: (flow: Flow) => Aspect;
  readonly sourceIdentity: (who: Who) => Aspect;
}

type Policies = Pick<Configuration, 'policies' | 'applications' | 'defaultPolicy'>;

export function compile({ policies, applications, defaultPolicy }: Policies): CompiledPolicies {
  const servicesOf = applicationServices(applications);
  const contexts = new Map<string, Map<string, Context>>();
  for (const [fromZone, places] of Map.groupBy(policies.keys(), (place) => policies[place]?.fromZone ?? '')) {
    const inZone = Map.groupBy(places, (place) => policies[place]?.toZone ?? '');
    contexts.set(fromZone, new Map([...inZone].map(([toZone, own]) => [toZone, contextOf(policies, own, servicesOf)])));
  }
  return { policies, contexts, defaultAction: defaultPolicy, namedIn: namedIdentities(policies) };
}

/** The contexts that a flow belongs to. */
function contextsOf({ contexts }: CompiledPolicies, { fromZone, toZone }: Flow): readonly Context[] {
  const found: Context[] = [];
  for (const zones of [contexts.get(fromZone), contexts.get('any')]) {
    for (const context of [zones?.get(toZone), zones?.get('any')]) if (context !== undefined) found.push(context);
  }
  return found;
}

/**
 * The place of the first policy that matches this flow of this user; of nobody in particular: that matches but for its
 * source-identity. `undefined` if none does.
 */
export function firstMatch(compiled: CompiledPolicies, flow: Flow, who?: Who): number | undefined {
  const [source, destination] = [addressBits(flow.sourceIp), addressBits(flow.destinationIp)];
  let first = nowhere;
  for (const { places, index } of contextsOf(compiled, flow)) {
    const of = index();
    const aspects = [of.source(source), of.destination(destination), of.application(flow)];
    if (who !== undefined) aspects.push(of.sourceIdentity(who));
    first = Math.min(first, places[firstInAll(aspects)] ?? nowhere);
  }
  return first === nowhere ? undefined : first;
}

export const policyAt = ({ policies }: CompiledPolicies, place: number | undefined) =>
  place === undefined ? undefined : policies[place];

type ServicesOf = ReturnType<typeof applicationServices>;

function contextOf(all: readonly SecurityPolicy[], places: readonly number[], servicesOf: ServicesOf): Context {
  let index: ContextIndex | undefined;
  return {
    places,
    index: () =>
      (index ??= indexOf(
        places.flatMap((place) => all[place] ?? []),
        servicesOf,
      )),
  };
}

function indexOf(policies: readonly SecurityPolicy[], servicesOf: ServicesOf): ContextIndex {
  return {
    source: addressIndex(policySets(policies, ({ source }) => source)),
    destination: addressIndex(policySets(policies, ({ destination }) => destination)),
    application: applicationIndex(
      policySets(policies, ({ applications }) => applications.map(applicationName)),
      servicesOf,
    ),
    sourceIdentity: identityIndex(policySets(policies, ({ sourceIdentity }) => sourceIdentity.map(identityWord))),
  };
}

type Sets = ReadonlyMap<string, PolicySet>;

function addressIndex(sets: Sets): ContextIndex['source'] {
  const table = prefixTable<PolicySet>();
  for (const [word, set] of sets) {
    if (word === 'any') continue;
    const { bits, length } = prefixBits(word);
    table.add(bits, length, set);
  }
  const any = only(sets.get('any'));
  return (address) => {
    const found = [...any];
    table.collect(address, found);
    return found;
  };
}

function applicationIndex(sets: Sets, servicesOf: ServicesOf): ContextIndex['application'] {
  const table = prefixTable<PolicySet>();
  for (const [name, set] of sets) for (const { bits, length } of servicesOf(name)) table.add(bits, length, set);
  const any = only(sets.get('any'));
  return ({ application, protocol, destinationPort = 0 }) => {
    if (application !== undefined) return [...any, ...only(sets.get(application))];
    const found = [...any];
    if (protocol !== undefined) table.collect(serviceBits(protocol, destinationPort), found);
    return found;
  };
}

function identityIndex(sets: Sets): ContextIndex['sourceIdentity'] {
  const names = namesByDomain(sets);
  const any = only(sets.get('any'));
  return (who) => {
    const found = [...any, ...only(sets.get(standings[who.state]))];
    if (who.state !== 'valid') return found;
    for (const named of names(who.domain)) {
      found.push(...only(named.get(who.user)));
      for (const group of who.groups) found.push(...only(named.get(group)));
    }
    return found;
  };
}

const only = (set: PolicySet | undefined): Aspect => (set === undefined ? [] : [set]);
