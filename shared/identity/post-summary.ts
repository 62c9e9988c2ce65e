/** What became of a post, in numbers and in words: for the answer that a few clients read, and for the receipt. */
import { type Remarked, asRemark } from '../journal/leave-receipt.ts';
import { type PostCounts, type Receipt, receiptIdOf, remarksShown, type Remark } from '../journal/receipt.ts';
import { type ServiceError, statuses } from '../service-error.ts';
import type { Outcome } from './advance.ts';
import type { IpAddress } from './address.ts';
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
  /** Whom a refused entry is about, where that can be read. */
  readonly ip?: IpAddress;
  readonly user?: string;
  readonly source?: string;
  readonly skewMs?: number;
}

/** `unfinished`: what was stored stays, and the post may be repeated as it is. */
export interface PostResult {
  readonly status: Receipt['status'] | 'unfinished';
  readonly receiptId: string;
  readonly counts: PostCounts;
  /** All there is to say: first what was refused, then what was stored otherwise than it was sent or not at all. */
  readonly remarks: readonly Remarked[];
}

const sourcesShown = 5;

const remarkable: Partial<Record<Outcome | 'busy', (ip: string) => string>> = {
  stale: (ip) => `Something newer is known of ${ip}. Nothing needs to be mended if posts may overtake each other.`,
  barred: (ip) => `A newer logoff of this user at ${ip} is known, so the logon is remembered but nobody is logged on.`,
  'other-user': (ip) => `Somebody else is logged on at ${ip} now; the logoff is remembered, but it ends nothing.`,
  'other-source': (ip) =>
    `What is known of ${ip} now another source told; the logoff is remembered, but it ends nothing.`,
  'no-room': (ip) =>
    `Nobody new is taken at ${ip}: the tenant has as many entries as it may. Have entries that nobody needs ended, or ask the provider for a higher limit.`,
  busy: (ip) => `${ip} could not be changed in time. Repeat the post.`,
};
const codes: Partial<Record<Outcome | 'busy', string>> = {
  barred: 'ended-by-newer-logoff',
  'other-user': 'logoff-other-user',
  'other-source': 'logoff-other-source',
  'no-room': 'entry-limit',
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
    stored: count(...storing),
    replayed: count('replayed'),
    stale: count('stale', 'barred', 'outranked'),
    changed: told.filter(({ notes }, index) => notes.length > 0 && storing.has(outcomes[index])).length,
    refused: count(undefined, 'no-room'),
    busy: count('busy'),
  };
  const about = (index: number, remark: Remark): Remarked => {
    const { observation, ip = observation?.ip, user = observation?.user } = told[index] ?? {};
    const whom = { ...(ip !== undefined && { ip }), ...(user !== undefined && { user }) };
    return { entry: index + 1, ...remark, ...whom, ...(outcomes[index] === 'replayed' && { repeated: 'repeated' }) };
  };
  const remarks = [
    ...told.flatMap(({ fault }, index) => (fault ? about(index, fault) : [])),
    ...told.flatMap((each, index) =>
      [...each.notes, ...remarkOf(each, outcomes[index])].map((remark) => about(index, remark)),
    ),
  ];
  return { status: statusOf(counts), receiptId, counts, remarks };
}

const storing = new Set<Outcome | 'busy' | undefined>(['stored', 'ended', 'remembered', 'other-user', 'other-source']);

function statusOf({ entries, refused, busy }: PostCounts): PostResult['status'] {
  if (busy > 0) return 'unfinished';
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
  const sources = new Set(told.flatMap(({ source }) => source ?? []));
  return {
    ...about(post),
    status: status === 'unfinished' ? 'partial' : status,
    sources: [...sources].slice(0, sourcesShown),
    httpStatus: httpStatuses[status],
    counts,
    remarks: remarks.slice(0, remarksShown).map(asRemark),
    remarkCounts: countsOf(remarks),
    remarksLeftOut: 0,
    storyLeftOut: 0,
    ...(failure !== undefined && { code: failure }),
    ...(skew !== undefined && { clockSkewMs: skew }),
  };
}

/** The receipt of a post that was refused before anything in it was looked at. */
export function refusalOf(post: Post, { code, message, details: { line, column } }: ServiceError): Receipt {
  // Of a flood one post a minute and credential is told of.
  const limited = code === 'tenant-limit' && { id: limitReceiptIdOf(post) };
  const remarks = line !== undefined && column !== undefined ? [{ code, message, line, column }] : [];
  const told = { code, message, remarks, remarkCounts: countsOf(remarks), remarksLeftOut: 0, storyLeftOut: 0 };
  return { ...about(post), ...limited, status: 'refused', sources: [], httpStatus: statuses[code], ...told };
}

function countsOf(remarks: readonly Remark[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { code } of remarks) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

/** The receipt of all posts of a credential that its tenant's limit refused within a minute. */
export const limitReceiptIdOf = ({ receivedAt, credentialId }: Pick<Post, 'receivedAt' | 'credentialId'>): string =>
  receiptIdOf(receivedAt - (receivedAt % 60_000), `limit of ${credentialId}`);

const about = ({ requestId, credentialId, credentialName, clientAddress, body, receivedAt }: Post) => ({
  id: receiptIdOf(receivedAt, requestId),
  requestId,
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
