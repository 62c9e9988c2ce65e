/** Explanations: how a flow came to its decision, policy by policy in the order of evaluation. */
import { addressBits } from './address-bits.ts';
import { type CompiledPolicies, type Context, firstMatch } from './compiled-policies.ts';
import type { Flow } from './flow.ts';
import { type Aspect, holds } from './policy-set.ts';
import type { Standing } from './source-identity.ts';
import { standings, type Who } from './who.ts';

export interface Explanation {
  readonly evaluatedAs: Standing;
  /** In the order of evaluation, the last of them the one that matched. If they are too many, those that came nearest. */
  readonly steps: readonly Step[];
  /** How many policies more were passed over. */
  readonly leftOut: number;
}

/** What was made of one policy: in each aspect its word that matches the flow, as it is compared, or null. */
export interface Step {
  readonly policy: string;
  readonly result: 'matched' | 'passed-over';
  readonly matches: Readonly<Record<Checked, string | null>>;
}

type Checked = 'fromZone' | 'toZone' | 'source' | 'destination' | 'application' | 'sourceIdentity';

/** At most so many steps: an answer has an end, a list of policies may not. */
export function explain(compiled: CompiledPolicies, flow: Flow, who: Who, mostSteps: number): Explanation {
  const last = firstMatch(compiled, flow, who) ?? compiled.policies.length;
  const steps = new Map<number, Step>();
  for (const zones of compiled.contexts.values()) {
    for (const context of zones.values()) addSteps(compiled, { context, flow, who, last }, steps);
  }
  const nearest = [...steps].sort(
    ([place, one], [otherPlace, other]) => matchesOf(other) - matchesOf(one) || place - otherPlace,
  );
  const kept = nearest.slice(0, mostSteps).sort(([place], [otherPlace]) => place - otherPlace);
  return {
    evaluatedAs: standings[who.state],
    steps: kept.map(([, step]) => step),
    leftOut: steps.size - kept.length,
  };
}

interface Looked {
  readonly context: Context;
  readonly flow: Flow;
  readonly who: Who;
  /** The place that nothing was looked at behind. */
  readonly last: number;
}

function addSteps({ policies }: CompiledPolicies, { context, flow, who, last }: Looked, steps: Map<number, Step>) {
  const { places, index } = context;
  if ((places[0] ?? 0) > last) return;
  const of = index();
  const source = of.source(addressBits(flow.sourceIp));
  const destination = of.destination(addressBits(flow.destinationIp));
  const application = of.application(flow);
  const sourceIdentity = of.sourceIdentity(who);
  places.forEach((place, position) => {
    const policy = policies[place];
    if (policy === undefined || place > last) return;
    const matches = {
      fromZone: zoneWord(policy.fromZone, flow.fromZone),
      toZone: zoneWord(policy.toZone, flow.toZone),
      source: wordOf(source, position),
      destination: wordOf(destination, position),
      application: wordOf(application, position),
      sourceIdentity: wordOf(sourceIdentity, position),
    };
    steps.set(place, { policy: policy.name, result: place === last ? 'matched' : 'passed-over', matches });
  });
}

const zoneWord = (named: string, zone: string) => (named === zone || named === 'any' ? named : null);

const wordOf = (aspect: Aspect, position: number) => aspect.find((set) => holds(set, position))?.word ?? null;

const matchesOf = ({ matches }: Step) => Object.values(matches).filter((word) => word !== null).length;
