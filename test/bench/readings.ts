/** The XML alone, which every entry of a post pays for, be it new or known. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bareLogoffs, logons } from './bodies.ts';
import { measuring, type Stack } from './bundles.ts';
import { inFreshProcess, interleaved, median } from './fresh-process.ts';
import type { Line } from './report.ts';
import type { Cost } from './stopwatch.ts';

type Readings = Readonly<Record<'first' | 'warm', Cost>>;

const stacks: readonly Stack[] = ['ours', 'plain'];

export async function readings(rounds: number): Promise<Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-bench-'));
  try {
    const lines: Line[] = [];
    for (const [name, body] of [
      ['full entries', logons(Date.now())],
      ['bare logoffs', bareLogoffs()],
    ] as const) {
      // prettier-ignore
      const file = join(folder, name);
      await writeFile(file, body);
      const costs = await interleaved(rounds, stacks, async (stack) =>
        inFreshProcess<Readings>(measuring('reading'), [stack, file]),
      );
      const cpu = (stack: Stack, which: keyof Readings) => median(costs[stack].map((each) => each[which].cpuMs));
      for (const which of ['first', 'warm'] as const) {
        lines.push({
          what: `${name}, ${which}: CPU`,
          ours: cpu('ours', which),
          plain: cpu('plain', which),
          unit: 'ms',
        });
      }
    }
    return lines;
  } finally {
    await rm(folder, { recursive: true });
  }
}
