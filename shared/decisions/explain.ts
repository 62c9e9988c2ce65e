/** Explanations: how a flow came to its decision, policy by policy in the order of evaluation, in the tenant's words. */
import type { SecurityPolicy } from '../configuration/configuration.ts';
import { addressBits, isWithin, prefixBits } from './address-bits.ts';
import { applicationName, serviceBits } from './applications.ts';
import type { CompiledPolicies } from './compiled-policies.ts';
import type { Flow } from './flow.ts';
import { identityWord, type Standing, wordsFor } from './source-identity.ts';
import { standings, type Who } from './who.ts';

export interface Explanation {
  readonly evaluatedAs: Standing;
  /** In the order of evaluation, up to the one that matched. If they are too many, those that came nearest to it. */
  readonly steps: readonly Step[];
  /** How many policies more were passed over. */
  readonly leftOut: number;
}

/** What was made of one policy: in each aspect what it says that matches the flow, or null. */
export interface Step {
  readonly policy: string;
  readonly result: 'matched' | 'passed-over';
  readonly matches: Matches;
}

type Matches = Readonly<
  Record<'fromZone' | 'toZone' | 'source' | 'destination' | 'application' | 'sourceIdentity', string | null>
>;

/** At most so many steps: an answer has an end, a list of policies may not. */
export function explain(compiled: CompiledPolicies, flow: Flow, who: Who, mostSteps: number): Explanation {
  const matchesOf = matcher(compiled, flow, who);
  const steps: Step[] = [];
  for (const policy of compiled.policies) {
    const matches = matchesOf(policy);
    const result = Object.values(matches).includes(null) ? 'passed-over' : 'matched';
    steps.push({ policy: policy.name, result, matches });
    if (result === 'matched') break;
  }
  const nearest = new Set(steps.toSorted((one, other) => misses(one) - misses(other)).slice(0, mostSteps));
  return {
    evaluatedAs: standings[who.state],
    steps: steps.filter((step) => nearest.has(step)),
    leftOut: steps.length - nearest.size,
  };
}

const misses = ({ matches }: Step) => Object.values(matches).filter((word) => word === null).length;

function matcher({ servicesOf }: CompiledPolicies, flow: Flow, who: Who): (policy: SecurityPolicy) => Matches {
  const { fromZone, toZone, application, protocol, destinationPort = 0 } = flow;
  const source = addressBits(flow.sourceIp);
  const destination = addressBits(flow.destinationIp);
  const identities = wordsFor(standings[who.state], who.state === 'valid' ? who : undefined);
  const carried = new Map<string, boolean>();

  const holds = (bits: typeof source) => (word: string) => word === 'any' || isWithin(bits, prefixBits(word));
  function carries(word: string): boolean {
    const name = applicationName(word);
    if (name === 'any' || application !== undefined) return name === 'any' || name === application;
    const known = carried.get(name);
    if (known !== undefined || protocol === undefined) return known ?? false;
    const found = servicesOf(name).some((prefix) => isWithin(serviceBits(protocol, destinationPort), prefix));
    carried.set(name, found);
    return found;
  }
  return (policy) => ({
    fromZone: firstOf([policy.fromZone], (zone) => zone === 'any' || zone === fromZone),
    toZone: firstOf([policy.toZone], (zone) => zone === 'any' || zone === toZone),
    source: firstOf(policy.source, holds(source)),
    destination: firstOf(policy.destination, holds(destination)),
    application: firstOf(policy.applications, carries),
    sourceIdentity: firstOf(policy.sourceIdentity, (text) => identities.has(identityWord(text))),
  });
}

const firstOf = (words: readonly string[], matches: (word: string) => boolean) => words.find(matches) ?? null;
