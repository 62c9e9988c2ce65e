/**
 * How fast lines go out: in no second, wherever it begins, more than the limit. A receiver's clock seconds begin when its own
 * clock says, so what is bounded is every second that there is. What was sent is remembered by ticks, and is handed on to whoever
 * sends next. Times are epoch milliseconds of the sender's clock.
 */

/** What was sent lately, the oldest first. */
export type Sent = readonly SentTick[];

export interface SentTick {
  /** Begin of the tick. */
  readonly at: number;
  readonly lines: number;
}

/** What is remembered of a moment: lines of one tick are as if they had gone out at its end. */
const tickMs = 2;
/** A little more than a second, by which the network may bring lines closer together: a hundredth of what is allowed. */
const windowMs = 1_010;
/** Who knows nothing of what was sent and waits so long keeps to the limit all the same. */
export const forgottenMs = tickMs + windowMs;
/** A little more than the even pace of a second, so that what a late timer left undone is made good within it. */
const burstMs = 20;
const burstsInSecond = 40;
/** What a sender that woke up late makes good at once: a quarter of what a second has. */
const mostBursts = 10;

export interface Allowed {
  /** That may be sent now; 0: wait. */
  readonly lines: number;
  /** Until when nothing more may be sent. */
  readonly waitUntil: number;
}

/** `limit`: lines a second, 1 or more. */
export function allowedAt(sent: Sent, limit: number, now: number): Allowed {
  const recent = recentOf(sent, now);
  const before = recent.reduce((sum, { lines }) => sum + lines, 0);
  const oldest = recent[0];
  if (before >= limit && oldest) return { lines: 0, waitUntil: oldest.at + forgottenMs };
  const idleMs = now - (recent.at(-1)?.at ?? now);
  const bursts = Math.max(1, Math.min(mostBursts, Math.floor(idleMs / burstMs)));
  const burst = Math.ceil((limit * bursts) / burstsInSecond);
  const lately = recent.reduce((sum, { at, lines }) => (at + burstMs > now ? sum + lines : sum), 0);
  return { lines: Math.max(0, Math.min(limit - before, burst - lately)), waitUntil: now + tickMs };
}

/** `lines` were sent in the moment `now`. */
export function sentAt(sent: Sent, lines: number, now: number): Sent {
  const recent = recentOf(sent, now);
  const at = Math.floor(now / tickMs) * tickMs;
  const last = recent.at(-1);
  return last?.at === at ? [...recent.slice(0, -1), { at, lines: last.lines + lines }] : [...recent, { at, lines }];
}

/** A tick counts until the last of its lines is out of the window. */
const recentOf = (sent: Sent, now: number): Sent => sent.filter(({ at }) => at + forgottenMs > now);
