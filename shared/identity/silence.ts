/**
 * What becomes of the entries of a source from which nothing is heard any more. By default they expire as ever. `keep`:
 * what was live when it fell silent stays so while the silence lasts. `freeze`: timers stand still meanwhile, and go on
 * with what they had left. `fall-back`: its entries are passed over, and the next source in the order of the search
 * stands. Nothing is written when a source falls silent or is heard again: whoever reads judges by what was noted of it.
 */
import {
  type Configuration,
  type SilenceSetting,
  type SilenceSource,
  silenceSources,
} from '../configuration/configuration.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Listed } from './authentication-table.ts';
import { type Item, never } from './entry.ts';
import type { Reading, ReadingAt, Silence } from './reading.ts';
import { type SearchOrder, search, searchOrder } from './search.ts';
import { type Gap, shortestSilenceMs, type SourceHeard, type SourceHeardStore } from './source-heard.ts';

type Settings = Pick<Configuration, 'priorities' | 'clearpass' | 'whenSilent'>;

/** Every item is judged by our clock, and expires when its time is over. */
export const plainReading = (configuration: Pick<Configuration, 'priorities' | 'clearpass'>): ReadingAt =>
  plainly(searchOrder(configuration));

/** The same for whoever looks for nobody in particular. */
export const plainly =
  (order: SearchOrder = new Map()): ReadingAt =>
  (now) => ({
    now,
    order,
    clockOf: () => now,
    endOf: ({ expiresAt }) => expiresAt,
    silences: [],
    lastFreeze: undefined,
    silenceOf: () => undefined,
    silenceAt: () => undefined,
  });

/** How a tenant's entries are read; what was heard of its sources is looked up only if it makes a difference. */
export async function readingOf(
  sources: Pick<SourceHeardStore, 'read'>,
  tenant: TenantId,
  configuration: Settings,
): Promise<ReadingAt> {
  const plain = silenceSources.every((source) => configuration.whenSilent[source].action === 'expire');
  return plain ? plainReading(configuration) : heardReading(configuration, await sources.read(tenant));
}

export function heardReading(configuration: Settings, records: ReadonlyMap<SilenceSource, SourceHeard>): ReadingAt {
  const plain = plainReading(configuration);
  return (now) => {
    const told = silenceSources.map((source) => [source, silencesOf(source, configuration, records, now)] as const);
    const known = new Map(told.filter(([, silences]) => silences.length > 0));
    return known.size === 0 ? plain(now) : readingIn(known, configuration, plain(now));
  };
}

type Known = ReadonlyMap<string, readonly Silence[]>;

function readingIn(known: Known, configuration: Settings, plain: Reading): Reading {
  const { now } = plain;
  const lasting = [...known.values()].flat().filter(({ until }) => until === undefined);
  const [lastFreeze] = [...known.values()]
    .flat()
    .filter(({ action, until }) => action === 'freeze' && until !== undefined)
    .sort((one, other) => (other.until ?? now) - (one.until ?? now));
  const passedOver = lasting.filter(({ action }) => action === 'fall-back');
  const order = passedOver.length > 0 ? orderWithout(passedOver, configuration) : plain.order;

  /** Of a source the silences that lie in the life of an item, as long as the table remembers the item. */
  const silencesIn = ({ state, entry, deleteAt }: Item): readonly Silence[] =>
    state !== 'valid' || entry === undefined || now >= deleteAt * 1_000
      ? []
      : (known.get(entry.origin) ?? []).filter(({ until = now }) => until > entry.storedAt || until === now);

  const clockOf = (item: Item) => {
    const storedAt = item.entry?.storedAt ?? now;
    const silences = silencesIn(item);
    const last = silences.at(-1);
    if (last?.action === 'keep' && last.until === undefined) return Math.max(last.since, storedAt);
    return now - sum(silences.map((silence) => stoodStill(silence, { storedAt, now })));
  };
  const silenceOf = (item: Item) => {
    const last = silencesIn(item).at(-1);
    return last?.action === 'freeze' || last?.until === undefined ? last : undefined;
  };

  return {
    now,
    order,
    clockOf,
    silences: lasting,
    lastFreeze,
    silenceOf,
    endOf(item) {
      const waits = silenceOf(item) && item.expiresAt !== never;
      if (!waits) return item.expiresAt;
      const forgottenAt = item.deleteAt * 1_000;
      const ends = silenceOf(item)?.until !== undefined || silenceOf(item)?.action === 'fall-back';
      return ends ? Math.min(item.expiresAt + now - clockOf(item), forgottenAt) : forgottenAt;
    },
    silenceAt(slots: readonly Listed[]) {
      const [found] = search(slots, { order, clockOf });
      const [without] = search(slots, plain);
      const passed = without && without !== found ? silenceOf(without.item) : undefined;
      if (passed?.action === 'fall-back') return passed;
      // Found only because the sources that alone are consulted otherwise are silent.
      if (found && found !== without && !isReadBy(plain.order, found)) return passedOver[0];
      return found && silenceOf(found.item);
    },
  };
}

const isReadBy = (order: SearchOrder, { item: { entry } }: Listed) => entry === undefined || order.has(entry.origin);

const sum = (lengths: readonly number[]) => lengths.reduce((all, each) => all + each, 0);

/** For how long an item's timer stood still in a silence. */
function stoodStill({ action, since, until }: Silence, { storedAt, now }: { storedAt: number; now: number }): number {
  return action === 'freeze' ? Math.max(0, (until ?? now) - Math.max(since, storedAt)) : 0;
}

/** Whoever is believed alone, with user query on, is not while it is silent. */
function orderWithout(silences: readonly Silence[], configuration: Settings): SearchOrder {
  const gone = new Set<string>(silences.map(({ source }) => source));
  const { clearpass, priorities } = configuration;
  const isLifted = gone.has('aruba-clearpass') || gone.has('identity-management');
  const userQuery = isLifted ? { ...clearpass.userQuery, enabled: false } : clearpass.userQuery;
  const order = searchOrder({ priorities, clearpass: { ...clearpass, userQuery } });
  return new Map([...order].filter(([origin]) => !gone.has(origin)));
}

function silencesOf(
  source: SilenceSource,
  { whenSilent }: Settings,
  records: ReadonlyMap<SilenceSource, SourceHeard>,
  now: number,
): readonly Silence[] {
  const { [source]: setting } = whenSilent;
  const { action } = setting;
  const record = records.get(source);
  if (action === 'expire' || record === undefined) return [];
  const past = record.gaps.flatMap((gap) => {
    const since = silentFrom(gap, setting);
    return since < gap.to && gap.to <= now ? [{ source, action, since, until: gap.to }] : [];
  });
  const { lastHeardAt: from, usualGapMs } = record;
  const since = silentFrom({ from, ...(usualGapMs !== undefined && { usualMs: usualGapMs }) }, setting);
  return since <= now ? [...past, { source, action, since }] : past;
}

/** Where nobody said after how long: three times what was usual, and never where nothing was. */
function silentFrom({ from, usualMs = Infinity }: Omit<Gap, 'to'>, { afterMinutes }: SilenceSetting): number {
  return from + (afterMinutes === null ? Math.max(3 * usualMs, shortestSilenceMs) : afterMinutes * 60_000);
}
