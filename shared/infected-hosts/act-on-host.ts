/**
 * The one way in which anything changes what is done about a host: a poll, a push, an approval, an undo, an operator. The
 * guards are asked where something would be done, the host is advanced and its connector chosen in one write, connectors
 * are sent to work, and the event log has its line.
 */
import type { ConnectorNotifier } from '../connectors/connector-notifier.ts';
import type { IpAddress } from '../identity/address.ts';
import type { EventLog } from '../journal/event-line.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type HostOutcome, isToBeDone } from './advance.ts';
import type { HostEvent, Listed } from './events.ts';
import { advanceHost, type HostAdvanced, type HostEvents, type HostTable } from './host-table.ts';
import { feedNames, type FeedName, type HeldBy, type InfectedHost, type Operation } from './host.ts';
import { linesOf } from './host-lines.ts';
import type { HappenedToHost } from './reconcile.ts';

export interface ActOnHosts extends HostTable {
  readonly notifier: ConnectorNotifier;
  readonly guards: HostGuards;
  readonly events: Pick<EventLog, 'tell'>;
  readonly connectorOf: (tenant: TenantId, ip: IpAddress) => Promise<string | null>;
}

export interface HostGuards {
  /** What keeps it from being done now; where an operator may say that it is, the question is open then. Null: nothing. */
  readonly hold: (tenant: TenantId, listed: Listed, at: { readonly ip: IpAddress; readonly connector: string | null }) => Promise<HeldBy | null>; // prettier-ignore
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
  | HappenedToHost['event']
  | Extract<HostEvent, { kind: 'cleared' | 'investigated' | 'released' | 'dropped' | 'undone' }>;

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
  const advanced = await advancedBy(deps, tenant, ip, act, { by, connector });
  if (advanced.operations.length > 0) await deps.notifier.tell(tenant, ip);
  for (const feed of unheld(advanced)) await deps.guards.withdraw(tenant, ip, feed, by.sender.name);
  const acted = { ...advanced, connector, heldBy: heldByOf(advanced, act) };
  const lines = linesOf(ip, act, acted, by, deps.now());
  if (lines.length > 0) await deps.events.tell(tenant, lines);
  return acted;
}

interface Chosen {
  readonly by: HostSender;
  readonly connector: string | null;
}

async function advancedBy(
  deps: ActOnHosts,
  tenant: TenantId,
  ip: IpAddress,
  act: HostAct,
  { by, connector }: Chosen,
): Promise<HostAdvanced> {
  const assigned = { kind: 'assigned', connector, cause: by.cause, why: whyOf(act) } as const;
  if (act.kind !== 'listed') {
    const events: HostEvents = act.kind === 'moved' ? [assigned] : [act, assigned];
    return surely(await advanceHost(deps, tenant, ip, events));
  }
  // Where nothing would be done no guard is asked; whoever finds at the write that something would, asks after all.
  const stored = await deps.hosts.read(tenant, ip);
  const unasked = isToBeDone(stored?.host, act)
    ? undefined
    : await advanceHost(deps, tenant, ip, (read) => (isToBeDone(read, act) ? undefined : [act, assigned]));
  if (unasked !== undefined) return unasked;
  const heldBy = await deps.guards.hold(tenant, act, { ip, connector });
  return surely(await advanceHost(deps, tenant, ip, [{ ...act, heldBy }, assigned]));
}

function surely(advanced: HostAdvanced | undefined): HostAdvanced {
  if (advanced === undefined) throw new Error('Events that are no rule always happen.');
  return advanced;
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

/** Feeds whose listing waited for an operator, and does so no more. */
const unheld = ({ before, host }: HostAdvanced): readonly FeedName[] =>
  feedNames.filter((feed) => isHeld(before, feed) && !isHeld(host, feed));

const isHeld = (host: InfectedHost | undefined, feed: FeedName) => (host?.listings[feed]?.heldBy ?? null) !== null;

const heldByOf = ({ host, outcome }: HostAdvanced, act: HostAct): HeldBy | null =>
  outcome === 'held' && act.kind === 'listed' ? (host?.listings[act.feed]?.heldBy ?? null) : null;
