/**
 * The proof of the state machine: thousands of small worlds in which senders, an operator, questions and their workers,
 * clocks and TTL meet between any two steps of each other. `POSTERN_MODEL_RUNS` plays so many new ones; without it the
 * same ones are played always.
 */
import fc from 'fast-check';
import { type Item, never, noOrder, type Order } from '../../../shared/identity/entry.ts';
import type { Micros } from '../../../shared/identity/observation.ts';
import type { Event } from '../../../shared/identity/advance.ts';
import type { Revision } from '../../../shared/identity/authentication-table.ts';
import { play } from './play.ts';
import { scenario } from './scenario.ts';
import { asBuilt, type Keeping } from './world.ts';

const wanted = process.env.POSTERN_MODEL_RUNS;
const runs = wanted === undefined ? { numRuns: 4_000, seed: 20_260_301 } : { numRuns: Number(wanted) };
const limitMs = 60_000 + runs.numRuns * 40;

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

/** What makes the proof worth having: each of these has to be met, by whoever it may be met. */
const outcomes = 'stored barred outranked ended remembered other-user other-source replayed stale deleted absent busy';
const states = [
  'missed -> init',
  'forced -> init',
  'claimed -> pending',
  'released -> pending',
  'settled user -> valid',
  'settled user -> invalid',
  'settled nobody -> invalid',
  'settled failed -> invalid',
  'settled failed -> valid',
  'abandoned -> invalid',
];
const mustHappen = [
  'removed by TTL',
  ...outcomes.split(' ').map((outcome) => `answered to sender: ${outcome}`),
  ...['asked', 'known', 'busy'].map((outcome) => `answered to misser: ${outcome}`),
  ...states.map((state) => `replaced by ${/missed|forced/.test(state) ? 'misser' : 'worker'}: ${state}`),
  'conflict by worker: claimed -> pending',
  ...['clearpass', 'jims', 'jims-secondary'].map((hop) => `asked ${hop}`),
  ...[0, 1, 2].map((times) => `sent by worker: ${times} times`),
  'heard too late by worker',
  ...['done', 'again after 5 s', 'again after 35 s'].map((end) => `handled by the questions: ${end}`),
  'received too often',
  'replaced by the dead letters: abandoned -> invalid',
  ...['done', 'later'].map((end) => `handled by the dead letters: ${end}`),
];

test('the worlds that are played hold every outcome, lost races, and memories that TTL removed', async () => {
  const happened = new Set<string>();

  for (const each of fc.sample(scenario, { numRuns: 2_000, seed: 1 })) {
    for (const line of await play(each)) happened.add(line.replace(/ @ .*/, '').replace(/ \d+(?=:|$)/, ''));
  }

  expect(mustHappen.filter((each) => !happened.has(each))).toEqual([]);
});

const isMark = ({ state }: Item) => state === 'init' || state === 'pending' || state === 'invalid';
const withoutLease = ({ query, ...item }: Item): Item => item;
const clearedBy = (kind: Event['kind']) => (item: Item, events: readonly Event[]) =>
  events.some((event) => event.kind === kind) ? withoutLease(item) : item;

/** What would be wrong, and where it shows: the proof is worth only what it can find. */
const faults: readonly (Keeping & { name: string; shows: RegExp })[] = [
  {
    // A logon or logoff that comes late finds no memory of what was newer, and stands.
    name: 'TTL on the end of the entry instead of the end of its memory',
    ...asBuilt,
    removableAt: ({ expiresAt }) => expiresAt,
    shows: / shows .*, not /,
  },
  {
    // A writer that reads, waits until TTL has removed the item and others have begun it anew, overwrites what they told.
    name: 'a revision that counts',
    ...asBuilt,
    revisionOf: ({ read }) => String(Number(read ?? 0) + 1) as Revision,
    shows: / shows .*, not /,
  },
  {
    // One user's logoff bars another user's logon that is older than it.
    name: 'one register for all logoffs',
    ...asBuilt,
    kept: (item) => ({ ...item, order: inOneRegister(item.order) }),
    shows: / shows .*, not /,
  },
  {
    // Active Directory's clock is ahead, and ClearPass's newer word is taken for an old one.
    name: 'one order for ClearPass and Active Directory',
    ...asBuilt,
    kept: (item) => ({ ...item, order: inOneOrder(item.order) }),
    shows: / shows .*, not /,
  },
  {
    // Somebody whom ClearPass told is gone because Active Directory saw them leave.
    name: 'a logoff of Active Directory that ends whoever is there',
    ...asBuilt,
    kept: (item, events) => (events.some(isDirectoryLogoff) ? { ...item, state: 'ended' } : item),
    shows: / shows .*, not /,
  },
  {
    // A repeated post brings back whom the operator deleted.
    name: 'a delete that removes the item',
    ...asBuilt,
    kept: (item, events) => (events.some(({ kind }) => kind === 'deleted') ? undefined : item),
    shows: / shows .*, not /,
  },
  {
    // An old post, or an answer that is older than a logoff, brings back who is gone.
    name: 'a mark that forgets the order',
    ...asBuilt,
    kept: (item) => (isMark(item) ? { ...item, order: noOrder } : item),
    shows: / shows .*, not /,
  },
  {
    // A message that comes twice is asked twice at once.
    name: 'pending without a lease',
    ...asBuilt,
    kept: withoutLease,
    shows: / has 2 sockets open/,
  },
  // While one worker still asks, the address is asked about anew.
  { name: 'a lease that a logon clears', ...asBuilt, kept: clearedBy('logon'), shows: / has 2 sockets open/ },
  { name: 'a lease that a logoff clears', ...asBuilt, kept: clearedBy('logoff'), shows: / has 2 sockets open/ },
  { name: 'a lease that a delete clears', ...asBuilt, kept: clearedBy('deleted'), shows: / has 2 sockets open/ },
  {
    // Its message is lost, or its worker killed, and nobody ever asks again.
    name: 'a mark that does not end by itself',
    ...asBuilt,
    kept: (item) => (item.state === 'init' || item.state === 'pending' ? { ...item, expiresAt: never } : item),
    shows: / is (init|pending) for too long/,
  },
];

test.each(faults)(
  'finds $name',
  async ({ shows, ...keeping }) => {
    const property = fc.asyncProperty(scenario, async (each) => {
      await play(each, keeping);
    });

    const { failed, errorInstance } = await fc.check(property, {
      numRuns: 20_000,
      seed: 20_260_301,
      endOnFailure: true,
    });

    expect(failed).toBe(true);
    expect(String(errorInstance)).toMatch(shows);
  },
  limitMs,
);

function inOneRegister({ logoff, logoffs, ...order }: Order): Order {
  const newest = Math.max(logoff ?? -1, ...logoffs.map(({ instant }) => instant));
  return { ...order, ...(newest >= 0 && { logoff: newest as Micros }), logoffs: [] };
}

function inOneOrder({ directory, ...order }: Order): Order {
  const logon = [order.logon ?? '', directory?.logon ?? ''].sort().at(-1) ?? '';
  return { ...order, ...(logon !== '' && { logon }), ...(directory && { directory: { ...directory, logon } }) };
}

const isDirectoryLogoff = (event: Event) => event.kind === 'logoff' && event.logoff.origin === 'active-directory';
