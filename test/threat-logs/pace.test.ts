import fc from 'fast-check';
import { allowedAt, type Sent, sentAt } from '../../shared/threat-logs/pace.ts';

/** Sends as much as it may for so long, and is late by these each time; when each line went out. */
function sending(limit: number, { forMs, late }: { forMs: number; late: readonly number[] }): number[] {
  const times: number[] = [];
  let sent: Sent = [];
  let turn = 0;
  for (let now = 0.5; now < forMs; turn += 1) {
    const { lines, waitUntil } = allowedAt(sent, limit, now);
    if (lines > 0) {
      sent = sentAt(sent, lines, now);
      for (let line = 0; line < lines; line += 1) times.push(now);
    }
    now = Math.max(now, waitUntil) + (late[turn % late.length] ?? 0);
  }
  return times;
}

/** The most in any second. */
function mostInASecond(times: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (const [index, at] of times.entries()) {
    while ((times[first] ?? at) <= at - 1_000) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

const limits = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 3_000 }));

test('no second has more than the limit, wherever it begins and however late timers are', () => {
  fc.assert(
    fc.property(limits, fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { minLength: 1 }), (limit, late) => {
      expect(mostInASecond(sending(limit, { forMs: 5_000, late }))).toBeLessThanOrEqual(limit);
    }),
    { numRuns: 200 },
  );
});

const punctual = [0, 1, 3, 8];
const late = [150, 0, 90];

test.each([
  { limit: 1, timers: punctual, part: 0.98 },
  { limit: 7, timers: punctual, part: 0.98 },
  { limit: 100, timers: punctual, part: 0.98 },
  { limit: 1_000, timers: punctual, part: 0.98 },
  { limit: 65_535, timers: punctual, part: 0.98 },
  { limit: 100, timers: late, part: 0.9 },
  { limit: 65_535, timers: late, part: 0.9 },
])(
  'of $limit a second at least $part go out while there is as much, with timers that are late by $timers ms',
  ({ limit, timers, part }) => {
    const seconds = 20;

    const times = sending(limit, { forMs: seconds * 1_000, late: timers });

    expect(times.length).toBeGreaterThanOrEqual(limit * seconds * part - 1);
  },
);

test('who goes on where another stopped keeps what the other sent', () => {
  const sent = sentAt(sentAt([], 60, 10), 40, 500);

  expect(allowedAt(sent, 100, 999)).toEqual({ lines: 0, waitUntil: 10 + 2 + 1_010 });
  expect(allowedAt(sent, 100, 1_025).lines).toBe(25);
  expect(allowedAt(sent, 100, 3_000).lines).toBe(3);
});

test('what is remembered stays small', () => {
  let sent: Sent = [];
  for (let now = 0; now < 10_000; now += 1) sent = sentAt(sent, 1, now);

  expect(sent.length).toBeLessThan(600);
});
