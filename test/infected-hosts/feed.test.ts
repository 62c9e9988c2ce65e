import { claimed, failedPoll, goodPoll, isDue, lossAfter, noFeedState } from '../../shared/infected-hosts/feed.ts';
import { minutes, noon } from '../support/observations.ts';

const poll = { startedAt: noon, pollMinutes: 10 };
const counts = { listed: 3, acted: 2, unmanaged: 1, held: 0, silenced: 0, known: 3 };
const told = { counts, lossHeld: null, rest: 'none', failure: null } as const;
const fault = { code: 'server-failed', message: 'It failed.', now: noon + 2_000 };

test('a feed that was never asked is due, and one that is being asked is not until its worker must have ended', () => {
  const asked = claimed(noFeedState, { id: 'one', untilAt: noon + 30_000 }, 'poll-1');

  expect(isDue(noFeedState, noon)).toBe(true);
  expect(isDue(asked, noon + 29_999)).toBe(false);
  expect(isDue(asked, noon + 30_000)).toBe(true);
});

test('a good poll counts from when it began; what there was no time for is seen to a minute later', () => {
  const good = goodPoll(noFeedState, poll, told);

  expect(good).toMatchObject({ lease: null, lastPollAt: noon, lastGoodPollAt: noon, failure: null, counts });
  expect(isDue(good, noon + minutes(10) - 1)).toBe(false);
  expect(isDue(good, noon + minutes(10))).toBe(true);
  expect(goodPoll(noFeedState, poll, { ...told, rest: 'some' }).nextPollAt).toBe(noon + minutes(1));
});

test('a poll that fails keeps what the last good one said, and since when it fails', () => {
  const good = goodPoll(noFeedState, poll, told);
  const failed = failedPoll(good, { ...poll, startedAt: noon + minutes(10) }, { ...fault, now: noon + minutes(10) });
  const again = failedPoll(failed, { ...poll, startedAt: noon + minutes(15) }, { ...fault, code: 'redirected', now: noon + minutes(15) }); // prettier-ignore

  expect(failed).toMatchObject({ counts, lastGoodPollAt: noon, lastPollAt: noon + minutes(10), lease: null });
  expect(failed.nextPollAt).toBe(noon + minutes(15));
  expect(again.failure).toEqual({ since: noon + minutes(10), code: 'redirected', message: 'It failed.' });
});

test('a feed that says how long it wants to be left alone is, counted from its answer', () => {
  expect(failedPoll(noFeedState, poll, { ...fault, retryAfterMs: minutes(30) }).nextPollAt).toBe(noon + 2_000 + minutes(30)); // prettier-ignore
  expect(failedPoll(noFeedState, poll, { ...fault, retryAfterMs: 1_000 }).nextPollAt).toBe(noon + minutes(5));
});

test('a loss is one question as long as it does not grow; one that grows beyond what was approved waits anew', () => {
  const first = lossAfter(null, { lost: 12, of: 20 }, { pollId: 'poll-1', startedAt: noon });
  const approved = { ...first, approvedAt: noon + 1 };
  const next = { pollId: 'poll-2', startedAt: noon + minutes(5) };

  expect(first).toEqual({ since: noon, pollId: 'poll-1', lost: 12, of: 20, approvedAt: null, rejectedAt: null });
  expect(lossAfter(approved, { lost: 11, of: 20 }, next)).toBe(approved);
  expect(lossAfter(approved, { lost: 20, of: 20 }, next)).toEqual({
    ...{ since: noon, pollId: 'poll-2', lost: 20, of: 20, approvedAt: null, rejectedAt: null },
  });
});

test('a poll keeps its id until all of it has been done, also where its worker was ended midway', () => {
  const first = claimed(noFeedState, { id: 'one', untilAt: noon }, 'poll-1');
  const killed = claimed(first, { id: 'two', untilAt: noon }, 'poll-2');
  const partly = goodPoll(killed, poll, { ...told, rest: 'some' });
  const whole = goodPoll(claimed(partly, { id: 'three', untilAt: noon }, 'poll-3'), poll, told);

  expect([first, killed, partly].map(({ unfinished }) => unfinished)).toEqual(['poll-1', 'poll-1', 'poll-1']);
  expect(whole.unfinished).toBeNull();
  expect(claimed(whole, { id: 'four', untilAt: noon }, 'poll-4').unfinished).toBe('poll-4');
});

test('a list that was good fails where some of its hosts did, since the first such, and is tried again in five minutes', () => {
  const failure = { code: 'hosts-failed', message: 'One did.' };
  const first = goodPoll(noFeedState, poll, { ...told, failure });
  const again = goodPoll(first, { ...poll, startedAt: noon + minutes(5) }, { ...told, failure });

  expect(first).toMatchObject({ lastGoodPollAt: noon, nextPollAt: noon + minutes(5) });
  expect(again.failure).toEqual({ since: noon, ...failure });
});
