/** A clock that stands still until everybody waits, and then goes to where the first of them wakes. Nobody sleeps. */
import { setImmediate as turn } from 'node:timers/promises';

export interface VirtualTime {
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly pass: (ms: number) => void;
  /** Lets time go on until this is done. */
  readonly until: <Result>(running: Promise<Result>) => Promise<Result>;
}

export function virtualTime(start: number): VirtualTime {
  let now = start;
  let sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  return {
    now: () => now,
    wait: async (ms) => new Promise((wake) => sleepers.push({ at: now + ms, wake })),
    pass: (ms) => (now += ms),
    async until(running) {
      let state = 'running';
      const done = running.finally(() => (state = 'done'));
      done.catch(() => undefined);
      while ((await turn(), state === 'running')) {
        const next = Math.min(...sleepers.map(({ at }) => at));
        if (next === Infinity) continue;
        now = Math.max(now, next);
        const due = sleepers.filter(({ at }) => at <= now);
        sleepers = sleepers.filter(({ at }) => at > now);
        for (const { wake } of due) wake();
      }
      return done;
    },
  };
}
