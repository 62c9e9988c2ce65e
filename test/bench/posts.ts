/** Posts as large as they may be: what one costs the client that stores it, and what the table is asked for. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, environmentOf, startEmbedded, tables } from '../support/engine.ts';
import { bareLogoffEntries, bareLogoffs, fullEntries, logons } from './bodies.ts';
import { measuring, ofStack, type Stack } from './bundles.ts';
import { countingProxy, type Traffic } from './counting-proxy.ts';
import { inFreshProcess, interleaved, median } from './fresh-process.ts';
import type { Aim, Line } from './report.ts';
import type { Cost } from './stopwatch.ts';
import { storedEntries } from './stored-entries.ts';

/** Posted one after another to a table that is empty before the first. */
interface Step {
  readonly name: string;
  readonly body: Buffer;
  /** What each stack answers to it, at least. */
  readonly answers: Readonly<Record<Stack, Readonly<Record<string, number>>>>;
  readonly aims: { readonly cpu?: Aim; readonly wall?: Aim; readonly writes?: Aim };
}

const hour = 3_600_000;
const stacks: readonly Stack[] = ['ours', 'plain'];

export async function fullPosts(rounds: number): Promise<Line[]> {
  const first = logons(Date.now() - 2 * hour);
  const stored = answers({ stored: fullEntries });
  const aims = { cpu: { timesLess: 5 }, wall: { timesLess: 1.8 } };
  return comparison(rounds, [
    { name: 'all new', body: first, answers: stored, aims },
    {
      name: 'exact replay',
      body: first,
      answers: { ours: { stored: 0, replayed: fullEntries }, plain: { stored: 0, stale: fullEntries } },
      aims: { ...aims, cpu: { timesLess: 8 }, writes: { none: true } },
    },
    { name: 'all newer', body: logons(Date.now() - hour), answers: stored, aims },
  ]);
}

export async function logoffPosts(rounds: number): Promise<Line[]> {
  const expected = answers({ stored: bareLogoffEntries });
  return comparison(rounds, [{ name: 'bare logoffs', body: bareLogoffs(), answers: expected, aims: {} }]);
}

const answers = (answer: Readonly<Record<string, number>>) => ({ ours: answer, plain: answer });

async function comparison(rounds: number, steps: readonly Step[]): Promise<Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-bench-'));
  try {
    await Promise.all(steps.map(async ({ name, body }) => writeFile(join(folder, name), body)));
    const counted = { ours: await count('ours', steps, folder), plain: await count('plain', steps, folder) };
    assert.deepEqual(counted.ours.left, counted.plain.left, 'The two stacks left different tables behind.');
    const costs = await interleaved(rounds, stacks, async (stack) => time(stack, steps, folder));
    return steps.flatMap(({ name, aims }, index) => {
      const cost = (stack: Stack, kind: keyof Cost) => median(costs[stack].map((round) => round[index]?.[kind] ?? NaN));
      const traffic = (stack: Stack, kind: keyof Traffic) => counted[stack].traffic[index]?.[kind] ?? NaN;
      const both = (of: (stack: Stack) => number) => ({ ours: of('ours'), plain: of('plain') });
      return [
        { what: `${name}: CPU`, ...both((stack) => cost(stack, 'cpuMs')), unit: 'ms', ...aim(aims.cpu) },
        { what: 'wall', ...both((stack) => cost(stack, 'wallMs')), unit: 'ms', ...aim(aims.wall) },
        { what: 'requests', ...both((stack) => traffic(stack, 'requests')), unit: '' },
        {
          what: 'items asked to be written',
          ...both((stack) => traffic(stack, 'writes')),
          unit: '',
          ...aim(aims.writes),
        },
        { what: 'write units', ...both((stack) => traffic(stack, 'writeUnits')), unit: '' },
        { what: 'read units', ...both((stack) => traffic(stack, 'readUnits')), unit: '' },
      ] satisfies Line[];
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

const aim = (wanted: Aim | undefined) => wanted && { aim: wanted };

async function time(stack: Stack, steps: readonly Step[], folder: string): Promise<Cost[]> {
  return withEngine(async ({ endpoint }) => {
    const costs: Cost[] = [];
    for (const step of steps) costs.push(await post(stack, step, { endpoint, folder }));
    return costs;
  });
}

async function count(stack: Stack, steps: readonly Step[], folder: string) {
  return withEngine(async (engine) => {
    const proxy = await countingProxy(engine.endpoint, tables.entries);
    try {
      const traffic: Traffic[] = [];
      const left: unknown[] = [];
      for (const step of steps) {
        await post(stack, step, { endpoint: proxy.endpoint, folder });
        traffic.push(proxy.take());
        left.push(await storedEntries(engine, stack));
      }
      return { traffic, left };
    } finally {
      await proxy.stop();
    }
  });
}

async function withEngine<Result>(work: (engine: Engine) => Promise<Result>): Promise<Result> {
  const engine = await startEmbedded();
  try {
    return await work(engine);
  } finally {
    await engine.stop();
  }
}

async function post(stack: Stack, { name, answers }: Step, { endpoint, folder }: { endpoint: string; folder: string }) {
  const environment = environmentOf(endpoint);
  const { result, ...cost } = await inFreshProcess<Cost & { result: { statusCode: number; body: string } }>(
    measuring('post'),
    [ofStack[stack], join(folder, name)],
    environment,
  );
  assert.equal(result.statusCode, 200, `"${name}" was answered ${result.body} by ${stack}.`);
  assert.partialDeepStrictEqual(JSON.parse(result.body), answers[stack], `"${name}" was answered ${result.body} by ${stack}.`); // prettier-ignore
  return cost;
}
