/**
 * Asks ATP Cloud for its list, holds what is known against it, and has done what follows. A poll that fails changes
 * nothing but what is told of the feed. One worker asks at a time; what it has no time for is done by the next poll, under
 * the same id, as whatever was done already is not there to be done again. A feed that is switched off lists nobody, and
 * is doubted: an operator says whether those that it had are let go.
 */
import type { AtpCloud } from '../configuration/threat-response.ts';
import type { TraceStore } from '../endpoints/traces.ts';
import type { IpAddress } from '../identity/address.ts';
import type { Measure } from '../journal/measure.ts';
import { formerSecrets, type SecretOpener, type SecretReference } from '../outbound/secrets.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { actOnHost, type ActOnHosts, type HostSender } from './act-on-host.ts';
import type { AtpCloudSettings, FeedAnswer } from './asked-feed.ts';
import { type FeedList, readFeed } from './feed-answer.ts';
import { hostsFailedSentence, pollFailureSentence } from './feed-failures.ts';
import { failsLine, lossLine, recoveredLine } from './feed-lines.ts';
import {
  claimed,
  type ClaimedFeed,
  failedPoll,
  type FeedCounts,
  type FeedFailure,
  type FeedState,
  type FeedStore,
  goodPoll,
  hasHosts,
  type HeldLoss,
  isDue,
  isUndecided,
  lossAfter,
  noFeedState,
  type Poll,
} from './feed.ts';
import { type InfectedHost, isDropped } from './host.ts';
import { type HappenedToHost, reconcile } from './reconcile.ts';

export interface PollFeed extends ActOnHosts {
  readonly feeds: FeedStore;
  readonly settingsOf: (tenant: TenantId) => Promise<PollSettings>;
  readonly secrets: SecretOpener;
  readonly ask: (settings: AtpCloudSettings) => Promise<FeedAnswer>;
  readonly losses: LossQuestions;
  /** What was let go leaves nothing else that an undo would find. */
  readonly traces: Pick<TraceStore, 'leave'>;
  readonly measure: Measure;
  /** Hears of a host that could not be seen to; the others are. */
  readonly unseen: (tenant: TenantId, ip: IpAddress, error: unknown) => void;
}

export interface PollSettings {
  readonly atpCloud: AtpCloud<SecretReference | null>;
  /** The connector that has an address, by its name; null: none. */
  readonly connectorOf: (ip: IpAddress) => string | null;
}

/** How an operator is asked whether a loss is to be believed. */
export interface LossQuestions {
  /** Once: one that waits, or that was decided, is left as it is; not one whose decision came before the loss was held, and so changed nothing. */
  readonly ask: (tenant: TenantId, loss: HeldLoss, now: number) => Promise<void>;
  /** The hosts are back: there is nothing to decide any more. */
  readonly withdraw: (tenant: TenantId, now: number) => Promise<void>;
}

export interface PollWorker {
  readonly id: string;
  readonly deadlineAt: number;
}

const feed = 'atp-cloud';
/** What is written after the last host, with all its repeats. */
const lastStepMs = 10_000;
/** Hosts that are acted on at once. */
const atOnce = 8;
const pageSize = 500;

export async function pollFeed(deps: PollFeed, tenant: TenantId, worker: PollWorker): Promise<'done'> {
  const { atpCloud, connectorOf } = await deps.settingsOf(tenant);
  const before = await claim(deps, tenant, worker, atpCloud.enabled);
  if (before === 'not-due') return 'done';
  const at = { deps, tenant, worker, before, poll: { startedAt: deps.now(), pollMinutes: atpCloud.pollMinutes } };
  try {
    const got = atpCloud.enabled ? await listOf(deps, tenant, atpCloud) : { list: new Map<IpAddress, number>() };
    if (atpCloud.enabled) deps.measure(tenant, deps.now(), { FeedPolls: 1, ...('code' in got && { FeedPollsFailed: 1 }) }); // prettier-ignore
    if ('code' in got) await fail(at, got);
    else await follow(at, { list: got.list, rules: atpCloud.rules, enabled: atpCloud.enabled, connectorOf });
  } catch (error) {
    // It is shown with the feed too; what is thrown stays what went wrong, also where that cannot be written down.
    await fail(at, { code: 'poll-failed', message: pollFailureSentence('poll-failed') }).catch(() => undefined);
    throw error;
  }
  return 'done';
}

/** Of a feed that is switched off only one that still has hosts is of interest. */
async function claim(
  { feeds, now, newId }: PollFeed,
  tenant: TenantId,
  { id, deadlineAt }: PollWorker,
  enabled: boolean,
) {
  // prettier-ignore
  const read = await feeds.read(tenant, feed);
  const { state = noFeedState } = read ?? {};
  if (!isDue(state, now()) || (!enabled && !hasHosts(state))) return 'not-due';
  const after = claimed(state, { id, untilAt: deadlineAt }, `${feed}-${newId()}`);
  return (await feeds.replace(tenant, feed, after, read)) === 'replaced' ? after : 'not-due';
}

interface Polling {
  readonly deps: PollFeed;
  readonly tenant: TenantId;
  readonly worker: PollWorker;
  /** As it was claimed. */
  readonly before: ClaimedFeed;
  readonly poll: Poll;
}

interface Failed {
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
}

async function listOf(
  { secrets, ask, now }: PollFeed,
  tenant: TenantId,
  atpCloud: AtpCloud<SecretReference | null>,
): Promise<{ readonly list: FeedList } | Failed> {
  const purpose = { tenant, name: feed };
  const secret = atpCloud.token && (await secrets.open(purpose, atpCloud.token));
  if (!secret) return { code: 'token-missing', message: pollFailureSentence('token-missing') };
  const formerTokens = () => formerSecrets(secrets, purpose, secret, now);
  const answer = await ask({ ...atpCloud, token: secret.text, formerTokens });
  if (answer.outcome === 'failed') {
    const { reason, retryAfterMs } = answer;
    return { code: reason, message: pollFailureSentence(reason), retryAfterMs };
  }
  const { list, fault } = readFeed(answer.body);
  return list ? { list } : { ...fault, message: `What ATP Cloud answered is no list: ${fault.message}` };
}

/** What is told is told before it is written down that it was: whoever is ended in between has it told once more. */
async function fail({ deps, tenant, worker, before, poll }: Polling, got: Failed): Promise<void> {
  const failing = (state: FeedState) => failedPoll(state, poll, { ...got, now: deps.now() });
  const { failure } = failing(before);
  if (before.failure === null && failure) await deps.events.tell(tenant, [failsLine(feed, failure)]);
  if ((await ended(deps, tenant, worker, failing)) === undefined || !failure) return;
  deps.measure(tenant, deps.now(), { FeedFailingFor: poll.startedAt - failure.since });
}

interface Listing extends Pick<PollSettings, 'connectorOf'> {
  readonly list: FeedList;
  readonly rules: AtpCloud<unknown>['rules'];
  readonly enabled: boolean;
}

async function follow(at: Polling, { list, rules, enabled, connectorOf }: Listing): Promise<void> {
  const { deps, tenant, worker, before, poll } = at;
  const pollId = before.unfinished;
  const hosts = await allHosts(deps, tenant);
  const { happened, loss } = reconcile(
    [...hosts.values()],
    { id: pollId, feed, at: poll.startedAt, list },
    { rules, connectorOf, held: before.lossHeld, doubt: enabled ? 'too-many' : 'all' },
  );
  // All of a poll goes by one version of the configuration.
  if (happened.some(({ event }) => event.kind === 'freed')) {
    await deps.traces.leave(tenant, { client: null, id: pollId }, { kind: 'let-go' }, deps.now());
  }
  const acting = { ...deps, connectorOf: async (_tenant: TenantId, ip: IpAddress) => Promise.resolve(connectorOf(ip)) };
  const acted = await actOnAll(acting, tenant, { pollId, hosts, happened, until: worker.deadlineAt - lastStepMs });
  const { rest, failed } = acted;
  // An approval lasts until the last of those hosts has been seen to.
  const isOver = loss === null || (loss.isApproved && rest === 'none' && failed === 0);
  const lossHeld = (read: HeldLoss | null) =>
    isOver ? null : lossAfter(read, loss, { pollId, startedAt: poll.startedAt });
  await askAboutLoss(at, lossHeld(before.lossHeld), enabled);
  const failure = failed === 0 ? null : { code: 'hosts-failed', message: hostsFailedSentence(failed) };
  const counts = countsOf(list, hosts, connectorOf);
  const good = (state: FeedState) => {
    const after = goodPoll(state, poll, { counts, lossHeld: lossHeld(state.lossHeld), rest, failure });
    // Nobody was asked where the feed is switched off.
    return enabled ? after : { ...after, lastPollAt: state.lastPollAt, lastGoodPollAt: state.lastGoodPollAt };
  };
  if (enabled) await tellHowItIs(at, good(before).failure);
  if ((await ended(deps, tenant, worker, good)) === undefined) return;
  const { failure: now } = good(before);
  if (now) deps.measure(tenant, deps.now(), { FeedFailingFor: poll.startedAt - now.since });
}

async function tellHowItIs({ deps, tenant, before, poll }: Polling, failure: FeedFailure | null): Promise<void> {
  if (before.failure === null && failure) await deps.events.tell(tenant, [failsLine(feed, failure)]);
  if (before.failure && failure === null) {
    await deps.events.tell(tenant, [recoveredLine(feed, before.failure, poll.startedAt)]);
  }
}

/**
 * Before the state says that it is held: a question that is there for nothing is withdrawn by the next poll, and one that
 * is not there would never be decided. It is told of once, and again where it has grown.
 */
async function askAboutLoss(
  { deps, tenant, before }: Polling,
  after: HeldLoss | null,
  enabled: boolean,
): Promise<void> {
  const { losses, events, now } = deps;
  if (after === null) return before.lossHeld === null ? undefined : losses.withdraw(tenant, now());
  if (isUndecided(after)) await losses.ask(tenant, after, now());
  if (after !== before.lossHeld) await events.tell(tenant, [lossLine(feed, after, now(), enabled ? 'lost' : 'off')]);
}

async function allHosts({ hosts }: PollFeed, tenant: TenantId): Promise<Map<IpAddress, InfectedHost>> {
  const found = new Map<IpAddress, InfectedHost>();
  let after: IpAddress | undefined;
  do {
    const page = await hosts.list(tenant, { limit: pageSize, ...(after !== undefined && { after }) });
    for (const { host } of page.hosts) found.set(host.ip, host);
    after = page.next;
  } while (after !== undefined);
  return found;
}

interface Acting {
  readonly pollId: string;
  /** As they are, kept so. */
  readonly hosts: Map<IpAddress, InfectedHost>;
  readonly happened: readonly HappenedToHost[];
  readonly until: number;
}

/** A host that others keep changing is left to the next poll, as is what there is no time for; one that fails keeps no other waiting. */
async function actOnAll(deps: PollFeed, tenant: TenantId, { pollId, hosts, happened, until }: Acting) {
  const by: HostSender = {
    sender: { kind: 'feed', name: feed },
    credentialName: null,
    clientAddress: null,
    requestId: null,
    cause: pollId,
  };
  const open = [...happened];
  let left = 0;
  let failed = 0;
  const one = async () => {
    while (open.length > 0 && deps.now() < until) {
      const [next] = open.splice(0, 1);
      if (next === undefined) return;
      const acted = await actOnHost(deps, tenant, next.ip, next.event, by).catch((error: unknown) => {
        if (error instanceof ServiceError && error.code === 'busy') left += 1;
        else {
          failed += 1;
          deps.unseen(tenant, next.ip, error);
        }
        return undefined;
      });
      if (acted === undefined) continue;
      if (acted.host) hosts.set(next.ip, acted.host);
      else hosts.delete(next.ip);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return { rest: open.length + left > 0 ? 'some' : 'none', failed } as const;
}

function countsOf(
  list: FeedList,
  hosts: ReadonlyMap<IpAddress, InfectedHost>,
  connectorOf: PollSettings['connectorOf'],
): FeedCounts {
  const counts = { acted: 0, unmanaged: 0, held: 0, silenced: 0, known: 0 };
  for (const { ip, listings } of hosts.values()) {
    const listing = listings[feed];
    if (listing === undefined) continue;
    counts.known += 1;
    if (isDropped(listing)) counts.silenced += 1;
    else if (listing.heldBy !== null) counts.held += 1;
    else if (listing.wanted !== 'free') counts[connectorOf(ip) === null ? 'unmanaged' : 'acted'] += 1;
  }
  return { listed: list.size, ...counts };
}

const tries = 5;

/** Whoever approves a loss meanwhile changes the state too. `undefined`: another worker has the poll by now. */
async function ended(
  { feeds }: PollFeed,
  tenant: TenantId,
  { id }: PollWorker,
  change: (state: FeedState) => FeedState,
): Promise<FeedState | undefined> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const read = await feeds.read(tenant, feed);
    if (read?.state.lease?.id !== id) return undefined;
    const after = change(read.state);
    if ((await feeds.replace(tenant, feed, after, read)) === 'replaced') return after;
  }
  throw new ServiceError('busy', 'The state of the feed is being changed by others all the time.');
}
