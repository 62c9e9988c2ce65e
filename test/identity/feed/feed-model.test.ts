/**
 * The proof of the feed: thousands of small worlds in which writers stop, die and come late between any two requests of
 * each other, and pullers follow. `POSTERN_MODEL_RUNS` plays so many new ones; without it the same ones are played always.
 */
import fc from 'fast-check';
import type { EntryStore } from '../../../shared/identity/authentication-table.ts';
import { stampPosition } from '../../../shared/identity/change-notes.ts';
import { feedScenario } from './feed-scenario.ts';
import { asBuilt, type Following, playFeed } from './play-feed.ts';

const wanted = process.env.POSTERN_MODEL_RUNS;
const runs = wanted === undefined ? { numRuns: 1_000, seed: 20_260_301 } : { numRuns: Number(wanted) };
const limitMs = 60_000 + runs.numRuns * 20;

test(
  'whoever follows the cursor ends with the table that its definition makes of all that is stored',
  async () => {
    await fc.assert(
      fc.asyncProperty(feedScenario, async (each) => {
        await playFeed(each);
      }),
      runs,
    );
  },
  limitMs,
);

test(
  'the worlds that are played hold notes without a change, notes that came late, lost races, full tables and pages',
  async () => {
    const happened = new Set<string>();
    await fc.assert(
      fc.asyncProperty(feedScenario, async (each) => {
        const words = await playFeed(each);
        for (const line of words.filter((_, index) => index < words.indexOf('quiet'))) {
          if (line.startsWith('conflict')) happened.add('conflict');
          if (/noted .* \d{5,} ms after/.test(line)) happened.add('noted late');
          for (const word of ['cursor-too-old', 'configuration-changed', 'more yes', 'without 1']) {
            if (line.includes(word)) happened.add(word);
          }
          if (/",[1-9]\]/.test(line)) happened.add('somebody takes over later');
        }
      }),
      { ...runs, numRuns: Math.min(runs.numRuns, 600) },
    );
    expect([...happened].sort()).toEqual(
      ['conflict', 'noted late', 'cursor-too-old', 'configuration-changed', 'more yes', 'without 1', 'somebody takes over later'].sort(), // prettier-ignore
    );
  },
  limitMs,
);

type Put = EntryStore['notes']['put'];

/** A writer's table whose notes are put in another way. */
const puttingNotes =
  (how: (put: Put) => Put): Following['writing'] =>
  (table) => {
    const { entries } = table;
    const put = how(async (...note) => entries.notes.put(...note));
    return { ...table, entries: { ...entries, notes: { ...entries.notes, put } } };
  };

/** Each is built wrong in one way, and must be found out. */
const wrong: Readonly<Record<string, Partial<Following>>> = {
  'a note that is written after its change': {
    writing: (table) => {
      let waiting: Parameters<Put>[] = [];
      const { entries } = table;
      const replace: EntryStore['replace'] = async (...replacement) => {
        const results = await entries.replace(...replacement);
        for (const note of waiting) await entries.notes.put(...note);
        waiting = [];
        return results;
      };
      const later = puttingNotes(
        () =>
          async (...note) =>
            Promise.resolve(void waiting.push(note)),
      );
      return later({ ...table, entries: { ...entries, replace } });
    },
  },
  'a cursor that leaves no time for notes to come': {
    kept: (cursor, now) =>
      cursor.open.length === 0 && cursor.walk === undefined ? { ...cursor, at: stampPosition(now) } : cursor,
  },
  'a cursor that rises past a note whose change is still to come': {
    kept: (cursor, now, before) =>
      cursor.walk === undefined && before !== undefined
        ? { ...cursor, at: later(cursor.at, stampPosition(now - 15_000)) }
        : cursor,
  },
  'a note that counts as closed before its change is made': {
    writing: puttingNotes((put) => async (tenant, note) => {
      await put(tenant, { ...note, changes: note.changes.map((each) => ({ ...each, read: 'no revision' })) });
    }),
  },
  'a second that counts as told although more of it came to light': {
    kept: (cursor, now) =>
      cursor.open.length === 0 && cursor.walk === undefined
        ? { ...cursor, at: later(cursor.at, earlier(cursor.upTo, stampPosition(now))) }
        : cursor,
  },
  'a walk whose changes are followed from its own time only': {
    kept: (cursor, now, before) => (before === undefined ? { ...cursor, at: stampPosition(now - 15_000) } : cursor),
  },
  'a round after a lost race that notes nothing': {
    writing: puttingNotes((put) => {
      let noted = 0;
      return async (...note) => ((noted += 1) === 1 ? put(...note) : Promise.resolve());
    }),
  },
  'a note that stands although it was durable too late': {
    writing: (table) => {
      let stamp: number | undefined;
      const now = () => {
        const told = stamp ?? table.now();
        stamp = undefined;
        return told;
      };
      const punctual = puttingNotes((put) => async (tenant, note) => {
        await put(tenant, note);
        stamp = note.notedAt;
      });
      return { ...punctual(table), now };
    },
  },
};

test.each(Object.entries(wrong))(
  'the proof finds out %s',
  async (_, broken) => {
    const found = await fc.check(
      fc.asyncProperty(feedScenario, async (each) => {
        await playFeed(each, { ...asBuilt, ...broken });
      }),
      { numRuns: 6_000, seed: 7, endOnFailure: true },
    );

    expect(String(found.errorInstance)).toContain('keeps');
  },
  limitMs,
);

const earlier = <Text extends string>(one: Text, other: Text): Text => (one < other ? one : other);
const later = <Text extends string>(one: Text, other: Text): Text => (one > other ? one : other);
