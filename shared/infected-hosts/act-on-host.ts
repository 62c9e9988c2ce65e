/**
 * The one way in which anything changes what is done about a host: a poll, a push, an approval, an undo, an operator. The
 * guards are asked where something would be done, the host is advanced and its connector chosen in one write, connectors
 * are sent to work, and the event log has its line.
 *
 * No connector holds a host for the first time unless the guards let it pass at that moment, or an operator has approved:
 * a connector that is added under many hosts is as much of an act as a feed that lists many at once.
 */
import type { ConnectorNotifier } from '../connectors/connector-notifier.ts';
import type { IpAddress } from '../identity/address.ts';
import type { EventLog } from '../journal/event-line.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { advance, type CalledFor, calledFor, type HostOutcome, isToBeDone } from './advance.ts';
import type { HostEvent, Listed } from './events.ts';
import { advanceHost, type HostAdvanced, type HostRule, type HostTable } from './host-table.ts';
import { feedNames, type FeedName, type HeldBy, type InfectedHost, type Operation, type Spared } from './host.ts';
import { linesOf } from './host-lines.ts';
import { isToldAll } from './operations.ts';
import type { HappenedToHost } from './reconcile.ts';

export interface ActOnHosts extends HostTable {
  readonly notifier: ConnectorNotifier;
  readonly guards: HostGuards;
  readonly events: Pick<EventLog, 'tell'>;
  readonly connectorOf: (tenant: TenantId, ip: IpAddress) => Promise<string | null>;
}

/** What would be done, and whose word it is that calls for it. */
export interface HostAsked extends Pick<Listed, 'feed' | 'level' | 'wanted' | 'cause'> {
  /** Absent: it is called for at this moment. */
  readonly calledFor?: CalledFor;
}

/** `question`: whether an operator was asked by it now, or before; of the allow list nobody is. */
export interface KeptBack {
  readonly by: HeldBy;
  readonly question: 'opened' | 'open' | 'none';
  /** Whom the allow list names. */
  readonly spared?: Spared | null;
}

export type Forbidden = Pick<KeptBack, 'spared'> & { readonly by: 'allow-list' };

export interface HostGuards {
  /** What keeps it from being done now; where an operator may say that it is, the question is open then. Null: nothing. */
  readonly hold: (tenant: TenantId, ip: IpAddress, asked: HostAsked) => Promise<KeptBack | null>;
  /** What keeps it from being done even where an operator approves. Null: nothing. */
  readonly forbid: (tenant: TenantId, ip: IpAddress, about: CalledFor) => Promise<Forbidden | null>;
  /** What an operator has said while the host was being written. A question that is gone is opened again. */
  readonly answerTo: (tenant: TenantId, ip: IpAddress, asked: HostAsked, by: HeldBy) => Promise<'approved' | 'rejected' | 'none'>; // prettier-ignore
  /** Whether an operator wants it is no question any more. */
  readonly withdraw: (tenant: TenantId, ip: IpAddress, feed: FeedName, by: string) => Promise<void>;
}

/** Whose word it is. */
export interface HostSender {
  readonly sender: { readonly kind: 'feed' | 'operator'; readonly name: string };
  readonly credentialName: string | null;
  readonly clientAddress: string | null;
  readonly requestId: string | null;
  /** Id of the poll, push or act: what its operations and lines name. */
  readonly cause: string;
}

export type HostAct =
  HappenedToHost['event'] | Extract<HostEvent, { kind: 'cleared' | 'investigated' | 'undone' }> | Decision;

/** `about`: the cause that was asked about. What is there for another cause by now is not decided by it. */
type Decision = Extract<HostEvent, { kind: 'released' | 'dropped' }> & { readonly about?: string };

export interface ActedOnHost {
  readonly before: InfectedHost | undefined;
  readonly host: InfectedHost | undefined;
  readonly outcome: HostOutcome;
  readonly connector: string | null;
  readonly heldBy: HeldBy | null;
  /** That this made necessary. */
  readonly operations: readonly Operation[];
}

/** Throws `busy` where others keep changing the host. */
export async function actOnHost(
  deps: ActOnHosts,
  tenant: TenantId,
  ip: IpAddress,
  act: HostAct,
  by: HostSender,
): Promise<ActedOnHost> {
  const connector = await deps.connectorOf(tenant, ip);
  const advanced = await advancedBy({ deps, tenant, ip, by, connector }, act);
  if (advanced.operations.length > 0) await deps.notifier.tell(tenant, ip);
  for (const feed of decidedBy(advanced)) await deps.guards.withdraw(tenant, ip, feed, by.sender.name);
  const { waiting, ...acted } = { ...advanced, connector };
  const now = deps.now();
  const waits = { ...acted, outcome: 'held', heldBy: waiting?.by ?? null } as const;
  const lines = [
    ...linesOf(ip, act, acted, by, now),
    ...(waiting?.question === 'opened' ? linesOf(ip, { kind: 'moved' }, waits, by, now) : []),
  ];
  if (lines.length > 0) await deps.events.tell(tenant, lines);
  const said = await saidMeanwhile(deps, tenant, ip, act, acted);
  return said ? actOnHost(deps, tenant, ip, said, by) : acted;
}

/** The question is there before the host is: whoever answers it in between finds nothing that he could decide. */
async function saidMeanwhile(
  { guards }: ActOnHosts,
  tenant: TenantId,
  ip: IpAddress,
  act: HostAct,
  { heldBy }: Pick<ActedOnHost, 'heldBy'>,
): Promise<Decision | undefined> {
  if (act.kind !== 'listed' || heldBy === null || heldBy === 'allow-list') return undefined;
  const answer = await guards.answerTo(tenant, ip, act, heldBy);
  if (answer === 'none') return undefined;
  return { kind: answer === 'approved' ? 'released' : 'dropped', feed: act.feed, about: act.cause };
}

interface Place {
  readonly deps: ActOnHosts;
  readonly tenant: TenantId;
  readonly ip: IpAddress;
  readonly by: HostSender;
  readonly connector: string | null;
}

interface Advanced extends HostAdvanced, Pick<ActedOnHost, 'heldBy'> {
  /** Why the connector that has its address may not hold it yet. */
  readonly waiting?: KeptBack | null;
}

async function advancedBy(at: Place, act: HostAct): Promise<Advanced> {
  switch (act.kind) {
    case 'listed':
      return advancedByListing(at, act);
    case 'missed':
    case 'lost':
    case 'freed':
    case 'moved':
      return surely(await advancedByFeed(at, act));
    case 'released':
    case 'dropped':
      return advancedByDecision(at, act);
    default:
      return { ...surely(await written(at, (read) => [act, assignedAsBefore(at, act, read)])), heldBy: null };
  }
}

/** Where nothing would be done no guard is asked; whoever finds at the write that something would, asks after all. */
async function advancedByListing(at: Place, act: Listed): Promise<Advanced> {
  const { deps, tenant, ip } = at;
  const stored = await deps.hosts.read(tenant, ip);
  const unasked = isToBeDone(stored?.host, act) ? undefined : await advancedByFeed(at, act);
  if (unasked !== undefined) return unasked;
  const asked = { ...act, calledFor: calledFor(stored?.host, act, deps.now()) };
  const { by: heldBy = null, spared = null } = (await deps.guards.hold(tenant, ip, asked)) ?? {};
  const listed = { ...act, heldBy, spared };
  const waiting = heldBy === null ? null : await waitingAfter(at, listed);
  const advanced = surely(await written(at, (read) => [listed, assignedUnless(waiting, at, act, read)]));
  return { ...advanced, heldBy: advanced.outcome === 'held' ? heldBy : null, waiting };
}

type ByFeed = Extract<HostAct, { kind: 'listed' | 'missed' | 'lost' | 'freed' | 'moved' }>;

/** What calls for nothing new. Where a connector has the host's address that holds it not yet, it is to hold it by this. */
async function advancedByFeed(at: Place, act: ByFeed): Promise<Advanced | undefined> {
  const waiting = await waitingAfter(at, act);
  const advanced = await written(at, (read) => {
    if (act.kind === 'listed' && isToBeDone(read, act)) return undefined;
    const to = assignedUnless(waiting, at, act, read);
    return act.kind === 'moved' ? [to] : [act, to];
  });
  return advanced && { ...advanced, heldBy: null, waiting };
}

/** Why the connector that has its address may not hold what is left of the host by the act, where it holds none of it yet. */
async function waitingAfter({ deps, tenant, ip, connector }: Place, act: ByFeed): Promise<KeptBack | null> {
  if (connector === null) return null;
  const read = (await deps.hosts.read(tenant, ip))?.host;
  const { host } = act.kind === 'moved' ? { host: read } : advance(read, act, { ip, now: deps.now(), newId: deps.newId }); // prettier-ignore
  const asked = askedOf(host, deps.now());
  return asked ? deps.guards.hold(tenant, ip, asked) : null;
}

async function advancedByDecision(at: Place, act: Decision): Promise<Advanced> {
  const { deps, tenant, ip } = at;
  const forbidden = act.kind === 'released' ? await forbiddenTo(at, act.feed) : null;
  const event: HostEvent =
    act.kind === 'released' && forbidden ? { ...act, heldBy: forbidden.by, spared: forbidden.spared ?? null } : act;
  const isForbidden = act.kind === 'dropped' || forbidden !== null;
  const decided = await written(at, (read) => {
    const isMeant =
      act.about === undefined || (read?.listings[act.feed]?.cause === act.about && isWaiting(read, act.feed));
    return isMeant ? [event, isForbidden ? assignedAsBefore(at, act, read) : assigned(at, act)] : undefined;
  });
  if (decided !== undefined) {
    // Of a host that only waited for its connector the listing is as it was.
    const outcome = decided.operations.length > 0 ? act.kind : decided.outcome;
    return { ...decided, outcome, heldBy: outcome === 'held' ? (forbidden?.by ?? null) : null };
  }
  const host = (await deps.hosts.read(tenant, ip))?.host;
  return { before: host, host, outcome: 'unchanged', operations: [], heldBy: null };
}

async function forbiddenTo({ deps, tenant, ip }: Place, feed: FeedName): Promise<Forbidden | null> {
  const host = (await deps.hosts.read(tenant, ip))?.host;
  const wanted = host?.listings[feed]?.wanted;
  return wanted ? deps.guards.forbid(tenant, ip, calledFor(host, { feed, wanted }, deps.now())) : null;
}

const written = async ({ deps, tenant, ip }: Place, rule: HostRule) => advanceHost(deps, tenant, ip, rule);

const assigned = ({ connector, by }: Place, act: HostAct) =>
  ({ kind: 'assigned', connector, cause: by.cause, why: whyOf(act) }) as const;

/** Whom no connector holds, none holds by it. */
const assignedAsBefore = (at: Place, act: HostAct, read: InfectedHost | undefined) =>
  assigned(isWithConnector(read) ? at : { ...at, connector: null }, act);

const assignedUnless = (waiting: KeptBack | null, at: Place, act: HostAct, read: InfectedHost | undefined) =>
  waiting === null ? assigned(at, act) : assignedAsBefore(at, act, read);

/** Some connector was told to hold who is accused now, or may have been. */
function isWithConnector(host: InfectedHost | undefined): boolean {
  if (host === undefined) return false;
  const operations = host.operations.filter(({ device }) => device.at === host.accused?.at);
  return !isToldAll({ ...host, operations }, null);
}

function surely<Advancing extends HostAdvanced>(advanced: Advancing | undefined): Advancing {
  if (advanced === undefined) throw new Error('Events that are no rule always happen.');
  return advanced;
}

/** What calls for the most, where no connector has been told of it yet. */
function askedOf(host: InfectedHost | undefined, now: number): HostAsked | undefined {
  const asked = feedNames.flatMap((feed) => {
    const listing = host?.listings[feed];
    if (listing === undefined || !isWaiting(host, feed)) return [];
    const { level, cause, heldBy, wanted, meanwhile } = listing;
    return [{ feed, level, cause, wanted: heldBy === null ? wanted : meanwhile, calledFor: calledFor(host, { feed, wanted }, now) }]; // prettier-ignore
  });
  return asked.find(({ wanted }) => wanted === 'blocked') ?? asked.find(({ wanted }) => wanted === 'quarantined');
}

function whyOf({ kind }: HostAct): Operation['why'] {
  switch (kind) {
    case 'listed':
    case 'released':
      return 'listed';
    case 'moved':
      return 'moved';
    case 'undone':
      return 'undone';
    default:
      return 'cleared';
  }
}

/** Feeds whose listing may have waited for an operator, and does so no more. */
const decidedBy = ({ before, host }: HostAdvanced): readonly FeedName[] =>
  feedNames.filter((feed) => isWaiting(before, feed) && !isWaiting(host, feed));

/** A guard holds it, or no connector holds the host that it calls for: about nothing else can a question be open. */
function isWaiting(host: InfectedHost | undefined, feed: FeedName): boolean {
  const listing = host?.listings[feed];
  if (listing?.silencedAt !== null || listing.wanted === 'free') return false;
  return listing.heldBy !== null || !isWithConnector(host);
}
