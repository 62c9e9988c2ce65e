/** Runs a measurement in a process of its own, so that none is warmed by another. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * What a script, of this folder or by its whole path, prints as JSON when it is called with these words: its last line, as
 * functions tell their metrics before it.
 */
export async function inFreshProcess<Result>(
  script: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await run(process.execPath, [file, ...words], {
    env: { PATH: process.env.PATH, ...environment },
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Result;
}

/** Every round, each of them once: whatever else the machine does meets them all alike. */
export async function interleaved<Name extends string, Result>(
  rounds: number,
  names: readonly Name[],
  measure: (name: Name) => Promise<Result>,
): Promise<Record<Name, Result[]>> {
  const results = Object.fromEntries(names.map((name) => [name, [] as Result[]])) as Record<Name, Result[]>;
  for (let round = 0; round < rounds; round += 1) {
    // Whoever goes first in one round goes last in the next.
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) results[name].push(await measure(name));
  }
  return results;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  if (low === undefined || high === undefined) throw new Error('Nothing was measured.');
  return (low + high) / 2;
}
