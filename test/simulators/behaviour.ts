/** How a simulated server behaves, well or badly, and what it has been asked so far. */
import * as v from 'valibot';

const rate = v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0);
const milliseconds = v.optional(v.pipe(v.number(), v.minValue(0)), 0);

/** Rates are parts of all questions, from 0 to 1. What is left out is as at the start. */
export const behaviour = v.strictObject({
  latencyMs: milliseconds,
  /** Added to the latency, anything from nothing to this. */
  jitterMs: milliseconds,
  /** Answered 503. */
  errorRate: rate,
  /** Never answered. */
  hang: v.optional(v.union([v.pipe(v.boolean(), v.transform(Number)), rate]), 0),
  /** Torn off in the middle of the answer. */
  resetRate: rate,
  /** Done, and torn off instead of answered. */
  lostAnswerRate: rate,
  /** Token requests that are answered 503. */
  tokenErrorRate: rate,
  tokenLatencyMs: milliseconds,
  tokenSeconds: v.optional(v.pipe(v.number(), v.minValue(0)), 28_800),
  /** How token requests must be written. */
  tokenForm: v.optional(v.picklist(['any', 'json', 'form']), 'any'),
});
export type Behaviour = v.InferOutput<typeof behaviour>;
export type PartialBehaviour = v.InferInput<typeof behaviour>;

export interface Statistics {
  /** Questions, however they were answered. */
  readonly queries: number;
  readonly openSockets: number;
  readonly maxOpenSockets: number;
  /** Token requests, however they were answered. */
  readonly tokens: number;
}

/** Chance that repeats itself: mulberry32. */
export function seededChance(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
