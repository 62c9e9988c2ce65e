/** What it costs to load each function: how large its file is, and how long a fresh process takes above an empty one. */
import { stat } from 'node:fs/promises';
import { functions, measuring, ofFunction, ofNothing, ofPlainStack } from './bundles.ts';
import { inFreshProcess, interleaved, median } from './fresh-process.ts';
import type { Line } from './report.ts';
import type { Cost } from './stopwatch.ts';

/** As the template has it: errors of ours are to be read. The plain stack is not minified, and needs no maps. */
const asDeployed = { NODE_OPTIONS: '--enable-source-maps' };

export async function importTimes(rounds: number): Promise<Line[]> {
  const files = [ofNothing, ofPlainStack, ...functions.map(ofFunction)];
  const costs = await interleaved(rounds, files, async (file) =>
    inFreshProcess<Cost>(measuring('import'), [file], file === ofPlainStack ? {} : asDeployed),
  );
  const timeOf = (file: string) => median((costs[file] ?? []).map(({ wallMs }) => wallMs));
  const aboveNothing = (file: string) => timeOf(file) - timeOf(ofNothing);
  const plain = { ms: aboveNothing(ofPlainStack), kB: await kilobytes(ofPlainStack) };

  const lines = functions.map(async (name): Promise<Line[]> => {
    const [ms, kB] = [aboveNothing(ofFunction(name)), await kilobytes(ofFunction(name))];
    return [
      { what: `${name}: import`, ours: ms, plain: plain.ms, unit: 'ms', aim: { partAtMost: 0.4 } },
      { what: 'size', ours: kB, plain: plain.kB, unit: 'kB' },
    ];
  });
  return (await Promise.all(lines)).flat();
}

const kilobytes = async (file: string) => (await stat(file)).size / 1_000;
