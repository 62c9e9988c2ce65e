/**
 * What a tenant's posts use up: how many came in the clock minute that is running, and how many addresses they have put
 * somebody at. Counted over all that runs at once by one write a post; whoever is over a limit is refused before anything
 * of the post is read, and what an environment knows to be full costs no write either.
 */
import type { LimitsOf } from '../tenancy/remembered-limits.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type Room, roomFor } from './room.ts';

export interface Used {
  /** The clock minute that posts are counted in, since 1970. */
  readonly minute: number;
  /** What posts of that minute count. */
  readonly units: number;
  /** Addresses that posts have put somebody at since all were counted. */
  readonly inserted: number;
  /** Addresses that had somebody when they were counted, and when that was, in epoch milliseconds. */
  readonly counted: number;
  readonly countedAt: number;
}

export interface UsageStore {
  /**
   * Adds to the minute if it is not full, and tells what is used then; a later minute than is told has begun by another's
   * clock. However large a post is, so that small ones before it cannot keep it out: a minute ends over its most by one at most.
   */
  readonly add: (
    tenant: TenantId,
    post: CountedPost,
  ) => Promise<{ readonly outcome: 'added' | 'full'; readonly used: Used }>;
  readonly insert: (tenant: TenantId, inserted: number) => Promise<void>;
  /** The right to count all entries, for whoever comes first while nobody has it and they are as they were counted last. */
  readonly claim: (
    tenant: TenantId,
    claim: { used: Used; now: number; untilAt: number },
  ) => Promise<'claimed' | 'refused'>;
  /** What was counted; `used.inserted` of what was inserted is in it. */
  readonly settle: (tenant: TenantId, count: { used: Used; counted: number; at: number }) => Promise<void>;
}

export interface CountedPost {
  readonly minute: number;
  readonly units: number;
  /** Where the minute is full. */
  readonly most: number;
  readonly inserted: number;
}

export interface CountPosts {
  readonly usage: UsageStore;
  readonly limitsOf: LimitsOf;
  /** How many addresses of a tenant have somebody. */
  readonly countEntries: (tenant: TenantId, now: number) => Promise<number>;
  readonly now: () => number;
  /** Hears of what could not be counted: the post is taken all the same. */
  readonly uncounted: (tenant: TenantId, error: unknown) => void;
}

export interface PostUsage {
  /** Throws `tenant-limit` where it is known already that the minute is full. Costs nothing. */
  readonly look: (tenant: TenantId) => Promise<void>;
  /** Counts a post, and says how many new entries there is room for. Throws `tenant-limit`. */
  readonly count: (tenant: TenantId, bytes: number) => Promise<Room>;
  /** Whether the receipt of a refused post of this credential and minute is kept. */
  readonly isTold: (post: RefusedPost) => 'told' | 'untold';
  /** Such a receipt is kept. */
  readonly tell: (post: RefusedPost) => void;
  /** Notes what was made of the room. Never fails. */
  readonly note: (tenant: TenantId, room: Room) => Promise<void>;
}

export interface RefusedPost {
  readonly tenant: TenantId;
  readonly credentialId: string;
  readonly receivedAt: number;
}

const minuteMs = 60_000;

/** A post of so much counts as one, one of twice as much as two: what it costs is the entries that it can hold. */
export const bytesPerUnit = 4_096;

export const unitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / bytesPerUnit));

/** So many are told with the next post; more are worth a write of their own. */
const mostCarried = 16;

/** All entries are counted no more often than this where the limit may be reached, and once a day otherwise. */
const recountMs = 60_000;
const agedMs = 24 * 60 * minuteMs;
const countingMs = 30_000;
/** What could not be counted is not tried again for so long: it cost what a count costs, and held up a post. */
const uncountableMs = 2 * minuteMs;

export function postUsage(deps: CountPosts): PostUsage {
  const { usage, limitsOf, countEntries, now, uncounted } = deps;
  const known = new Map<TenantId, Used>();
  const carried = new Map<TenantId, number>();
  /** The minute of each credential whose refusal was told last. */
  const told = new Map<string, number>();

  const carry = (tenant: TenantId, inserted: number) => {
    carried.set(tenant, (carried.get(tenant) ?? 0) + inserted);
  };

  async function limitsNow(tenant: TenantId) {
    const { postsPerMinute: most, entries } = await limitsOf(tenant);
    return { most, entries, minute: Math.floor(now() / minuteMs) };
  }

  function refuse(most: number, minute: number): never {
    const retryAfterSeconds = Math.max(1, Math.ceil(((minute + 1) * minuteMs - now()) / 1_000));
    throw new ServiceError(
      'tenant-limit',
      `The tenant has posted as much in this minute as it may: ${most} posts of up to ${bytesPerUnit / 1_024} kB, a larger one counts as several. Repeat the post when the minute is over, post less often with more in each, or ask the provider for a higher limit.`,
      { retryAfterSeconds },
    );
  }

  /** Who may use how much more; counts all entries first where that may matter. */
  async function roomLeft(tenant: TenantId, used: Used, most: number): Promise<number> {
    const isFull = used.counted + used.inserted >= most;
    const age = now() - used.countedAt;
    if (age < recountMs || (age < agedMs && !isFull)) return most - used.counted - used.inserted;
    const at = now();
    // Whoever is not first takes what comes meanwhile: what was counted last is too old to refuse anybody by.
    if ((await usage.claim(tenant, { used, now: at, untilAt: at + countingMs })) === 'refused') return Infinity;
    const outcome = await countEntries(tenant, at).then(
      (counted) => ({ counted, at }),
      (error: unknown) => {
        uncounted(tenant, error);
        // What was counted last goes on to hold, as if it had been counted at such a time that the next is due when it is to be.
        return { counted: used.counted + used.inserted, at: at + uncountableMs - recountMs };
      },
    );
    await usage.settle(tenant, { used, ...outcome });
    return most - outcome.counted;
  }

  async function counting(tenant: TenantId, bytes: number) {
    const { most, entries, minute } = await limitsNow(tenant);
    const units = unitsOf(bytes);
    const inserted = carried.get(tenant) ?? 0;
    carried.delete(tenant);
    const { outcome, used } = await usage.add(tenant, { minute, units, most, inserted }).catch((error: unknown) => {
      carry(tenant, inserted);
      throw error;
    });
    known.set(tenant, used);
    if (outcome === 'full') {
      carry(tenant, inserted);
      return refuse(most, used.minute);
    }
    return roomFor(await roomLeft(tenant, used, entries), entries);
  }

  return {
    async look(tenant) {
      const used = known.get(tenant);
      const { most, minute } = await limitsNow(tenant);
      if (used !== undefined && used.minute >= minute && used.units >= most) refuse(most, used.minute);
    },

    // A limit is there for the others' sake: where nothing can be counted, nobody is refused for it.
    count: async (tenant, bytes) =>
      counting(tenant, bytes).catch((error: unknown) => {
        if (error instanceof ServiceError && error.code === 'tenant-limit') throw error;
        uncounted(tenant, error);
        return roomFor(Infinity, Infinity);
      }),

    isTold: (post) => (told.get(credentialOf(post)) === minuteOf(post) ? 'told' : 'untold'),
    tell: (post) => void told.set(credentialOf(post), minuteOf(post)),

    async note(tenant, { taken }) {
      carry(tenant, taken());
      const inserted = carried.get(tenant) ?? 0;
      if (inserted < mostCarried) return;
      carried.delete(tenant);
      await usage.insert(tenant, inserted).catch((error: unknown) => uncounted(tenant, error));
    },
  };
}

const credentialOf = ({ tenant, credentialId }: RefusedPost) => `${tenant} ${credentialId}`;
const minuteOf = ({ receivedAt }: RefusedPost) => Math.floor(receivedAt / minuteMs);
