/** A schedule: actors run by themselves up to their next step, and which of them goes on is chosen from outside. */
import { setImmediate } from 'node:timers/promises';

export interface Schedule {
  /** Waits until the schedule comes to this step. */
  readonly turn: () => Promise<void>;
  /** Runs until nobody waits any more. `observe` looks at the world between any two steps. */
  readonly run: (observe: () => Promise<void>) => Promise<void>;
}

/** `choose` picks one of so many steps that wait, the longest waiting first. */
export function newSchedule(choose: (count: number) => number): Schedule {
  const waiting: (() => void)[] = [];
  return {
    turn: async () => new Promise((resolve) => waiting.push(resolve)),
    async run(observe) {
      await everybodyWaits();
      while (waiting.length > 0) {
        for (const go of waiting.splice(choose(waiting.length), 1)) go();
        await everybodyWaits();
        await observe();
      }
    },
  };
}

/** Actors wait for nothing but their turns: once all microtasks are done, each of them waits for one or is done. */
const everybodyWaits = async () => setImmediate();

/** What an actor waits for once it was killed: nothing that comes. */
export const death = async () => new Promise<never>(() => undefined);
