/**
 * Whether the systems behind connectors have what they were told, and whether the right ones were told. What is otherwise
 * is told again, and one line of the event log says so. Each check of a connector looks at some hosts more, going round.
 *
 * Only holds are repaired: one that the other side has and that we never wanted, or let go of, is somebody else's.
 */
import type { ConnectorType } from '../configuration/threat-response.ts';
import type { IpAddress } from '../identity/address.ts';
import { actOnHost, type HostGuards } from '../infected-hosts/act-on-host.ts';
import { advanceHost, type HostTable } from '../infected-hosts/host-table.ts';
import { type InfectedHost, isMore, type Operation, type Wanted } from '../infected-hosts/host.ts';
import { isToldAll, newestOperations } from '../infected-hosts/operations.ts';
import { bareLine, type EventLine, type EventLog } from '../journal/event-line.ts';
import type { Measure } from '../journal/measure.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { actionOf } from '../infected-hosts/host-lines.ts';
import { alsoHeld } from './also-held.ts';
import type { ConnectorNotifier } from './connector-notifier.ts';
import type { Enforcer, OpenConnector } from './enforcer.ts';
import { openConnector, type OpenConnectors } from './open-connector.ts';
import type { ConnectorSettings } from './tell-host.ts';

export interface CompareHosts extends HostTable, OpenConnectors {
  readonly settingsOf: (tenant: TenantId) => Promise<ConnectorSettings>;
  /** Those of the types that are connected to from here. */
  readonly enforcers: Partial<Readonly<Record<ConnectorType, Enforcer>>>;
  readonly connectorOf: (tenant: TenantId, ip: IpAddress) => Promise<string | null>;
  /** Where each round has come to. */
  readonly rounds: RoundStore;
  readonly notifier: ConnectorNotifier;
  readonly guards: HostGuards;
  readonly events: Pick<EventLog, 'tell'>;
  readonly measure: Measure;
  /** Hears of a host that could not be looked at; the others are, and this one is in the next round. */
  readonly uncompared: (tenant: TenantId, ip: IpAddress, error: unknown) => void;
}

export interface RoundStore {
  /** The last host that was looked at; `undefined`: a round begins. */
  readonly read: (tenant: TenantId, connector: string) => Promise<IpAddress | undefined>;
  readonly write: (tenant: TenantId, connector: string, last: IpAddress | undefined) => Promise<void>;
}

/** Hosts of a check. */
const mostHosts = 200;

/** So long after it was refused a host is told again, where its connector lets us in. */
const refusedAgainMs = 10 * 60_000;

/** The longest that a connector is waited for, and what is written after it. */
const longestLookMs = 23_000;

export async function compareHosts(
  deps: CompareHosts,
  tenant: TenantId,
  name: string,
  deadlineAt: number,
): Promise<void> {
  const connector = (await deps.settingsOf(tenant)).connectors.find((each) => each.name === name);
  const enforcer = connector && deps.enforcers[connector.type];
  const opened = connector && (await openConnector(deps, tenant, connector));
  if (enforcer === undefined || opened === undefined) return;
  const after = await deps.rounds.read(tenant, name);
  const { hosts, next } = await deps.hosts.list(tenant, { limit: mostHosts, ...(after !== undefined && { after }) });
  const cause = `check-${deps.newId()}`;
  const inTime = () => deps.now() + longestLookMs <= deadlineAt;
  let last = after;
  let left = hosts.length;
  for (const { host } of hosts) {
    if (!inTime()) break;
    await look(deps, tenant, host, { opened, enforcer, cause }).catch((error: unknown) => deps.uncompared(tenant, host.ip, error)); // prettier-ignore
    last = host.ip;
    left -= 1;
  }
  await deps.rounds.write(tenant, name, left > 0 ? last : next);
}

async function look(deps: CompareHosts, tenant: TenantId, host: InfectedHost, looking: Looking): Promise<void> {
  const isTold = isToldAll(host, await deps.connectorOf(tenant, host.ip));
  await (isTold ? compare(deps, tenant, host, looking) : move(deps, tenant, host, looking.cause));
}

/** Its address is another connector's by now, or it was to be told and was not. */
async function move(deps: CompareHosts, tenant: TenantId, { ip, listings }: InfectedHost, cause: string) {
  const [feed = 'api'] = Object.keys(listings);
  const by = { sender: { kind: 'feed', name: feed }, credentialName: null, clientAddress: null, requestId: null, cause } as const; // prettier-ignore
  await actOnHost(deps, tenant, ip, { kind: 'moved' }, by);
}

interface Looking {
  readonly opened: OpenConnector;
  readonly enforcer: Enforcer;
  readonly cause: string;
}

async function compare(deps: CompareHosts, tenant: TenantId, host: InfectedHost, looking: Looking): Promise<void> {
  const told = newestOperations(host).filter(({ connector }) => connector === looking.opened.name);
  for (const each of told) await compareOne(deps, tenant, host, each, looking);
}

async function compareOne(
  deps: CompareHosts,
  tenant: TenantId,
  host: InfectedHost,
  told: Operation,
  { opened, enforcer, cause }: Looking,
): Promise<void> {
  const actual = await foundOtherwise(deps, tenant, host, told, { opened, enforcer });
  if (actual === undefined) return;
  const again = await advanceHost(deps, tenant, host.ip, { kind: 'drifted', id: told.id, cause });
  const [operation] = again?.operations ?? [];
  if (operation === undefined) return;
  if (actual !== 'refused') {
    deps.measure(tenant, deps.now(), { DriftFound: 1 });
    await deps.events.tell(tenant, [driftLine(host, operation, { actual, cause, at: deps.now() })]);
  }
  await deps.notifier.tell(tenant, host.ip);
}

/** What the other side has instead; `refused`: it would not hear of it, or was gone, but lets us in, so that it may do it now. */
async function foundOtherwise(
  deps: CompareHosts,
  tenant: TenantId,
  host: InfectedHost,
  told: Operation,
  { opened, enforcer }: Omit<Looking, 'cause'>,
): Promise<Wanted | 'refused' | undefined> {
  const { state, wanted, answeredAt, device } = told;
  if (state === 'refused') return deps.now() - (answeredAt ?? 0) >= refusedAgainMs ? 'refused' : undefined;
  if (state === 'abandoned') return 'refused'; // the connector is in the configuration again
  if (state !== 'acknowledged' || wanted === 'free') return undefined;
  const actual = await enforcer.read(opened, { ip: host.ip, mac: device.mac });
  if (actual === 'unknown' || actual === wanted) return undefined;
  const also = await alsoHeld(deps, tenant, host, told, enforcer.keeps);
  const isHeldByThem = actual === also.wanted && isMore(also.wanted, wanted);
  return isHeldByThem || also.isUnderWay ? undefined : actual;
}

function driftLine(
  { ip }: InfectedHost,
  { id, connector, wanted, device }: Operation,
  { actual, cause, at }: { readonly actual: Wanted; readonly cause: string; readonly at: number },
): EventLine {
  return {
    ...bareLine,
    id: `${cause}-${ip}-drift-repaired`,
    at,
    state: 'applied',
    code: 'drift-repaired',
    message: `The connector ${connector} had acknowledged that ${ip} is ${wanted}, and has it ${actual}: it is told again.`,
    event: 'infected-host-drift',
    sender: { kind: 'postern', name: connector },
    eventId: cause,
    mac: device.mac,
    ip,
    action: actionOf[wanted],
    changes: [id],
  };
}
