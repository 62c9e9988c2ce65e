/** What became of a post, in numbers and in words: for the answer that a few clients read, and for the receipt. */
import type { PostCounts, Receipt, Remark } from '../journal/receipt.ts';
import { type ServiceError, statuses } from '../service-error.ts';
import type { Outcome } from './advance.ts';
import type { Observation } from './observation.ts';
import type { Post } from './post-entries.ts';

/** An entry of a post, as it was understood. */
export interface Told {
  readonly line: number;
  readonly column: number;
  /** Absent where the entry is refused. */
  readonly observation?: Observation;
  readonly fault?: Remark;
  readonly notes: readonly Remark[];
  readonly skewMs?: number;
}

/** `unfinished`: what was stored stays, and the post may be repeated as it is. */
export interface PostResult {
  readonly status: Receipt['status'] | 'unfinished';
  readonly receiptId: string;
  readonly counts: PostCounts;
  /** All there is to say: first what was refused, then what was stored otherwise than it was sent or not at all. */
  readonly remarks: readonly Remark[];
}

const remarksKept = 10;

const remarkable: Partial<Record<Outcome | 'busy', (ip: string) => string>> = {
  stale: (ip) => `Something newer is known of ${ip}. Nothing needs to be mended if posts may overtake each other.`,
  barred: (ip) => `A newer logoff of this user at ${ip} is known, so the logon is remembered but nobody is logged on.`,
  'other-user': (ip) => `Somebody else is logged on at ${ip} now; the logoff is remembered, but it ends nothing.`,
  'other-source': (ip) =>
    `What is known of ${ip} now another source told; the logoff is remembered, but it ends nothing.`,
  busy: (ip) => `${ip} could not be changed in time. Repeat the post.`,
};
const codes: Partial<Record<Outcome | 'busy', string>> = {
  barred: 'ended-by-newer-logoff',
  'other-user': 'logoff-other-user',
  'other-source': 'logoff-other-source',
};

/** `outcomes` are those of the entries in turn, undefined where an entry was refused. */
export function summarise(
  told: readonly Told[],
  outcomes: readonly (Outcome | 'busy' | undefined)[],
  receiptId: string,
): PostResult {
  const count = (...wanted: (Outcome | 'busy' | undefined)[]) =>
    outcomes.filter((each) => wanted.includes(each)).length;
  const counts = {
    entries: told.length,
    stored: count('stored', 'ended', 'remembered', 'other-user', 'other-source'),
    replayed: count('replayed'),
    stale: count('stale', 'barred'),
    changed: told.filter(({ observation, notes }) => observation !== undefined && notes.length > 0).length,
    refused: count(undefined),
  };
  const remarks = [
    ...told.flatMap(({ fault }) => fault ?? []),
    ...told.flatMap((each, index) => [...each.notes, ...remarkOf(each, outcomes[index])]),
  ];
  return { status: statusOf(counts, count('busy')), receiptId, counts, remarks };
}

function statusOf({ entries, refused }: PostCounts, unfinished: number): PostResult['status'] {
  if (unfinished > 0) return 'unfinished';
  if (refused === 0) return 'accepted';
  return refused === entries ? 'refused' : 'partial';
}

function remarkOf({ line, column, observation }: Told, outcome: Outcome | 'busy' | undefined): Remark[] {
  const say = outcome && remarkable[outcome];
  if (outcome === undefined || say === undefined || observation === undefined) return [];
  return [{ code: codes[outcome] ?? outcome, message: say(observation.ip), line, column }];
}

export const httpStatuses = { accepted: 200, partial: 200, refused: 400, unfinished: 503 } as const;

export function receiptOf(post: Post, told: readonly Told[], { status, counts, remarks }: PostResult): Receipt {
  const failure = { refused: 'no-entry-stored', unfinished: 'busy', accepted: undefined, partial: undefined }[status];
  const skew = skewOf(told);
  return {
    ...about(post),
    status: status === 'unfinished' ? 'partial' : status,
    httpStatus: httpStatuses[status],
    counts,
    remarks: remarks.slice(0, remarksKept),
    ...(failure !== undefined && { code: failure }),
    ...(skew !== undefined && { clockSkewMs: skew }),
  };
}

/** The receipt of a post that was refused before anything in it was looked at. */
export function refusalOf(post: Post, { code, message, details: { line, column } }: ServiceError): Receipt {
  const remarks = line !== undefined && column !== undefined ? [{ code, message, line, column }] : [];
  return { ...about(post), status: 'refused', httpStatus: statuses[code], code, message, remarks };
}

const about = ({ requestId, credentialId, credentialName, clientAddress, body, receivedAt }: Post) => ({
  id: requestId,
  kind: 'post' as const,
  at: receivedAt,
  credentialId,
  credentialName,
  clientAddress,
  bytes: body.length,
});

/** The entry sent last tells best how far the sender's clock is off: the others may tell of sessions long begun. */
function skewOf(told: readonly Told[]): number | undefined {
  const skews = told.flatMap(({ skewMs }) => skewMs ?? []);
  return skews.length > 0 ? Math.max(...skews) : undefined;
}
