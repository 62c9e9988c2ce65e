import fc from 'fast-check';
import { change, type Revision } from '../../shared/identity/authentication-table.ts';
import { advance, type Event } from '../../shared/identity/advance.ts';
import { isLive, type Item, type NamedLogoff, type Order, orderFor } from '../../shared/identity/entry.ts';
import type { Logon, Origin } from '../../shared/identity/observation.ts';
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

/** ClearPass and JIMS are compared with each other; what Active Directory tells has an order of its own. */
const common = fc.constantFrom<Origin[]>('aruba-clearpass', 'identity-management');
const everybody = fc.constantFrom<Origin[]>('aruba-clearpass', 'identity-management', 'active-directory');

const logonOf = (person: Person, origins: fc.Arbitrary<Origin>) =>
  fc.tuple(content, origins, afterNoon).map(([shown, origin, at]) => {
    const { posture, source, ...bare } = aLogon();
    return told({ ...bare, ...person, ...shown, origin, ...at });
  });
const logoffOf = ({ user, domain }: Person, origins: fc.Arbitrary<Origin>) =>
  fc
    .tuple(fc.constantFrom({ user }, { user, domain }), origins, afterNoon)
    .map(([who, origin, at]) => told(aLogoff({ ...who, origin, ...at })));
const logoffOfAnybody = (origins: fc.Arbitrary<Origin>) =>
  fc
    .tuple(fc.constantFrom({}, { domain: 'acme' }), origins, afterNoon)
    .map(([who, origin, at]) => told(aLogoff({ ...who, origin, ...at })));

/** Every other time nobody logs off everybody, so that the memory of logoffs fills. */
const observationsBy = (origins: fc.Arbitrary<Origin>) =>
  fc.tuple(people, fc.constantFrom([], [logoffOfAnybody(origins)])).chain(([known, alsoOfAnybody]) => {
    const ofOne = known.flatMap((person) => [logonOf(person, origins), logoffOf(person, origins)]);
    return fc.array(fc.oneof(...ofOne, ...alsoOfAnybody), { minLength: 1, maxLength: 80, size: 'max' });
  });
const observations = observationsBy(common);

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
const history = observationsBy(everybody).chain((events) =>
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
      let whole: Order = { logoffs: [] };
      for (const { item } of played(steps)) {
        const then = item?.order ?? whole;
        for (const origin of ['aruba-clearpass', 'active-directory'] as const) {
          const [before, after] = [orderFor(origin, whole), orderFor(origin, then)];

          expect((after.logon ?? '') >= (before.logon ?? '')).toBe(true);
          for (const who of [undefined, ...before.logoffs]) {
            expect(newestLogoff(after, who)).toBeGreaterThanOrEqual(newestLogoff(before, who));
          }
        }
        whole = then;
      }
    }),
  );
});

const isDirectorys = (event: Event) =>
  (event.kind === 'logon' && event.logon.origin === 'active-directory') ||
  (event.kind === 'logoff' && event.logoff.origin === 'active-directory');

test('whatever Active Directory tells, ClearPass’s and JIMS’s entries are those that there would be without it', () => {
  fc.assert(
    fc.property(history, (steps) => {
      const all = played(steps);
      const without = played(steps.map((step) => (isDirectorys(step.event) ? { ...step, event: undefined } : step)));
      for (const [index, { item, now }] of all.entries()) {
        const alone = without[index]?.item;
        const theirs = isLive(item, now) && item.entry?.origin !== 'active-directory' ? item.entry : undefined;

        expect(seen(theirs)).toEqual(seen(isLive(alone, now) ? alone.entry : undefined));
        expect({ logoffs: [], ...item?.order, directory: undefined }).toEqual({
          logoffs: [],
          ...alone?.order,
          directory: undefined,
        });
      }
    }),
  );
});

test('what ClearPass and JIMS tell leaves no trace in Active Directory’s order', () => {
  fc.assert(
    fc.property(history, (steps) => {
      const own = (order: Order | undefined) => ({ ...order?.directory, outranked: undefined });
      const alone = played(steps.map((step) => (isDirectorys(step.event) ? step : { ...step, event: undefined })));

      expect(own(played(steps).at(-1)?.item?.order)).toEqual(own(alone.at(-1)?.item?.order));
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
        if (outcome === 'stored' || outcome === 'barred') {
          expect(end?.item?.order.directory?.outranked).toBe('yes'); // told again, it stands for the first time
          continue;
        }
        expect(item).toBe(end?.item);
        expect(['replayed', 'stale', 'outranked']).toContain(outcome);
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

function played(steps: readonly { event: Event | undefined; wait: number }[]) {
  let item: Item | undefined;
  let now = noon;
  return steps.map(({ event, wait }) => {
    now += wait;
    if (event) ({ item } = advance(item, event, now));
    return { item, now };
  });
}

const seen = (entry: Item['entry']) => entry && { ...entry, before: undefined };

const shown = (entry: Present | Item['entry']) =>
  entry && {
    origin: entry.origin,
    user: entry.user,
    domain: entry.domain,
    groups: entry.groups,
    instant: entry.instant,
  };

/** The newest logoff that is remembered under this name, or of anybody. */
const newestLogoff = ({ logoff, logoffs }: Order, who?: NamedLogoff) =>
  Math.max(
    logoff ?? -1,
    ...logoffs.filter(({ user, domain }) => user === who?.user && domain === who.domain).map(({ instant }) => instant),
  );
