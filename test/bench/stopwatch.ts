/** What it costs this process to do something, all of its threads together. */
export interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

export async function costOf<Result>(work: () => Result | Promise<Result>): Promise<Cost & { result: Result }> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  const result = await work();
  const wallMs = performance.now() - wall;
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1_000, wallMs, result };
}
