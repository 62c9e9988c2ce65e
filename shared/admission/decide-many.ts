/**
 * Many approvals decided in one call: those that are named, or all that fit and are open, or were decided so and not seen
 * to. Each has its own outcome. Nobody is guessed: what may mean several devices is approved by itself.
 */
import { actOnEach, type Each, isUnfinished } from '../endpoints/many.ts';
import type { FeedName } from '../infected-hosts/host.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Approval, ApprovalReason } from './approval.ts';
import { approve, type Decided, type Deciding, reject, type Undecidable } from './decide-approval.ts';
import type { Arrival } from './event-lines.ts';

/** Decided in one call at most. */
export const mostDecided = 1_000;

export interface ApprovalFilter {
  readonly reason: ApprovalReason | null;
  readonly client: string | null;
  readonly feed: FeedName | null;
  /** Epoch milliseconds. */
  readonly openedBefore: number | null;
}

export interface ManyWanted {
  readonly decision: 'approve' | 'reject';
  readonly which: { readonly ids: readonly string[] } | { readonly ids?: never; readonly filter: ApprovalFilter };
  /** Epoch milliseconds: from then on no further one is begun. */
  readonly untilAt: number;
}

export interface DecidedOne {
  readonly id: string;
  readonly came: Each<Decided | Undecidable>;
}

export interface DecidedMany {
  readonly results: readonly DecidedOne[];
  /** `some`: the same call once more goes on where this one has ended. */
  readonly left: 'none' | 'some';
}

const pageSize = 200;

export async function decideMany(
  deps: Deciding,
  tenant: TenantId,
  by: Arrival,
  { decision, which, untilAt }: ManyWanted,
): Promise<DecidedMany> {
  const { ids, left } = which.ids ? { ids: [...new Set(which.ids)], left: 'none' as const } : await idsOf(deps, tenant, { decision, filter: which.filter, untilAt }); // prettier-ignore
  const settings = await deps.settingsOf(tenant);
  const once: Deciding = { ...deps, settingsOf: async () => Promise.resolve(settings) };
  const came = await actOnEach(ids, { now: deps.now, untilAt }, async (id) =>
    decision === 'approve' ? approve(once, tenant, id, by, 'only') : reject(once, tenant, id, by),
  );
  const results = came.map((each, at) => ({ id: ids[at] ?? '', came: each }));
  return { results, left: isUnfinished(came) ? 'some' : left };
}

interface Fitting extends Pick<ManyWanted, 'decision' | 'untilAt'> {
  readonly filter: ApprovalFilter;
}

/** Of all that fit, the first so many. */
async function idsOf(
  { approvals, now }: Deciding,
  tenant: TenantId,
  { decision, filter, untilAt }: Fitting,
): Promise<{ readonly ids: readonly string[]; readonly left: DecidedMany['left'] }> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    if (now() >= untilAt) return { ids, left: 'some' };
    const page = await approvals.list(tenant, { limit: pageSize, ...(after !== undefined && { after }) });
    ids.push(...page.approvals.filter((each) => isUndone(each, decision) && fits(each, filter)).map(({ id }) => id));
    if (ids.length > mostDecided) return { ids: ids.slice(0, mostDecided), left: 'some' };
    after = page.next;
  } while (after !== undefined);
  return { ids, left: 'none' };
}

/** A call that has failed midway, or whose worker was killed, is finished by the same once more. */
const isUndone = ({ state, settledAt }: Approval, decision: ManyWanted['decision']) =>
  state === 'open' || (settledAt === null && state === (decision === 'approve' ? 'approved' : 'rejected'));

function fits({ reason, subject, openedAt }: Approval, filter: ApprovalFilter): boolean {
  const client = subject.kind === 'message' ? subject.received.client : null;
  const feed = subject.kind === 'message' ? null : subject.feed;
  return (
    (filter.reason === null || reason === filter.reason) &&
    (filter.client === null || client === filter.client) &&
    (filter.feed === null || feed === filter.feed) &&
    (filter.openedBefore === null || openedAt < filter.openedBefore)
  );
}
