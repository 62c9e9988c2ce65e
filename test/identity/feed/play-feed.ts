/**
 * How a scenario of the feed is played: writers and pullers act at once, each request a step of its own with a fate of
 * its own. Then it gets quiet, and whoever followed the changes must have the table that the definition makes of all
 * that is stored, now and as time goes by.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Configuration } from '../../../shared/configuration/configuration.ts';
import { forwardingSettings } from '../../../shared/decisions/forwarding-settings.ts';
import { type AuthenticationTable, change, type EntryStore, type Revision } from '../../../shared/identity/authentication-table.ts'; // prettier-ignore
import { stampPosition } from '../../../shared/identity/change-notes.ts';
import type { ForwardingCursor } from '../../../shared/identity/forwarding-cursor.ts';
import { pullForwardingTable, type PullForwardingTable } from '../../../shared/identity/pull-forwarding-table.ts';
import { plainReading } from '../../../shared/identity/silence.ts';
import type { TenantId } from '../../../shared/tenancy/tenant.ts';
import { fakeEntryStore } from '../../support/fake-entry-store.ts';
import { acme, minutes, noon } from '../../support/observations.ts';
import { death, newSchedule } from '../model/schedule.ts';
import { forwardingTable } from './definition.ts';
import { type EnforcementPoint, enforcementPoint } from './enforcement-point.ts';
import { configurations, type Fate, type FeedErrand, type FeedScenario } from './feed-scenario.ts';

/** What can be wrong with how changes are noted and followed. */
export interface Following {
  /** How a writer speaks to the table. */
  readonly writing: (table: AuthenticationTable) => AuthenticationTable;
  /** What a puller keeps of the cursor that it is given. */
  readonly kept: (cursor: ForwardingCursor, now: number, before: ForwardingCursor | undefined) => ForwardingCursor;
}

export const asBuilt: Following = {
  writing: (table) => table,
  kept: (cursor) => cursor,
};

/** How many turns of others a late request waits, and how long a function lives. */
const overtakers = 8;
const lifeMs = 30_000;

/** Plays a scenario to its end; what happened, in words. Throws where a puller ends with another table. */
export async function playFeed(scenario: FeedScenario, following: Following = asBuilt): Promise<readonly string[]> {
  const [steps, fates] = [scenario.steps.values(), scenario.fates.values()];
  const schedule = newSchedule((count) => (steps.next().value ?? 0) % count);
  const fate = (): Fate => fates.next().value ?? 'arrives';
  const store = fakeEntryStore();
  const happened: string[] = [];
  const failures: unknown[] = [];
  let clock = noon;
  let revisions = 0;
  let quiet = false;
  const current = new Map<TenantId, Configuration>();
  const configurationOf = (tenant: TenantId) => current.get(tenant) ?? configurations[0];
  const turn = async () => (quiet ? undefined : schedule.turn());
  const start = (actor: () => Promise<void>) => {
    actor().catch((failure: unknown) => failures.push(failure));
  };

  /** The table as one run of a function reaches it; nothing that it sent arrives once it is long over. */
  function tableOf(name: string, skewMs: number): AuthenticationTable {
    const endsAt = clock + lifeMs;
    const isOver = () => clock >= endsAt;
    async function arriving<Result>(refusal: Result | undefined, act: () => Promise<Result>): Promise<Result> {
      const fateOf = fate();
      for (let turns = fateOf === 'late' ? overtakers : 0; turns >= 0; turns -= 1) await turn();
      if (fateOf === 'lost' || isOver()) return death();
      if (fateOf === 'refused' && refusal !== undefined) return refusal;
      const result = await act();
      if (fateOf === 'unheard') return death();
      if (fateOf === 'slow') for (let turns = overtakers; turns > 0; turns -= 1) await turn();
      if (fateOf === 'twice') {
        await turn();
        if (!isOver()) return act();
      }
      return isOver() ? death() : result;
    }
    const entries: EntryStore = {
      ...store,
      read: async (tenant, keys) => arriving(undefined, async () => store.read(tenant, keys)),
      replace: async (tenant, replacements) => {
        const results = await Promise.all(
          replacements.map(async (each) =>
            arriving(['conflict' as const], async () => {
              const answers = await store.replace(tenant, [each]);
              happened.push(`${answers[0] ?? ''} by ${name}: ${each.key.ip} ${each.key.slot} ${each.item.state}`);
              return answers;
            }),
          ),
        );
        return results.flat();
      },
      notes: {
        ...store.notes,
        put: async (tenant, note) =>
          arriving(undefined, async () => {
            happened.push(`noted by ${name}: ${note.changes.map(({ ip, slot }) => `${ip} ${slot}`).join(', ')} ${clock - note.notedAt} ms after its stamp`); // prettier-ignore
            return store.notes.put(tenant, note);
          }),
      },
    };
    const newRevision = () => String((revisions += 1)).padStart(16, '0') as Revision;
    return following.writing({ entries, now: () => clock + skewMs, newRevision });
  }

  /** A function that answers one pull. Its requests take turns too; lanes and batches are not read at one moment. */
  function pullingBy(skewMs: number): PullForwardingTable {
    const entries: EntryStore = {
      ...store,
      walk: async (tenant, page) => turn().then(async () => store.walk(tenant, page)),
      read: async (tenant, keys) => {
        const [one, other] = await Promise.all(
          [keys.filter((_, index) => index % 2 === 0), keys.filter((_, index) => index % 2 === 1)].map(async (some) =>
            turn().then(async () => store.read(tenant, some)),
          ),
        );
        return keys.map((_, index) => (index % 2 === 0 ? one : other)?.[Math.floor(index / 2)]);
      },
      notes: {
        ...store.notes,
        after: async (tenant, position) => {
          const lanes = await Promise.all(
            [0, 1].map(async (lane) => {
              await turn();
              const { notes } = await store.notes.after(tenant, position);
              return notes.filter(({ id }) => Number(id) % 2 === lane);
            }),
          );
          return { notes: lanes.flat().sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1)) };
        },
      },
    };
    const settingsOf = async (tenant: TenantId) =>
      turn().then(() => {
        const configuration = configurationOf(tenant);
        return { ...forwardingSettings(configuration), readingAt: plainReading(configuration) };
      });
    return { entries, settingsOf, now: () => clock + skewMs };
  }

  async function pull(point: EnforcementPoint, tenant: TenantId, limit: number, skewMs: number) {
    const since = point.cursor();
    const pulled = await pullForwardingTable(pullingBy(skewMs), tenant, {
      limit,
      untilAt: Infinity,
      ...(since && { since }),
    });
    const { full, rows, removed, more, reason = '' } = pulled;
    happened.push(`pulled: ${full === 'yes' ? `full ${reason}` : ''} ${JSON.stringify(rows.map(({ ip, user, then }) => [ip, user, then.length]))} without ${removed.join()} more ${more} at ${pulled.cursor.at}`); // prettier-ignore
    if (fate() === 'unheard') return 'yes';
    point.hear({ ...pulled, cursor: following.kept(pulled.cursor, clock + skewMs, since) });
    return more;
  }

  for (const [index, { skewMs, errands }] of scenario.writers.entries()) {
    start(async () => {
      for (const [number, errand] of errands.entries()) {
        await Promise.race([
          write(tableOf(`writer ${index + 1}.${number + 1}`, skewMs), errand),
          dead(schedule, number),
        ]);
      }
    });
  }
  const points = scenario.pullers.map((puller) => ({ ...puller, point: enforcementPoint() }));
  for (const { point, tenant, skews, limit, pulls } of points) {
    start(async () => {
      for (let done = 0; done < pulls; done += 1) {
        await pull(point, tenant, limit, skews[done % skews.length] ?? 0);
        for (let turns = 0; turns < 3; turns += 1) await turn();
      }
    });
  }
  start(async () => {
    for (const configuration of scenario.commits) {
      for (let turns = 0; turns < 12; turns += 1) await turn();
      current.set(acme, configuration);
      happened.push('committed');
    }
  });
  start(async () => {
    for (const move of scenario.moves) {
      await turn();
      await turn();
      clock += move;
      happened.push(`clock ${clock - noon}`);
    }
  });
  await schedule.run(async () => Promise.resolve());
  if (failures.length > 0) throw new AggregateError(failures, 'An actor failed.');

  quiet = true;
  clock += minutes(2);
  happened.push('quiet');
  for (const { point, tenant, skews, limit } of points) {
    for (let pulls = 0; (await pull(point, tenant, limit, skews[0])) === 'yes'; pulls += 1) {
      if (pulls > 200) throw new Error(`A puller never comes to an end, after:\n${happened.join('\n')}`);
    }
    const items = (await store.walk(tenant, { limit: Infinity })).items;
    for (const later of [0, 9, 11, 31, 60].map((after) => clock + minutes(after))) {
      const [kept, defined] = [point.tableAt(later), forwardingTable(items, configurationOf(tenant), later)];
      if (isDeepStrictEqual(sorted(kept), sorted(defined))) continue;
      throw new Error(
        `${tenant} ${later - clock}: keeps ${JSON.stringify(sorted(kept))}, not ${JSON.stringify(sorted(defined))}, after:\n${happened.join('\n')}`,
      );
    }
  }
  return happened;
}

const write = async (table: AuthenticationTable, { tenant, changes }: FeedErrand) => {
  await change(table, tenant, { changes, untilAt: Infinity });
};

/** Somebody else goes on where a function died. */
async function dead({ turn }: { turn: () => Promise<void> }, number: number) {
  for (let turns = 0; turns < 30 + number; turns += 1) await turn();
}

const orderOf = ({ notedAt, id }: { notedAt: number; id: string }) => `${stampPosition(notedAt)}#${id}`;
const sorted = (table: ReadonlyMap<string, unknown>) => [...table].sort(([one], [other]) => (one < other ? -1 : 1));
