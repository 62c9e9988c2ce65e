/** Explanations: how a flow came to its decision, policy by policy in the order of evaluation, in the tenant's words. */
import type { SecurityPolicy } from '../configuration/configuration.ts';
import { addressBits, type Bits, isWithin, prefixBits } from './address-bits.ts';
import { applicationName } from './applications.ts';
import { type CompiledPolicies, takesAnyDevice } from './compiled-policies.ts';
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
  Record<
    'fromZone' | 'toZone' | 'source' | 'destination' | 'application' | 'sourceIdentity' | 'sourceEndUserProfile',
    string | null
  >
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

function matcher(compiled: CompiledPolicies, flow: Flow, who: Who): (policy: SecurityPolicy) => Matches {
  const isZone = (zone: string) => (word: string) => word === 'any' || word === zone;
  const holds = (bits: Bits) => (word: string) => word === 'any' || isWithin(bits, prefixBits(word));
  const [source, destination] = [addressBits(flow.sourceIp), addressBits(flow.destinationIp)];
  const applications = new Set(['any', ...compiled.applicationsOf(flow).flat()]);
  const identities = wordsFor(standings[who.state], who.state === 'valid' ? who : undefined);
  const profiles = new Set(compiled.profilesOf?.(who));
  return (policy) => ({
    fromZone: firstOf([policy.fromZone], isZone(flow.fromZone)),
    toZone: firstOf([policy.toZone], isZone(flow.toZone)),
    source: firstOf(policy.source, holds(source)),
    destination: firstOf(policy.destination, holds(destination)),
    application: firstOf(policy.applications, (text) => applications.has(applicationName(text))),
    sourceIdentity: firstOf(policy.sourceIdentity, (text) => identities.has(identityWord(text))),
    sourceEndUserProfile: takesAnyDevice(policy)
      ? 'any'
      : firstOf(policy.sourceEndUserProfile ?? [], (name) => profiles.has(name)),
  });
}

const firstOf = (words: readonly string[], matches: (word: string) => boolean) => words.find(matches) ?? null;
