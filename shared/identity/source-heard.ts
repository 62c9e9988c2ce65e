/** When a source was heard, and when it was not: what tells whether it has gone silent, now or before. */
import type { SilenceSource } from '../configuration/configuration.ts';
import type { TenantId } from '../tenancy/tenant.ts';

export interface SourceHeard {
  /** Epoch milliseconds: when something that it told was last accepted. */
  readonly lastHeardAt: number;
  /** The usual time between two such moments; absent until there were two. */
  readonly usualGapMs?: number;
  /** Longer times without a word, the oldest first: as far back as an entry may still depend on them. */
  readonly gaps: readonly Gap[];
}

export interface Gap {
  readonly from: number;
  readonly to: number;
  /** What was usual until then. */
  readonly usualMs?: number;
}

export interface SourceHeardStore {
  /** What was heard of each source. */
  readonly read: (tenant: TenantId) => Promise<ReadonlyMap<SilenceSource, SourceHeard>>;
  /** Notes that a source was heard. Never fails: what it told is stored, whether or not that can be noted. */
  readonly note: (tenant: TenantId, source: SilenceSource, at: number) => Promise<void>;
}

/** A moment so soon after the last is the same one. */
export const sameMomentMs = 15_000;

/** No silence is shorter, so no gap that is needs to be known. */
export const shortestSilenceMs = 60_000;

/** An entry lasts a day at most, unless it lasts for ever, and is remembered for a day after that. */
const rememberedMs = 48 * 60 * 60 * 1_000;
const mostGaps = 100;

/** How much of the average the newest gap is; one that is no usual one at all counts as three of them. */
const newestWeight = 1 / 8;

/** What is known once a source is heard at a moment; the same object where that tells nothing new. */
export function heard(before: SourceHeard | undefined, at: number): SourceHeard {
  if (before === undefined) return { lastHeardAt: at, gaps: [] };
  const { lastHeardAt, usualGapMs, gaps } = before;
  const gap = at - lastHeardAt;
  if (gap < sameMomentMs) return before;
  const usual = usualGapMs ?? gap;
  const remembered = gaps.filter(({ to }) => to > at - rememberedMs);
  const long = { from: lastHeardAt, to: at, ...(usualGapMs !== undefined && { usualMs: usualGapMs }) };
  return {
    lastHeardAt: at,
    usualGapMs: Math.round(usual + (Math.min(gap, 3 * usual) - usual) * newestWeight),
    gaps: bounded(gap >= shortestSilenceMs ? [...remembered, long] : remembered),
  };
}

/** Of too many the shortest are forgotten: they matter least. */
function bounded(gaps: readonly Gap[]): readonly Gap[] {
  if (gaps.length <= mostGaps) return gaps;
  const longest = gaps.toSorted((one, other) => other.to - other.from - (one.to - one.from)).slice(0, mostGaps);
  return gaps.filter((gap) => longest.includes(gap));
}

export type Hear = (tenant: TenantId, source: SilenceSource, at: number) => Promise<void>;

/** Notes a source at most once a moment for as long as the environment lives, however many posts bring its word. */
export function hearing(store: Pick<SourceHeardStore, 'note'>): Hear {
  const noted = new Map<string, number>();
  return async (tenant, source, at) => {
    const name = `${tenant} ${source}`;
    if (at - (noted.get(name) ?? -Infinity) < sameMomentMs) return;
    noted.set(name, at);
    await store.note(tenant, source, at);
  };
}
