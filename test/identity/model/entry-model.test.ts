/**
 * The proof of the state machine: thousands of small worlds in which senders, an operator, clocks and TTL meet between
 * any two steps of each other. `POSTERN_MODEL_RUNS` plays so many new ones; without it the same ones are played always.
 */
import fc from 'fast-check';
import type { Order } from '../../../shared/identity/entry.ts';
import type { Micros } from '../../../shared/identity/observation.ts';
import type { Revision } from '../../../shared/identity/authentication-table.ts';
import { play, scenario } from './scenario.ts';
import { asBuilt, type Keeping } from './world.ts';

const wanted = process.env.POSTERN_MODEL_RUNS;
const runs = wanted === undefined ? { numRuns: 10_000, seed: 20_260_301 } : { numRuns: Number(wanted) };
const limitMs = 60_000 + runs.numRuns * 5;

test(
  'whatever happens between any two steps, the table shows what the specification makes of all that took effect',
  async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (each) => {
        await play(each);
      }),
      runs,
    );
  },
  limitMs,
);

test('the worlds that are played hold every outcome, lost races, and memories that TTL removed', async () => {
  const words = new Set<string>();

  for (const each of fc.sample(scenario, { numRuns: 1_000, seed: 1 })) {
    for (const happened of await play(each)) for (const word of happened.match(/^[a-z,-]+/g) ?? []) words.add(word);
  }

  const outcomes = 'stored barred ended remembered other-user replayed stale deleted absent busy conflict removed';
  expect([...words]).toEqual(expect.arrayContaining(outcomes.split(' ')));
});

/** What would be wrong, and where it shows: the proof is worth only what it can find. */
const faults: readonly (Keeping & { name: string })[] = [
  {
    // A logon or logoff that comes late finds no memory of what was newer, and stands.
    name: 'TTL on the end of the entry instead of the end of its memory',
    ...asBuilt,
    removableAt: ({ expiresAt }) => expiresAt,
  },
  {
    // A writer that reads, waits until TTL has removed the item and others have begun it anew, overwrites what they told.
    name: 'a revision that counts',
    ...asBuilt,
    revisionOf: ({ read }) => String(Number(read ?? 0) + 1) as Revision,
  },
  {
    // One user's logoff bars another user's logon that is older than it.
    name: 'one register for all logoffs',
    ...asBuilt,
    kept: (item) => ({ ...item, order: inOneRegister(item.order) }),
  },
  {
    // A repeated post brings back whom the operator deleted.
    name: 'a delete that removes the item',
    ...asBuilt,
    kept: (item, events) => (events.some(({ kind }) => kind === 'deleted') ? undefined : item),
  },
];

test.each(faults)(
  'finds $name',
  async (keeping) => {
    const property = fc.asyncProperty(scenario, async (each) => {
      await play(each, keeping);
    });

    const { failed, errorInstance } = await fc.check(property, {
      numRuns: 5_000,
      seed: 20_260_301,
      endOnFailure: true,
    });

    expect(failed).toBe(true);
    expect(String(errorInstance)).toMatch(/ shows .*, not /);
  },
  limitMs,
);

function inOneRegister({ logoff, logoffs, ...order }: Order): Order {
  const newest = Math.max(logoff ?? -1, ...logoffs.map(({ instant }) => instant));
  return { ...order, ...(newest >= 0 && { logoff: newest as Micros }), logoffs: [] };
}
