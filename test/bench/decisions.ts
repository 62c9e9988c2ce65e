/** Decisions over 10,000 policies, beside going through them one after another. */
import assert from 'node:assert/strict';
import { inFreshProcess, interleaved, median } from './fresh-process.ts';
import { sites } from './many-policies.ts';
import type { Decided } from './measured-decisions.ts';
import type { Line } from './report.ts';

const stacks = ['ours', 'plain'] as const;

export async function decisions(rounds: number): Promise<Line[]> {
  const lines: Line[] = [];
  for (const site of Object.keys(sites)) {
    const runs = await interleaved(rounds, stacks, async (stack) =>
      inFreshProcess<Decided>('measured-decisions.ts', [stack, site]),
    );
    assert.deepEqual(runs.ours[0]?.policies, runs.plain[0]?.policies, 'The two stacks decide differently.');
    const cost = (stack: (typeof stacks)[number], which: 'beginning' | 'warm') =>
      median(runs[stack].map((run) => run[which].cpuMs));
    lines.push(
      { what: `${site}: 1,000 decisions, CPU`, ours: cost('ours', 'warm'), plain: cost('plain', 'warm'), unit: 'ms', aim: { timesLess: 20 } }, // prettier-ignore
      { what: 'a new version and the first 1,000', ours: cost('ours', 'beginning'), plain: cost('plain', 'beginning'), unit: 'ms' }, // prettier-ignore
    );
  }
  return lines;
}
