/** How a feed that we ask is: when it was asked, what came of it, and when it may be asked again. */
import type { TenantId } from '../tenancy/tenant.ts';
import type { FeedName } from './host.ts';

/** The feeds that are asked; what others push has no state. */
export type PolledFeed = Exclude<FeedName, 'api'>;

export interface FeedState {
  /** Who asks it now. One that was ended in between has it until then, and no longer. */
  readonly lease: { readonly id: string; readonly untilAt: number } | null;
  /** No poll begins before this. */
  readonly nextPollAt: number;
  readonly lastPollAt: number | null;
  readonly lastGoodPollAt: number | null;
  /** Why it fails; null: the last poll was good. */
  readonly failure: FeedFailure | null;
  readonly counts: FeedCounts;
  readonly lossHeld: HeldLoss | null;
  /** Id of a poll that has begun, and of which it is not known that all was done: the next goes on under it. Null: all was. */
  readonly unfinished: string | null;
}

export interface FeedFailure {
  /** The first poll in a row that failed. */
  readonly since: number;
  readonly code: string;
  /** A sentence: what happened, and how to mend it. */
  readonly message: string;
}

/** By the last good poll. */
export interface FeedCounts {
  readonly listed: number;
  /** Those that a connector was told of. */
  readonly acted: number;
  /** Those that would be acted on, if a connector had their address. */
  readonly unmanaged: number;
  /** Those that a guard holds back. */
  readonly held: number;
  /** Those that an operator has let go. */
  readonly silenced: number;
  /** All hosts that stand in its name, listed by that poll or not yet gone. */
  readonly known: number;
}

/** Hosts that a poll has lost all at once: none of them is freed before somebody approves. It ends once all are back. */
export interface HeldLoss {
  readonly since: number;
  /** Of the poll that lost the last of them: what the approval names. */
  readonly pollId: string;
  readonly lost: number;
  /** Of so many. */
  readonly of: number;
  /** When an operator said that it is as it is. */
  readonly approvedAt: number | null;
  /** When one said that it is not: of these nobody is freed, and others go by the rules again. It may be approved later. */
  readonly rejectedAt: number | null;
}

export const noFeedState: FeedState = {
  lease: null,
  nextPollAt: 0,
  lastPollAt: null,
  lastGoodPollAt: null,
  failure: null,
  counts: { listed: 0, acted: 0, unmanaged: 0, held: 0, silenced: 0, known: 0 },
  lossHeld: null,
  unfinished: null,
};

export type FeedRevision = string & { readonly brand: 'FeedRevision' };

export interface StoredFeed {
  readonly state: FeedState;
  readonly revision: FeedRevision;
}

export interface FeedStore {
  /** Strongly consistent. */
  readonly read: (tenant: TenantId, feed: PolledFeed) => Promise<StoredFeed | undefined>;
  /** If it is still as it was read. */
  readonly replace: (tenant: TenantId, feed: PolledFeed, state: FeedState, read: StoredFeed | undefined) => Promise<'replaced' | 'conflict'>; // prettier-ignore
}

const minuteMs = 60_000;

/** A feed that fails is asked again so soon, however seldom it is asked else. */
const retryMinutes = 5;

/** Whether a poll may begin at this moment. */
export const isDue = ({ lease, nextPollAt }: FeedState, now: number): boolean =>
  nextPollAt <= now && (lease === null || lease.untilAt <= now);

export type ClaimedFeed = FeedState & { readonly unfinished: string };

/** `pollId`: of a poll that begins anew. */
export const claimed = (
  state: FeedState,
  lease: { readonly id: string; readonly untilAt: number },
  pollId: string,
): ClaimedFeed => ({ ...state, lease, unfinished: state.unfinished ?? pollId });

/** One that is switched off is of no interest, unless there are hosts in its name, or a poll was ended midway. */
export const hasHosts = ({ counts, unfinished }: FeedState): boolean => counts.known > 0 || unfinished !== null;

export interface Poll {
  readonly startedAt: number;
  readonly pollMinutes: number;
}

/** A poll that failed changes nothing but this. */
export function failedPoll(
  state: FeedState,
  { startedAt, pollMinutes }: Poll,
  {
    code,
    message,
    retryAfterMs = 0,
    now,
  }: Omit<FeedFailure, 'since'> & { readonly retryAfterMs?: number | undefined; readonly now: number },
): FeedState {
  const again = startedAt + Math.min(pollMinutes, retryMinutes) * minuteMs;
  return {
    ...state,
    lease: null,
    lastPollAt: startedAt,
    nextPollAt: Math.max(again, now + retryAfterMs),
    failure: { since: state.failure?.since ?? startedAt, code, message },
  };
}

/**
 * `rest`: hosts that there was no time for; the next poll, a minute later, sees to them. `failure`: hosts that could not be
 * seen to, though the list was good.
 */
export function goodPoll(
  before: FeedState,
  { startedAt, pollMinutes }: Poll,
  {
    counts,
    lossHeld,
    rest,
    failure,
  }: Pick<FeedState, 'counts' | 'lossHeld'> & { readonly rest: 'none' | 'some'; readonly failure: Omit<FeedFailure, 'since'> | null }, // prettier-ignore
): FeedState {
  const again = rest === 'some' ? 1 : failure ? Math.min(pollMinutes, retryMinutes) : pollMinutes;
  return {
    lease: null,
    lastPollAt: startedAt,
    lastGoodPollAt: startedAt,
    nextPollAt: startedAt + again * minuteMs,
    failure: failure && { since: before.failure?.since ?? startedAt, ...failure },
    counts,
    lossHeld,
    unfinished: rest === 'some' ? before.unfinished : null,
  };
}

/** What becomes of a loss that a poll still finds: one that grows beyond what was asked about waits anew. */
export function lossAfter(
  before: HeldLoss | null,
  loss: { readonly lost: number; readonly of: number },
  { pollId, startedAt }: { readonly pollId: string; readonly startedAt: number },
): HeldLoss {
  if (before !== null && loss.lost <= before.lost) return before;
  return { since: before?.since ?? startedAt, pollId, lost: loss.lost, of: loss.of, approvedAt: null, rejectedAt: null }; // prettier-ignore
}

/** Nobody has said yet whether it is to be believed. */
export const isUndecided = ({ approvedAt, rejectedAt }: HeldLoss): boolean =>
  approvedAt === null && rejectedAt === null;
