/**
 * Senders: who posts to a tenant, and whether it is well with them. A sender is a credential: that is all that is known
 * of every post, also of one that could not be read. The commonest client never looks at an answer, so a sender that is
 * refused believes that all is well: it is *deaf*, and somebody else must notice. So must they when one falls silent.
 */
import type { TenantId } from '../tenancy/tenant.ts';

/** What a sender did, as its statistics hear of it. */
export interface SenderNews {
  readonly credentialId: string;
  readonly credentialName: string;
  readonly clientAddress: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly outcome: 'accepted' | 'refused';
  /** Why it was refused. */
  readonly code?: string;
  /** What its entries name as their source. */
  readonly source?: string;
  readonly skewMs?: number;
}

export interface Sender {
  readonly credentialId: string;
  readonly credentialName: string;
  /** Of what it sent last. */
  readonly clientAddress: string;
  readonly source?: string;
  /** About how much it has sent: what an environment of ours had not yet told when it ended is missing. */
  readonly sent: number;
  readonly refused: number;
  readonly lastAt: number;
  readonly acceptedAt?: number;
  readonly refusal?: { readonly at: number; readonly code: string };
  /** What was refused since something was last accepted. */
  readonly row?: { readonly count: number; readonly since: number; readonly firstCode: string };
  /** When it began to send, the newest first: what comes within a minute of such a beginning belongs to it. */
  readonly beganAt: readonly number[];
  /** How far its clock was ahead of ours, the newest first. */
  readonly skewsMs: readonly number[];
}

export interface SenderStore {
  /**
   * Never fails, and answers how much in a row was refused by now. Accepted posts that follow each other within seconds
   * may be noted together; a refusal is noted at once.
   */
  note(tenant: TenantId, news: SenderNews): Promise<{ readonly refusedInARow: number }>;
  /** All senders of a tenant that sent anything within ninety days. */
  all(tenant: TenantId, now: number): Promise<readonly Sender[]>;
}

export const beginningsKept = 16;
export const skewsKept = 5;
/** A burst of posts is one beginning, however many there are. */
export const beginningMs = 60_000;

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** So much in a row is no accident; nor is less that goes on for ten minutes. */
const rowOfDeaf = 5;
const shortRowOfDeaf = 2;
const longRowMs = 10 * minuteMs;
/** Who was refused and then sent nothing for a day is not deaf any more, but silent. */
const deafForMs = dayMs;
const gapsOfSilence = 3;
const fewestGaps = 2;
const skewTolerated = 60_000;

export type Concern = 'deaf' | 'silent' | 'clock-off';

/** So long it is news that one is silent. */
const silenceIsNewsMs = 60 * minuteMs;

export interface SenderHealth {
  readonly concerns: readonly Concern[];
  /** Absent while too little is known. */
  readonly usualGapMs?: number;
  readonly silentForMs: number;
  /** Whether it fell silent within the hour. */
  readonly silence?: 'new' | 'old';
  readonly lastSkewMs?: number;
  readonly typicalSkewMs?: number;
}

export function healthOf(sender: Sender, now: number): SenderHealth {
  const usualGapMs = usualGapOf(sender.beganAt);
  const silentForMs = Math.max(0, now - sender.lastAt);
  const [lastSkewMs] = sender.skewsMs;
  const typicalSkewMs = medianOf(sender.skewsMs);
  const isSilent = usualGapMs !== undefined && silentForMs >= gapsOfSilence * usualGapMs;
  // Whoever has sent nothing for a day may be gone, and would be a concern for the rest of the ninety days that it is known.
  const isOff = silentForMs < dayMs && typicalSkewMs !== undefined && Math.abs(typicalSkewMs) > skewTolerated;
  return {
    concerns: [
      ...(isDeaf(sender, now) ? (['deaf'] as const) : []),
      ...(isSilent ? (['silent'] as const) : []),
      ...(isOff ? (['clock-off'] as const) : []),
    ],
    ...(usualGapMs !== undefined && { usualGapMs }),
    silentForMs,
    ...(isSilent && { silence: silentForMs < gapsOfSilence * usualGapMs + silenceIsNewsMs ? 'new' : 'old' }),
    ...(lastSkewMs !== undefined && { lastSkewMs }),
    ...(typicalSkewMs !== undefined && { typicalSkewMs }),
  };
}

function isDeaf({ row, refusal }: Sender, now: number): boolean {
  if (row === undefined || refusal === undefined || now - refusal.at >= deafForMs) return false;
  return row.count >= rowOfDeaf || (row.count >= shortRowOfDeaf && refusal.at - row.since >= longRowMs);
}

/**
 * The gap that four of five of the last ones were not longer than: one night without posts does not make a sender slow,
 * and a burst is one beginning. Never less than a minute.
 */
function usualGapOf(beganAt: readonly number[]): number | undefined {
  const gaps = beganAt.slice(1).map((at, index) => (beganAt[index] ?? at) - at).sort((one, other) => one - other); // prettier-ignore
  if (gaps.length < fewestGaps) return undefined;
  return Math.max(beginningMs, gaps[Math.ceil(gaps.length * 0.8) - 1] ?? 0);
}

function medianOf(values: readonly number[]): number | undefined {
  return [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) / 2)];
}
