/**
 * Once a minute: what has to be done about connectors, feeds and hosts by now, and what got lost on its way. A message
 * that was sent already is sent again: whoever takes one looks first whether there is anything to do.
 */
import type { AtpCloud, Connector } from '../configuration/threat-response.ts';
import type { IpAddress } from '../identity/address.ts';
import { type FeedState, type FeedStore, hasHosts, noFeedState } from '../infected-hosts/feed.ts';
import type { HostStore } from '../infected-hosts/host-table.ts';
import type { TenantStore } from '../tenancy/create-tenant.ts';
import { isLive, type TenantId } from '../tenancy/tenant.ts';
import { sendWork, type WorkQueues } from './send-work.ts';

export interface WakeConnectors {
  readonly tenants: Pick<TenantStore, 'list'>;
  readonly settingsOf: (tenant: TenantId) => Promise<WakeSettings>;
  readonly feeds: Pick<FeedStore, 'read'>;
  readonly hosts: Pick<HostStore, 'due'>;
  /** When each connector was last checked, by its name. */
  readonly checkedAt: (tenant: TenantId) => Promise<ReadonlyMap<string, number>>;
  readonly queues: WorkQueues;
  readonly round: WakingRound;
  readonly now: () => number;
  /** Hears of a tenant that could not be seen to; the others are, and this one is in a minute. */
  readonly unwoken: (tenant: TenantId, error: unknown) => void;
}

export interface WakingRound {
  /** Undefined: it begins with the first tenant. */
  readonly read: () => Promise<string | undefined>;
  readonly write: (last: string | undefined) => Promise<void>;
}

export interface WakeSettings {
  readonly connectors: readonly Pick<Connector<unknown>, 'name' | 'type' | 'address' | 'port'>[];
  readonly atpCloud: Pick<AtpCloud<unknown>, 'enabled'>;
}

/** Tenants that are seen to at once, and listed in one page. */
const atOnce = 20;
/** What a tenant's step may take with all its repeats: so long before the end no further ones are begun. */
const lastStepMs = 10_000;
/** The next tick is in a minute: what is to be done before it is sent now, to be taken in time. */
const tickMs = 60_000;
const checkMs = 5 * 60_000;
/** Hosts of a tenant that are woken in a minute; the others are in the next. */
const mostHosts = 200;

/** Where there is no time for all, the next minute goes on after the last one: nobody waits for ever behind others. */
export async function wakeConnectors(deps: WakeConnectors, { deadlineAt }: { readonly deadlineAt: number }) {
  const until = deadlineAt - lastStepMs;
  const from = await deps.round.read();
  const end = await wakeFrom(deps, from, { until });
  const isFirstTurn = end === undefined && from !== undefined && deps.now() < until;
  const last = isFirstTurn ? await wakeFrom(deps, undefined, { until, upTo: from }) : end;
  if (last !== from) await deps.round.write(last);
}

/** The last that was seen to; undefined: all were, to the end or to `upTo`. */
async function wakeFrom(
  deps: WakeConnectors,
  from: string | undefined,
  { until, upTo }: { readonly until: number; readonly upTo?: string },
): Promise<string | undefined> {
  let after = from;
  do {
    const { items, next } = await deps.tenants.list({ limit: atOnce, ...(after !== undefined && { after }) });
    await Promise.all(items.filter(isLive).map(async ({ id }) => wake(deps, id)));
    after = next;
    if (after !== undefined && upTo !== undefined && after >= upTo) return undefined;
  } while (after !== undefined && deps.now() < until);
  return after;
}

/** Never throws. What cannot be sent for one part keeps no other part waiting. */
async function wake(deps: WakeConnectors, tenant: TenantId): Promise<void> {
  const settings = deps.settingsOf(tenant);
  const parts = await Promise.allSettled([
    settings.then(async (known) => wakeFeed(deps, tenant, known)),
    settings.then(async (known) => wakeChecks(deps, tenant, known)),
    wakeHosts(deps, tenant),
  ]);
  const failed = parts.find((each) => each.status === 'rejected');
  if (failed) deps.unwoken(tenant, failed.reason);
}

async function wakeFeed({ feeds, queues, now }: WakeConnectors, tenant: TenantId, { atpCloud }: WakeSettings) {
  const { state = noFeedState } = (await feeds.read(tenant, 'atp-cloud')) ?? {};
  // What one that is switched off still holds is asked about.
  if (!atpCloud.enabled && !hasHosts(state)) return;
  const waitMs = untilPoll(state, now());
  if (waitMs >= tickMs) return;
  await sendWork(queues, { tenant, work: 'poll', feed: 'atp-cloud' }, undefined, Math.ceil(waitMs / 1_000));
}

/** Polls are as far apart as is said to the second, not to the minute of a tick. */
const untilPoll = ({ nextPollAt, lease }: FeedState, now: number): number =>
  Math.max(0, nextPollAt - now, (lease?.untilAt ?? 0) - now);

async function wakeChecks(deps: WakeConnectors, tenant: TenantId, { connectors }: WakeSettings) {
  if (connectors.length === 0) return;
  const checked = await deps.checkedAt(tenant);
  const due = connectors.filter(({ name }) => (checked.get(name) ?? 0) + checkMs <= deps.now());
  await Promise.all(
    due.map(async (connector) =>
      sendWork(deps.queues, { tenant, work: 'check', connector: connector.name }, connector),
    ),
  );
}

async function wakeHosts({ hosts, queues, now }: WakeConnectors, tenant: TenantId) {
  const due: readonly IpAddress[] = await hosts.due(tenant, now(), mostHosts);
  // Which connector has to be told is told by the host; who takes the message hands it on.
  await Promise.all(due.map(async (ip) => sendWork(queues, { tenant, work: 'tell', ip })));
}
