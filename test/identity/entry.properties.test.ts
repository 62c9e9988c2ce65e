import fc from 'fast-check';
import { change, type Revision } from '../../shared/identity/authentication-table.ts';
import { advance, type Event } from '../../shared/identity/advance.ts';
import { isLive, type Item, type NamedLogoff, type Order } from '../../shared/identity/entry.ts';
import type { Logon } from '../../shared/identity/observation.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { acme, aLogoff, aLogon, deleted, desk, instant, minutes, noon, told } from '../support/observations.ts';
import { type Present, whoIsThere } from './model/reference.ts';

/** A few users or sixteen, in several domains; few instants, so that many meet at one. */
const person = fc.record({
  user: fc.constantFrom('alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi'),
  domain: fc.constantFrom('acme', 'globex', 'GLOBAL'),
});
const peopleOf = (minLength: number, maxLength: number) =>
  fc.uniqueArray(person, { minLength, maxLength, selector: ({ user, domain }) => `${domain}\\${user}` });
const people = fc.oneof(peopleOf(1, 3), peopleOf(16, 16));
type Person = Pick<Logon, 'user' | 'domain'>;

const afterNoon = fc.integer({ min: 0, max: 6 }).map((micros) => ({ instant: instant(micros) }));
const content = fc.record(
  {
    groups: fc.constantFrom([], ['staff'], ['posture-healthy', 'staff']),
    posture: fc.constantFrom('HEALTHY', 'INFECTED'),
    source: fc.constantFrom('Aruba ClearPass', 'PacketFence'),
    device: fc.constantFrom({}, { os: 'windows 10' }, { custom: { 'MAC-Address': '00-00-5e-00-53-01' } }),
  },
  { requiredKeys: ['groups', 'device'] },
);

const logonOf = (person: Person) =>
  fc.tuple(content, afterNoon).map(([shown, at]) => {
    const { posture, source, ...bare } = aLogon();
    return told({ ...bare, ...person, ...shown, ...at });
  });
const logoffOf = ({ user, domain }: Person) =>
  fc.tuple(fc.constantFrom({ user }, { user, domain }), afterNoon).map(([who, at]) => told(aLogoff({ ...who, ...at })));
const logoffOfAnybody = fc
  .tuple(fc.constantFrom({}, { domain: 'acme' }), afterNoon)
  .map(([who, at]) => told(aLogoff({ ...who, ...at })));

/** Every other time nobody logs off everybody, so that the memory of logoffs fills. */
const observations = fc.tuple(people, fc.constantFrom([], [logoffOfAnybody])).chain(([known, alsoOfAnybody]) => {
  const ofOne = known.flatMap((person) => [logonOf(person), logoffOf(person)]);
  return fc.array(fc.oneof(...ofOne, ...alsoOfAnybody), { minLength: 1, maxLength: 80, size: 'max' });
});

/** The same observations, some of them twice, in another order, cut into posts. */
const retold = (events: readonly Event[]) =>
  fc.tuple(fc.subarray([...events]), fc.infiniteStream(fc.integer({ min: 1, max: 6 }))).chain(([repeated, lengths]) => {
    const all = [...events, ...repeated];
    return fc
      .shuffledSubarray(all, { minLength: all.length })
      .map((shuffled) => ({ events, posts: cut(shuffled, lengths) }));
  });

test('any permutation, duplication and split of posts ends in the same entry, and it is the one that the rule names', async () => {
  await fc.assert(
    fc.asyncProperty(observations.chain(retold), async ({ events, posts }) => {
      const facts = events.map((event) => ({ event, at: noon }));
      const once = await itemAfterPosts([events]);
      const again = await itemAfterPosts(posts);

      expect(again).toEqual(once);
      expect(shown(once?.state === 'valid' ? once.entry : undefined)).toEqual(shown(whoIsThere(facts, noon)));
    }),
    { numRuns: 1_000 },
  );
});

/** Observations and deletes while time goes by. */
const history = observations.chain((events) =>
  fc.tuple(
    ...events.map((event) =>
      fc.record({
        event: fc.oneof({ arbitrary: fc.constant(event), weight: 9 }, { arbitrary: fc.constant(deleted), weight: 1 }),
        wait: fc.constantFrom(0, 0, 1, minutes(29), minutes(30)),
      }),
    ),
  ),
);

test('what was newest only ever grows', () => {
  fc.assert(
    fc.property(history, (steps) => {
      let before: Order = { logoffs: [] };
      for (const { item } of played(steps)) {
        const after = item?.order ?? before;

        expect((after.logon ?? '') >= (before.logon ?? '')).toBe(true);
        for (const who of [undefined, ...before.logoffs]) {
          expect(newestLogoff(after, who)).toBeGreaterThanOrEqual(newestLogoff(before, who));
        }
        before = after;
      }
    }),
  );
});

test('what has expired is absent', () => {
  fc.assert(
    fc.property(history, fc.nat({ max: minutes(1) }), (steps, late) => {
      const item = played(steps).at(-1)?.item;
      const now = Math.max(item?.expiresAt ?? noon, noon) + late;

      expect(isLive(item, now)).toBe(false);
      expect(advance(item, deleted, now)).toEqual({ item, outcome: 'absent' });
      const returned = advance(item, told(aLogon({ instant: instant(9) })), now);
      expect(returned.item?.entry?.firstSeen).toBe(now);
    }),
  );
});

test('a repeat of anything that was told writes nothing, however late', () => {
  fc.assert(
    fc.property(history, fc.constantFrom(0, 1, minutes(30), minutes(600)), (steps, late) => {
      const end = played(steps).at(-1);
      const now = (end?.now ?? noon) + late;

      for (const { event } of steps.filter(({ event }) => event.kind !== 'deleted')) {
        const { item, outcome } = advance(end?.item, event, now);
        expect(item).toBe(end?.item);
        expect(['replayed', 'stale']).toContain(outcome);
      }
    }),
  );
});

async function itemAfterPosts(posts: readonly (readonly Event[])[]): Promise<Item | undefined> {
  const entries = fakeEntryStore();
  const key = { ip: desk, slot: 'userid' } as const;
  let revisions = 0;
  const table = { entries, now: () => noon, newRevision: () => String((revisions += 1)) as Revision };
  for (const events of posts) await change(table, acme, { changes: [{ key, events }], untilAt: Infinity });
  return (await entries.read(acme, [key]))[0]?.item;
}

function cut(events: readonly Event[], lengths: Iterable<number>): Event[][] {
  const posts: Event[][] = [];
  let rest = [...events];
  for (const length of lengths) {
    if (rest.length === 0) break;
    posts.push(rest.slice(0, length));
    rest = rest.slice(length);
  }
  return posts;
}

function played(steps: readonly { event: Event; wait: number }[]) {
  let item: Item | undefined;
  let now = noon;
  return steps.map(({ event, wait }) => {
    now += wait;
    ({ item } = advance(item, event, now));
    return { item, now };
  });
}

const shown = (entry: Present | Item['entry']) =>
  entry && { user: entry.user, domain: entry.domain, groups: entry.groups, instant: entry.instant };

/** The newest logoff that is remembered under this name, or of anybody. */
const newestLogoff = ({ logoff, logoffs }: Order, who?: NamedLogoff) =>
  Math.max(
    logoff ?? -1,
    ...logoffs.filter(({ user, domain }) => user === who?.user && domain === who.domain).map(({ instant }) => instant),
  );
