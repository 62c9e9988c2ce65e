/** What the event log says of a feed as a whole: that it fails, that it is well again, that it lost too many at once. */
import { bareLine, type EventLine } from '../journal/event-line.ts';
import type { FeedFailure, HeldLoss, PolledFeed } from './feed.ts';

/** Told as often as one likes, each is one line. */
export const failsLine = (feed: PolledFeed, { since, code, message }: FeedFailure): EventLine => ({
  ...lineOf(feed, since),
  id: `${feed}-fails-${since}`,
  state: 'noted',
  code: 'feed-fails',
  message: `${message}${code === 'hosts-failed' ? '' : ' Nothing was changed by this poll'} (${code}).`,
});

export const recoveredLine = (feed: PolledFeed, { since }: FeedFailure, at: number): EventLine => ({
  ...lineOf(feed, at),
  id: `${feed}-recovered-${since}`,
  state: 'noted',
  code: 'feed-recovered',
  message: `The feed answers again. It had failed for ${minutesOf(at - since)}.`,
});

/** `off`: the feed was switched off, and has none of them any more for that reason. */
export const lossLine = (
  feed: PolledFeed,
  { pollId, lost, of }: HeldLoss,
  at: number,
  why: 'lost' | 'off',
): EventLine => ({
  ...lineOf(feed, at),
  id: `${pollId}-loss-${String(lost)}`,
  state: 'held-for-approval',
  code: 'feed-loss',
  message:
    why === 'off'
      ? `The feed is switched off, and ${lost} hosts are held by it: none of them is freed before that is approved.`
      : `${lost} of ${of} hosts have left the feed at once: none of them is freed before that is approved.`,
  eventId: pollId,
  flags: ['feed-loss'],
});

function minutesOf(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}

const lineOf = (feed: PolledFeed, at: number) =>
  ({
    ...bareLine,
    at,
    event: 'feed-poll',
    sender: { kind: 'feed', name: feed },
  }) satisfies Partial<EventLine>;
