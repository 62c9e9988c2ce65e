/** `measured-decisions.ts ours|plain SITE`: what a thousand decisions cost, from a new configuration on and when warm. */
import { compile } from '../../shared/decisions/compiled-policies.ts';
import { decide } from '../../shared/decisions/decide.ts';
import { type Asked, largeSite, type Site } from './many-policies.ts';
import { plainDecisions } from './plain-decisions.ts';
import { type Cost, costOf } from './stopwatch.ts';

export interface Decided extends Readonly<Record<'beginning' | 'warm', Cost>> {
  /** The name of the one that decided, flow by flow. */
  readonly policies: readonly string[];
}

const [stack, site] = process.argv.slice(2);
const { configuration, asked } = largeSite(site as Site);

/** So many times all flows are a batch: long enough to be measured. */
const repeats = stack === 'ours' ? 50 : 4;
const batches = 12;

const { result, ...beginning } = await costOf(() => {
  const decider = stack === 'ours' ? ours() : plainDecisions(configuration);
  return { decider, policies: asked.map(decider) };
});

/** The cheapest batch: it is warm, and whatever else the machine does makes one only dearer. */
let warm: Cost = { cpuMs: Infinity, wallMs: Infinity };
for (let batch = 0; batch < batches; batch += 1) {
  const { cpuMs, wallMs } = await costOf(decideAll);
  if (cpuMs / repeats < warm.cpuMs) warm = { cpuMs: cpuMs / repeats, wallMs: wallMs / repeats };
}

const decided: Decided = { beginning, warm, policies: result.policies };
process.stdout.write(JSON.stringify(decided));

function ours() {
  const compiled = compile(configuration);
  return ({ flow, who }: Asked) => decide(compiled, flow, who).policy;
}

/** Counts, so that no decision can be left out as useless. */
function decideAll(): number {
  let byPolicy = 0;
  for (let time = 0; time < repeats; time += 1) {
    for (const each of asked) if (result.decider(each) !== 'default-policy') byPolicy += 1;
  }
  return byPolicy;
}
