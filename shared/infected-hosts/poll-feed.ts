/**
 * Asks ATP Cloud for its list, holds what is known against it, and has done what follows. A poll that fails changes
 * nothing but what is told of the feed. One worker asks at a time; what it has no time for is done by the next poll, as
 * whatever was done already is not there to be done again.
 */
import type { AtpCloud } from '../configuration/threat-response.ts';
import type { IpAddress } from '../identity/address.ts';
import type { Measure } from '../journal/measure.ts';
import { formerSecrets, type SecretOpener, type SecretReference } from '../outbound/secrets.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { actOnHost, type ActOnHosts, type HostSender } from './act-on-host.ts';
import type { AtpCloudSettings, FeedAnswer } from './asked-feed.ts';
import { type FeedList, readFeed } from './feed-answer.ts';
import { pollFailureSentence } from './feed-failures.ts';
import { failsLine, lossLine, recoveredLine } from './feed-lines.ts';
import {
  claimed,
  failedPoll,
  type FeedCounts,
  type FeedState,
  type FeedStore,
  goodPoll,
  type HeldLoss,
  isDue,
  lossAfter,
  noFeedState,
  type Poll,
} from './feed.ts';
import type { InfectedHost } from './host.ts';
import { type HappenedToHost, reconcile } from './reconcile.ts';

export interface PollFeed extends ActOnHosts {
  readonly feeds: FeedStore;
  readonly settingsOf: (tenant: TenantId) => Promise<PollSettings>;
  readonly secrets: SecretOpener;
  readonly ask: (settings: AtpCloudSettings) => Promise<FeedAnswer>;
  readonly losses: LossQuestions;
  readonly measure: Measure;
}

export interface PollSettings {
  readonly atpCloud: AtpCloud<SecretReference | null>;
  /** The connector that has an address, by its name; null: none. */
  readonly connectorOf: (ip: IpAddress) => string | null;
}

/** How an operator is asked whether a loss is to be believed. */
export interface LossQuestions {
  readonly open: (tenant: TenantId, loss: HeldLoss, now: number) => Promise<void>;
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
  if (!atpCloud.enabled || (await claim(deps, tenant, worker)) === 'not-due') return 'done';
  const poll = { startedAt: deps.now(), pollMinutes: atpCloud.pollMinutes };
  const got = await listOf(deps, tenant, atpCloud);
  deps.measure(tenant, deps.now(), { FeedPolls: 1, ...('code' in got && { FeedPollsFailed: 1 }) });
  if ('code' in got) await fail(deps, tenant, worker, { poll, got });
  else await follow(deps, tenant, worker, { poll, list: got.list, rules: atpCloud.rules, connectorOf });
  return 'done';
}

async function claim({ feeds, now }: PollFeed, tenant: TenantId, { id, deadlineAt }: PollWorker) {
  const read = await feeds.read(tenant, feed);
  const { state = noFeedState } = read ?? {};
  if (!isDue(state, now())) return 'not-due';
  const after = claimed(state, { id, untilAt: deadlineAt });
  return (await feeds.replace(tenant, feed, after, read)) === 'replaced' ? 'claimed' : 'not-due';
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

async function fail(
  deps: PollFeed,
  tenant: TenantId,
  worker: PollWorker,
  { poll, got }: { readonly poll: Poll; readonly got: Failed },
): Promise<void> {
  const after = await ended(deps, tenant, worker, (state) => failedPoll(state, poll, { ...got, now: deps.now() }));
  const failure = after?.failure;
  if (!failure) return;
  deps.measure(tenant, deps.now(), { FeedFailingFor: poll.startedAt - failure.since });
  if (failure.since === poll.startedAt) await deps.events.tell(tenant, [failsLine(feed, failure)]);
}

interface Listing extends Pick<PollSettings, 'connectorOf'> {
  readonly poll: Poll;
  readonly list: FeedList;
  readonly rules: AtpCloud<unknown>['rules'];
}

async function follow(
  deps: PollFeed,
  tenant: TenantId,
  worker: PollWorker,
  { poll, list, rules, connectorOf }: Listing,
): Promise<void> {
  const pollId = `${feed}-${deps.newId()}`;
  const { state: before = noFeedState } = (await deps.feeds.read(tenant, feed)) ?? {};
  const approved = before.lossHeld;
  const hosts = await allHosts(deps, tenant);
  const approvedLoss = approved !== null && approved.approvedAt !== null ? approved.lost : 0;
  const { happened, loss } = reconcile(
    [...hosts.values()],
    { id: pollId, feed, at: poll.startedAt, list },
    { rules, connectorOf, approvedLoss },
  );
  // All of a poll goes by one version of the configuration.
  const acting = { ...deps, connectorOf: async (_tenant: TenantId, ip: IpAddress) => Promise.resolve(connectorOf(ip)) };
  const rest = await actOnAll(acting, tenant, { pollId, hosts, happened, until: worker.deadlineAt - lastStepMs });
  const counts = countsOf(list, hosts, connectorOf);
  const isDoubted = loss !== null && loss.lost > approvedLoss;
  // An approval lasts until the last of those hosts has been seen to.
  const lossHeld = (read: HeldLoss | null) =>
    isDoubted ? lossAfter(read, loss, { pollId, startedAt: poll.startedAt }) : rest === 'some' ? read : null;
  const after = await ended(deps, tenant, worker, (state) =>
    goodPoll(poll, { counts, lossHeld: lossHeld(state.lossHeld), rest }),
  );
  if (after === undefined) return;
  if (before.failure) await deps.events.tell(tenant, [recoveredLine(feed, before.failure, poll.startedAt)]);
  await askAboutLoss(deps, tenant, { before: before.lossHeld, after: after.lossHeld, pollId });
}

/** A loss is asked about once, and again where it has grown. */
async function askAboutLoss(
  { losses, events, now }: PollFeed,
  tenant: TenantId,
  { before, after, pollId }: { readonly before: HeldLoss | null; readonly after: HeldLoss | null; readonly pollId: string }, // prettier-ignore
): Promise<void> {
  if (after === null) return before === null ? undefined : losses.withdraw(tenant, now());
  if (after.pollId !== pollId) return;
  await losses.open(tenant, after, now());
  await events.tell(tenant, [lossLine(feed, after, now())]);
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

/** A host that others keep changing is left to the next poll, as is what there is no time for. */
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
  const one = async () => {
    while (open.length > 0 && deps.now() < until) {
      const [next] = open.splice(0, 1);
      if (next === undefined) return;
      const acted = await actOnHost(deps, tenant, next.ip, next.event, by).catch((error: unknown) => {
        if (error instanceof ServiceError && error.code === 'busy') return undefined;
        throw error;
      });
      if (acted === undefined) left += 1;
      else if (acted.host) hosts.set(next.ip, acted.host);
      else hosts.delete(next.ip);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return open.length + left > 0 ? 'some' : 'none';
}

function countsOf(
  list: FeedList,
  hosts: ReadonlyMap<IpAddress, InfectedHost>,
  connectorOf: PollSettings['connectorOf'],
): FeedCounts {
  const counts = { acted: 0, unmanaged: 0, held: 0, silenced: 0 };
  for (const { ip, listings } of hosts.values()) {
    const listing = listings[feed];
    if (listing === undefined) continue;
    if (listing.silencedAt !== null) counts.silenced += 1;
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
